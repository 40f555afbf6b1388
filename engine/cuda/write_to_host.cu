#include <algorithm>

#include "engine/cuda/fetch.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

__global__ void __launch_bounds__(256)
    write_kernel(std::uint32_t* host, const std::uint32_t* device, std::int64_t words) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < words; i += step) {
    host[i] = device[i];
  }
}

}  // namespace

void write_to_host(void* host, const void* device, std::size_t bytes, cudaStream_t stream) {
  const auto words = static_cast<std::int64_t>(bytes / sizeof(std::uint32_t));
  if (words == 0) return;
  const std::int64_t blocks = std::min<std::int64_t>(ceil_div(words, 256), 64);
  write_kernel<<<static_cast<unsigned>(blocks), 256, 0, stream>>>(static_cast<std::uint32_t*>(host),
                                                                  static_cast<const std::uint32_t*>(device), words);
  check_launch("write_to_host");
}

}  // namespace vernier::cuda
