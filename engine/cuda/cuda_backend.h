// The backend of one CUDA device.
#pragma once

#include <memory>
#include <vector>

#include "engine/ops/backend.h"
#include "vernier/devices.h"

namespace vernier::cuda {

// The CUDA devices, or one entry "cuda" that says in `problem` why there is none.
std::vector<DeviceInfo> list_devices();
// Errors: kUnsupported where it cannot be used.
std::unique_ptr<Backend> make_backend(int index);

}  // namespace vernier::cuda
