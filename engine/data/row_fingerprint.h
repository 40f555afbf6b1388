// Tells equal rows without keeping them.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_set>

namespace vernier {

// 128 bits of a row's ids and labels.
struct Fingerprint {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  bool operator==(const Fingerprint&) const = default;
};
struct FingerprintHash {
  std::size_t operator()(const Fingerprint& f) const { return f.first; }
};
using FingerprintSet = std::unordered_set<Fingerprint, FingerprintHash>;

// Both of one length.
Fingerprint row_fingerprint(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels);

}  // namespace vernier
