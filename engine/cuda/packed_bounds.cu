#include "engine/cuda/cudnn_attention.h"
#include "engine/cuda/launch.cuh"

namespace vernier::cuda {
namespace {

__global__ void __launch_bounds__(256)
    bounds_kernel(const std::int32_t* cu_seqlens, int sequences, int padded, const PackedBounds bounds) {
  const int sequence = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (sequence > padded) return;
  const std::int32_t start = cu_seqlens[min(sequence, sequences)];
  if (sequence < padded) {
    bounds.lengths[sequence] = sequence < sequences ? cu_seqlens[sequence + 1] - start : 0;
  }
#pragma unroll
  for (int m = 0; m < PackedBounds::kMatrices; ++m) bounds.starts[m][sequence] = start * bounds.strides[m];
}

}  // namespace

void write_bounds(const std::int32_t* cu_seqlens, std::int64_t sequences, std::int64_t padded,
                  const PackedBounds& bounds, cudaStream_t stream) {
  launch("attention's bounds", bounds_kernel, padded / 256 + 1, 256, 0, stream, cu_seqlens, static_cast<int>(sequences),
         static_cast<int>(padded), bounds);
}

}  // namespace vernier::cuda
