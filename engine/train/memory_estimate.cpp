#include <algorithm>
#include <optional>

#include "engine/io/model_config.h"
#include "engine/model/adapter.h"
#include "engine/model/compute_dtype.h"
#include "engine/ops/make_backend.h"
#include "engine/train/memory_plan.h"
#include "engine/train/run_setup.h"
#include "vernier/error.h"
#include "vernier/memory.h"

namespace vernier {
namespace {

std::optional<AdapterLayout> layout_of(const RunConfig& config, const ModelConfig& model) {
  if (config.method == Method::kFull) return std::nullopt;
  if (config.adapter_name_or_path) {
    const AdapterReader reader(*config.adapter_name_or_path, model);
    return AdapterLayout(model, reader.config(), reader.targets());
  }
  const AdapterConfig adapter = run_adapter_config(config, model);
  return AdapterLayout(model, adapter, adapter_targets(adapter, model, "lora"));
}

}  // namespace

struct MemoryEstimator::Impl {
  std::unique_ptr<Backend> backend;
};

MemoryEstimator::MemoryEstimator(const std::string& device)
    : impl_(std::make_unique<Impl>(Impl{make_backend(device, /*threads=*/1)})) {}

MemoryEstimator::~MemoryEstimator() = default;

MemoryEstimate MemoryEstimator::estimate(const ModelDescription& model, const RunConfig& config,
                                         const MicroBatchNeeds& wanted) {
  Backend& backend = *impl_->backend;
  const DType dtype = compute_dtype(config.dtype, backend, "run file");
  const std::optional<AdapterLayout> adapter = layout_of(config, *model.config);
  const PlannedModel planned = {backend, *model.config, adapter ? &*adapter : nullptr, dtype,
                                quantization_from_name(config.quantization)};
  MemoryNeeds needs;
  needs.tokens = std::max<std::int64_t>(1, wanted.tokens);
  needs.sequences = std::clamp<std::int64_t>(wanted.sequences, 1, needs.tokens);
  needs.evaluation_tokens = wanted.evaluation_tokens;
  needs.captured_rows = captured_rows(config.return_logits, std::min(needs.tokens, config.max_length));
  needs.batch_setting = config.batch ? "" : "per_device_train_batch_size";
  needs.length_setting = "max_length";

  MemoryEstimate out;
  out.device = backend.name();
  out.dtype = compute_dtype_name(dtype);
  out.free_bytes = backend.free_bytes();
  const StateBytes state = state_bytes(planned);
  out.weights = state.weights;
  out.adapter = state.adapter;
  out.gradients = state.gradients;
  out.optimizer = state.optimizer;
  out.recompute = config.recompute == Recompute::kAuto ? Recompute::kLayer : config.recompute;
  Keeping keeping{true, out.recompute};
  try {
    keeping = predict_memory(planned, needs, config.recompute, state.total()).training_pass().keeping();
    out.recompute = keeping.recompute;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kOutOfMemory) throw;
    out.problem = error.what();
  }
  const PassBytes passes = pass_bytes(planned, needs, keeping);
  out.activations = passes.activations;
  out.scratch = passes.scratch;
  out.host_bytes = passes.on_host;
  return out;
}

}  // namespace vernier
