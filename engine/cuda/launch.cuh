// Kernel launches that are checked. Device code only.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "engine/cuda/errors.h"

namespace vernier::cuda {

// Of the current device.
inline int multiprocessors() {
  int device = 0, count = 0;
  check(cudaGetDevice(&device), "device");
  check(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device), "device");
  return count;
}

// Whether the current device has the products of wgmma.cuh: compute capability 9.0 alone.
inline bool is_hopper() {
  int device = 0, major = 0;
  check(cudaGetDevice(&device), "device");
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device), "device");
  return major == 9;
}

// Runs kernel(args...) on `stream` with `shared` bytes of dynamic shared memory.
template <typename... Params, typename... Args>
void launch(const char* what, void (*kernel)(Params...), std::int64_t blocks, int threads, std::size_t shared,
            cudaStream_t stream, const Args&... args) {
  if (shared > 48 * 1024) {
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)), what);
  }
  kernel<<<static_cast<unsigned>(blocks), threads, shared, stream>>>(static_cast<Params>(args)...);
  check_launch(what);
}

}  // namespace vernier::cuda
