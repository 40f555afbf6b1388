// A planted fault, for the tests of what happens when a GPU is lost in the middle of a run.
#pragma once

#include <cuda_runtime_api.h>

namespace vernier::cuda {

// The environment variable that names the operation, counted from 1, at which a backend's device is to fail.
inline constexpr const char* kFaultVariable = "VERNIER_TEST_CUDA_FAULT";

// Queues a kernel that traps, after which the device is lost to this process.
void break_device(cudaStream_t stream);

}  // namespace vernier::cuda
