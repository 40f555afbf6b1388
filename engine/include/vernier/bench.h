// How fast a training step is: random weights and tokens, no files needed.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "vernier/run_config.h"

namespace vernier {

// The work of a LoRA step: r = 16, alpha = 16 on every projection, every token labelled, AdamW, clipping at 1.
struct BenchOptions {
  std::string shape;  // one of bench_shapes(), or the path of a config.json or of a folder that has one
  std::string device = "auto";
  std::int64_t batch = 4;      // sequences
  std::int64_t length = 0;     // tokens of each; 0: 256 for stories-15m and llama-110m, else 2048
  std::string dtype = "auto";  // as RunConfig's
  Recompute recompute = Recompute::kNone;
  double memory_limit_gib = 0.0;      // that the peak should not pass; 0: all that the device has
  std::string quantization = "none";  // or "nf4", of the frozen weights
  std::int64_t steps = 20;            // timed, after five that are not
  // A folder for the logits of each step's first sequence, captured as a run does it; "": none. The files are removed
  // at the end.
  std::string captures;
  int threads = 0;  // of the CPU; 0: as many as there are
};

struct BenchResult {
  std::string shape;
  std::string device;
  std::string dtype;  // what it computed in
  std::string quantization;
  std::string recompute;  // "none", "mlp", "layer" or "offload": what was settled on
  // With auto: of the last layers so many keep gate and up, or all of attention, though the others compute them again.
  std::int64_t kept_mlp_layers = 0, kept_attention_layers = 0, waiting_attention_layers = 0;
  std::int64_t batch = 0;
  std::int64_t length = 0;
  std::int64_t parameters = 0;
  std::int64_t trainable_parameters = 0;
  double tokens_per_second = 0.0;  // of the median step
  double step_ms = 0.0;            // median
  double step_ms_min = 0.0;
  double step_ms_max = 0.0;
  // 4 (N_lin + V D) + 7 L Q T operations a token: forward and backward through frozen matrices, causal attention. The
  // adapters' own work and recomputation are not counted as useful.
  double useful_gflops = 0.0;
  double peak_gflops = 0.0;  // measured in this process, the better of before and after the steps
  double share_of_peak = 0.0;
  std::uint64_t predicted_bytes = 0;
  std::uint64_t peak_bytes = 0;
  std::uint64_t host_bytes = 0;     // of the host's memory, with offload
  double first_step_s = 0.0;        // from the call to the end of the first step
  double loss = 0.0;                // of the last step
  std::uint64_t capture_bytes = 0;  // of a step; 0: nothing was captured
  double capture_ms = 0.0;          // of the median step, as a run tells it

  nlohmann::json to_json() const;
};

// llama-3.2-1b, llama-3.1-8b, qwen2.5-7b, gemma-2-2b, stories-15m, llama-110m.
std::vector<std::string> bench_shapes();

// Blocks. progress: 0 to 1; planned: once, before the first step, with what is known by then (predicted_bytes among
// it); both on the calling thread. Throws Error{kInvalidInput, kNotFound, kUnsupported, kOutOfMemory}, kCancelled where
// `stop` is asked for.
BenchResult run_bench(const BenchOptions& options, const std::function<void(double)>& progress = {},
                      std::stop_token stop = {}, const std::function<void(const BenchResult&)>& planned = {});

}  // namespace vernier
