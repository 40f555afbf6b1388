// Attention in float32 with one warp a row: right before it is fast. It serves float32, head sizes that the tensor
// cores' kernels do not take, and the checks that the others are held to.
#include <cmath>

#include "engine/cuda/attention_rows.cuh"
#include "engine/cuda/launch.cuh"

namespace vernier::cuda {
namespace {

constexpr int kWarps = 4;
constexpr unsigned kAll = 0xffffffffu;

__device__ float number(float x) {
  return x;
}
__device__ float number(bf16 x) {
  return __bfloat162float(x);
}
__device__ void put(float* to, float x) {
  *to = x;
}
__device__ void put(bf16* to, float x) {
  *to = __float2bfloat16(x);
}

__device__ float warp_max(float x) {
  for (int step = 16; step > 0; step /= 2) x = fmaxf(x, __shfl_xor_sync(kAll, x, step));
  return x;
}
__device__ float warp_sum(float x) {
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(kAll, x, step);
  return x;
}

template <typename T>
__device__ float dot(const float* x, const T* y, int n) {
  float sum = 0.0f;
  for (int i = 0; i < n; ++i) sum = fmaf(x[i], number(y[i]), sum);
  return sum;
}

// A row of one head, in float32, in shared memory that is the warp's own.
template <typename T>
__device__ void stage_row(float* to, const T* from, int n) {
  for (int i = static_cast<int>(threadIdx.x) % 32; i < n; i += 32) to[i] = number(from[i]);
  __syncwarp();
}

struct Score {
  float value;
  float slope;  // of the soft cap
};

__device__ Score score_of(const AttentionParams& p, float product) {
  const float x = product * p.scale;
  if (p.softcap <= 0.0f) return {x, 1.0f};
  const float part = tanhf(x / p.softcap);
  return {p.softcap * part, 1.0f - part * part};
}

// What a warp has. The last warps may have no sequence, and a sequence may be shorter than `row`.
struct WarpRow {
  int sequence, row, head;
};

__device__ WarpRow row_of_warp(int max_rows, int heads) {
  const std::int64_t at = static_cast<std::int64_t>(blockIdx.x) * kWarps + threadIdx.x / 32;
  return {static_cast<int>(at / heads / max_rows), static_cast<int>(at / heads % max_rows),
          static_cast<int>(at % heads)};
}

template <typename T, int kSlots>
__global__ void __launch_bounds__(kWarps * 32) forward_kernel(const AttentionParams p, const ForwardTensors<T> t) {
  const auto [sequence, query, head] = row_of_warp(p.max_queries, p.heads);
  if (sequence >= p.sequences) return;
  const Sight sight = sight_of(p, sequence);
  if (query >= sight.queries) return;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float* q = reinterpret_cast<float*>(dynamic_shared()) + threadIdx.x / 32 * p.head_dim;
  const std::int64_t row = p.cu_q[sequence] + query;
  const int kv_column = head / p.group * p.head_dim;
  const T* k = t.k + p.cu_k[sequence] * t.k_stride + kv_column;
  const T* v = t.v + p.cu_k[sequence] * t.v_stride + kv_column;
  stage_row(q, t.q + row * t.q_stride + head * p.head_dim, p.head_dim);

  float top = -INFINITY, sum = 0.0f, out[kSlots] = {};
  const int end = sight.end_key(query);
  for (int key = sight.first_key(query); key < end; key += 32) {
    const bool mine = key + lane < end;
    const float score =
        mine ? score_of(p, dot(q, k + static_cast<std::int64_t>(key + lane) * t.k_stride, p.head_dim)).value
             : -INFINITY;
    const float new_top = fmaxf(top, warp_max(score));
    const float shrink = expf(top - new_top);
    const float weight = mine ? expf(score - new_top) : 0.0f;
    sum = sum * shrink + warp_sum(weight);
    top = new_top;
#pragma unroll
    for (int slot = 0; slot < kSlots; ++slot) out[slot] *= shrink;
    for (int i = 0; i < min(32, end - key); ++i) {
      const float part = __shfl_sync(kAll, weight, i);
      const T* values = v + static_cast<std::int64_t>(key + i) * t.v_stride;
#pragma unroll
      for (int slot = 0; slot < kSlots; ++slot) {
        if (slot * 32 + lane < p.head_dim) out[slot] = fmaf(part, number(values[slot * 32 + lane]), out[slot]);
      }
    }
  }
  T* to = t.out + row * t.out_stride + head * p.head_dim;
#pragma unroll
  for (int slot = 0; slot < kSlots; ++slot) {
    if (slot * 32 + lane < p.head_dim) put(to + slot * 32 + lane, out[slot] / sum);
  }
  if (t.lse != nullptr && lane == 0) t.lse[row * t.lse_stride + head] = top + logf(sum);
}

template <typename T, int kSlots>
__global__ void __launch_bounds__(kWarps * 32) dq_kernel(const AttentionParams p, const BackwardTensors<T> t) {
  const auto [sequence, query, head] = row_of_warp(p.max_queries, p.heads);
  if (sequence >= p.sequences) return;
  const Sight sight = sight_of(p, sequence);
  if (query >= sight.queries) return;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float* q = reinterpret_cast<float*>(dynamic_shared()) + threadIdx.x / 32 * 2 * p.head_dim;
  float* dout = q + p.head_dim;
  const std::int64_t row = p.cu_q[sequence] + query;
  const int kv_column = head / p.group * p.head_dim;
  const T* k = t.k + p.cu_q[sequence] * t.k_stride + kv_column;
  const T* v = t.v + p.cu_q[sequence] * t.v_stride + kv_column;
  stage_row(q, t.q + row * t.q_stride + head * p.head_dim, p.head_dim);
  stage_row(dout, t.dout + row * t.dout_stride + head * p.head_dim, p.head_dim);
  const RowStats stats = t.stats[head * p.queries + row];

  float dq[kSlots] = {};
  const int end = sight.end_key(query);
  for (int key = sight.first_key(query); key < end; key += 32) {
    float ds = 0.0f;
    if (key + lane < end) {
      const std::int64_t at = key + lane;
      const Score score = score_of(p, dot(q, k + at * t.k_stride, p.head_dim));
      const float grad = dot(dout, v + at * t.v_stride, p.head_dim);
      ds = exp2f(score.value * kLog2E - stats.lse2) * (grad - stats.delta) * score.slope * p.scale;
    }
    for (int i = 0; i < min(32, end - key); ++i) {
      const float part = __shfl_sync(kAll, ds, i);
      const T* keys = k + static_cast<std::int64_t>(key + i) * t.k_stride;
#pragma unroll
      for (int slot = 0; slot < kSlots; ++slot) {
        if (slot * 32 + lane < p.head_dim) dq[slot] = fmaf(part, number(keys[slot * 32 + lane]), dq[slot]);
      }
    }
  }
  T* to = t.dq + row * t.dq_stride + head * p.head_dim;
#pragma unroll
  for (int slot = 0; slot < kSlots; ++slot) {
    if (slot * 32 + lane < p.head_dim) put(to + slot * 32 + lane, dq[slot]);
  }
}

template <typename T, int kSlots>
__global__ void __launch_bounds__(kWarps * 32) dkv_kernel(const AttentionParams p, const BackwardTensors<T> t) {
  const auto [sequence, key, kv_head] = row_of_warp(p.max_queries, p.kv_heads);
  if (sequence >= p.sequences) return;
  const Sight sight = sight_of(p, sequence);
  if (key >= sight.keys) return;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float* k = reinterpret_cast<float*>(dynamic_shared()) + threadIdx.x / 32 * 2 * p.head_dim;
  float* v = k + p.head_dim;
  const std::int64_t first_row = p.cu_q[sequence];
  const std::int64_t row = first_row + key;
  stage_row(k, t.k + row * t.k_stride + kv_head * p.head_dim, p.head_dim);
  stage_row(v, t.v + row * t.v_stride + kv_head * p.head_dim, p.head_dim);

  float dk[kSlots] = {}, dv[kSlots] = {};
  const int end = sight.end_query(key);
  for (int head = kv_head * p.group; head < (kv_head + 1) * p.group; ++head) {
    const T* q = t.q + first_row * t.q_stride + head * p.head_dim;
    const T* dout = t.dout + first_row * t.dout_stride + head * p.head_dim;
    for (int query = sight.first_query(key); query < end; query += 32) {
      float weight = 0.0f, ds = 0.0f;
      if (query + lane < end) {
        const std::int64_t at = query + lane;
        const RowStats stats = t.stats[head * p.queries + first_row + at];
        const Score score = score_of(p, dot(k, q + at * t.q_stride, p.head_dim));
        const float grad = dot(v, dout + at * t.dout_stride, p.head_dim);
        weight = exp2f(score.value * kLog2E - stats.lse2);
        ds = weight * (grad - stats.delta) * score.slope * p.scale;
      }
      for (int i = 0; i < min(32, end - query); ++i) {
        const float weight_part = __shfl_sync(kAll, weight, i);
        const float ds_part = __shfl_sync(kAll, ds, i);
        const std::int64_t at = query + i;
#pragma unroll
        for (int slot = 0; slot < kSlots; ++slot) {
          const int column = slot * 32 + lane;
          if (column < p.head_dim) {
            dv[slot] = fmaf(weight_part, number(dout[at * t.dout_stride + column]), dv[slot]);
            dk[slot] = fmaf(ds_part, number(q[at * t.q_stride + column]), dk[slot]);
          }
        }
      }
    }
  }
#pragma unroll
  for (int slot = 0; slot < kSlots; ++slot) {
    const int column = slot * 32 + lane;
    if (column < p.head_dim) {
      put(t.dk + row * t.dk_stride + kv_head * p.head_dim + column, dk[slot]);
      put(t.dv + row * t.dv_stride + kv_head * p.head_dim + column, dv[slot]);
    }
  }
}

std::int64_t blocks_for(std::int64_t rows) {
  return (rows + kWarps - 1) / kWarps;
}

template <typename T, int kSlots>
void run_forward(const AttentionParams& p, const ForwardTensors<T>& t, cudaStream_t stream) {
  const std::int64_t rows = static_cast<std::int64_t>(p.sequences) * p.max_queries * p.heads;
  launch("attention in float32", forward_kernel<T, kSlots>, blocks_for(rows), kWarps * 32,
         sizeof(float) * kWarps * p.head_dim, stream, p, t);
}

template <typename T, int kSlots>
void run_backward(const AttentionParams& p, const BackwardTensors<T>& t, cudaStream_t stream) {
  const std::int64_t rows = static_cast<std::int64_t>(p.sequences) * p.max_queries;
  const std::size_t shared = sizeof(float) * kWarps * 2 * p.head_dim;
  launch("attention's dq in float32", dq_kernel<T, kSlots>, blocks_for(rows * p.heads), kWarps * 32, shared, stream, p,
         t);
  launch("attention's dk and dv in float32", dkv_kernel<T, kSlots>, blocks_for(rows * p.kv_heads), kWarps * 32, shared,
         stream, p, t);
}

}  // namespace

template <typename T>
void forward_exact(const AttentionParams& p, const ForwardTensors<T>& t, cudaStream_t stream) {
  if (p.head_dim <= 64) return run_forward<T, 2>(p, t, stream);
  if (p.head_dim <= 128) return run_forward<T, 4>(p, t, stream);
  if (p.head_dim <= 256) return run_forward<T, 8>(p, t, stream);
  run_forward<T, kExactHeadDim / 32>(p, t, stream);
}

template <typename T>
void backward_exact(const AttentionParams& p, const BackwardTensors<T>& t, cudaStream_t stream) {
  if (p.head_dim <= 64) return run_backward<T, 2>(p, t, stream);
  if (p.head_dim <= 128) return run_backward<T, 4>(p, t, stream);
  if (p.head_dim <= 256) return run_backward<T, 8>(p, t, stream);
  run_backward<T, kExactHeadDim / 32>(p, t, stream);
}

template void forward_exact(const AttentionParams&, const ForwardTensors<float>&, cudaStream_t);
template void forward_exact(const AttentionParams&, const ForwardTensors<bf16>&, cudaStream_t);
template void backward_exact(const AttentionParams&, const BackwardTensors<float>&, cudaStream_t);
template void backward_exact(const AttentionParams&, const BackwardTensors<bf16>&, cudaStream_t);

}  // namespace vernier::cuda
