#include <algorithm>
#include <utility>

#include "engine/core/micro_batch.h"
#include "engine/inspect/forward.h"
#include "engine/inspect/model_insides.h"
#include "engine/inspect/parity.h"
#include "engine/io/hf_config.h"
#include "engine/io/tensor_names.h"
#include "engine/model/compute_dtype.h"
#include "engine/model/decoder.h"
#include "engine/model/generate.h"
#include "engine/ops/make_backend.h"
#include "vernier/error.h"
#include "vernier/model.h"
#include "vernier/model_notes.h"

namespace vernier {
namespace {

// A model folder may come without a tokenizer: ids in, ids out.
std::unique_ptr<Tokenizer> tokenizer_of(const std::string& folder) {
  try {
    return Tokenizer::load(folder);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    return nullptr;
  }
}

}  // namespace

// In the order of what uses what.
struct LanguageModel::Impl {
  std::unique_ptr<Backend> backend;
  ModelConfig config;
  std::unique_ptr<ModelWeights> weights;
  std::unique_ptr<Adapter> adapter;
  std::unique_ptr<Decoder> decoder;
  std::unique_ptr<Tokenizer> tokenizer;
  ModelInfo info;
  std::vector<std::string> notes;
  bool quantized = false;
};

LanguageModel::LanguageModel() : impl_(std::make_unique<Impl>()) {}
LanguageModel::~LanguageModel() = default;

std::unique_ptr<LanguageModel> LanguageModel::load(const ModelOptions& options, const ProgressCallback& progress,
                                                   std::stop_token stop) {
  std::unique_ptr<LanguageModel> model(new LanguageModel());
  Impl& impl = *model->impl_;
  if (options.quantization != "none" && options.quantization != "nf4") {
    fail(ErrorCode::kInvalidInput, "model",
         "quantization: got \"" + options.quantization + "\", expected \"none\" or \"nf4\".");
  }
  impl.quantized = options.quantization != "none";
  impl.backend = make_backend(options.device);
  const DType dtype = compute_dtype(options.dtype, *impl.backend, "model");
  impl.config = read_model_config(options.model_dir);
  impl.tokenizer = tokenizer_of(options.model_dir);
  {
    const ShardedSafetensors file(options.model_dir);
    impl.config.tensor_prefix = check_checkpoint(impl.config, file);
    impl.notes = checkpoint_notes(impl.config, file);
    impl.weights = ModelWeights::load(*impl.backend, impl.config, file, dtype, ParameterUse::kFrozen, progress,
                                      std::move(stop), quantization_from_name(options.quantization));
  }
  if (!options.adapter_dir.empty())
    impl.adapter = Adapter::load(*impl.backend, impl.config, options.adapter_dir, dtype);
  impl.decoder = std::make_unique<Decoder>(*impl.backend, impl.config, *impl.weights, impl.adapter.get());

  const ModelConfig& config = impl.config;
  impl.info = {.family = config.family,
               .device = impl.backend->name(),
               .dtype = compute_dtype_name(dtype),
               .vocab_size = config.vocab_size,
               .hidden_size = config.hidden_size,
               .intermediate_size = config.intermediate_size,
               .num_layers = config.num_layers,
               .num_heads = config.num_heads,
               .num_kv_heads = config.num_kv_heads,
               .head_dim = config.head_dim,
               .max_position_embeddings = config.max_position_embeddings,
               .parameters = parameter_count(config),
               .adapter_parameters = impl.adapter ? impl.adapter->set().count() : 0,
               .eos_token_ids = config.eos_token_ids};
  return model;
}

const ModelInfo& LanguageModel::info() const {
  return impl_->info;
}
const Tokenizer* LanguageModel::tokenizer() const {
  return impl_->tokenizer.get();
}

ForwardResult LanguageModel::forward(const Batch& batch, const ForwardOptions& options) {
  if (options.gradients && impl_->quantized && !impl_->adapter) {
    fail(ErrorCode::kUnsupported, "forward",
         "gradients: got weights in 4 bits and no adapter, expected an adapter: weights in 4 bits are not trained.");
  }
  return forward_batch(*impl_->decoder, batch, options);
}

std::vector<GeneratedToken> LanguageModel::generate(const std::vector<std::int32_t>& input_ids,
                                                    const GenerateOptions& options, const TokenCallback& callback,
                                                    std::stop_token stop) {
  return generate_tokens(*impl_->decoder, input_ids, options, callback, std::move(stop));
}

ParityReport LanguageModel::parity(const Batch& batch, const Fault& fault) {
  check_batch(batch, impl_->config.vocab_size);
  return check_parity(*impl_->decoder, micro_batches_of(batch, true).front(), {.fault = fault});
}

void LanguageModel::set_adapter_strength(double strength) {
  if (impl_->adapter) impl_->adapter->set_strength(strength);
}

Decoder& ModelInsides::decoder(LanguageModel& model) {
  return *model.impl_->decoder;
}
const std::vector<std::string>& ModelInsides::notes(const LanguageModel& model) {
  return model.impl_->notes;
}

const std::vector<std::string>& model_notes(const LanguageModel& model) {
  return ModelInsides::notes(model);
}

}  // namespace vernier
