// From a device's name to what computes on it; engine/devices knows the backends there are.
#pragma once

#include <memory>
#include <string>

#include "engine/ops/backend.h"

namespace vernier {

// device: as resolve_device() takes it (vernier/devices.h). Errors: kUnsupported where there is no such device.
// threads: of the CPU; 0: as many as there are.
std::unique_ptr<Backend> make_backend(const std::string& device, int threads = 0);

}  // namespace vernier
