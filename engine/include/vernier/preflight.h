// What a run would meet, found out before it starts.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "vernier/parity.h"
#include "vernier/run_config.h"

namespace vernier {

enum class CheckStatus { kPass, kWarn, kFail };
// "pass", "warn", "fail".
std::string to_string(CheckStatus status);

// What a check is about, in the order of the run.
enum class CheckGroup { kFiles, kData, kPlan, kResources, kWeights };

struct PreflightCheck {
  std::string id;  // "data"
  CheckStatus status = CheckStatus::kPass;
  std::string message;  // a sentence: what was found
  std::string fix;      // a sentence: what to do about it; "" where there is nothing to do
  // The fix as a change of the run file: a JSON merge patch (RFC 7396), such as {"max_length":512}; "" where none would
  // do it.
  std::string fix_changes;
  CheckGroup group = CheckGroup::kFiles;
};

struct PreflightReport {
  // In the order of the run.
  //   kFiles: run_file, settings, device, model, weights, adapter, tokenizer, chat_template
  //   kData: data, labels, unclosed_turns, truncated, duplicates, eval_overlap and whatever else is worth a look in it,
  //     evaluation, context
  //   kPlan: schedule, learning_rate
  //   kResources: memory, disk
  //   kWeights, made with the real weights: loading, longest_batch, gradient, first_loss, parity, base_loss
  // What cannot be found out, as something before it failed, is left out.
  std::vector<PreflightCheck> checks;

  // Of the device's memory at the run's peak, as peak_memory_bytes of its steps will tell it, and what is free now.
  std::optional<std::uint64_t> predicted_peak_memory_bytes;
  std::uint64_t free_memory_bytes = 0;
  std::uint64_t predicted_host_memory_bytes = 0;  // of the computer's memory beside it, for what waits there
  // Of an average step: from the longest micro-batch with the real weights or, before them, from timing one or two of
  // the model's layers with random ones on rows of the data.
  std::optional<double> predicted_step_ms;
  std::int64_t total_steps = 0;  // 0: not known
  std::int64_t rows = 0;         // to train on
  double tokens_per_step = 0.0;  // mean
  double fill = 1.0;             // share of max_length that packed rows fill

  // With the real weights: the peak of the longest micro-batch, and the loss per token of the first step's rows, which
  // a blind guess would make ln V.
  std::optional<std::uint64_t> measured_peak_memory_bytes;
  std::optional<double> first_loss;
  std::optional<double> blind_guess;

  std::int64_t count(CheckStatus status) const;
  // checks [{id, status, message, fix}], fix_changes [{check: index, id, changes}], and the figures, null where
  // unknown.
  nlohmann::json to_json() const;
};

struct PreflightOptions {
  std::string run_file;             // read where there is no config
  std::optional<RunConfig> config;  // what to check instead of a run file
  std::string device = "auto";
  std::string out_dir;       // where the run is to go, for the room on its disk; "": default_runs_dir()
  bool measure_step = true;  // without: no predicted_step_ms before the real weights are there
  bool use_weights = true;   // without: no kWeights
  Fault fault;               // of the model's paths: tests and lessons only
};

// Blocks. Reads the data (the token cache that it leaves serves the run), then loads the weights and tries them; writes
// nothing else and changes no weight. progress and checked are called on the calling thread, checked once for each
// check as it is made. Throws Error{kCancelled} where `stop` is asked for; everything else that is wrong is in the
// report.
PreflightReport check_run(const PreflightOptions& options,
                          const std::function<void(const std::string& stage, double fraction)>& progress = {},
                          std::stop_token stop = {}, const std::function<void(const PreflightCheck&)>& checked = {});

// `config` with a check's fix_changes. Throws Error{kInvalidInput} where they do not go together.
RunConfig with_changes(const RunConfig& config, const std::string& changes);

}  // namespace vernier
