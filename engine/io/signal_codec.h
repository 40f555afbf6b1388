// How the run store packs the gradient norms of a step: two bytes each.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vernier {

// An unsigned 16-bit float: 8 bits of exponent, 8 of mantissa, which is float32 without its sign and its last bits.
// Nearest, ties to even: relative error 2^-9 of normal numbers. Infinity and NaN stay; negative values become 0.
std::uint16_t to_e8m8(float value);
float from_e8m8(std::uint16_t bits);

// Little-endian, one behind the other. Appends to `out`.
void encode_norms(std::span<const float> norms, std::vector<std::uint8_t>& out);
// Throws Error{kInvalidInput} for an odd number of bytes.
void decode_norms(std::span<const std::uint8_t> bytes, std::vector<float>& norms);

}  // namespace vernier
