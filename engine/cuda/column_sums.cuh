// Sums down the columns of a matrix that is computed on the way, in a fixed order: blocks of rows first, then the
// blocks' sums one after the other.
#pragma once

#include "engine/cuda/context.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {

inline constexpr int kSumColumns = 32;
inline constexpr int kSumRows = 8;

template <typename F>
__global__ void __launch_bounds__(kSumColumns* kSumRows)
    partial_column_sums(const F f, std::int64_t rows, std::int64_t cols, std::int64_t rows_per_block, float* partial) {
  __shared__ float sums[kSumRows][kSumColumns];
  const std::int64_t col = static_cast<std::int64_t>(blockIdx.x) * kSumColumns + threadIdx.x;
  const std::int64_t first = blockIdx.y * rows_per_block;
  const std::int64_t last = min(rows, first + rows_per_block);
  float sum = 0.0f;
  if (col < cols) {
    for (std::int64_t row = first + threadIdx.y; row < last; row += kSumRows) sum += f(row, col);
  }
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || col >= cols) return;
#pragma unroll
  for (int r = 1; r < kSumRows; ++r) sum += sums[r][threadIdx.x];
  partial[blockIdx.y * cols + col] = sum;
}

// out[c] += sum of the blocks' sums / divisor[c]; divisor may be null for 1.
static __global__ void finish_column_sums(const float* partial, std::int64_t blocks, std::int64_t cols,
                                          const float* divisor, float* out) {
  const std::int64_t col = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (col >= cols) return;
  float sum = 0.0f;
  for (std::int64_t b = 0; b < blocks; ++b) sum += partial[b * cols + col];
  out[col] += divisor == nullptr ? sum : sum / divisor[col];
}

// out[c] += sum over r of f(r, c) (/ divisor[c]).
template <typename F>
void add_column_sums(CudaContext& context, std::int64_t rows, std::int64_t cols, const F& f, float* out,
                     const float* divisor = nullptr) {
  constexpr std::int64_t kBlocks = 64;
  const std::int64_t rows_per_block = std::max<std::int64_t>(ceil_div(rows, kBlocks), 4 * kSumRows);
  const std::int64_t blocks = ceil_div(rows, rows_per_block);
  auto* partial = static_cast<float*>(context.scratch.get(static_cast<std::size_t>(blocks * cols) * sizeof(float)));
  const dim3 grid(static_cast<unsigned>(ceil_div(cols, kSumColumns)), static_cast<unsigned>(blocks));
  partial_column_sums<<<grid, dim3(kSumColumns, kSumRows), 0, context.stream>>>(f, rows, cols, rows_per_block, partial);
  check_launch("column sums");
  finish_column_sums<<<static_cast<unsigned>(ceil_div(cols, 128)), 128, 0, context.stream>>>(partial, blocks, cols,
                                                                                             divisor, out);
  check_launch("column sums");
}

}  // namespace vernier::cuda
