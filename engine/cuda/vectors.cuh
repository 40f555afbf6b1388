// Loads and stores of several elements at once, sums over a block, and the choice of a kernel by element type.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <initializer_list>
#include <string>

#include "engine/core/tensor.h"
#include "engine/cuda/errors.h"
#include "vernier/error.h"

namespace vernier::cuda {

// Elements of 16 bytes.
template <typename T>
inline constexpr int kPerVector = 16 / static_cast<int>(sizeof(T));

template <typename T, int V>
struct alignas(sizeof(T) * V) Pack {
  T values[V];
};

__device__ __forceinline__ float to_float(float x) {
  return x;
}
__device__ __forceinline__ float to_float(__nv_bfloat16 x) {
  return __bfloat162float(x);
}
template <typename T>
__device__ __forceinline__ T from_float(float x);
template <>
__device__ __forceinline__ float from_float<float>(float x) {
  return x;
}
template <>
__device__ __forceinline__ __nv_bfloat16 from_float<__nv_bfloat16>(float x) {
  return __float2bfloat16_rn(x);
}
// Finite numbers stay finite.
template <>
__device__ __forceinline__ __half from_float<__half>(float x) {
  return __float2half_rn(isfinite(x) ? fminf(fmaxf(x, -65504.0f), 65504.0f) : x);
}

template <int V, typename T>
__device__ __forceinline__ void load(const T* from, float (&to)[V]) {
  const auto pack = *reinterpret_cast<const Pack<T, V>*>(from);
#pragma unroll
  for (int i = 0; i < V; ++i) to[i] = to_float(pack.values[i]);
}

template <int V, typename T>
__device__ __forceinline__ void store(const float (&from)[V], T* to) {
  Pack<T, V> pack;
#pragma unroll
  for (int i = 0; i < V; ++i) pack.values[i] = from_float<T>(from[i]);
  *reinterpret_cast<Pack<T, V>*>(to) = pack;
}

__device__ __forceinline__ float warp_sum(float x) {
#pragma unroll
  for (int mask = 16; mask > 0; mask /= 2) x += __shfl_xor_sync(0xffffffffu, x, mask);
  return x;
}

// The sum over `kThreads` threads that work on one row: a warp, or the whole block. Every thread gets it. `shared` has
// kThreads / 32 floats.
template <int kThreads>
__device__ __forceinline__ float row_sum(float x, float* shared) {
  x = warp_sum(x);
  if constexpr (kThreads > 32) {
    constexpr int kWarps = kThreads / 32;
    __syncthreads();  // an earlier sum may still be read
    if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = x;
    __syncthreads();
    x = 0.0f;
#pragma unroll
    for (int w = 0; w < kWarps; ++w) x += shared[w];
  }
  return x;
}

template <typename T>
struct Type {
  using type = T;
};

// Calls body(Type<float>) or body(Type<__nv_bfloat16>).
template <typename Body>
void with_type(DType dtype, const char* what, const Body& body) {
  if (dtype == DType::kF32) return body(Type<float>{});
  if (dtype == DType::kBF16) return body(Type<__nv_bfloat16>{});
  fail(ErrorCode::kInternal, "cuda",
       std::string(what) + ": got " + std::string(to_string(dtype)) + ", expected F32 or BF16.");
}

// Whether every row of every view starts at a multiple of 16 bytes and holds whole vectors. Empty views do not count.
inline bool whole_vectors(std::initializer_list<ConstTensorView> views) {
  for (const ConstTensorView& v : views) {
    if (!v) continue;
    const auto unit = static_cast<std::int64_t>(size_of(v.dtype));
    if (reinterpret_cast<std::uintptr_t>(v.data) % 16 != 0 || v.cols * unit % 16 != 0) return false;
    if (v.rows > 1 && v.stride * unit % 16 != 0) return false;
  }
  return true;
}

template <typename T>
T* data_of(const TensorView& v) {
  return static_cast<T*>(v.data);
}
template <typename T>
const T* data_of(const ConstTensorView& v) {
  return static_cast<const T*>(v.data);
}

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace vernier::cuda
