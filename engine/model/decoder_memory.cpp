#include "engine/model/decoder_memory.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vernier {

// Hands out matrices of `tokens` rows, one behind the other; without memory it only counts.
class DecoderMemory::Divider {
 public:
  Divider(DType dtype, void* memory, std::int64_t tokens)
      : dtype_(dtype), memory_(static_cast<char*>(memory)), tokens_(tokens) {}

  TensorView take(std::int64_t cols) { return take(cols, dtype_); }
  TensorView take_f32(std::int64_t cols) { return take(cols, DType::kF32); }
  // Both get the same memory.
  template <typename First, typename Second>
  void either(const First& first, const Second& second) {
    const std::int64_t begin = used_;
    first();
    const std::int64_t end = std::exchange(used_, begin);
    second();
    used_ = std::max(used_, end);
  }
  std::int64_t used() const { return used_; }
  char* end() const { return memory_ == nullptr ? nullptr : memory_ + used_; }

 private:
  TensorView take(std::int64_t cols, DType dtype) {
    if (cols == 0) return {};
    constexpr std::int64_t kAlignment = 256;
    const TensorView view(memory_ == nullptr ? nullptr : memory_ + used_, dtype, tokens_, cols, cols);
    used_ += (tokens_ * cols * static_cast<std::int64_t>(size_of(dtype)) + kAlignment - 1) / kAlignment * kAlignment;
    return view;
  }

  DType dtype_;
  char* memory_;
  std::int64_t tokens_;
  std::int64_t used_ = 0;  // bytes
};

