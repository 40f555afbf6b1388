// What a run will take of its device's memory, by what it is for, without loading a weight.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "vernier/describe.h"
#include "vernier/run_config.h"

namespace vernier {

// The largest micro-batches of a run.
struct MicroBatchNeeds {
  std::int64_t tokens = 0;
  std::int64_t sequences = 1;  // that make up these tokens
  std::int64_t evaluation_tokens = 0;
};

struct MemoryEstimate {
  std::string device;                      // "cpu", "cuda:0"
  std::string dtype;                       // what passes compute in: "float32", "bfloat16"
  Recompute recompute = Recompute::kNone;  // what would be chosen; never kAuto

  // Bytes at the peak.
  std::uint64_t weights = 0;
  std::uint64_t adapter = 0;
  std::uint64_t gradients = 0;
  std::uint64_t optimizer = 0;
  std::uint64_t activations = 0;
  std::uint64_t scratch = 0;
  std::uint64_t total() const { return weights + adapter + gradients + optimizer + activations + scratch; }

  std::uint64_t free_bytes = 0;  // of the device, now
  std::uint64_t host_bytes = 0;  // of the computer's memory beside it, for what waits there; not in the total
  std::string problem;           // why the run would not start, and what would fit; "" where it fits
};

// Thread: one thread at a time.
class MemoryEstimator {
 public:
  // Opens the device, and takes nothing of its memory for the estimates. Errors: kUnsupported where there is no such
  // device.
  explicit MemoryEstimator(const std::string& device = "auto");
  ~MemoryEstimator();

  // Errors: as a run's, for an adapter or a dtype that cannot be. That it does not fit is the estimate's `problem`.
  MemoryEstimate estimate(const ModelDescription& model, const RunConfig& config, const MicroBatchNeeds& needs);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vernier
