#include "vernier/bench.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "engine/core/philox.h"
#include "engine/io/tensor_names.h"
#include "engine/model/compute_dtype.h"
#include "engine/ops/make_backend.h"
#include "engine/train/bench_shapes.h"
#include "engine/train/memory_plan.h"
#include "engine/train/train_step.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::int64_t kUntimedSteps = 5;
constexpr std::uint64_t kSeed = 42;

void require(bool ok, const char* what, std::int64_t got, const char* expected) {
  if (ok) return;
  fail(ErrorCode::kInvalidInput, "bench",
       std::string(what) + ": got " + std::to_string(got) + ", expected " + expected + ".");
}

// One micro-batch of `batch` sequences of new tokens.
void fill(MicroBatch& out, const BenchResult& of, std::int64_t vocab_size, std::int64_t step) {
  out.clear();
  std::vector<std::int32_t> ids(static_cast<std::size_t>(of.length));
  for (std::int64_t row = 0; row < of.batch; ++row) {
    for (std::size_t t = 0; t < ids.size(); ++t) {
      const PhiloxCounter words = philox4x32_10(
          {static_cast<std::uint32_t>(t), static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(step), 0},
          {static_cast<std::uint32_t>(kSeed), 0});
      ids[t] = static_cast<std::int32_t>(words[0] % static_cast<std::uint64_t>(vocab_size));
    }
    out.append(row, ids.data(), ids.data(), static_cast<std::int32_t>(of.length));
  }
}

}  // namespace

nlohmann::json BenchResult::to_json() const {
  return {{"shape", shape},
          {"device", device},
          {"dtype", dtype},
          {"quantization", quantization},
          {"recompute", recompute},
          {"kept_mlp_layers", kept_mlp_layers},
          {"kept_attention_layers", kept_attention_layers},
          {"batch", batch},
          {"length", length},
          {"parameters", parameters},
          {"trainable_parameters", trainable_parameters},
          {"tokens_per_second", tokens_per_second},
          {"step_ms", step_ms},
          {"step_ms_min", step_ms_min},
          {"step_ms_max", step_ms_max},
          {"useful_gflops", useful_gflops},
          {"peak_gflops", peak_gflops},
          {"share_of_peak", share_of_peak},
          {"predicted_bytes", predicted_bytes},
          {"peak_bytes", peak_bytes},
          {"first_step_s", first_step_s},
          {"loss", loss}};
}

BenchResult run_bench(const BenchOptions& options, const std::function<void(double)>& progress, std::stop_token stop,
                      const std::function<void(const BenchResult&)>& planned) {
  using Clock = std::chrono::steady_clock;
  if (options.quantization != "none" && options.quantization != "nf4") {
    fail(ErrorCode::kInvalidInput, "bench",
         "quantization: got \"" + options.quantization + "\", expected \"none\" or \"nf4\".");
  }
  const auto called = Clock::now();
  const BenchShape shape = find_bench_shape(options.shape);
  const ModelConfig& model = shape.config;
  BenchResult result;
  result.shape = shape.name;
  result.batch = options.batch;
  result.length = options.length == 0 ? shape.length : options.length;
  require(options.batch >= 1 && options.batch <= 1 << 16, "batch", options.batch, "1 to 65536 sequences");
  require(result.length >= 2 && result.length <= 1 << 24, "length", result.length, "2 to 16777216 tokens");
  require(options.steps >= 1, "steps", options.steps, "at least 1");
  require(options.threads >= 0 && options.threads <= 4096, "threads", options.threads, "0 to 4096");

  RunConfig config;
  config.learning_rate = 2e-4;
  config.max_grad_norm = 1.0;
  const std::int64_t tokens = result.batch * result.length;

  const std::unique_ptr<Backend> backend = make_backend(options.device, options.threads);
  result.device = backend->name();
  const DType dtype = compute_dtype(options.dtype, *backend, "bench");
  result.dtype = compute_dtype_name(dtype);
  result.quantization = options.quantization;
  const auto weights = ModelWeights::random(*backend, model, kSeed, dtype, ParameterUse::kFrozen,
                                            quantization_from_name(options.quantization));
  const auto adapter =
      Adapter::create(*backend, model, adapter_config_from_options(config.lora, shape.name), kSeed, dtype);
  adapter->set().enable_gradients();
  Optimizer optimizer(*backend, adapter->set(), config);
  Decoder decoder(*backend, model, *weights, adapter.get());
  result.parameters = weights->set().count();
  result.trainable_parameters = adapter->set().count();
  require(options.memory_limit_gib >= 0.0 && options.memory_limit_gib <= 1e6, "memory_limit_gib",
          static_cast<std::int64_t>(options.memory_limit_gib), "0 to 1000000 GiB");
  const auto limit = static_cast<std::uint64_t>(options.memory_limit_gib * 0x1p30);
  const MemoryPlan plan = plan_memory(decoder, {tokens, options.batch, 0, "batch", "length"}, options.recompute, limit);
  result.predicted_bytes = plan.predicted_bytes;
  result.recompute = recompute_name(plan.recompute);
  result.kept_mlp_layers = plan.kept_mlp_layers;
  result.kept_attention_layers = plan.kept_attention_layers;
  const PassOptions pass = plan.training_pass();
  if (planned) planned(result);

  std::vector<MicroBatch> batches(1);
  StepLosses losses;
  RecordedPasses recorded(decoder, tokens);
  std::vector<double> milliseconds;
  const std::int64_t all_steps = options.steps + kUntimedSteps;
  for (std::int64_t step = 0; step < all_steps; ++step) {
    if (progress) progress(static_cast<double>(step) / static_cast<double>(all_steps));
    if (stop.stop_requested()) fail(ErrorCode::kCancelled, "bench", "stopped before it was done.");
    fill(batches.front(), result, model.vocab_size, step);
    const auto start = Clock::now();
    const double norm =
        forward_backward(decoder, optimizer, batches, LossNormalization::kPerToken, pass, losses, {}, &recorded);
    optimizer.update(norm, config.learning_rate);
    backend->synchronize();
    if (step == 0) {
      result.first_step_s = std::chrono::duration<double>(Clock::now() - called).count();
      result.peak_bytes = backend->peak_bytes();
      result.peak_gflops = backend->measure_peak_gflops();
    }
    const double took = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    if (step >= kUntimedSteps) milliseconds.push_back(took);
  }
  if (progress) progress(1.0);
  result.peak_gflops = std::max(result.peak_gflops, backend->measure_peak_gflops());
  std::sort(milliseconds.begin(), milliseconds.end());
  result.step_ms = milliseconds[milliseconds.size() / 2];
  result.step_ms_min = milliseconds.front();
  result.step_ms_max = milliseconds.back();
  result.tokens_per_second = 1e3 * static_cast<double>(tokens) / result.step_ms;
  result.useful_gflops = decoder.training_flops(batches.front().cu_seqlens) / result.step_ms * 1e-6;
  result.share_of_peak = result.useful_gflops / result.peak_gflops;
  result.loss = losses.loss_per_token();
  return result;
}

}  // namespace vernier
