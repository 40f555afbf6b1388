// Element types, as safetensors names them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vernier {

enum class DType { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU64, kU32, kU16, kU8, kBool, kF8E4M3, kF8E5M2 };

// Bytes of one element.
std::size_t size_of(DType dtype);
// safetensors' name: "F32", "BF16", ...
std::string_view to_string(DType dtype);
// The inverse of to_string; nothing for a name that is not in the list.
std::optional<DType> dtype_from_string(std::string_view name);

// IEEE binary16 and bfloat16 <-> float32. To-float is exact; from-float rounds to nearest even and keeps NaN a NaN.
float f16_to_f32(std::uint16_t bits);
std::uint16_t f32_to_f16(float value);
float bf16_to_f32(std::uint16_t bits);
std::uint16_t f32_to_bf16(float value);

}  // namespace vernier
