// What a run will take of its device's memory, known before its first step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/model/decoder.h"
#include "vernier/run_config.h"

namespace vernier {

// The largest micro-batches of a run.
struct MemoryNeeds {
  std::int64_t tokens = 0;
  std::int64_t sequences = 1;  // that make up these tokens
  std::int64_t evaluation_tokens = 0;
  std::int64_t captured_rows = 0;  // most rows of logits that one capture holds
  // What the settings are called that a message may advise to lower; empty: not to be lowered.
  std::string batch_setting, length_setting;
};

struct MemoryPlan {
  Recompute recompute = Recompute::kNone;  // never kAuto
  // With kAuto as the wish: of the last layers so many keep gate and up, or all of attention, as the room allows, and
  // of so many before them attention waits in the host's memory.
  std::int64_t kept_mlp_layers = 0, kept_attention_layers = 0, waiting_attention_layers = 0;
  std::uint64_t predicted_bytes = 0;  // Backend::peak_bytes() once the largest micro-batches were seen
  std::uint64_t free_bytes = 0;       // before that
  std::uint64_t host_bytes = 0;       // of the host's memory, for what waits there
  // Matrices of 4 bits are put together a layer ahead: in room that nothing else has a use for, as it gains little.
  bool looks_ahead = false;

  PassOptions training_pass() const;
  // "42.1 GiB of memory at most, ..."
  std::string to_string() const;
};

// Settings that would fit, as few as do; none set: a smaller model is the way.
struct MemoryAdvice {
  std::optional<Recompute> recompute;
  std::optional<std::int64_t> batch;
  std::optional<std::int64_t> length;

  explicit operator bool() const { return recompute || batch || length; }
};

// Whose passes a plan is for.
struct PlannedModel {
  Backend& backend;
  const ModelConfig& config;
  const AdapterLayout* adapter = nullptr;  // null: none
  DType dtype = DType::kF32;
  Quantization quantization = Quantization::kNone;
};

// Bytes of what a run holds beside its passes' memory.
struct StateBytes {
  std::uint64_t weights = 0;
  std::uint64_t adapter = 0;
  std::uint64_t gradients = 0;
  std::uint64_t optimizer = 0;

  std::uint64_t total() const { return weights + adapter + gradients + optimizer; }
};
// Without an adapter all weights are trained.
StateBytes state_bytes(const PlannedModel& model);

// Bytes that the passes of a run take beyond weights, adapter and optimizer.
struct PassBytes {
  std::uint64_t activations = 0;
  std::uint64_t scratch = 0;  // of the backend, beyond what it has taken so far
  std::uint64_t on_host = 0;  // not in the total

  std::uint64_t total() const { return activations + scratch; }
};
// keeping: of the training passes, whose recompute is not kAuto.
PassBytes pass_bytes(const PlannedModel& model, const MemoryNeeds& needs, const Keeping& keeping);

// What plan_memory() will say once weights, gradients and optimizer have taken `bytes_to_come` more than is taken now.
// Takes nothing. Errors: as plan_memory.
MemoryPlan predict_memory(const PlannedModel& model, const MemoryNeeds& needs, Recompute wish,
                          std::uint64_t bytes_to_come, std::uint64_t limit = 0);

// What to set where passes that compute `wish` again do not fit into `free` bytes, or what waits not into the host's
// memory; kAuto counts as what takes least.
MemoryAdvice advise_memory(const PlannedModel& model, const MemoryNeeds& needs, Recompute wish, std::uint64_t free);

// Settles what is computed again (auto: the fastest that fits) and makes the decoder's room for it. Weights, adapter
// and optimizer have theirs already. limit: bytes that the peak should not pass; 0: all that the device has. Errors:
// kOutOfMemory with needed and free bytes and the setting that would fit.
MemoryPlan plan_memory(Decoder& decoder, const MemoryNeeds& needs, Recompute wish, std::uint64_t limit = 0);

}  // namespace vernier
