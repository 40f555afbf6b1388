#include "engine/model/decoder.h"

#include <algorithm>
#include <array>

#include "vernier/error.h"

namespace vernier {
namespace {

constexpr float kFaultyEpsilon = 1e-2f;  // added by FaultKind::kNormEpsilon

// Numbers of the LoRA branches' dropout streams: a layer's first projection of each group.
enum DropoutStream : std::uint32_t { kStreamQkv = 0, kStreamO = 3, kStreamGateUp = 4, kStreamDown = 6, kStreams = 8 };

// Where the group's share of LayerMemory::t and ::unscaled is.
std::size_t group_index(DropoutStream stream) {
  return stream == kStreamQkv ? 0 : stream == kStreamO ? 1 : stream == kStreamGateUp ? 2 : 3;
}

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

// Up to three projections that share an input, with where their results or gradients go.
struct ProjectionGroup {
  std::array<Projection, 3> projections;
  std::array<ProjectionGrads, 3> gradients;
  std::array<TensorView, 3> outputs;
  // With DoRA, whose bias joins after the scaling.
  struct Scaling {
    ConstTensorView magnitude, norms, bias;
    TensorView dmagnitude, dbias;
  };
  std::array<Scaling, 3> scalings;
  std::size_t count = 0;

  bool trains() const {
    return std::any_of(gradients.begin(), gradients.begin() + static_cast<std::ptrdiff_t>(count),
                       [](const ProjectionGrads& g) { return g.da || g.dweight || g.dbias; });
  }
  // Columns of a matrix as wide as the group, one stretch a projection.
  TensorView part(const TensorView& whole, std::size_t index) const {
    std::int64_t first = 0;
    for (std::size_t i = 0; i < index; ++i) first += outputs[i].cols;
    return whole.col_range(first, outputs[index].cols);
  }
};

}  // namespace

// One layer's way through the operations, forward and backward.
class Decoder::Pass {
 public:
  explicit Pass(Decoder& decoder)
      : d_(decoder),
        config_(decoder.config_),
        backend_(decoder.backend_),
        batch_(*decoder.batch_),
        options_(decoder.options_) {}

  void attention_forward(std::int64_t layer);
  void mlp_inner_forward(std::int64_t layer);
  void mlp_outer_forward(std::int64_t layer, const TensorView& x_out);
  // dx: the gradient of the layer's output, then of its input; left where nothing below needs it.
  void mlp_backward(std::int64_t layer);
  void attention_backward(std::int64_t layer, bool input_gradient);
  void recompute(std::int64_t layer);
  bool attention_trains(std::int64_t layer) const;
  bool layer_trains(std::int64_t layer) const;

  // DoRA's row norms, where the adapter's values have changed since.
  void refresh_norms();

  void norm_forward(const ConstTensorView& x, const WeightSlice& weight, const TensorView& y, const TensorView& inv_rms,
                    bool accumulate = false, std::int64_t groups = 1);
  void norm_backward(const ConstTensorView& dy, const ConstTensorView& x, const WeightSlice& weight,
                     const ConstTensorView& inv_rms, const TensorView& dx, bool accumulate, std::int64_t groups = 1);

 private:
  struct Heads {
    TensorView q, k, v;
  };
  // Parts of a matrix that holds q, k, v side by side.
  Heads heads_of(const TensorView& qkv) const;
  // Where queries, keys and values of this pass go before QK-norm: keys and values into the cache, where there is one.
  Heads projected(std::int64_t layer) const;
  ProjectionGroup qkv_group(std::int64_t layer, const Heads& out) const;
  ProjectionGroup gate_up_group(std::int64_t layer, const TensorView& gate_up) const;
  ProjectionGroup single(std::int64_t layer, LinearKind kind, const WeightSlice& weight, const WeightSlice& bias,
                         const TensorView& out) const;
  void add(ProjectionGroup& group, std::int64_t layer, LinearKind kind, const WeightSlice& weight,
           const WeightSlice& bias, const TensorView& out) const;
  void project(std::int64_t layer, DropoutStream stream, const ConstTensorView& x, const ProjectionGroup& group,
               bool accumulate = false);
  // dx empty: not needed.
  void project_backward(std::int64_t layer, DropoutStream stream, const ConstTensorView& x,
                        const ProjectionGroup& group, const TensorView& dx, bool accumulate_dx = false);
  Dropout dropout(std::int64_t layer, DropoutStream stream) const;
  void rotate(std::int64_t layer, const TensorView& q, const TensorView& k, bool inverse);
  AttentionShape attention_shape(std::int64_t layer) const;
  // The branch's output joins the residual stream, through a post-norm where the family has one.
  void join(std::int64_t layer, DropoutStream stream, const ConstTensorView& x, const ProjectionGroup& group,
            const WeightSlice& post_norm, const TensorView& branch, const TensorView& inv_rms,
            const ConstTensorView& from, const TensorView& to);

