// The families of attention kernels that attention.h chooses from, and what it hands to them.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "engine/cuda/attention.h"

namespace vernier::cuda {

// What every kernel gets of the batch.
struct AttentionParams {
  const std::int32_t* cu_q;
  const std::int32_t* cu_k;
  std::int64_t queries;  // N
  int sequences;
  int max_queries, max_keys;
  int heads, kv_heads, group, head_dim;
  int window;
  bool causal;
  float scale;
  float softcap;
};

template <typename T>
struct ForwardTensors {
  const T *q, *k, *v;
  T* out;
  float* lse;  // may be null
  std::int64_t q_stride, k_stride, v_stride, out_stride, lse_stride;
};

// What the backward pass knows of a query and head before it begins, [H, N]: log2(e) times the log-sum-exp, and
// delta = sum of out * dout.
struct alignas(8) RowStats {
  float lse2;
  float delta;
};

template <typename T>
struct BackwardTensors {
  const T *dout, *q, *k, *v;
  const RowStats* stats;
  T *dq, *dk, *dv;
  std::int64_t dout_stride, q_stride, k_stride, v_stride, dq_stride, dk_stride, dv_stride;
};

// FlashAttention-2 on mma.sync; head_dim a multiple of 8 up to 256, rows aligned to 16 bytes.
void forward_tiles(const AttentionParams& params, const ForwardTensors<__nv_bfloat16>& tensors, cudaStream_t stream);
void backward_tiles_dq(const AttentionParams& params, const BackwardTensors<__nv_bfloat16>& tensors,
                       cudaStream_t stream);
void backward_tiles_dkv(const AttentionParams& params, const BackwardTensors<__nv_bfloat16>& tensors,
                        cudaStream_t stream);

// The same on sm_90's warpgroup products, for head sizes up to kHopperHeadDim.
constexpr int kHopperHeadDim = 128;
void forward_hopper(const AttentionParams& params, const ForwardTensors<__nv_bfloat16>& tensors, cudaStream_t stream);
void backward_hopper_dq(const AttentionParams& params, const BackwardTensors<__nv_bfloat16>& tensors,
                        cudaStream_t stream);
void backward_hopper_dkv(const AttentionParams& params, const BackwardTensors<__nv_bfloat16>& tensors,
                         cudaStream_t stream);

// Few queries against many keys: at most kDecodeRows queries times heads that share a KV head.
constexpr int kDecodeRows = 16;
int decode_splits(const AttentionParams& params);
std::size_t decode_scratch_bytes(const AttentionParams& params);
void forward_decode(const AttentionParams& params, const ForwardTensors<__nv_bfloat16>& tensors, void* scratch,
                    cudaStream_t stream);

// In float32, for any head size up to kExactHeadDim.
constexpr int kExactHeadDim = 512;
template <typename T>
void forward_exact(const AttentionParams& params, const ForwardTensors<T>& tensors, cudaStream_t stream);
template <typename T>
void backward_exact(const AttentionParams& params, const BackwardTensors<T>& tensors, cudaStream_t stream);

}  // namespace vernier::cuda
