#include "engine/train/step_trial.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/train/optimizer.h"
#include "engine/train/train_step.h"

namespace vernier {
namespace {

constexpr std::int64_t kTimedSteps = 3;
constexpr double kSecondsAStep = 0.5;  // about, at most

ModelConfig with_layers(const ModelConfig& model, std::int64_t layers) {
  ModelConfig out = model;
  out.num_layers = layers;
  out.layer_rope.resize(static_cast<std::size_t>(layers));
  out.layer_window.resize(static_cast<std::size_t>(layers));
  return out;
}

// Sequences from the front that take no more than `flops`; of a first one that takes more, its beginning.
MicroBatch part_of(const MicroBatch& batch, const ModelConfig& model, bool trains_weights, double flops) {
  MicroBatch out;
  for (const SequenceRef& sequence : batch.sequences) {
    std::int32_t length = sequence.length;
    const auto cost = [&](std::int32_t end) {
      return training_flops(model, trains_weights, std::vector<std::int32_t>{0, end});
    };
    while (out.sequences.empty() && length > 16 && cost(length) > flops) length /= 2;
    flops -= cost(length);
    if (!out.sequences.empty() && flops < 0.0) break;
    out.append(sequence.row, batch.input_ids.data() + sequence.begin, batch.labels.data() + sequence.begin, length);
  }
  // The cost of a step without a target would say nothing.
  if (count_row_targets(out.labels) == 0) out.labels = out.input_ids;
  return out;
}

double milliseconds(Backend& backend, const ModelConfig& model, DType dtype, const AdapterConfig* adapter_config,
                    const RunConfig& config, PassOptions pass, const std::vector<MicroBatch>& batches) {
  using Clock = std::chrono::steady_clock;
  const auto weights = ModelWeights::random(backend, model, config.seed, dtype,
                                            adapter_config ? ParameterUse::kFrozen : ParameterUse::kTrained);
  const auto adapter = adapter_config ? Adapter::create(backend, model, *adapter_config, config.seed, dtype) : nullptr;
  ParameterSet& trained = adapter ? adapter->set() : weights->set();
  trained.enable_gradients();
  Optimizer optimizer(backend, trained, config);
  Decoder decoder(backend, model, *weights, adapter.get());
  pass.lora_dropout = adapter ? static_cast<float>(config.lora.lora_dropout) : 0.0f;
  StepLosses losses;
  RecordedPasses recorded(decoder, static_cast<std::int64_t>(batches.front().input_ids.size()));
  std::vector<double> times;
  const std::int64_t untimed = backend.records() ? 2 : 1;  // the second is recorded
  for (std::int64_t step = 0; step < untimed + kTimedSteps; ++step) {
    const auto start = Clock::now();
    const double norm =
        forward_backward(decoder, optimizer, batches, config.loss_normalization, pass, losses, {}, &recorded);
    optimizer.update(norm, 1e-6);
    backend.synchronize();
    if (step >= untimed) times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace

double predict_step_ms(Backend& backend, const ModelConfig& model, DType dtype, const AdapterConfig* adapter,
                       const RunConfig& config, PassOptions pass, const MicroBatch& batch, double tokens) {
  const std::int64_t most = std::min<std::int64_t>(2, model.num_layers);
  const ModelConfig two = with_layers(model, most);
  std::optional<AdapterConfig> everywhere;
  if (adapter != nullptr) {
    everywhere = *adapter;
    everywhere->layers_to_transform.clear();  // the layers timed may not be among them
  }
  const double flops = kSecondsAStep * 1e9 * backend.measure_peak_gflops();
  const std::vector<MicroBatch> part = {part_of(batch, two, adapter == nullptr, flops)};
  const auto time_of = [&](std::int64_t layers) {
    return milliseconds(backend, with_layers(model, layers), dtype, everywhere ? &*everywhere : nullptr, config, pass,
                        part);
  };
  const double one_layer = time_of(1);
  const double a_layer = most == 2 ? std::max(0.0, time_of(2) - one_layer) : 0.0;
  const double all = one_layer + a_layer * static_cast<double>(model.num_layers - 1);
  return all * tokens / static_cast<double>(part.front().input_ids.size());
}

}  // namespace vernier