  const LayerSlices& slices(std::int64_t layer) const { return d_.weights_.layers()[static_cast<std::size_t>(layer)]; }
  const LayerMemory& memory(std::int64_t layer) const { return d_.memory_.layer(layer); }

  Decoder& d_;
  const ModelConfig& config_;
  Backend& backend_;
  const MicroBatch& batch_;
  const PassOptions& options_;
};

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

void Decoder::Pass::project(std::int64_t layer, DropoutStream stream, const ConstTensorView& x,
                            const ProjectionGroup& group, bool accumulate) {
  const TensorView& unscaled = memory(layer).unscaled[group_index(stream)];
  std::array<TensorView, 3> y = group.outputs;
  bool scaled = false;
  for (std::size_t i = 0; i < group.count; ++i) {
    if (!group.scalings[i].magnitude) continue;
    y[i] = group.part(unscaled, i);
    scaled = true;
  }
  // Only single projections accumulate, so that a scaled one has no unscaled neighbour that should.
  backend_.project_forward({.x = x,
                            .projections = std::span(group.projections.data(), group.count),
                            .dropout = dropout(layer, stream),
                            .accumulate = accumulate && !scaled,
                            .y = std::span(y.data(), group.count),
                            .t = memory(layer).t[group_index(stream)]});
  for (std::size_t i = 0; i < group.count; ++i) {
    const ProjectionGroup::Scaling& scaling = group.scalings[i];
    if (!scaling.magnitude) continue;
    backend_.column_scale_forward({.x = y[i],
                                   .magnitude = scaling.magnitude,
                                   .norms = scaling.norms,
                                   .bias = scaling.bias,
                                   .accumulate = accumulate,
                                   .y = group.outputs[i]});
  }
}

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

void Decoder::Pass::refresh_norms() {
  Adapter* adapter = d_.adapter_;
  if (adapter == nullptr || !adapter->norms_stale()) return;
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
  const float fault = options_.fault == FaultKind::kNormEpsilon ? kFaultyEpsilon : 0.0f;
  backend_.rms_norm_forward({.x = x,
                             .weight = d_.weights_.value(weight),
                             .groups = groups,
                             .eps = static_cast<float>(config_.rms_norm_eps) + fault,
                             .weight_offset = static_cast<float>(config_.norm_weight_offset),
                             .accumulate = accumulate,
                             .y = y,
                             .inv_rms = inv_rms});
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

void Decoder::Pass::rotate(std::int64_t layer, const TensorView& q, const TensorView& k, bool inverse) {
  const std::int32_t rope = config_.layer_rope[static_cast<std::size_t>(layer)];
  if (rope < 0) return;
  Rope op = {.q = q,
             .k = k,
             .position_ids = batch_.position_ids,
             .table = d_.ropes_.table(rope),
             .head_dim = config_.head_dim,
             .rotary_dim = config_.rotary_dim,
             .inverse = inverse};
  if (options_.fault == FaultKind::kRopeOffByOne) {
    op.k = {};
    op.position_ids = d_.shifted_positions_;
    backend_.rope(op);
    op.q = k;
    op.position_ids = batch_.position_ids;
  }
  backend_.rope(op);
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

void Decoder::Pass::join(std::int64_t layer, DropoutStream stream, const ConstTensorView& x,
                         const ProjectionGroup& group, const WeightSlice& post_norm, const TensorView& branch,
                         const TensorView& inv_rms, const ConstTensorView& from, const TensorView& to) {
  if (from.data != to.data) backend_.copy(from, to);
  if (config_.post_norms) {
    project(layer, stream, x, group);
    norm_forward(branch, post_norm, to, inv_rms, true);
  } else {
    project(layer, stream, x, group, true);
  }
}

void Decoder::Pass::attention_forward(std::int64_t layer) {
  const LayerSlices& s = slices(layer);
  const LayerMemory& m = memory(layer);
  if (config_.pre_norms) norm_forward(m.x_in, s.pre_attention_norm, m.attention_in, m.attention_inv_rms);
  Heads heads = projected(layer);
  project(layer, kStreamQkv, config_.pre_norms ? m.attention_in : m.x_in, qkv_group(layer, heads));

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
  std::span<const std::int32_t> key_seqlens = batch_.cu_seqlens;
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
                              .cu_seqlens_q = batch_.cu_seqlens,
                              .cu_seqlens_k = key_seqlens,
                              .shape = attention_shape(layer),
                              .out = m.attention_out,
                              .lse = m.lse});
  const TensorView branch = config_.post_norms ? m.attention_branch : m.x_mid;
  join(layer, kStreamO, m.attention_out, single(layer, LinearKind::kO, s.o, s.o_bias, branch), s.post_attention_norm,
       m.attention_branch, m.attention_post_inv_rms, m.x_in, m.x_mid);
}

void Decoder::Pass::mlp_inner_forward(std::int64_t layer) {
  const LayerSlices& s = slices(layer);
  const LayerMemory& m = memory(layer);
  const std::int64_t f = config_.intermediate_size;
  if (config_.pre_norms) norm_forward(m.x_mid, s.pre_mlp_norm, m.mlp_in, m.mlp_inv_rms);
  project(layer, kStreamGateUp, config_.pre_norms ? m.mlp_in : m.x_mid, gate_up_group(layer, m.gate_up));
  backend_.gated_forward({.gate = m.gate_up.col_range(0, f),
                          .up = m.gate_up.col_range(f, f),
                          .activation = activation_of(config_.activation),
                          .out = m.product});
}

void Decoder::Pass::mlp_outer_forward(std::int64_t layer, const TensorView& x_out) {
  const LayerSlices& s = slices(layer);
  const LayerMemory& m = memory(layer);
  const TensorView branch = config_.post_norms ? m.mlp_branch : x_out;
  join(layer, kStreamDown, m.product, single(layer, LinearKind::kDown, s.down, s.down_bias, branch), s.post_mlp_norm,
       m.mlp_branch, m.mlp_post_inv_rms, m.x_mid, x_out);
}

void Decoder::Pass::recompute(std::int64_t layer) {
  if (options_.recompute == Recompute::kLayer) {
    attention_forward(layer);
    mlp_inner_forward(layer);
    // Only a post-norm's backward pass reads the branch itself; dbranch is free until then.
    if (config_.post_norms) mlp_outer_forward(layer, d_.memory_.gradients().dbranch);
  } else if (options_.recompute == Recompute::kMlp) {
    mlp_inner_forward(layer);
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
                               .cu_seqlens = batch_.cu_seqlens,
                               .shape = attention_shape(layer),
                               .dq = gradients.q,
                               .dk = gradients.k,
                               .dv = gradients.v});
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
  project_backward(layer, kStreamQkv, m.attention_in, group, through ? g.din : TensorView());
  if (through) norm_backward(g.din, m.x_in, s.pre_attention_norm, m.attention_inv_rms, g.dx, true);
}

