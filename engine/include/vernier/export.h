// Taking what was trained to other tools: a PEFT adapter, a merged checkpoint, a GGUF file.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "vernier/parity.h"

namespace vernier {

enum class ExportFormat { kAdapter, kMerged, kGguf };
// "adapter", "merged", "gguf".
std::string to_string(ExportFormat format);

struct ExportOptions {
  std::string model_dir;
  std::string adapter_dir;  // a PEFT folder, or a run folder, whose adapter is meant; "" for none
  ExportFormat format = ExportFormat::kAdapter;
  // float32, float16, bfloat16 or, in a GGUF, q8_0. "": an adapter is float32, weights keep the checkpoint's.
  std::string dtype;
  std::string out;  // a new or empty folder; with kGguf a file, which replaces one of that name
  std::string device = "auto";
  std::uint64_t max_shard_bytes = 5'000'000'000;  // of a merged checkpoint
};

// What was written, reloaded, against the live model and adapter on one fixed batch.
struct ExportCheck {
  std::int64_t num_positions = 0;
  double mean_abs_logit_difference = 0.0;
  double max_abs_logit_difference = 0.0;
  double relative_difference = 0.0;  // ||exported - live|| / ||live||, logits less their mean at each position
  double tolerance = 0.0;            // of relative_difference, by the written element type
  double argmax_agreement = 1.0;     // share of positions
  double adapter_effect = 0.0;       // mean |logit difference| that the adapter makes; 0 without one
  // Agrees: within the tolerance. Drifting: within ten times it, or the rounding is as large as the adapter's effect.
  ParityVerdict verdict = ParityVerdict::kAgrees;
  std::string summary;  // one sentence
};

struct ExportResult {
  std::string path;
  ExportFormat format = ExportFormat::kAdapter;
  std::string dtype;  // of most weights
  std::int64_t num_tensors = 0;
  std::uint64_t bytes = 0;            // of all files
  std::vector<std::string> warnings;  // what the written form cannot say, a sentence each
  ExportCheck check;

  nlohmann::json to_json() const;
};

// What an export would write and whether it can, known before any weight is read.
struct ExportPlan {
  std::string dtype;  // of most weights
  std::int64_t num_tensors = 0;
  std::uint64_t bytes = 0;            // of the tensors; the files beside them are small
  std::uint64_t free_bytes = 0;       // on the target's disk
  std::vector<std::string> warnings;  // what the written form cannot say, a sentence each

  nlohmann::json to_json() const;
};

// Reads headers and configuration alone; tells all that export_model() would refuse before it writes, by the same
// errors, and kNoSpace where the target's disk has not enough room.
ExportPlan plan_export(const ExportOptions& options);

// What is being done and how far it is, 0 to 1, on the calling thread.
using ExportProgress = std::function<void(const std::string& stage, double fraction)>;

// Writes aside, reloads and checks what was written, and only then gives it its name: where anything fails, the check
// included, nothing is left. Blocks. The whole model is in memory for the check only, once at a time.
// Errors: kInvalidInput, kNotFound, kIo, kNoSpace; kUnsupported for what the format cannot hold; kCancelled where
// `stop` is asked for; kInternal where the check finds another model than the live one.
ExportResult export_model(const ExportOptions& options, const ExportProgress& progress = {}, std::stop_token stop = {});

}  // namespace vernier
