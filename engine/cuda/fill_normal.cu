// Normal random numbers by Box-Muller.
#include "engine/cuda/ops.h"
#include "engine/cuda/philox.cuh"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

// A thread makes the four values of one counter.
template <typename T>
__global__ void __launch_bounds__(256)
    fill_normal_kernel(std::uint64_t seed, std::uint32_t stream, float deviation, T* values, std::int64_t count) {
  constexpr float kUnit = 0x1p-32f;
  const std::int64_t call = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (call * 4 >= count) return;
  const auto index = static_cast<std::uint64_t>(call);
  const PhiloxWords words =
      philox({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), stream, 0},
             static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
#pragma unroll
  for (int pair = 0; pair < 2; ++pair) {
    const float u = (static_cast<float>(words.v[2 * pair]) + 0.5f) * kUnit;
    const float angle = static_cast<float>(words.v[2 * pair + 1]) * kUnit * 6.28318530717958648f;
    const float radius = deviation * sqrtf(-2.0f * logf(u));
    const std::int64_t i = 4 * call + 2 * pair;
    if (i < count) values[i] = from_float<T>(radius * cosf(angle));
    if (i + 1 < count) values[i + 1] = from_float<T>(radius * sinf(angle));
  }
}

}  // namespace

void fill_normal(CudaContext& context, const FillNormal& op) {
  const std::int64_t count = op.out.size();
  with_type(op.out.dtype, "fill_normal", [&](auto t) {
    using T = typename decltype(t)::type;
    fill_normal_kernel<T><<<static_cast<unsigned>(ceil_div(count, 4 * 256)), 256, 0, context.stream>>>(
        op.seed, op.stream, op.deviation, data_of<T>(op.out), count);
    check_launch("fill_normal");
  });
}

}  // namespace vernier::cuda