bool Decoder::Pass::attention_trains(std::int64_t layer) const {
  const LayerSlices& s = slices(layer);
  return d_.weights_.set().has_gradients() || qkv_group(layer, heads_of(memory(layer).qkv)).trains() ||
         single(layer, LinearKind::kO, s.o, s.o_bias, {}).trains();
}

bool Decoder::Pass::layer_trains(std::int64_t layer) const {
  const LayerSlices& s = slices(layer);
  return attention_trains(layer) || gate_up_group(layer, memory(layer).gate_up).trains() ||
         single(layer, LinearKind::kDown, s.down, s.down_bias, {}).trains();
}

Decoder::Decoder(Backend& backend, const ModelConfig& config, ModelWeights& weights, Adapter* adapter)
    : backend_(backend),
      config_(config),
      weights_(weights),
      adapter_(adapter),
      ropes_(backend, config),
      memory_(config, adapter) {
  if (config.residual_scale != 1.0) {
    fail(ErrorCode::kUnsupported, "config.json",
         "residual_multiplier: got " + std::to_string(config.residual_scale) + ", this version computes 1 only.");
  }
}

void Decoder::reserve(std::int64_t tokens, const PassOptions& options) {
  memory_.reserve(backend_, tokens, options.keep_activations, options.recompute);
}

std::uint64_t Decoder::workspace_bytes(std::int64_t tokens, const PassOptions& options) const {
  return memory_.bytes(tokens, options.keep_activations, options.recompute);
}

