// From a backend's memory to float32 in the host's.
#pragma once

#include <vector>

#include "engine/core/tensor.h"
#include "engine/ops/backend.h"

namespace vernier {

// The values of a view without gaps between its rows, float32 or bfloat16. Complete on return.
void download_f32(Backend& backend, const ConstTensorView& from, float* host);
std::vector<float> download_f32(Backend& backend, const ConstTensorView& from);

}  // namespace vernier
