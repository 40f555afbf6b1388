// What the forward and the backward pass share: which weights, adapters and memory a layer works on.
#include "engine/model/decoder_pass.h"

namespace vernier {

Activation activation_of(HiddenActivation activation) {
  switch (activation) {
    case HiddenActivation::kSilu:
      return Activation::kSilu;
    case HiddenActivation::kGelu:
      return Activation::kGelu;
    case HiddenActivation::kGeluTanh:
      return Activation::kGeluTanh;
  }
  return Activation::kSilu;
}

Decoder::Pass::Heads Decoder::Pass::heads_of(const TensorView& qkv) const {
  const std::int64_t q_size = config_.num_heads * config_.head_dim;
  const std::int64_t kv_size = config_.num_kv_heads * config_.head_dim;
  return {qkv.col_range(0, q_size), qkv.col_range(q_size, kv_size), qkv.col_range(q_size + kv_size, kv_size)};
}

Decoder::Pass::Heads Decoder::Pass::projected(std::int64_t layer) const {
  Heads heads = heads_of(memory(layer).qkv);
  if (options_.cache != nullptr && !config_.fused_qkv) {
    const std::int64_t first = options_.cache->length();
    if (config_.qk_norm == QkNorm::kNone) heads.k = options_.cache->keys(layer, first, heads.k.rows);
    heads.v = options_.cache->values(layer, first, heads.v.rows);
  }
  return heads;
}

void Decoder::Pass::add(ProjectionGroup& group, std::int64_t layer, LinearKind kind, const WeightSlice& weight,
                        const WeightSlice& bias, const TensorView& out) const {
  const ModelWeights& weights = d_.weights_;
  Projection& projection = group.projections[group.count];
  ProjectionGrads& gradients = group.gradients[group.count];
  projection = {weights.value(weight), weights.value(bias), {}};
  if (d_.adapter_ != nullptr) {
    projection.lora = d_.adapter_->view(layer, kind);
    gradients = d_.adapter_->gradients(layer, kind);
    if (options_.fault == FaultKind::kLoraScale) projection.lora.scale *= static_cast<float>(projection.lora.a.rows);
  }
  gradients.dweight = weights.gradient(weight);
  gradients.dbias = weights.gradient(bias);
  if (d_.adapter_ != nullptr) {
    if (const TensorView magnitude = d_.adapter_->magnitude(layer, kind)) {
      group.scalings[group.count] = {magnitude, d_.adapter_->norms(layer, kind), projection.bias,
                                     d_.adapter_->magnitude_gradient(layer, kind), gradients.dbias};
      projection.bias = {};
      gradients.dbias = {};
    }
  }
  group.outputs[group.count] = out;
  ++group.count;
}

ProjectionGroup Decoder::Pass::single(std::int64_t layer, LinearKind kind, const WeightSlice& weight,
                                      const WeightSlice& bias, const TensorView& out) const {
  ProjectionGroup group;
  add(group, layer, kind, weight, bias, out);
  return group;
}

ProjectionGroup Decoder::Pass::qkv_group(std::int64_t layer, const Heads& out) const {
  const LayerSlices& s = slices(layer);
  ProjectionGroup group;
  if (config_.fused_qkv) {
    // One matrix with one adapter: its three parts lie one behind the other, so do its outputs.
    const TensorView whole(out.q.data, out.q.dtype, out.q.rows, out.q.cols + out.k.cols + out.v.cols, out.q.stride);
    WeightSlice weight = s.q, bias = s.q_bias;
    weight.rows = whole.cols;
    bias.rows = whole.cols;
    add(group, layer, LinearKind::kQkv, weight, bias, whole);
    return group;
  }
  add(group, layer, LinearKind::kQ, s.q, s.q_bias, out.q);
  add(group, layer, LinearKind::kK, s.k, s.k_bias, out.k);
  add(group, layer, LinearKind::kV, s.v, s.v_bias, out.v);
  return group;
}

ProjectionGroup Decoder::Pass::gate_up_group(std::int64_t layer, const TensorView& gate_up) const {
  const LayerSlices& s = slices(layer);
  const std::int64_t f = config_.intermediate_size;
  ProjectionGroup group;
  if (config_.fused_gate_up) {
    WeightSlice weight = s.gate, bias = s.gate_bias;
    weight.rows = 2 * f;
    bias.rows = 2 * f;
    add(group, layer, LinearKind::kGateUp, weight, bias, gate_up);
    return group;
  }
  add(group, layer, LinearKind::kGate, s.gate, s.gate_bias, gate_up.col_range(0, f));
  add(group, layer, LinearKind::kUp, s.up, s.up_bias, gate_up.col_range(f, f));
  return group;
}

Dropout Decoder::Pass::dropout(std::int64_t layer, DropoutStream stream) const {
  Dropout dropout;
  dropout.p = options_.lora_dropout;
  dropout.seed = options_.dropout_seed;
  dropout.stream = static_cast<std::uint32_t>(layer) * kStreams + stream;
  dropout.row_keys = batch_.row_keys;
  return dropout;
}

AttentionShape Decoder::Pass::attention_shape(std::int64_t layer) const {
  AttentionShape shape;
  shape.heads = config_.num_heads;
  shape.kv_heads = config_.num_kv_heads;
  shape.head_dim = config_.head_dim;
  shape.scale = static_cast<float>(config_.attention_scale);
  shape.softcap = static_cast<float>(config_.attention_softcap);
  shape.window = config_.layer_window[static_cast<std::size_t>(layer)];
  shape.causal = options_.fault != FaultKind::kDroppedMask;
  if (!shape.causal) shape.window = 0;
  return shape;
}

std::span<const std::int32_t> Decoder::Pass::borders() const {
  return options_.fault == FaultKind::kLostBorders ? d_.joined_lengths_ : batch_.cu_seqlens;
}

void Decoder::Pass::rotate(std::int64_t layer, const TensorView& q, const TensorView& k, bool inverse) {
  const std::int32_t rope = config_.layer_rope[static_cast<std::size_t>(layer)];
  if (rope < 0) return;
  Rope op = {.q = q,
             .k = k,
             .position_ids = d_.ropes_.rows(),
             .table = d_.ropes_.table(rope),
             .head_dim = config_.head_dim,
             .rotary_dim = config_.rotary_dim,
             .inverse = inverse};
  if (options_.fault == FaultKind::kRopeOffByOne) {
    op.k = {};
    op.position_ids = d_.shifted_rows_;
    backend_.rope(op);
    op.q = k;
    op.position_ids = d_.ropes_.rows();
  }
  backend_.rope(op);
}

}  // namespace vernier
