// A layer's backward pass.
#include "engine/model/decoder_pass.h"

namespace vernier {

void Decoder::Pass::project_backward(std::int64_t layer, DropoutStream stream, const ConstTensorView& x,
                                     const ProjectionGroup& group, const TensorView& dx, bool accumulate_dx) {
  const LayerMemory& m = memory(layer);
  std::array<ConstTensorView, 3> dy;
  for (std::size_t i = 0; i < group.count; ++i) {
    dy[i] = group.outputs[i];
    const ProjectionGroup::Scaling& scaling = group.scalings[i];
    if (!scaling.magnitude) continue;
    const TensorView scaled = group.part(d_.memory_.gradients().dunscaled, i);
    backend_.column_scale_backward({.dy = group.outputs[i],
                                    .x = group.part(m.unscaled[group_index(stream)], i),
                                    .magnitude = scaling.magnitude,
                                    .norms = scaling.norms,
                                    .dx = scaled,
                                    .dmagnitude = scaling.dmagnitude,
                                    .dbias = scaling.dbias});
    dy[i] = scaled;
  }
  backend_.project_backward({.dy = std::span(dy.data(), group.count),
                             .x = x,
                             .projections = std::span(group.projections.data(), group.count),
                             .t = m.t[group_index(stream)],
                             .dropout = dropout(layer, stream),
                             .accumulate_dx = accumulate_dx,
                             .dx = dx,
                             .grads = std::span(group.gradients.data(), group.count)});
}

void Decoder::Pass::norm_backward(const ConstTensorView& dy, const ConstTensorView& x, const WeightSlice& weight,
                                  const ConstTensorView& inv_rms, const TensorView& dx, bool accumulate,
                                  std::int64_t groups) {
  backend_.rms_norm_backward({.dy = dy,
                              .x = x,
                              .weight = d_.weights_.value(weight),
                              .inv_rms = inv_rms,
                              .groups = groups,
                              .weight_offset = static_cast<float>(config_.norm_weight_offset),
                              .accumulate = accumulate,
                              .dx = dx,
                              .dweight = d_.weights_.gradient(weight)});
}

void Decoder::Pass::recompute(std::int64_t layer) {
  const DecoderMemory& held = d_.memory_;
  if (!held.holds_attention(layer)) attention_forward(layer, true);
  if (!held.holds_mlp(layer)) {
    mlp_inner_forward(layer, true);
  } else if (!held.keeps_cheap()) {
    if (config_.pre_norms) mlp_norm_forward(layer);
    gate_forward(layer);
  }
  // Only a post-norm's backward pass reads the branch itself; dbranch is free until then.
  if (!held.holds_attention(layer) && config_.post_norms) {
    mlp_outer_forward(layer, held.gradients().dbranch, true);
  }
}

void Decoder::Pass::mlp_backward(std::int64_t layer) {
  const LayerSlices& s = slices(layer);
  const LayerMemory& m = memory(layer);
  const GradientMemory& g = d_.memory_.gradients();
  const std::int64_t f = config_.intermediate_size;
  TensorView dbranch = g.dx;
  if (config_.post_norms) {
    norm_backward(g.dx, m.mlp_branch, s.post_mlp_norm, m.mlp_post_inv_rms, g.dbranch, false);
    dbranch = g.dbranch;
  }
  project_backward(layer, kStreamDown, m.product, single(layer, LinearKind::kDown, s.down, s.down_bias, dbranch),
                   g.dproduct);
  backend_.gated_backward({.dout = g.dproduct,
                           .gate = m.gate_up.col_range(0, f),
                           .up = m.gate_up.col_range(f, f),
                           .activation = activation_of(config_.activation),
                           .dgate = m.gate_up.col_range(0, f),
                           .dup = m.gate_up.col_range(f, f)});
  if (config_.pre_norms) {
    project_backward(layer, kStreamGateUp, m.mlp_in, gate_up_group(layer, m.gate_up), g.din);
    norm_backward(g.din, m.x_mid, s.pre_mlp_norm, m.mlp_inv_rms, g.dx, true);
  } else {
    project_backward(layer, kStreamGateUp, m.x_mid, gate_up_group(layer, m.gate_up), g.dx, true);
  }
}

void Decoder::Pass::attention_backward(std::int64_t layer, bool input_gradient) {
  const LayerSlices& s = slices(layer);
  const LayerMemory& m = memory(layer);
  const GradientMemory& g = d_.memory_.gradients();
  TensorView dbranch = g.dx;
  if (config_.post_norms) {
    norm_backward(g.dx, m.attention_branch, s.post_attention_norm, m.attention_post_inv_rms, g.dbranch, false);
    dbranch = g.dbranch;
  }
  project_backward(layer, kStreamO, m.attention_out, single(layer, LinearKind::kO, s.o, s.o_bias, dbranch),
                   g.dattention);

  const Heads projected_heads = heads_of(m.qkv);
  const Heads gradients = heads_of(g.dqkv);
  const bool qk_norm = config_.qk_norm != QkNorm::kNone;
  Heads heads = projected_heads;
  if (qk_norm) {
    heads.q = m.qk_normed.col_range(0, heads.q.cols);
    heads.k = m.qk_normed.col_range(heads.q.cols, heads.k.cols);
  }
  backend_.attention_backward({.dout = g.dattention,
                               .q = heads.q,
                               .k = heads.k,
                               .v = heads.v,
                               .out = m.attention_out,
                               .lse = m.lse,
                               .cu_seqlens = borders(),
                               .shape = attention_shape(layer),
                               .dq = gradients.q,
                               .dk = gradients.k,
                               .dv = gradients.v,
                               .longest = options_.longest_sequence});
  rotate(layer, gradients.q, gradients.k, true);
  if (qk_norm) {
    const bool per_head = config_.qk_norm == QkNorm::kPerHead;
    norm_backward(gradients.q, projected_heads.q, s.q_norm, m.q_inv_rms, gradients.q, false,
                  per_head ? config_.num_heads : 1);
    norm_backward(gradients.k, projected_heads.k, s.k_norm, m.k_inv_rms, gradients.k, false,
                  per_head ? config_.num_kv_heads : 1);
  }
  const ProjectionGroup group = qkv_group(layer, gradients);
  if (!config_.pre_norms) {
    project_backward(layer, kStreamQkv, m.x_in, group, input_gradient ? g.dx : TensorView(), input_gradient);
    return;
  }
  const bool norm_trains = static_cast<bool>(d_.weights_.gradient(s.pre_attention_norm));
  const bool through = input_gradient || norm_trains;
  if (!d_.memory_.keeps_cheap()) attention_norm_forward(layer);  // the MLP's took its place
  project_backward(layer, kStreamQkv, m.attention_in, group, through ? g.din : TensorView());
  if (through) norm_backward(g.din, m.x_in, s.pre_attention_norm, m.attention_inv_rms, g.dx, true);
}

bool Decoder::Pass::adapter_trains(std::int64_t layer, std::initializer_list<LinearKind> kinds) const {
  return d_.adapter_ != nullptr && std::any_of(kinds.begin(), kinds.end(), [&](LinearKind kind) {
           return static_cast<bool>(d_.adapter_->gradients(layer, kind).da);
         });
}

bool Decoder::Pass::attention_trains(std::int64_t layer) const {
  return d_.weights_.set().has_gradients() ||
         adapter_trains(layer, {LinearKind::kQ, LinearKind::kK, LinearKind::kV, LinearKind::kQkv, LinearKind::kO});
}

bool Decoder::Pass::layer_trains(std::int64_t layer) const {
  return attention_trains(layer) ||
         adapter_trains(layer, {LinearKind::kGate, LinearKind::kUp, LinearKind::kGateUp, LinearKind::kDown});
}

}  // namespace vernier
