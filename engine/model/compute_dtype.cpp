#include "engine/model/compute_dtype.h"

#include "vernier/error.h"

namespace vernier {

DType compute_dtype(std::string_view name, const Backend& backend, std::string_view where) {
  if (name == "auto") return backend.computes(DType::kBF16) ? DType::kBF16 : DType::kF32;
  const bool wide = name == "float32";
  if (!wide && name != "bfloat16") {
    fail(ErrorCode::kInvalidInput, where,
         "dtype: got \"" + std::string(name) + "\", expected \"auto\", \"float32\" or \"bfloat16\".");
  }
  const DType dtype = wide ? DType::kF32 : DType::kBF16;
  if (!backend.computes(dtype)) {
    fail(ErrorCode::kUnsupported, where,
         "dtype: got \"" + std::string(name) + "\", expected \"float32\" or \"auto\" on " + backend.name() +
             ", which computes in float32 only; a checkpoint stored in bfloat16 is read all the same.");
  }
  return dtype;
}

std::string compute_dtype_name(DType dtype) {
  return dtype == DType::kF32 ? "float32" : "bfloat16";
}

}  // namespace vernier
