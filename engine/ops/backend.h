// Every operation the model and the trainer need, declared once. A backend (CPU, CUDA) implements the do_* members;
// callers use the public ones, which check shapes first. An operation that a backend lacks does not compile.
//
// Dimensions: N flat tokens of a micro-batch, M rows of the loss head, D hidden, F intermediate, H heads, K KV heads,
// E head size, V vocabulary, R LoRA rank, S sequences; I / O inputs / outputs of a projection.
//
// Conventions for all operations
//  - Views are row-major; the last dimension is contiguous. Integer arrays (ids, positions, targets) are host arrays of
//    int32.
//  - A pass computes in one element type, float32 or, where computes() says so, bfloat16: activations, their gradients,
//    weights, norm weights, biases, LoRA's a, b and t, keys and values. Always float32: inv_rms, lse, rotary tables,
//    DoRA's magnitudes and norms, gradients of parameters, the optimizer's arrays, and all that goes to host memory.
//    Products accumulate in float32.
//  - "+=" means the output is accumulated into, everything else is overwritten. Outputs may not alias inputs unless a
//    field says so.
//  - Same inputs give the same bits, whatever the number of threads; reductions run over fixed blocks in fixed order. A
//    device may promise this only after set_deterministic().
//    A row's result does not depend on which other rows are in the call, up to float32 rounding.
//  - Fields with "= {}" may be left out.
//  - Nothing allocates once the largest shapes have been seen.
//  - One thread at a time uses a backend. Shape errors are our bugs: Error{kInternal}.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "engine/core/tensor.h"