void Decoder::forward(const MicroBatch& batch, const PassOptions& options) {
  batch_ = &batch;
  options_ = options;
  const auto tokens = static_cast<std::int64_t>(batch.input_ids.size());
  reserve(tokens, options);
  memory_.set_pass(tokens, options.keep_activations, options.recompute);

  std::int32_t longest = 0;
  for (const std::int32_t position : batch.position_ids) longest = std::max(longest, position + 1);
  ropes_.prepare(longest + 1, longest);  // one more, for positions that a planted fault shifts
  if (options.fault == FaultKind::kRopeOffByOne) {
    shifted_positions_ = batch.position_ids;
    for (std::int32_t& position : shifted_positions_) ++position;
  }
  if (options.cache != nullptr) {
    const std::int64_t seen = options.cache->length() + tokens;
    if (batch.sequences.size() != 1 || seen > options.cache->capacity()) {
      fail(ErrorCode::kInternal, "decoder", "the cache holds one sequence of up to its capacity.");
    }
    const bool unmasked = options.fault == FaultKind::kDroppedMask;  // a padded cache without its mask
    key_lengths_.assign({0, static_cast<std::int32_t>(seen + (unmasked ? 1 : 0))});
  }

  const auto x_of = [&](std::int64_t layer) {
    return layer < config_.num_layers ? memory_.layer(layer).x_in : memory_.output();
  };
  hidden_states_.clear();
  const auto keep = [&](const TensorView& x) {
    if (!options.keep_hidden_states) return;
    auto& state = hidden_states_.emplace_back(static_cast<std::size_t>(x.size()));
    backend_.download(state.data(), x.data, state.size() * sizeof(float));
  };
  backend_.embedding_forward({.ids = batch.input_ids,
                              .table = weights_.value(weights_.embedding()),
                              .scale = static_cast<float>(config_.embedding_scale),
                              .out = x_of(0)});
  Pass pass(*this);
  pass.refresh_norms();
  for (std::int64_t layer = 0; layer < config_.num_layers; ++layer) {
    keep(x_of(layer));
    pass.attention_forward(layer);
    pass.mlp_inner_forward(layer);
    pass.mlp_outer_forward(layer, x_of(layer + 1));
  }
  pass.norm_forward(memory_.output(), weights_.final_norm(), memory_.hidden(), memory_.final_inv_rms());
  keep(memory_.hidden());
  if (options.cache != nullptr) options.cache->advance(tokens);
}

TensorView Decoder::hidden() const {
  return memory_.hidden();
}

TensorView Decoder::dhidden() const {
  return memory_.dhidden();
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

  pass.norm_backward(memory_.dhidden(), memory_.output(), weights_.final_norm(), memory_.final_inv_rms(), g.dx, false);
  for (std::int64_t layer = config_.num_layers - 1; layer >= lowest; --layer) {
    const bool input_gradient = weights_train || layer > lowest;
    pass.recompute(layer);
    pass.mlp_backward(layer);
    if (input_gradient || pass.attention_trains(layer)) pass.attention_backward(layer, input_gradient);
  }
  if (weights_train) {
    backend_.embedding_backward({.ids = batch_->input_ids,
                                 .dout = g.dx,
                                 .scale = static_cast<float>(config_.embedding_scale),
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
                      .dhidden = train ? memory_.dhidden() : TensorView(),
                      .dweight = train ? weights_.gradient(weights_.head()) : TensorView()});
}

void Decoder::logits(std::span<const std::int32_t> rows, float* out) {
  backend_.logits_forward({.hidden = memory_.hidden(),
                           .rows = rows,
                           .weight = weights_.value(weights_.head()),
                           .logit_scale = static_cast<float>(config_.logit_scale),
                           .softcap = static_cast<float>(config_.final_softcap),
                           .logits = TensorView(out, static_cast<std::int64_t>(rows.size()), config_.vocab_size)});
}

double Decoder::training_flops(std::span<const std::int32_t> cu_seqlens) const {
  const auto d = static_cast<double>(config_.hidden_size), f = static_cast<double>(config_.intermediate_size);
  const auto q = static_cast<double>(config_.num_heads * config_.head_dim);
  const auto kv = static_cast<double>(config_.num_kv_heads * config_.head_dim);
  const auto layers = static_cast<double>(config_.num_layers);
  const double matrices = layers * (2 * d * q + 2 * d * kv + 3 * d * f) + d * static_cast<double>(config_.vocab_size);
  const double passes = weights_.set().has_gradients() ? 6.0 : 4.0;
  double flops = 0.0;
  for (std::size_t s = 0; s + 1 < cu_seqlens.size(); ++s) {
    const auto length = static_cast<double>(cu_seqlens[s + 1] - cu_seqlens[s]);
    flops += passes * matrices * length + 7.0 * layers * q * length * length;
  }
  return flops;
}

}  // namespace vernier
