// A layer's forward pass.
#include "engine/model/decoder_pass.h"

namespace vernier {

namespace {

constexpr float kFaultyEpsilon = 1e-2f;  // added by FaultKind::kNormEpsilon

}  // namespace

void Decoder::Pass::project(std::int64_t layer, DropoutStream stream, const ConstTensorView& x,
                            const ProjectionGroup& group, bool again, const ConstTensorView& sum_with) {
  const TensorView& unscaled = memory(layer).unscaled[group_index(stream)];
  std::array<TensorView, 3> y = group.outputs;
  bool scaled = false;
  for (std::size_t i = 0; i < group.count; ++i) {
    if (!group.scalings[i].magnitude) continue;
    y[i] = group.part(unscaled, i);
    scaled = true;
  }
  // Only single projections join a sum, so that a scaled one has no unscaled neighbour that should.
  const bool joins = static_cast<bool>(sum_with);
  if (joins && scaled && sum_with.data != group.outputs[0].data) backend_.copy(sum_with, group.outputs[0]);
  backend_.project_forward({.x = x,
                            .projections = std::span(group.projections.data(), group.count),
                            .dropout = dropout(layer, stream),
                            .accumulate = joins && !scaled,
                            .y = std::span(y.data(), group.count),
                            .t = memory(layer).t[group_index(stream)],
                            .addend = scaled ? ConstTensorView() : sum_with,
                            .t_is_known = again});
  for (std::size_t i = 0; i < group.count; ++i) {
    const ProjectionGroup::Scaling& scaling = group.scalings[i];
    if (!scaling.magnitude) continue;
    backend_.column_scale_forward({.x = y[i],
                                   .magnitude = scaling.magnitude,
                                   .norms = scaling.norms,
                                   .bias = scaling.bias,
                                   .accumulate = joins,
                                   .y = group.outputs[i]});
  }
}

void Decoder::Pass::refresh_norms() {
  Adapter* adapter = d_.adapter_;
  if (adapter == nullptr || !adapter->norms_stale()) return;
  d_.weights_.begin_pass(0, config_.num_layers - 1);
  for (std::int64_t layer = 0; layer < config_.num_layers; ++layer) {
    const LayerSlices& s = slices(layer);
    const auto refresh = [&](LinearKind kind, WeightSlice weight, std::int64_t rows) {
      const TensorView norms = adapter->norms(layer, kind);
      if (!norms) return;
      weight.rows = rows;
      backend_.adapted_row_norms({{d_.weights_.value(weight), {}, adapter->view(layer, kind)}, norms});
    };
    refresh(LinearKind::kQ, s.q, s.q.rows);
    refresh(LinearKind::kK, s.k, s.k.rows);
    refresh(LinearKind::kV, s.v, s.v.rows);
    refresh(LinearKind::kQkv, s.q, s.q.rows + s.k.rows + s.v.rows);
    refresh(LinearKind::kO, s.o, s.o.rows);
    refresh(LinearKind::kGate, s.gate, s.gate.rows);
    refresh(LinearKind::kUp, s.up, s.up.rows);
    refresh(LinearKind::kGateUp, s.gate, s.gate.rows + s.up.rows);
    refresh(LinearKind::kDown, s.down, s.down.rows);
  }
  if (adapter->magnitudes_unset()) adapter->set_magnitudes_from_norms(backend_);
  adapter->norms_are_fresh();
}

void Decoder::Pass::norm_forward(const ConstTensorView& x, const WeightSlice& weight, const TensorView& y,
                                 const TensorView& inv_rms, bool accumulate, std::int64_t groups) {
  norm_forward(x, weight, y, inv_rms, accumulate, groups, 1.0);
}

void Decoder::Pass::stream_norm_forward(const ConstTensorView& x, const WeightSlice& weight, const TensorView& y,
                                        const TensorView& inv_rms) {
  // s x / sqrt(mean((s x)^2) + eps) = x / sqrt(mean(x^2) + eps / s^2).
  norm_forward(x, weight, y, inv_rms, false, 1, config_.residual_scale);
}

void Decoder::Pass::norm_forward(const ConstTensorView& x, const WeightSlice& weight, const TensorView& y,
                                 const TensorView& inv_rms, bool accumulate, std::int64_t groups, double stream_scale) {
  double eps = config_.rms_norm_eps;
  if (options_.fault == FaultKind::kNormEpsilon) eps += static_cast<double>(kFaultyEpsilon);
  eps /= stream_scale * stream_scale;
  backend_.rms_norm_forward({.x = x,
                             .weight = d_.weights_.value(weight),
                             .groups = groups,
                             .eps = static_cast<float>(eps),
                             .weight_offset = static_cast<float>(config_.norm_weight_offset),
                             .accumulate = accumulate,
                             .y = y,
                             .inv_rms = inv_rms});
}

void Decoder::Pass::join(std::int64_t layer, DropoutStream stream, const ConstTensorView& x,
                         const ProjectionGroup& group, const WeightSlice& post_norm, const TensorView& branch,
                         const TensorView& inv_rms, const ConstTensorView& from, const TensorView& to, bool again) {
  if (!config_.post_norms) return project(layer, stream, x, group, again, from);
  if (from.data != to.data) backend_.copy(from, to);
  project(layer, stream, x, group, again);
  norm_forward(branch, post_norm, to, inv_rms, true);
}

void Decoder::Pass::attention_norm_forward(std::int64_t layer) {
  const LayerMemory& m = memory(layer);
  stream_norm_forward(m.x_in, slices(layer).pre_attention_norm, m.attention_in, m.attention_inv_rms);
}

void Decoder::Pass::attention_forward(std::int64_t layer, bool again) {
  const LayerSlices& s = slices(layer);
  const LayerMemory& m = memory(layer);
  if (config_.pre_norms) attention_norm_forward(layer);
  Heads heads = projected(layer);
  project(layer, kStreamQkv, config_.pre_norms ? m.attention_in : m.x_in, qkv_group(layer, heads), again);

  KvCache* cache = options_.cache;
  const std::int64_t first = cache != nullptr ? cache->length() : 0;
  if (config_.qk_norm != QkNorm::kNone) {
    const bool per_head = config_.qk_norm == QkNorm::kPerHead;
    const std::int64_t q_size = heads.q.cols;
    const TensorView q = m.qk_normed.col_range(0, q_size);
    const TensorView k =
        cache != nullptr ? cache->keys(layer, first, heads.k.rows) : m.qk_normed.col_range(q_size, heads.k.cols);
    norm_forward(heads.q, s.q_norm, q, m.q_inv_rms, false, per_head ? config_.num_heads : 1);
    norm_forward(heads.k, s.k_norm, k, m.k_inv_rms, false, per_head ? config_.num_kv_heads : 1);
    heads.q = q;
    heads.k = k;
  }
  rotate(layer, heads.q, heads.k, false);

  ConstTensorView keys = heads.k, values = heads.v;
  std::span<const std::int32_t> key_seqlens = borders();
  if (cache != nullptr) {
    if (config_.fused_qkv) {
      if (config_.qk_norm == QkNorm::kNone) backend_.copy(heads.k, cache->keys(layer, first, heads.k.rows));
      backend_.copy(heads.v, cache->values(layer, first, heads.v.rows));
    }
    const std::int64_t seen = d_.key_lengths_.back();
    keys = cache->keys(layer, 0, seen);
    values = cache->values(layer, 0, seen);
    key_seqlens = d_.key_lengths_;
  }
  backend_.attention_forward({.q = heads.q,
                              .k = keys,
                              .v = values,
                              .cu_seqlens_q = borders(),
                              .cu_seqlens_k = key_seqlens,
                              .shape = attention_shape(layer),
                              .out = m.attention_out,
                              .lse = m.lse,
                              .longest = options_.longest_sequence});
  const TensorView branch = config_.post_norms ? m.attention_branch : m.x_mid;
  join(layer, kStreamO, m.attention_out, single(layer, LinearKind::kO, s.o, s.o_bias, branch), s.post_attention_norm,
       m.attention_branch, m.attention_post_inv_rms, m.x_in, m.x_mid, again);
}

void Decoder::Pass::mlp_norm_forward(std::int64_t layer) {
  const LayerMemory& m = memory(layer);
  stream_norm_forward(m.x_mid, slices(layer).pre_mlp_norm, m.mlp_in, m.mlp_inv_rms);
}

void Decoder::Pass::mlp_inner_forward(std::int64_t layer, bool again) {
  const LayerMemory& m = memory(layer);
  if (config_.pre_norms) mlp_norm_forward(layer);
  project(layer, kStreamGateUp, config_.pre_norms ? m.mlp_in : m.x_mid, gate_up_group(layer, m.gate_up), again);
  gate_forward(layer);
}

void Decoder::Pass::gate_forward(std::int64_t layer) {
  const LayerMemory& m = memory(layer);
  const std::int64_t f = config_.intermediate_size;
  backend_.gated_forward({.gate = m.gate_up.col_range(0, f),
                          .up = m.gate_up.col_range(f, f),
                          .activation = activation_of(config_.activation),
                          .out = m.product});
}

void Decoder::Pass::mlp_outer_forward(std::int64_t layer, const TensorView& x_out, bool again) {
  const LayerSlices& s = slices(layer);
  const LayerMemory& m = memory(layer);
  const TensorView branch = config_.post_norms ? m.mlp_branch : x_out;
  join(layer, kStreamDown, m.product, single(layer, LinearKind::kDown, s.down, s.down_bias, branch), s.post_mlp_norm,
       m.mlp_branch, m.mlp_post_inv_rms, m.x_mid, x_out, again);
}

}  // namespace vernier
