// What libvernier-cuda.so exports. C++ types and exceptions pass between it and the program: both must come from one
// build, which the identifier says (a digest of the headers they share, made by CMake).
#pragma once

#include <vector>

#include "engine/ops/backend.h"
#include "vernier/devices.h"

extern "C" {

// Equal to VERNIER_CUDA_ABI of the program.
const char* vernier_cuda_abi();
// As vernier::list_cuda_devices().
void vernier_cuda_list_devices(std::vector<vernier::DeviceInfo>* devices);
// As vernier::make_cuda_backend(); the caller owns the result.
vernier::Backend* vernier_cuda_make_backend(int index);

}  // extern "C"
