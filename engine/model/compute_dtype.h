// What passes compute in, from what somebody asked for.
#pragma once

#include <string>
#include <string_view>

#include "engine/ops/backend.h"
#include "vernier/dtype.h"

namespace vernier {

// name: "float32", "bfloat16", or "auto", which is bfloat16 where the backend computes in it and float32 where not.
// Errors, of `where`: kUnsupported for what the backend does not compute in, kInvalidInput for another name.
DType compute_dtype(std::string_view name, const Backend& backend, std::string_view where);
// "float32" or "bfloat16".
std::string compute_dtype_name(DType dtype);

}  // namespace vernier