void DecoderMemory::divide(Divider& divider, const Keeping& keeping) {
  const bool kept = keeping.activations;
  const std::int64_t d = config_.hidden_size, f = config_.intermediate_size;
  const std::int64_t q_size = config_.num_heads * config_.head_dim;
  const std::int64_t kv_size = config_.num_kv_heads * config_.head_dim;
  const bool qk_norm = config_.qk_norm != QkNorm::kNone;
  const bool dora = adapter_ != nullptr && adapter_->config().use_dora;
  const bool per_head = config_.qk_norm == QkNorm::kPerHead;
  // The first layers that have memory of their own; those before them share one set of views.
  const auto first_own = [&](bool all, std::int64_t last_ones) {
    return !kept ? config_.num_layers : all ? 0 : std::max<std::int64_t>(0, config_.num_layers - last_ones);
  };
  inputs_wait_ = kept && keeping.recompute == Recompute::kOffload;
  const bool all_attention = keeping.recompute != Recompute::kLayer && keeping.recompute != Recompute::kOffload;
  const std::int64_t own_attention = first_own(all_attention, keeping.attention_layers);
  const std::int64_t own_mlp = first_own(all_attention && keeping.recompute != Recompute::kMlp, keeping.mlp_layers);
  // The last layers of those that share memory are still there when the backward pass begins: two where they take
  // turns.
  const bool take_turns = inputs_wait_ && keeping.waiting_layers > 0 && own_attention > 2;
  end_waiting_ = take_turns ? own_attention - 2 : own_attention - 1;
  first_waiting_ = take_turns ? std::max<std::int64_t>(0, end_waiting_ - keeping.waiting_layers) : end_waiting_;
  first_held_attention_ = first_waiting_;
  first_held_mlp_ = own_mlp - 1;
  const auto attention_part = [&](LayerMemory& m) {
    if (keeps_cheap_ && config_.pre_norms) m.attention_in = divider.take(d), m.attention_inv_rms = divider.take_f32(1);
    m.qkv = divider.take(q_size + 2 * kv_size);
    if (qk_norm) {
      m.qk_normed = divider.take(q_size + kv_size);
      m.q_inv_rms = divider.take_f32(per_head ? config_.num_heads : 1);
      m.k_inv_rms = divider.take_f32(per_head ? config_.num_kv_heads : 1);
    }
    if (dora) m.unscaled[0] = divider.take(q_size + 2 * kv_size), m.unscaled[1] = divider.take(d);
    m.attention_out = divider.take(q_size);
    m.lse = divider.take_f32(config_.num_heads);
    if (config_.post_norms) m.attention_branch = divider.take(d), m.attention_post_inv_rms = divider.take_f32(1);
  };
  const auto mlp_part = [&](LayerMemory& m) {
    if (keeps_cheap_ && config_.pre_norms) m.mlp_in = divider.take(d), m.mlp_inv_rms = divider.take_f32(1);
    if (keeps_cheap_) m.product = divider.take(f);
    m.gate_up = divider.take(2 * f);
    if (dora) m.unscaled[2] = divider.take(2 * f);
  };
  const auto mlp_branch_part = [&](LayerMemory& m) {
    if (config_.post_norms) m.mlp_branch = divider.take(d), m.mlp_post_inv_rms = divider.take_f32(1);
  };

  LayerMemory shared;
  gradients_ = {};
  if (!keeps_cheap_ && config_.pre_norms) {
    shared.attention_in = shared.mlp_in = divider.take(d);
    shared.attention_inv_rms = shared.mlp_inv_rms = divider.take_f32(1);
  }
  divider.either(
      [&] {
        if (!keeps_cheap_) shared.product = divider.take(f);
        if (kept) gradients_.dproduct = divider.take(f);
      },
      [&] {
        if (kept) gradients_.dattention = divider.take(q_size), gradients_.dqkv = divider.take(q_size + 2 * kv_size);
      });
  if (own_mlp > 0) mlp_part(shared);
  const auto all_attention_part = [&](LayerMemory& m) {
    attention_part(m), mlp_branch_part(m), m.x_mid = divider.take(d);
  };
  LayerMemory other = shared;
  attention_turns_ = {};
  attention_bytes_ = 0;
  if (own_attention > 0) {
    attention_turns_[0] = divider.end();
    const std::int64_t begin = divider.used();
    all_attention_part(shared);
    attention_bytes_ = static_cast<std::size_t>(divider.used() - begin);
  }
  if (take_turns) {
    attention_turns_[1] = divider.end();
    all_attention_part(other);
  }
  if (!kept && dora) shared.unscaled[3] = divider.take(d);
  if (!kept) {  // one residual stream, changed in place
    output_ = shared.x_mid;
    shared.x_in = shared.x_mid;
  }
  if (!take_turns) other = shared;
  // A layer's input and its output, which is the next one's.
  std::array<TensorView, 2> turns;
  if (inputs_wait_) turns = {divider.take(d), divider.take(d)};
  const auto turn = [&](std::int64_t layer) { return turns[static_cast<std::size_t>(layer % 2)]; };
  std::array<std::int64_t, 4> widest = {0, 0, 0, 0};
  layers_.assign(static_cast<std::size_t>(config_.num_layers), shared);
  for (std::int64_t layer = 0; layer < config_.num_layers; ++layer) {
    LayerMemory& m = layers_[static_cast<std::size_t>(layer)];
    if (layer % 2 == 1) m = other;
    if (kept) m.x_in = inputs_wait_ ? turn(layer) : divider.take(d);
    if (layer >= own_attention) all_attention_part(m);
    if (layer >= own_mlp) mlp_part(m);
    if (kept && dora) m.unscaled[3] = divider.take(d);
    const std::array<std::int64_t, 4> ranks = ranks_of(layer);
    for (std::size_t i = 0; i < 4; ++i) {
      widest[i] = std::max(widest[i], ranks[i]);
      if (kept) m.t[i] = divider.take(ranks[i]);
    }
  }
  if (kept) {
    output_ = inputs_wait_ ? turn(config_.num_layers) : divider.take(d);
  } else {
    for (std::size_t i = 0; i < 4; ++i) {
      const TensorView t = divider.take(widest[i]);
      for (std::int64_t layer = 0; layer < config_.num_layers; ++layer) {
        const std::int64_t cols = ranks_of(layer)[i];
        if (cols > 0) layers_[static_cast<std::size_t>(layer)].t[i] = t.col_range(0, cols);
      }
    }
  }
  hidden_ = divider.take(d);
  final_inv_rms_ = divider.take_f32(1);
  if (!kept) return;
  gradients_.dx = hidden_;
  gradients_.din = divider.take(d);
  if (config_.post_norms) gradients_.dbranch = divider.take(d);
  if (dora) gradients_.dunscaled = divider.take(std::max({q_size + 2 * kv_size, 2 * f, d}));
}

