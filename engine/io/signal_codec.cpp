#include "engine/io/signal_codec.h"

#include <bit>
#include <cmath>
#include <string>

#include "vernier/error.h"

namespace vernier {

std::uint16_t to_e8m8(float value) {
  constexpr std::uint32_t kDropped = 15;  // bits of the mantissa
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return 0xFFFF;
  if ((bits >> 31) != 0) return 0;
  const std::uint32_t half = (std::uint32_t{1} << (kDropped - 1)) - 1 + ((bits >> kDropped) & 1);
  return static_cast<std::uint16_t>((bits + half) >> kDropped);
}

float from_e8m8(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 15);
}

void encode_norms(std::span<const float> norms, std::vector<std::uint8_t>& out) {
  for (const float norm : norms) {
    const std::uint16_t bits = to_e8m8(norm);
    out.push_back(static_cast<std::uint8_t>(bits));
    out.push_back(static_cast<std::uint8_t>(bits >> 8));
  }
}

void decode_norms(std::span<const std::uint8_t> bytes, std::vector<float>& norms) {
  if (bytes.size() % 2 != 0) {
    fail(ErrorCode::kInvalidInput, "run.db",
         "damaged run store: got " + std::to_string(bytes.size()) + " bytes of gradient norms, expected two each.");
  }
  norms.resize(bytes.size() / 2);
  for (std::size_t i = 0; i < norms.size(); ++i) {
    norms[i] = from_e8m8(static_cast<std::uint16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8));
  }
}

}  // namespace vernier
