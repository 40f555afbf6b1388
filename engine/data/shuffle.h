// Random order that depends on a seed alone: the same on every machine, for any number of threads.
#pragma once

#include <cstdint>
#include <vector>

namespace vernier {

// What a permutation is for, so that equal seeds do not give equal orders for different purposes.
enum class ShufflePurpose : std::uint32_t { kEpoch = 1, kSplit = 2, kPacking = 3 };

// 0 .. count-1 in random order: Fisher-Yates from the last element down, the partner of element i drawn without bias
// from 0 .. i (Lemire, "Fast random integer generation in an interval", 2019) with 64 bits of philox4x32-10 under key
// `seed` and counter (draw, index, purpose). `index` is the epoch, or 0.
std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed, ShufflePurpose purpose, std::uint64_t index);

}  // namespace vernier