namespace vernier {

// out[n] = scale * table[ids[n]].  ids [N] in [0, V), table [V, D], out [N, D].
struct EmbeddingForward {
  std::span<const std::int32_t> ids;
  ConstTensorView table;
  float scale = 1.0f;
  TensorView out;
};

// dtable[ids[n]] += scale * dout[n].
struct EmbeddingBackward {
  std::span<const std::int32_t> ids;
  ConstTensorView dout;
  float scale = 1.0f;
  TensorView dtable;
};

// RMSNorm (Zhang & Sennrich 2019) over each of `groups` equal column parts of a row:
//   inv_rms = 1 / sqrt(mean(x^2) + eps),  y = x * inv_rms * (weight_offset + weight).
// x, y [N, C]; weight [1, C / groups]; inv_rms [N, groups] is kept for the backward pass.
// groups = 1 is the usual norm, groups = H with C = H*E is QK-norm. weight_offset is 1 for Gemma, else 0.
// With accumulate, y += (post-norm families add the normed branch to the residual stream). y may alias x without it.
struct RmsNormForward {
  ConstTensorView x;
  ConstTensorView weight;
  std::int64_t groups = 1;
  float eps = 1e-5f;
  float weight_offset = 0.0f;
  bool accumulate = false;
  TensorView y;
  TensorView inv_rms;
};

// dx [N, C] (+= with accumulate; may alias dy without it); dweight [1, C / groups] += where given.
struct RmsNormBackward {
  ConstTensorView dy;
  ConstTensorView x;
  ConstTensorView weight;
  ConstTensorView inv_rms;
  std::int64_t groups = 1;
  float weight_offset = 0.0f;
  bool accumulate = false;
  TensorView dx;
  TensorView dweight = {};
};

// Rotary position embedding (Su et al. 2021), HF's rotate_half convention, in place on q [N, H*E] and k [N, K*E] (k may
// be empty). table [P, rotary_dim]: row p holds cos(p * f_i) for i < rotary_dim/2, then sin. The first rotary_dim of
// each head's E columns turn, the rest stay. position_ids [N] in [0, P). inverse turns by the negative angle, which is
// the backward pass on dq, dk.
struct Rope {
  TensorView q;
  TensorView k = {};
  std::span<const std::int32_t> position_ids;
  ConstTensorView table;
  std::int64_t head_dim = 0;
  std::int64_t rotary_dim = 0;
  bool inverse = false;
};

enum class Activation { kSilu, kGelu, kGeluTanh };

// out = activation(gate) * up, all [N, F]. (SwiGLU, GeGLU: Shazeer 2020.) out may alias gate or up.
struct GatedForward {
  ConstTensorView gate;
  ConstTensorView up;
  Activation activation = Activation::kSilu;
  TensorView out;
};

// dgate = dout * up * activation'(gate), dup = dout * activation(gate). dgate and dup may alias gate, up or dout.
struct GatedBackward {
  ConstTensorView dout;
  ConstTensorView gate;
  ConstTensorView up;
  Activation activation = Activation::kSilu;
  TensorView dgate;
  TensorView dup;
};

// The low-rank part of a projection (Hu et al. 2021): y += scale * (x a^T) b^T. a [R, I], b [O, R]. Empty: none.
struct LoraView {
  ConstTensorView a = {};
  ConstTensorView b = {};
  float scale = 0.0f;
};

// A linear layer y = x weight^T + bias (+ LoRA). weight [O, I], bias [1, O] or empty.
struct Projection {
  ConstTensorView weight;
  ConstTensorView bias = {};
  LoraView lora = {};
};

// Inverted dropout of the LoRA branch's input. The element (n, i) of the p-th projection of a call is kept when
// philox4x32-10 (Salmon et al. 2011), keyed by `seed`, at counter (row_keys[n], i / 4, stream + p), word i % 4, is
// >= p * 2^32; kept elements are multiplied by 1 / (1 - p). The seed and a row key are two words each, the low one
// first. row_keys name a token independently of the micro-batch it is in, so that splitting a batch changes nothing.
// p == 0: no dropout, row_keys unused.
struct Dropout {
  float p = 0.0f;
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
  std::span<const std::uint64_t> row_keys = {};
};

// Projections that share an input: q, k, v together; gate, up together; or one alone.
//   t_p = dropout_p(x) a_p^T (unscaled),  y_p = x weight_p^T + bias_p + scale_p t_p b_p^T   (y_p += with accumulate).
// x [N, I]; y[p] [N, O_p]; t [N, sum of R_p] in the projections' order, kept for the backward pass (empty without
// LoRA).
struct ProjectForward {
  ConstTensorView x;
  std::span<const Projection> projections;
  Dropout dropout = {};
  bool accumulate = false;
  std::span<const TensorView> y;
  TensorView t = {};
  ConstTensorView addend = {};  // with accumulate, of one projection: what y becomes the sum with; empty: y itself
  bool t_is_known = false;      // t holds what this call would put there, and a backend need not compute it again
};

// Gradients of one projection's own weights, each += and each left out when empty.
struct ProjectionGrads {
  TensorView da = {};       // [R, I]
  TensorView db = {};       // [O, R]
  TensorView dweight = {};  // [O, I]
  TensorView dbias = {};    // [1, O]
};

//   dt_p = scale_p dy_p b_p,  da_p += dt_p^T dropout_p(x),  db_p += scale_p dy_p^T t_p,
//   dx (+= with accumulate_dx) = sum_p dy_p weight_p + dropout_p'(dt_p a_p),  dweight_p += dy_p^T x.
// dx may be empty (not needed). grads has one entry a projection.
struct ProjectBackward {
  std::span<const ConstTensorView> dy;
  ConstTensorView x;
  std::span<const Projection> projections;
  ConstTensorView t = {};
  Dropout dropout = {};
  bool accumulate_dx = false;
  TensorView dx = {};
  std::span<const ProjectionGrads> grads;
};

// DoRA (Liu et al. 2024): the columns of a projection's output are scaled by magnitude / norm, where norm is the length
// of a row of the adapted weight. The norms count as constants in the backward pass, as in the paper's section 4.3.
//   norms[o] = || weight_o + lora.scale * b_o a ||.  The projection's bias is not read. norms [1, O].
struct AdaptedRowNorms {
  Projection projection;
  TensorView norms;
};

// y = x * magnitude / norms + bias (y += with accumulate). x, y [N, O]; magnitude, norms, bias [1, O], bias or empty.
// y may alias x without accumulate.
struct ColumnScaleForward {
  ConstTensorView x;
  ConstTensorView magnitude;
  ConstTensorView norms;
  ConstTensorView bias = {};
  bool accumulate = false;
  TensorView y;
};

// dx = dy * magnitude / norms (may alias dy); dmagnitude += sum_n dy x / norms, dbias += sum_n dy where given.
struct ColumnScaleBackward {
  ConstTensorView dy;
  ConstTensorView x;
  ConstTensorView magnitude;
  ConstTensorView norms;
  TensorView dx;
  TensorView dmagnitude = {};
  TensorView dbias = {};
};

struct AttentionShape {
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;  // divides heads; head h reads KV head h / (heads / kv_heads)
  std::int64_t head_dim = 0;
  float scale = 0.0f;       // multiplies q k^T
  float softcap = 0.0f;     // 0: none; else score = softcap * tanh(score / softcap) (Gemma 2)
  std::int64_t window = 0;  // 0: none; else a query sees the last `window` keys, itself included
  bool causal = true;       // false only where a planted fault drops the mask
};

// Block-diagonal attention without a T x T matrix (FlashAttention, Dao et al. 2022/2023) and without repeated KV heads.
// Sequence s holds queries [cu_seqlens_q[s], cu_seqlens_q[s+1]) and keys [cu_seqlens_k[s], cu_seqlens_k[s+1]). With nq
// queries and nk >= nq keys, query i sees keys j <= i + nk - nq (and j > i + nk - nq - window).
// q, out [N, H*E]; k, v [M, K*E]; lse [N, H] = log-sum-exp of the scaled scores, kept for the backward pass or empty.
struct AttentionForward {
  ConstTensorView q;
  ConstTensorView k;
  ConstTensorView v;
  std::span<const std::int32_t> cu_seqlens_q;
  std::span<const std::int32_t> cu_seqlens_k;
  AttentionShape shape;
  TensorView out;
  TensorView lse = {};
  std::int64_t longest = 0;  // sequences have at most so many queries and keys; 0: as cu_seqlens say
};

// dq, dk, dv as q, k, v; queries and keys are the same tokens (cu_seqlens_q == cu_seqlens_k).
struct AttentionBackward {
  ConstTensorView dout;
  ConstTensorView q;
  ConstTensorView k;
  ConstTensorView v;
  ConstTensorView out;
  ConstTensorView lse;
  std::span<const std::int32_t> cu_seqlens;
  AttentionShape shape;
  TensorView dq;
  TensorView dk;
  TensorView dv;
  std::int64_t longest = 0;  // as above
};

// One row of logits over the vocabulary, after scale and soft cap. Mean, deviation (the standard one, of the V logits
// around their mean) and extremes are those of the finite logits; NaN where there is none.
struct LogitSummary {
  float mean = 0.0f;
  float deviation = 0.0f;
  float min = 0.0f;
  float max = 0.0f;
  std::int32_t non_finite = 0;
};

// What the fused loss head tells of each of its M rows. All arrays [M], host memory, each left out when empty.
struct LossRows {
  std::span<float> loss = {};  // log-sum-exp - logit of the target, nats
  std::span<float> log_sum_exp = {};
  std::span<float> entropy = {};        // of the softmax, nats
  std::span<std::int32_t> argmax = {};  // the lowest id among the largest logits
  std::span<std::int32_t> rank = {};    // number of ids whose logit is greater than the target's; 0 is best
  std::span<LogitSummary> logits = {};  // changes no bit of the others
};

// The fused head and cross-entropy, in chunks of rows; [M, V] never exists.
//   logits_m = softcap(logit_scale * hidden[rows[m]] weight^T),  loss_m = lse(logits_m) - logits_m[targets[m]]
// and, where dhidden is given, for L = sum_m row_weights[m] * loss_m:
//   dhidden[rows[m]] = dL/dhidden (every row not in `rows` becomes 0),  dweight += dL/dweight where given.
// hidden, dhidden [N, D]; weight, dweight [V, D]; rows [M] strictly increasing; targets [M] in [0, V).
// dhidden may alias hidden.
struct LossHead {
  ConstTensorView hidden;
  std::span<const std::int32_t> rows;
  ConstTensorView weight;
  float logit_scale = 1.0f;
  float softcap = 0.0f;
  std::span<const std::int32_t> targets;
  std::span<const float> row_weights = {};
  LossRows out = {};
  TensorView dhidden = {};
  TensorView dweight = {};
};

// The same logits, for rows somebody asked to see. logits [rows.size(), V] in host memory, float32; from begin_logits()
// float16 too: rounded to nearest even, finite numbers beyond its range to the last within it.
struct LogitsForward {
  ConstTensorView hidden;
  std::span<const std::int32_t> rows;
  ConstTensorView weight;
  float logit_scale = 1.0f;
  float softcap = 0.0f;
  TensorView logits;
};

// One AdamW step (Loshchilov & Hutter 2019, decoupled decay, as torch.optim.AdamW) over n flat float32 values:
//   g = grad_scale * grad;  m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2;
//   w -= lr * weight_decay * w;  w -= lr * (m / (1-b1^step)) / (sqrt(v / (1-b2^step)) + eps).
// bf16_copy [n] or empty: the new w rounded to bfloat16, to nearest even.
struct AdamW {
  std::span<float> weight;
  std::span<const float> grad;
  std::span<float> m;
  std::span<float> v;
  float grad_scale = 1.0f;
  float learning_rate = 0.0f;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float weight_decay = 0.0f;
  std::int64_t step = 1;  // counts from 1
  std::span<std::uint16_t> bf16_copy = {};
};

// out[r, c] ~ normal(0, deviation), by Box-Muller: element i = r * cols + c takes the pair i / 2 % 2 of the words of
// philox4x32-10 keyed by `seed` at counter (i / 4 low, i / 4 high, stream, 0), with u = (w0 + 0.5) 2^-32 and
// angle = 2 pi w1 2^-32: deviation * sqrt(-2 ln u) * (cos angle for even i, sin angle for odd i). Computed in float32,
// then rounded to the type of out.
struct FillNormal {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
  float deviation = 1.0f;
  TensorView out;
};

// A matrix of n = rows * cols values in NF4 (QLoRA, Dettmers et al. 2023), as bitsandbytes lays it out, in the
// backend's memory. Its value i, by rows, is
//   table[code i] * (absmax_table[absmax[i / 64]] * nested_absmax[i / 64 / 256] + offset)
// with the paper's table of 16 values; two codes a byte, the first in the high half. Computed in float32.
struct Nf4Matrix {
  std::int64_t rows = 0, cols = 0;
  const std::uint8_t* codes = nullptr;   // [n / 2, rounded up]
  const std::uint8_t* absmax = nullptr;  // [n / 64, rounded up]
  const float* nested_absmax = nullptr;  // [n / 64 / 256, rounded up]
  const float* absmax_table = nullptr;   // [256]
  float offset = 0.0f;
};

// out [rows, cols] = the matrix's values, rounded once to out's type.
struct DequantizeNf4 {
  Nf4Matrix matrix;
  TensorView out;
};

// The largest micro-batch and model of a run, for scratch_bytes().
struct WorkShape {
  DType dtype = DType::kF32;
  std::int64_t tokens = 0;
  std::int64_t hidden = 0;
  std::int64_t intermediate = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t vocab = 0;
  std::int64_t rank = 0;           // of LoRA, 0 without
  std::int64_t captured_rows = 0;  // that begin_logits() is called for, float16 where dtype has 2 bytes
};

// Memory of a backend, freed with the object. 64-byte aligned, not initialised.
class DeviceBuffer {
 public:
  virtual ~DeviceBuffer() = default;
  virtual void* data() = 0;
  virtual std::size_t bytes() const = 0;
};

// Operations as Backend::record() keeps them. Must go before its backend.
class Recording {
 public:
  virtual ~Recording() = default;
};

// Results on their way to host memory while further operations run.
class Fetch {
 public:
  virtual ~Fetch() = default;
  // Returns when they are there; on any thread. Errors: those of the device.
  virtual void wait() = 0;
  // What the device's operations were kept from running by it. After work that was given later has been waited for.
  virtual double device_milliseconds() { return 0.0; }
};

class Backend {
 public:
  virtual ~Backend() = default;

