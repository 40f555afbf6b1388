// Every CUDA call is checked here and becomes an Error.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <string_view>

namespace vernier::cuda {

// Whether every further call in this process fails as well.
bool is_lost(cudaError_t status);

// Throws where `status` is an error: kOutOfMemory, kFatal where the device is lost to this process, else kInternal.
void check(cudaError_t status, std::string_view what);

// The same for the kernel launched last.
void check_launch(std::string_view kernel);

// needed: 0 where the driver does not say how much.
[[noreturn]] void fail_out_of_memory(std::size_t needed);

}  // namespace vernier::cuda
