// Where a decoder keeps what its forward pass leaves for its backward pass.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/io/model_config.h"
#include "engine/model/adapter.h"
#include "engine/ops/backend.h"
#include "vernier/run_config.h"

namespace vernier {

// Of one layer, N rows each. What a family does not have is empty. Views may share memory with another layer's where
// they are computed again: as the policy says, and on a device always the normed inputs and the gated product, which
// cost it little and would take a third of its memory.
struct LayerMemory {
  TensorView x_in;                             // [N, D] the residual stream on entry
  TensorView attention_in, attention_inv_rms;  // [N, D] the normed input; [N, 1]
  TensorView qkv;                              // [N, (H+2K)*E] q, k, v side by side
  TensorView qk_normed, q_inv_rms, k_inv_rms;  // [N, (H+K)*E] with QK-norm: what attention reads
  TensorView attention_out, lse;               // [N, H*E]; [N, H]
  TensorView attention_branch;                 // [N, D] o's output where a post-norm follows
  TensorView attention_post_inv_rms;           // [N, 1]
  TensorView x_mid;                            // [N, D] the residual stream between attention and MLP
  TensorView mlp_in, mlp_inv_rms;              // as for attention
  TensorView gate_up;                          // [N, 2F] gate, up side by side
  TensorView product;                          // [N, F] activation(gate) * up
  TensorView mlp_branch, mlp_post_inv_rms;
  std::array<TensorView, 4> unscaled;  // with DoRA: outputs before their columns are scaled, grouped as t
  std::array<TensorView, 4> t;         // [N, ranks] LoRA's x A^T: of q, k, v; o; gate, up; down
};

// Gradients on their way back, shared by all layers. Some lie where activations have lain that nobody reads any more.
struct GradientMemory {
  TensorView dx;          // [N, D] of the residual stream; begins as the gradient of hidden(), in its place
  TensorView dbranch;     // [N, D] of a branch before its post-norm
  TensorView din;         // [N, D] of a normed input
  TensorView dproduct;    // [N, F]
  TensorView dattention;  // [N, H*E], with dqkv in the place of product and dproduct
  TensorView dqkv;        // [N, (H+2K)*E]
  TensorView dunscaled;   // with DoRA: as wide as the widest group of projections
};

// Where there is bfloat16 there is a device, which has arithmetic to spare and no memory; the CPU has it the other way
// round.
inline bool keeps_cheap_on(const Backend& backend) {
  return !backend.computes(DType::kBF16);
}

// What a pass leaves in memory for its backward pass.
struct Keeping {
  bool activations = false;                // any
  Recompute recompute = Recompute::kNone;  // what is computed again instead
  // Of the last layers so many keep gate and up, or all of attention, whatever `recompute` says.
  std::int64_t mlp_layers = 0, attention_layers = 0;
  // With kOffload: so many before those that keep attention have it wait in the host's memory, beside their inputs.
  std::int64_t waiting_layers = 0;

  bool operator==(const Keeping&) const = default;
};

// One block of a backend's memory, divided anew for each pass.
class DecoderMemory {
 public:
  // adapter: null for none; must outlive it. dtype: what passes compute in. keeps_cheap: also what costs little to
  // compute again has its own memory.
  DecoderMemory(const ModelConfig& config, const AdapterLayout* adapter, DType dtype, bool keeps_cheap)
      : config_(config), adapter_(adapter), dtype_(dtype), keeps_cheap_(keeps_cheap) {}

  // Makes room for passes of up to `tokens` tokens. Allocates only to grow.
  void reserve(Backend& backend, std::int64_t tokens, const Keeping& keeping);
  std::uint64_t bytes(std::int64_t tokens, const Keeping& keeping) const;
  // Of the host's memory, where layers' inputs, and attention, wait there.
  std::uint64_t host_bytes(std::int64_t tokens, const Keeping& keeping) const;
  // Divides what reserve() made room for; the views hold the pass's `tokens` rows.
  void set_pass(std::int64_t tokens, const Keeping& keeping);

  // Whether a layer's part of attention, or its gate and up, are what the forward pass left when the backward pass
  // comes to it: it has memory of its own, is the last of those that share theirs, or has waited in the host's memory.
  bool holds_attention(std::int64_t layer) const { return layer >= first_held_attention_; }
  bool holds_mlp(std::int64_t layer) const { return layer >= first_held_mlp_; }

  // Normed inputs and gated products are what the forward pass left, or `recompute` made; else another layer's or the
  // other norm's have taken their place.
  bool keeps_cheap() const { return keeps_cheap_; }
  // What of a layer waits in the host's memory between the passes, and where; nothing where it stays.
  struct Waiting {
    void* here = nullptr;
    void* host = nullptr;
    std::size_t bytes = 0;
    explicit operator bool() const { return bytes > 0; }
  };
  Waiting waiting_input(std::int64_t layer) const;
  // All of attention: two layers take turns in the memory here.
  Waiting waiting_attention(std::int64_t layer) const;
  const LayerMemory& layer(std::int64_t index) const { return layers_[static_cast<std::size_t>(index)]; }
  const GradientMemory& gradients() const { return gradients_; }
  const TensorView& output() const { return output_; }  // [N, D] the residual stream after the last layer
  const TensorView& hidden() const { return hidden_; }  // [N, D] after the final norm
  const TensorView& final_inv_rms() const { return final_inv_rms_; }

 private:
  class Divider;
  void divide(Divider& divider, const Keeping& keeping);
  std::array<std::int64_t, 4> ranks_of(std::int64_t layer) const;
  std::size_t input_bytes() const;  // of a layer, in this pass

  const ModelConfig& config_;
  const AdapterLayout* adapter_;
  DType dtype_;
  bool keeps_cheap_;
  std::unique_ptr<DeviceBuffer> host_memory_, memory_;  // giving back a device's waits for it: that goes first
  struct Fit {
    Keeping keeping;
    std::int64_t tokens;
  };
  std::vector<Fit> fits_;  // the largest passes that memory_ is known to hold
  std::int64_t first_held_attention_ = 0, first_held_mlp_ = 0;
  bool inputs_wait_ = false;  // all but the last layer's in host_memory_
  // [first, end) whose attention does, behind the inputs.
  std::int64_t first_waiting_ = 0, end_waiting_ = 0;
  std::array<char*, 2> attention_turns_ = {};
  std::size_t attention_bytes_ = 0;  // of a turn

  std::vector<LayerMemory> layers_;
  GradientMemory gradients_;
  TensorView output_, hidden_, final_inv_rms_;
};

}  // namespace vernier