  // "cpu" or "cuda:0".
  virtual std::string name() const = 0;
  // Throws Error{kOutOfMemory} with needed and free bytes.
  virtual std::unique_ptr<DeviceBuffer> allocate(std::size_t bytes) = 0;
  // Memory of the host that operations read as they read the backend's own, over a slow way: for tables of which little
  // is read at a time. Not counted below. A backend without memory of its own has no other.
  virtual std::unique_ptr<DeviceBuffer> allocate_on_host(std::size_t bytes) { return allocate(bytes); }
  // Memory of the host for begin_logits() and the copies below, which every thread reads. Not counted below.
  virtual std::unique_ptr<DeviceBuffer> allocate_to_fetch(std::size_t bytes);
  // Bytes that allocate() has given out and that are still alive, and the highest that has been.
  virtual std::size_t allocated_bytes() const = 0;
  virtual std::size_t peak_bytes() const = 0;
  // Bytes that allocate() could give out now.
  virtual std::size_t free_bytes() const = 0;
  // What training steps of that shape make the backend take for itself and count in peak_bytes(), beyond what it has
  // taken so far.
  virtual std::size_t scratch_bytes(const WorkShape& shape) const = 0;
  // Whether passes may compute in that type.
  virtual bool computes(DType dtype) const = 0;
  // With `on`, the same work gives the same bits, at some cost in speed. A backend that always does so ignores it.
  virtual void set_deterministic(bool on) = 0;
  // Host <-> device; complete on return. On the CPU a copy.
  virtual void upload(void* device, const void* host, std::size_t bytes) = 0;
  virtual void download(void* host, const void* device, std::size_t bytes) = 0;
  // To and from memory of allocate_to_fetch(), beside operations: behind what was given before, copies too. Nothing
  // given until await_copies() may touch what a copy writes, nor write what it reads. On the CPU they are done at once.
  virtual void begin_copy_to_host(void* host, const void* device, std::size_t bytes) { download(host, device, bytes); }
  virtual void begin_copy_from_host(void* device, const void* host, std::size_t bytes) { upload(device, host, bytes); }
  // What is given from now on runs after them, but for the latest `under_way`, at most kCopiesUnderWay.
  virtual void await_copies(int under_way = 0) { static_cast<void>(under_way); }
  static constexpr int kCopiesUnderWay = 1;
  // Waits for all work given so far.
  virtual void synchronize() = 0;

