#include "vernier/bench.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/core/philox.h"
#include "engine/io/atomic_file.h"
#include "engine/io/tensor_names.h"
#include "engine/model/compute_dtype.h"
#include "engine/ops/make_backend.h"
#include "engine/train/bench_shapes.h"
#include "engine/train/capture_queue.h"
#include "engine/train/memory_plan.h"
#include "engine/train/train_step.h"
#include "vernier/error.h"
#include "vernier/recompute.h"

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

// The first sequence's logits of every step, into files that go with the object.
class Captures {
 public:
  Captures(Decoder& decoder, const std::filesystem::path& folder)
      : decoder_(decoder), folder_(folder), queue_(decoder, folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) fail_system(error.value(), "make the folder", folder);
  }
  ~Captures() {
    try {
      collect(CaptureQueue::Wait::kForAll);
    } catch (const Error&) {
      // What was not written need not be removed.
    }
    std::error_code ignored;
    for (const std::string& file : files_) std::filesystem::remove(folder_ / file, ignored);
  }
  Captures(const Captures&) = delete;
  Captures& operator=(const Captures&) = delete;

  void take(const MicroBatch& batch, std::int64_t step) {
    const auto start = std::chrono::steady_clock::now();
    CaptureRecord record;
    record.file = "step-" + std::to_string(step) + ".safetensors";
    queue_.take(captured_row(decoder_.config().vocab_size, batch, 0, {}, step), record);
    milliseconds_ = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }
  // What this step's took.
  double finish_step() {
    collect(CaptureQueue::Wait::kNo);
    return milliseconds_ + queue_.device_milliseconds();
  }
  // Of a file; waits for what is on its way.
  std::uint64_t bytes() {
    collect(CaptureQueue::Wait::kForAll);
    return bytes_;
  }

 private:
  void collect(CaptureQueue::Wait wait) {
    queue_.collect(wait, [this](const CaptureRecord& record) {
      files_.push_back(record.file);
      bytes_ = record.bytes;
    });
  }

  Decoder& decoder_;
  std::filesystem::path folder_;
  CaptureQueue queue_;
  std::vector<std::string> files_;
  std::uint64_t bytes_ = 0;
  double milliseconds_ = 0.0;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
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
          {"waiting_attention_layers", waiting_attention_layers},
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
          {"host_bytes", host_bytes},
          {"first_step_s", first_step_s},
          {"loss", loss},
          {"capture_bytes", capture_bytes},
          {"capture_ms", capture_ms}};
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
  const bool captures_logits = !options.captures.empty();
  const MemoryNeeds needs = {tokens, options.batch, 0, captures_logits ? result.length : 0, "batch", "length"};
  const MemoryPlan plan = plan_memory(decoder, needs, options.recompute, limit);
  result.predicted_bytes = plan.predicted_bytes;
  result.recompute = to_string(plan.recompute);
  result.host_bytes = plan.host_bytes;
  result.kept_mlp_layers = plan.kept_mlp_layers;
  result.kept_attention_layers = plan.kept_attention_layers;
  result.waiting_attention_layers = plan.waiting_attention_layers;
  const PassOptions pass = plan.training_pass();
  if (planned) planned(result);

  std::vector<MicroBatch> batches(1);
  StepLosses losses;
  RecordedPasses recorded(decoder, tokens);
  std::optional<Captures> captures;
  if (captures_logits) captures.emplace(decoder, options.captures);
  std::vector<double> milliseconds, capturing;
  const std::int64_t all_steps = options.steps + kUntimedSteps;
  for (std::int64_t step = 0; step < all_steps; ++step) {
    if (progress) progress(static_cast<double>(step) / static_cast<double>(all_steps));
    if (stop.stop_requested()) fail(ErrorCode::kCancelled, "bench", "stopped before it was done.");
    fill(batches.front(), result, model.vocab_size, step);
    const auto start = Clock::now();
    const double norm = forward_backward(
        decoder, optimizer, batches, LossNormalization::kPerToken, pass, losses,
        captures ? [&](const MicroBatch& batch, std::int64_t) { captures->take(batch, step); } : ForwardHook(),
        &recorded);
    optimizer.update(norm, config.learning_rate);
    backend->synchronize();
    const double captured_ms = captures ? captures->finish_step() : 0.0;
    if (step == 0) {
      result.first_step_s = std::chrono::duration<double>(Clock::now() - called).count();
      result.peak_bytes = backend->peak_bytes();
      result.peak_gflops = backend->measure_peak_gflops();
    }
    const double took = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    if (step < kUntimedSteps) continue;
    milliseconds.push_back(took);
    capturing.push_back(captured_ms);
  }
  if (progress) progress(1.0);
  result.peak_gflops = std::max(result.peak_gflops, backend->measure_peak_gflops());
  result.step_ms = median(milliseconds);
  result.step_ms_min = *std::min_element(milliseconds.begin(), milliseconds.end());
  result.step_ms_max = *std::max_element(milliseconds.begin(), milliseconds.end());
  result.capture_ms = median(capturing);
  if (captures) result.capture_bytes = captures->bytes();
  result.tokens_per_second = 1e3 * static_cast<double>(tokens) / result.step_ms;
  result.useful_gflops = decoder.training_flops(batches.front().cu_seqlens) / result.step_ms * 1e-6;
  result.share_of_peak = result.useful_gflops / result.peak_gflops;
  result.loss = losses.loss_per_token();
  return result;
}

}  // namespace vernier
