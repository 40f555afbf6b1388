// One layer's way through the operations, forward and backward. Only the decoder's own files include this.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "engine/model/decoder.h"

namespace vernier {

// Numbers of the LoRA branches' dropout streams: a layer's first projection of each group.
enum DropoutStream : std::uint32_t { kStreamQkv = 0, kStreamO = 3, kStreamGateUp = 4, kStreamDown = 6, kStreams = 8 };

// Where the group's share of LayerMemory::t and ::unscaled is.
inline std::size_t group_index(DropoutStream stream) {
  return stream == kStreamQkv ? 0 : stream == kStreamO ? 1 : stream == kStreamGateUp ? 2 : 3;
}

Activation activation_of(HiddenActivation activation);

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

// One layer's way through the operations, forward and backward.
class Decoder::Pass {
 public:
  explicit Pass(Decoder& decoder)
      : d_(decoder),
        config_(decoder.config_),
        backend_(decoder.backend_),
        batch_(*decoder.batch_),
        options_(decoder.options_) {}

  // again: as part of the backward pass, whose layers still hold what LoRA's A made.
  void attention_forward(std::int64_t layer, bool again = false);
  void mlp_inner_forward(std::int64_t layer, bool again = false);
  void mlp_outer_forward(std::int64_t layer, const TensorView& x_out, bool again = false);
  // dx: the gradient of the layer's output, then of its input; left where nothing below needs it.
  void mlp_backward(std::int64_t layer);
  void attention_backward(std::int64_t layer, bool input_gradient);
  void recompute(std::int64_t layer);
  // Of a layer or its attention; looks at no weight, which might have to be put together.
  bool attention_trains(std::int64_t layer) const;
  bool layer_trains(std::int64_t layer) const;

  // DoRA's row norms, where the adapter's values have changed since.
  void refresh_norms();

  void norm_forward(const ConstTensorView& x, const WeightSlice& weight, const TensorView& y, const TensorView& inv_rms,
                    bool accumulate = false, std::int64_t groups = 1);
  // Of the residual stream, which is kept divided by the residual scale.
  void stream_norm_forward(const ConstTensorView& x, const WeightSlice& weight, const TensorView& y,
                           const TensorView& inv_rms);
  void norm_backward(const ConstTensorView& dy, const ConstTensorView& x, const WeightSlice& weight,
                     const ConstTensorView& inv_rms, const TensorView& dx, bool accumulate, std::int64_t groups = 1);

 private:
  bool adapter_trains(std::int64_t layer, std::initializer_list<LinearKind> kinds) const;
  void norm_forward(const ConstTensorView& x, const WeightSlice& weight, const TensorView& y, const TensorView& inv_rms,
                    bool accumulate, std::int64_t groups, double stream_scale);
  void attention_norm_forward(std::int64_t layer);
  void mlp_norm_forward(std::int64_t layer);
  // The gated product.
  void gate_forward(std::int64_t layer);

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
  // sum_with: what the outputs, of one projection, are added to.
  void project(std::int64_t layer, DropoutStream stream, const ConstTensorView& x, const ProjectionGroup& group,
               bool again, const ConstTensorView& sum_with = {});
  // dx empty: not needed.
  void project_backward(std::int64_t layer, DropoutStream stream, const ConstTensorView& x,
                        const ProjectionGroup& group, const TensorView& dx, bool accumulate_dx = false);
  Dropout dropout(std::int64_t layer, DropoutStream stream) const;
  void rotate(std::int64_t layer, const TensorView& q, const TensorView& k, bool inverse);
  AttentionShape attention_shape(std::int64_t layer) const;
  // Where the sequences begin and end that attention keeps apart.
  std::span<const std::int32_t> borders() const;
  // The branch's output joins the residual stream, through a post-norm where the family has one.
  void join(std::int64_t layer, DropoutStream stream, const ConstTensorView& x, const ProjectionGroup& group,
            const WeightSlice& post_norm, const TensorView& branch, const TensorView& inv_rms,
            const ConstTensorView& from, const TensorView& to, bool again);

  const LayerSlices& slices(std::int64_t layer) const { return d_.weights_.layers()[static_cast<std::size_t>(layer)]; }
  const LayerMemory& memory(std::int64_t layer) const { return d_.memory_.layer(layer); }

  Decoder& d_;
  const ModelConfig& config_;
  Backend& backend_;
  const MicroBatch& batch_;
  const PassOptions& options_;
};

}  // namespace vernier