  // Whether record() and replay() may be called.
  virtual bool records() const = 0;
  // Keeps the operations that `work` calls instead of running them, so that replay() can give them all at once. They
  // work on the same memory each time and read the host arrays handed to them anew, which must still be where they
  // were; what they tell in host memory is there after synchronize(). `work` must have run before with the same shapes,
  // so that nothing is left to choose or to allocate, and must call no operation that returns a value, no upload and no
  // download; no scalar but those that never change may depend on the values of its arrays.
  virtual std::unique_ptr<Recording> record(const std::function<void()>& work) = 0;
  // False where memory has been given back since, so that the recording may point nowhere; then nothing runs.
  virtual bool replay(Recording& recording) = 0;
  // The rate that matrix products are measured against, GFLOP/s (a multiply-add is two), measured now on this backend's
  // threads or device within about half a second.
  virtual double measure_peak_gflops() = 0;

  void zero(const TensorView& x);
  void fill_normal(const FillNormal& op);
  void copy(const ConstTensorView& from, const TensorView& to);
  // y += x.
  void add(const ConstTensorView& x, const TensorView& y);
  void embedding_forward(const EmbeddingForward& op);
  void embedding_backward(const EmbeddingBackward& op);
  void rms_norm_forward(const RmsNormForward& op);
  void rms_norm_backward(const RmsNormBackward& op);
  void rope(const Rope& op);
  void gated_forward(const GatedForward& op);
  void gated_backward(const GatedBackward& op);
  void project_forward(const ProjectForward& op);
  void project_backward(const ProjectBackward& op);
  void adapted_row_norms(const AdaptedRowNorms& op);
  void column_scale_forward(const ColumnScaleForward& op);
  void column_scale_backward(const ColumnScaleBackward& op);
  void attention_forward(const AttentionForward& op);
  void attention_backward(const AttentionBackward& op);
  void loss_head(const LossHead& op);
  void logits_forward(const LogitsForward& op);
  // The same without waiting, where a backend can: logits lie in memory of allocate_to_fetch(), whose owner keeps it
  // until the fetch is waited for or gone.
  std::unique_ptr<Fetch> begin_logits(const LogitsForward& op);
  void dequantize_nf4(const DequantizeNf4& op);
  // The same beside what is given from now on: behind what was given before, and before what is given after
  // await_dequantized(). Nothing given between them may touch `out`.
  void begin_dequantize_nf4(const DequantizeNf4& op);
  virtual void await_dequantized() {}
  void adamw(const AdamW& op);
  // Sum of squares in double; NaN and infinity come through.
  double squared_norm(std::span<const float> x);
  // The same of each part: out[i] that of x[bounds[i], bounds[i + 1]). bounds [out.size() + 1] do not decrease.
  void squared_norms(std::span<const float> x, std::span<const std::int64_t> bounds, std::span<double> out);

