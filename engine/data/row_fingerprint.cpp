#include "engine/data/row_fingerprint.h"

namespace vernier {

// Two streams of splitmix64's finisher.
Fingerprint row_fingerprint(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels) {
  const auto mixed = [](std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  };
  Fingerprint out{input_ids.size(), ~input_ids.size()};
  for (std::size_t i = 0; i < input_ids.size(); ++i) {
    const std::uint64_t value = static_cast<std::uint64_t>(static_cast<std::uint32_t>(input_ids[i])) << 32 |
                                static_cast<std::uint32_t>(labels[i]);
    out.first = mixed(out.first + 0x9E3779B97F4A7C15u + value);
    out.second = mixed((out.second ^ value) + 0xD1B54A32D192ED03u);
  }
  return out;
}

}  // namespace vernier
