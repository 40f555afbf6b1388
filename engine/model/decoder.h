// The decoder of every model family: forward and hand-written backward on flat micro-batches.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/core/micro_batch.h"
#include "engine/io/model_config.h"
#include "engine/model/adapter.h"
#include "engine/model/decoder_memory.h"
#include "engine/model/kv_cache.h"
#include "engine/model/rope_tables.h"
#include "engine/model/weights.h"
#include "vernier/parity.h"
#include "vernier/run_config.h"

namespace vernier {

// What one pass is for. Training and evaluation are the same code; they differ in these values.
struct PassOptions {
  bool keep_activations = false;           // for backward()
  Recompute recompute = Recompute::kNone;  // with keep_activations: what backward() computes again; kAuto keeps all
  // Of the last layers so many keep gate and up, or all of attention, all the same; with kOffload attention of so many
  // before those waits in the host's memory.
  std::int64_t kept_mlp_layers = 0, kept_attention_layers = 0, waiting_attention_layers = 0;
  std::int64_t longest_sequence = 0;   // a bound of the micro-batch's, where its passes are recorded; 0: as it is
  float lora_dropout = 0.0f;           // 0 in evaluation
  std::uint64_t dropout_seed = 0;      // drawn anew for each step
  bool keep_hidden_states = false;     // for hidden_states()
  KvCache* cache = nullptr;            // a micro-batch of one sequence that goes on where the cache ends
  std::int64_t row_length = 0;         // with a cache: how long the sequence will be, where RoPE has to know; or 0
  FaultKind fault = FaultKind::kNone;  // planted, for tests and lessons

  Keeping keeping() const {
    return {keep_activations, recompute, kept_mlp_layers, kept_attention_layers, waiting_attention_layers};
  }
};

// Floating point operations of a training step on these sequences, as peers are counted: forward and backward through
// the projections, the head and causal attention; recomputation and the low-rank products do not count, the gradients
// of weights do where they are trained.
double training_flops(const ModelConfig& config, bool trains_weights, std::span<const std::int32_t> cu_seqlens);

// Works on memory that grows to the largest micro-batch seen, so that a step allocates nothing.
// Thread: one thread at a time. The backend, weights and adapter must outlive it.
class Decoder {
 public:
  // adapter may be null.
  Decoder(Backend& backend, const ModelConfig& config, ModelWeights& weights, Adapter* adapter);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  Backend& backend() { return backend_; }
  const ModelConfig& config() const { return config_; }
  ModelWeights& weights() { return weights_; }
  Adapter* adapter() { return adapter_; }
  // What passes compute in: the weights' type.
  DType dtype() const { return weights_.dtype(); }

  // Makes room for micro-batches of up to `tokens` tokens now. Errors: kOutOfMemory.
  void reserve(std::int64_t tokens, const PassOptions& options);
  // Bytes that reserve() takes for that, weights not counted.
  std::uint64_t workspace_bytes(std::int64_t tokens, const PassOptions& options) const;

  // input_ids in [0, V), position_ids within max_position_embeddings (rotary tables grow beyond it). The batch must
  // stay alive until backward().
  void forward(const MicroBatch& batch, const PassOptions& options);
  // Its two halves, of which only the second calls what a backend can record; a recorded one needs the first before it.
  void begin_forward(const MicroBatch& batch, const PassOptions& options);
  void run_forward();
  // [N, D] after the final norm: what the head multiplies. Valid until the next forward(), or until loss() puts its
  // gradient there.
  TensorView hidden() const;
  // [L + 1][N, D] in host memory: the (scaled) embeddings, every layer's output, and last the output after the final
  // norm instead of the last layer's.
  const std::vector<std::vector<float>>& hidden_states() const { return hidden_states_; }

  // Where loss() leaves the gradient of hidden(); [N, D], in the place of hidden().
  TensorView dhidden() const;
  // From dhidden(), which it overwrites, to += on the gradients of the adapter and, where they are enabled, of the
  // weights.
  void backward();

  // The fused loss head on rows of hidden(). targets of rows as in LossHead; row_weights empty: no gradient, else
  // dhidden() and the head's weight gradient are made.
  void loss(std::span<const std::int32_t> rows, std::span<const std::int32_t> targets,
            std::span<const float> row_weights, const LossRows& out);
  // out [rows.size(), V], host memory.
  void logits(std::span<const std::int32_t> rows, float* out);
  // As Backend::begin_logits(); out [rows.size(), V] of `dtype`.
  std::unique_ptr<Fetch> begin_logits(std::span<const std::int32_t> rows, DType dtype, void* out);

  // Of this model, as it is trained.
  double training_flops(std::span<const std::int32_t> cu_seqlens) const;

 private:
  class Pass;

  LogitsForward logits_of(std::span<const std::int32_t> rows, DType dtype, void* out);
  // The residual stream is kept divided by the residual scale s, so that the branches join it as they are:
  // x / s = scale embedding / s + sum of branches. Its norms take s out again (Pass::stream_norm_forward).
  float stream_embedding_scale() const;

  Backend& backend_;
  const ModelConfig& config_;
  ModelWeights& weights_;
  Adapter* adapter_;
  RopeTables ropes_;
  DecoderMemory memory_;
  std::vector<std::int32_t> key_lengths_;  // cu_seqlens of the keys, with a cache
  // Of planted faults.
  std::vector<std::int32_t> shifted_rows_;
  std::vector<std::int32_t> joined_lengths_;
  const MicroBatch* batch_ = nullptr;  // of the latest forward()
  PassOptions options_;
  std::vector<std::vector<float>> hidden_states_;
};

}  // namespace vernier
