// The rate of a large bf16 product, which others are measured against.
#include <algorithm>

#include "engine/cuda/ops.h"
#include "engine/cuda/stopwatch.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

// Values of both signs around 1; products of zeros would run faster than real ones.
__global__ void __launch_bounds__(256) fill_kernel(__nv_bfloat16* values, std::int64_t count, std::uint32_t seed) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= count) return;
  auto bits = static_cast<std::uint32_t>(i) * 2654435761u + seed;
  bits ^= bits >> 15;
  bits *= 2246822519u;
  bits ^= bits >> 13;
  values[i] = __float2bfloat16_rn(static_cast<float>(bits >> 8) * 0x1p-23f - 1.0f);
}

}  // namespace

double measure_peak_gflops(CudaContext& context) {
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  std::int64_t size = 8192;
  while (size > 512 && static_cast<std::size_t>(size * size) * 3 * 2 > free / 2) size /= 2;
  const DeviceBlock memory(static_cast<std::size_t>(size * size) * 3 * sizeof(__nv_bfloat16));
  auto* values = static_cast<__nv_bfloat16*>(memory.data());
  const std::int64_t count = size * size;
  fill_kernel<<<static_cast<unsigned>(ceil_div(2 * count, 256)), 256, 0, context.stream>>>(values, 2 * count, 1u);
  check_launch("measure_peak_gflops");
  const auto matrix = [&](std::int64_t index) {
    return TensorView(values + index * count, DType::kBF16, size, size, size);
  };
  const Gemm product = times_transposed(matrix(0), matrix(1), matrix(2));
  context.gemms.run(product);
  Stopwatch watch;
  float best = 0.0f;
  double spent = 0.0;
  for (int run = 0; run < 50 && spent < 300.0; ++run) {
    watch.start(context.stream);
    context.gemms.run(product);
    const float milliseconds = watch.stop(context.stream);
    spent += static_cast<double>(milliseconds);
    best = run == 0 ? milliseconds : std::min(best, milliseconds);
  }
  const auto n = static_cast<double>(size);
  return 2.0 * n * n * n / (static_cast<double>(best) * 1e-3) * 1e-9;
}

}  // namespace vernier::cuda