 protected:
  virtual void do_zero(const TensorView& x) = 0;
  virtual void do_fill_normal(const FillNormal& op) = 0;
  virtual void do_copy(const ConstTensorView& from, const TensorView& to) = 0;
  virtual void do_add(const ConstTensorView& x, const TensorView& y) = 0;
  virtual void do_embedding_forward(const EmbeddingForward& op) = 0;
  virtual void do_embedding_backward(const EmbeddingBackward& op) = 0;
  virtual void do_rms_norm_forward(const RmsNormForward& op) = 0;
  virtual void do_rms_norm_backward(const RmsNormBackward& op) = 0;
  virtual void do_rope(const Rope& op) = 0;
  virtual void do_gated_forward(const GatedForward& op) = 0;
  virtual void do_gated_backward(const GatedBackward& op) = 0;
  virtual void do_project_forward(const ProjectForward& op) = 0;
  virtual void do_project_backward(const ProjectBackward& op) = 0;
  virtual void do_adapted_row_norms(const AdaptedRowNorms& op) = 0;
  virtual void do_column_scale_forward(const ColumnScaleForward& op) = 0;
  virtual void do_column_scale_backward(const ColumnScaleBackward& op) = 0;
  virtual void do_attention_forward(const AttentionForward& op) = 0;
  virtual void do_attention_backward(const AttentionBackward& op) = 0;
  virtual void do_loss_head(const LossHead& op) = 0;
  virtual void do_logits_forward(const LogitsForward& op) = 0;
  // Waits.
  virtual std::unique_ptr<Fetch> do_begin_logits(const LogitsForward& op);
  virtual void do_dequantize_nf4(const DequantizeNf4& op) = 0;
  virtual void do_begin_dequantize_nf4(const DequantizeNf4& op) { do_dequantize_nf4(op); }
  virtual void do_adamw(const AdamW& op) = 0;
  virtual double do_squared_norm(std::span<const float> x) = 0;
  virtual void do_squared_norms(std::span<const float> x, std::span<const std::int64_t> bounds,
                                std::span<double> out) = 0;
};

}  // namespace vernier