std::array<std::int64_t, 4> DecoderMemory::ranks_of(std::int64_t layer) const {
  if (adapter_ == nullptr) return {0, 0, 0, 0};
  const auto rank = [&](LinearKind kind) { return adapter_->rank(layer, kind); };
  return {rank(LinearKind::kQ) + rank(LinearKind::kK) + rank(LinearKind::kV) + rank(LinearKind::kQkv),
          rank(LinearKind::kO), rank(LinearKind::kGate) + rank(LinearKind::kUp) + rank(LinearKind::kGateUp),
          rank(LinearKind::kDown)};
}

std::uint64_t DecoderMemory::bytes(std::int64_t tokens, const Keeping& keeping) const {
  DecoderMemory counted(config_, adapter_, dtype_, keeps_cheap_);
  Divider divider(dtype_, nullptr, tokens);
  counted.divide(divider, keeping);
  return static_cast<std::uint64_t>(divider.used());
}

std::uint64_t DecoderMemory::host_bytes(std::int64_t tokens, const Keeping& keeping) const {
  if (!keeping.activations || keeping.recompute != Recompute::kOffload) return 0;
  DecoderMemory counted(config_, adapter_, dtype_, keeps_cheap_);
  Divider divider(dtype_, nullptr, tokens);
  counted.divide(divider, keeping);
  return static_cast<std::uint64_t>(config_.num_layers - 1) * counted.input_bytes() +
         static_cast<std::uint64_t>(counted.end_waiting_ - counted.first_waiting_) * counted.attention_bytes_;
}

std::size_t DecoderMemory::input_bytes() const {
  return static_cast<std::size_t>(output_.size()) * size_of(dtype_);
}

DecoderMemory::Waiting DecoderMemory::waiting_input(std::int64_t layer) const {
  if (!inputs_wait_ || layer + 1 >= config_.num_layers) return {};
  char* const host = static_cast<char*>(host_memory_->data()) + static_cast<std::size_t>(layer) * input_bytes();
  return {this->layer(layer).x_in.data, host, input_bytes()};
}

DecoderMemory::Waiting DecoderMemory::waiting_attention(std::int64_t layer) const {
  if (layer < first_waiting_ || layer >= end_waiting_) return {};
  char* const host = static_cast<char*>(host_memory_->data()) +
                     static_cast<std::size_t>(config_.num_layers - 1) * input_bytes() +
                     static_cast<std::size_t>(layer - first_waiting_) * attention_bytes_;
  return {attention_turns_[static_cast<std::size_t>(layer % 2)], host, attention_bytes_};
}

void DecoderMemory::reserve(Backend& backend, std::int64_t tokens, const Keeping& keeping) {
  auto fit = std::find_if(fits_.begin(), fits_.end(), [&](const Fit& f) { return f.keeping == keeping; });
  if (fit != fits_.end() && tokens <= fit->tokens) return;
  const std::uint64_t needed = bytes(tokens, keeping);
  if (!memory_ || memory_->bytes() < needed) {
    memory_.reset();
    fits_.clear();
    fit = fits_.end();
    memory_ = backend.allocate(needed);
  }
  const std::uint64_t waiting = host_bytes(tokens, keeping);
  if (waiting > 0 && (!host_memory_ || host_memory_->bytes() < waiting)) {
    if (host_memory_) backend.synchronize();  // the last pass may still read it
    host_memory_.reset();
    host_memory_ = backend.allocate_to_fetch(waiting);
  }
  if (fit == fits_.end()) {
    fits_.push_back({keeping, tokens});
  } else {
    fit->tokens = tokens;
  }
}

void DecoderMemory::set_pass(std::int64_t tokens, const Keeping& keeping) {
  Divider divider(dtype_, memory_->data(), tokens);
  divide(divider, keeping);
}

}  // namespace vernier
