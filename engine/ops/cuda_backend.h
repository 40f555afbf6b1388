// The CUDA backend as the engine sees it; engine/cuda_loader loads it where there is one.
#pragma once

#include <memory>
#include <vector>

#include "engine/ops/backend.h"
#include "vernier/devices.h"

namespace vernier {

// The CUDA devices, or one entry "cuda" that says in `problem` why there is none.
std::vector<DeviceInfo> list_cuda_devices();
// Throws Error{kUnsupported} where it cannot be used.
std::unique_ptr<Backend> make_cuda_backend(int index);

}  // namespace vernier
