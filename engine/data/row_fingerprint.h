// Tells equal rows without keeping them.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_set>
#include <utility>

namespace vernier {

// 128 bits of a row's ids and labels.
using Fingerprint = std::pair<std::uint64_t, std::uint64_t>;
struct FingerprintHash {
  std::size_t operator()(const Fingerprint& f) const { return f.first; }
};
using FingerprintSet = std::unordered_set<Fingerprint, FingerprintHash>;

// Both of one length.
Fingerprint row_fingerprint(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels);

}  // namespace vernier
