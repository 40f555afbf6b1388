// Which kernels a call of attention.h goes to, and the small one that both backward passes begin with.
#include <string>

#include "engine/cuda/attention.h"
#include "engine/cuda/attention_rows.cuh"
#include "engine/cuda/launch.cuh"
#include "vernier/error.h"

namespace vernier::cuda {
namespace {

AttentionParams params_of(const AttentionBatch& b) {
  const AttentionShape& s = b.shape;
  if (s.heads <= 0 || s.kv_heads <= 0 || s.heads % s.kv_heads != 0 || s.head_dim <= 0 || s.head_dim > kExactHeadDim) {
    fail(ErrorCode::kInternal, "attention",
         "shape: got " + std::to_string(s.heads) + " heads, " + std::to_string(s.kv_heads) + " KV heads of size " +
             std::to_string(s.head_dim) + ", expected a multiple of the KV heads and a size up to " +
             std::to_string(kExactHeadDim) + ".");
  }
  if (b.dtype != DType::kBF16 && b.dtype != DType::kF32) {
    fail(ErrorCode::kInternal, "attention",
         "dtype: got " + std::string(to_string(b.dtype)) + ", expected BF16 or F32.");
  }
  AttentionParams p{};
  p.cu_q = b.cu_seqlens_q;
  p.cu_k = b.cu_seqlens_k;
  p.queries = b.queries;
  p.sequences = static_cast<int>(b.sequences);
  p.max_queries = static_cast<int>(b.max_queries);
  p.max_keys = static_cast<int>(b.max_keys);
  p.heads = static_cast<int>(s.heads);
  p.kv_heads = static_cast<int>(s.kv_heads);
  p.group = p.heads / p.kv_heads;
  p.head_dim = static_cast<int>(s.head_dim);
  p.window = static_cast<int>(s.window);
  p.causal = s.causal;
  p.scale = s.scale;
  p.softcap = s.softcap;
  return p;
}

bool empty(const AttentionParams& p) {
  return p.sequences == 0 || p.max_queries == 0;
}

bool fits_tiles(const AttentionBatch& batch) {
  return batch.dtype == DType::kBF16 && batch.shape.head_dim % 8 == 0 && batch.shape.head_dim <= 256;
}

bool few_queries(const AttentionBatch& batch) {
  return fits_tiles(batch) && batch.max_queries * (batch.shape.heads / batch.shape.kv_heads) <= kDecodeRows &&
         batch.max_keys >= 128;
}

bool fits_hopper(const AttentionBatch& batch) {
  return !batch.portable && batch.shape.head_dim <= kHopperHeadDim && is_hopper();
}

template <typename T>
ForwardTensors<T> forward_tensors(const ConstDeviceRows& q, const ConstDeviceRows& k, const ConstDeviceRows& v,
                                  const DeviceRows& out, const DeviceRows& lse) {
  return {static_cast<const T*>(q.data),
          static_cast<const T*>(k.data),
          static_cast<const T*>(v.data),
          static_cast<T*>(out.data),
          static_cast<float*>(lse.data),
          q.stride,
          k.stride,
          v.stride,
          out.stride,
          lse.stride};
}

template <typename T>
BackwardTensors<T> backward_tensors(const ConstDeviceRows& dout, const ConstDeviceRows& q, const ConstDeviceRows& k,
                                    const ConstDeviceRows& v, const RowStats* stats, const AttentionGradients& g) {
  return {static_cast<const T*>(dout.data),
          static_cast<const T*>(q.data),
          static_cast<const T*>(k.data),
          static_cast<const T*>(v.data),
          stats,
          static_cast<T*>(g.dq.data),
          static_cast<T*>(g.dk.data),
          static_cast<T*>(g.dv.data),
          dout.stride,
          q.stride,
          k.stride,
          v.stride,
          g.dq.stride,
          g.dk.stride,
          g.dv.stride};
}

__device__ float product(float a, float b) {
  return a * b;
}
__device__ float product(bf16 a, bf16 b) {
  return __bfloat162float(a) * __bfloat162float(b);
}

// Lanes of a query and head, of which each reads kValues neighbouring values at once.
template <typename T, int kLanes, int kValues>
__global__ void __launch_bounds__(256)
    stats_kernel(const AttentionParams p, const T* out, std::int64_t out_stride, const T* dout,
                 std::int64_t dout_stride, const float* lse, std::int64_t lse_stride, RowStats* stats) {
  const std::int64_t thread = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const std::int64_t pair = thread / kLanes;
  const int lane = static_cast<int>(thread % kLanes);
  const std::int64_t row = pair / p.heads;
  const int head = static_cast<int>(pair % p.heads);
  float delta = 0.0f;
  if (row < p.queries) {
    const T* a = out + row * out_stride + head * p.head_dim;
    const T* b = dout + row * dout_stride + head * p.head_dim;
    for (int column = lane * kValues; column < p.head_dim; column += kLanes * kValues) {
      struct alignas(kValues * sizeof(T)) Values {
        T x[kValues];
      };
      const Values x = *reinterpret_cast<const Values*>(a + column);
      const Values y = *reinterpret_cast<const Values*>(b + column);
#pragma unroll
      for (int i = 0; i < kValues; ++i) delta += product(x.x[i], y.x[i]);
    }
  }
#pragma unroll
  for (int step = kLanes / 2; step > 0; step /= 2) delta += __shfl_xor_sync(0xffffffffu, delta, step);
  if (row < p.queries && lane == 0) {
    stats[head * p.queries + row] = {lse[row * lse_stride + head] * kLog2E, delta};
  }
}

template <typename T, int kLanes, int kValues>
void run_stats(const AttentionParams& p, const ConstDeviceRows& out, const ConstDeviceRows& dout,
               const ConstDeviceRows& lse, RowStats* stats, cudaStream_t stream) {
  const std::int64_t threads = p.queries * p.heads * kLanes;
  launch("attention's delta", stats_kernel<T, kLanes, kValues>, (threads + 255) / 256, 256, 0, stream, p,
         static_cast<const T*>(out.data), out.stride, static_cast<const T*>(dout.data), dout.stride,
         static_cast<const float*>(lse.data), lse.stride, stats);
}

}  // namespace

bool has_hopper_forward(const AttentionBatch& batch) {
  return fits_tiles(batch) && !few_queries(batch) && fits_hopper(batch);
}

bool is_aligned(const ConstDeviceRows& rows) {
  return reinterpret_cast<std::uintptr_t>(rows.data) % 16 == 0 && rows.stride % 8 == 0;
}

std::size_t attention_forward_scratch_bytes(const AttentionBatch& batch) {
  const AttentionParams p = params_of(batch);
  return !empty(p) && few_queries(batch) ? decode_scratch_bytes(p) : 0;
}

void attention_forward(const AttentionBatch& batch, ConstDeviceRows q, ConstDeviceRows k, ConstDeviceRows v,
                       DeviceRows out, DeviceRows lse, void* scratch, cudaStream_t stream) {
  const AttentionParams p = params_of(batch);
  if (empty(p)) return;
  if (batch.dtype == DType::kF32) return forward_exact(p, forward_tensors<float>(q, k, v, out, lse), stream);
  const auto tensors = forward_tensors<bf16>(q, k, v, out, lse);
  if (!fits_tiles(batch) || !is_aligned(q) || !is_aligned(k) || !is_aligned(v) || !is_aligned(out)) {
    forward_exact(p, tensors, stream);
  } else if (few_queries(batch)) {
    forward_decode(p, tensors, scratch, stream);
  } else if (fits_hopper(batch)) {
    forward_hopper(p, tensors, stream);
  } else {
    forward_tiles(p, tensors, stream);
  }
}

std::size_t attention_backward_scratch_bytes(const AttentionBatch& batch) {
  return sizeof(RowStats) * static_cast<std::size_t>(batch.queries * batch.shape.heads);
}

void attention_backward(const AttentionBatch& batch, ConstDeviceRows dout, ConstDeviceRows q, ConstDeviceRows k,
                        ConstDeviceRows v, ConstDeviceRows out, ConstDeviceRows lse,
                        const AttentionGradients& gradients, void* scratch, cudaStream_t stream) {
  AttentionParams p = params_of(batch);
  p.cu_k = p.cu_q;
  p.max_keys = p.max_queries;
  if (empty(p)) return;
  auto* stats = static_cast<RowStats*>(scratch);
  if (batch.dtype == DType::kF32) {
    run_stats<float, 32, 1>(p, out, dout, lse, stats, stream);
    return backward_exact(p, backward_tensors<float>(dout, q, k, v, stats, gradients), stream);
  }
  const auto tensors = backward_tensors<bf16>(dout, q, k, v, stats, gradients);
  if (!fits_tiles(batch) || !is_aligned(dout) || !is_aligned(q) || !is_aligned(k) || !is_aligned(v) ||
      !is_aligned(out) || !is_aligned(gradients.dq) || !is_aligned(gradients.dk) || !is_aligned(gradients.dv)) {
    run_stats<bf16, 32, 1>(p, out, dout, lse, stats, stream);
    return backward_exact(p, tensors, stream);
  }
  if (p.head_dim <= 64) {
    run_stats<bf16, 8, 8>(p, out, dout, lse, stats, stream);
  } else {
    run_stats<bf16, 16, 8>(p, out, dout, lse, stats, stream);
  }
  if (fits_hopper(batch)) {
    backward_hopper_dkv(p, tensors, stream);
    backward_hopper_dq(p, tensors, stream);
  } else {
    backward_tiles_dkv(p, tensors, stream);
    backward_tiles_dq(p, tensors, stream);
  }
}

}  // namespace vernier::cuda
