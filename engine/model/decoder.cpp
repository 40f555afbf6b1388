#include "engine/model/decoder.h"

#include <algorithm>

#include "engine/model/decoder_pass.h"
#include "engine/model/download.h"
#include "vernier/error.h"

namespace vernier {

Decoder::Decoder(Backend& backend, const ModelConfig& config, ModelWeights& weights, Adapter* adapter)
    : backend_(backend),
      config_(config),
      weights_(weights),
      adapter_(adapter),
      ropes_(backend, config),
      memory_(config, adapter != nullptr ? &adapter->layout() : nullptr, weights.dtype(), keeps_cheap_on(backend)) {
  if (config.residual_scale != 1.0 && !config.pre_norms) {
    fail(ErrorCode::kInternal, "decoder", "a residual scale needs pre-norms: only they take it out again.");
  }
}

void Decoder::reserve(std::int64_t tokens, const PassOptions& options) {
  memory_.reserve(backend_, tokens, options.keeping());
}

std::uint64_t Decoder::workspace_bytes(std::int64_t tokens, const PassOptions& options) const {
  return memory_.bytes(tokens, options.keeping());
}

void Decoder::forward(const MicroBatch& batch, const PassOptions& options) {
  begin_forward(batch, options);
  run_forward();
}

void Decoder::begin_forward(const MicroBatch& batch, const PassOptions& options) {
  batch_ = &batch;
  options_ = options;
  const auto tokens = static_cast<std::int64_t>(batch.input_ids.size());
  reserve(tokens, options);
  memory_.set_pass(tokens, options.keeping());

  ropes_.prepare(batch, options.row_length);
  if (options.fault == FaultKind::kRopeOffByOne) {
    shifted_rows_.assign(ropes_.rows().begin(), ropes_.rows().end());
    for (std::int32_t& row : shifted_rows_) ++row;
  }
  if (options.fault == FaultKind::kLostBorders) joined_lengths_.assign({0, static_cast<std::int32_t>(tokens)});
  if (options.cache != nullptr) {
    const std::int64_t seen = options.cache->length() + tokens;
    if (batch.sequences.size() != 1 || seen > options.cache->capacity()) {
      fail(ErrorCode::kInternal, "decoder", "the cache holds one sequence of up to its capacity.");
    }
    const bool unmasked = options.fault == FaultKind::kDroppedMask;  // a padded cache without its mask
    key_lengths_.assign({0, static_cast<std::int32_t>(seen + (unmasked ? 1 : 0))});
  }
  Pass(*this).refresh_norms();
}

void Decoder::run_forward() {
  weights_.begin_pass(0, config_.num_layers - 1);
  const bool inputs_wait = static_cast<bool>(memory_.waiting_input(0));
  if (inputs_wait) backend_.await_copies();  // of a pass that was not brought to its end
  const auto x_of = [&](std::int64_t layer) {
    return layer < config_.num_layers ? memory_.layer(layer).x_in : memory_.output();
  };
  hidden_states_.clear();
  const auto keep = [&](const TensorView& x) {
    if (!options_.keep_hidden_states) return;
    hidden_states_.push_back(download_f32(backend_, x));
  };
  const auto keep_stream = [&](const TensorView& x) {
    keep(x);
    if (!options_.keep_hidden_states || config_.residual_scale == 1.0) return;
    for (float& value : hidden_states_.back()) value *= static_cast<float>(config_.residual_scale);
  };
  backend_.embedding_forward({.ids = batch_->input_ids,
                              .table = weights_.value(weights_.embedding()),
                              .scale = stream_embedding_scale(),
                              .out = x_of(0)});
  Pass pass(*this);
  const auto send = [&](const DecoderMemory::Waiting& block) {
    if (block) backend_.begin_copy_to_host(block.host, block.here, block.bytes);
  };
  for (std::int64_t layer = 0; layer < config_.num_layers; ++layer) {
    keep_stream(x_of(layer));
    // What this layer takes the place of has had a layer's time to get there: the input before this, and attention of
    // the layer before that. The last layer's attention is still on its way.
    if (inputs_wait) backend_.await_copies(memory_.waiting_attention(layer - 1) ? 1 : 0);
    send(memory_.waiting_input(layer));
    pass.attention_forward(layer);
    pass.mlp_inner_forward(layer);
    pass.mlp_outer_forward(layer, x_of(layer + 1));
    send(memory_.waiting_attention(layer));
  }
  pass.stream_norm_forward(memory_.output(), weights_.final_norm(), memory_.hidden(), memory_.final_inv_rms());
  keep(memory_.hidden());
  if (options_.cache != nullptr) options_.cache->advance(memory_.hidden().rows);
}

float Decoder::stream_embedding_scale() const {
  return static_cast<float>(config_.embedding_scale / config_.residual_scale);
}

TensorView Decoder::hidden() const {
  return memory_.hidden();
}

TensorView Decoder::dhidden() const {
  return memory_.gradients().dx;
}

void Decoder::backward() {
  if (batch_ == nullptr || !options_.keep_activations || options_.cache != nullptr) {
    fail(ErrorCode::kInternal, "decoder", "backward() needs a forward() that kept its activations.");
  }
  Pass pass(*this);
  const GradientMemory& g = memory_.gradients();
  const bool weights_train = weights_.set().has_gradients();
  std::int64_t lowest = 0;  // nothing below it is trained
  while (!weights_train && lowest < config_.num_layers && !pass.layer_trains(lowest)) ++lowest;
  if (lowest == config_.num_layers) return;
  weights_.begin_pass(config_.num_layers - 1, lowest);

  const auto bring_back = [&](const DecoderMemory::Waiting& block) {
    if (block) backend_.begin_copy_from_host(block.here, block.host, block.bytes);
  };
  pass.norm_backward(g.dx, memory_.output(), weights_.final_norm(), memory_.final_inv_rms(), g.dx, false);
  for (std::int64_t layer = config_.num_layers - 1; layer >= lowest; --layer) {
    const bool input_gradient = weights_train || layer > lowest;
    if (memory_.waiting_input(layer)) backend_.await_copies();
    if (layer > lowest) {
      bring_back(memory_.waiting_input(layer - 1));
      bring_back(memory_.waiting_attention(layer - 1));
    }
    pass.recompute(layer);
    pass.mlp_backward(layer);
    if (input_gradient || pass.attention_trains(layer)) pass.attention_backward(layer, input_gradient);
  }
  if (weights_train) {
    backend_.embedding_backward({.ids = batch_->input_ids,
                                 .dout = g.dx,
                                 .scale = stream_embedding_scale(),
                                 .dtable = weights_.gradient(weights_.embedding())});
  }
}

void Decoder::loss(std::span<const std::int32_t> rows, std::span<const std::int32_t> targets,
                   std::span<const float> row_weights, const LossRows& out) {
  const bool train = !row_weights.empty();
  backend_.loss_head({.hidden = memory_.hidden(),
                      .rows = rows,
                      .weight = weights_.value(weights_.head()),
                      .logit_scale = static_cast<float>(config_.logit_scale),
                      .softcap = static_cast<float>(config_.final_softcap),
                      .targets = targets,
                      .row_weights = row_weights,
                      .out = out,
                      .dhidden = train ? memory_.gradients().dx : TensorView(),
                      .dweight = train ? weights_.gradient(weights_.head()) : TensorView()});
}

LogitsForward Decoder::logits_of(std::span<const std::int32_t> rows, DType dtype, void* out) {
  return {.hidden = memory_.hidden(),
          .rows = rows,
          .weight = weights_.value(weights_.head()),
          .logit_scale = static_cast<float>(config_.logit_scale),
          .softcap = static_cast<float>(config_.final_softcap),
          .logits = {out, dtype, static_cast<std::int64_t>(rows.size()), config_.vocab_size, config_.vocab_size}};
}

void Decoder::logits(std::span<const std::int32_t> rows, float* out) {
  backend_.logits_forward(logits_of(rows, DType::kF32, out));
}

std::unique_ptr<Fetch> Decoder::begin_logits(std::span<const std::int32_t> rows, DType dtype, void* out) {
  return backend_.begin_logits(logits_of(rows, dtype, out));
}

double Decoder::training_flops(std::span<const std::int32_t> cu_seqlens) const {
  return vernier::training_flops(config_, weights_.set().has_gradients(), cu_seqlens);
}

double training_flops(const ModelConfig& config, bool trains_weights, std::span<const std::int32_t> cu_seqlens) {
  const auto d = static_cast<double>(config.hidden_size), f = static_cast<double>(config.intermediate_size);
  const auto q = static_cast<double>(config.num_heads * config.head_dim);
  const auto kv = static_cast<double>(config.num_kv_heads * config.head_dim);
  const auto layers = static_cast<double>(config.num_layers);
  const double matrices = layers * (2 * d * q + 2 * d * kv + 3 * d * f) + d * static_cast<double>(config.vocab_size);
  const double passes = trains_weights ? 6.0 : 4.0;
  double flops = 0.0;
  for (std::size_t s = 0; s + 1 < cu_seqlens.size(); ++s) {
    const auto length = static_cast<double>(cu_seqlens[s + 1] - cu_seqlens[s]);
    flops += passes * matrices * length + 7.0 * layers * q * length * length;
  }
  return flops;
}

}  // namespace vernier
