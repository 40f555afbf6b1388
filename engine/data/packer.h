// Putting several short sequences into one row of max_length tokens.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vernier {

// Tokens [begin, begin + length) of a row of the data set.
struct Piece {
  std::int64_t row = 0;
  std::int32_t begin = 0;
  std::int32_t length = 0;
  bool operator==(const Piece&) const = default;
};

// Rows longer than `capacity` as several pieces, all but the last of `capacity` tokens. Rows of no tokens have no
// piece.
std::vector<Piece> split_long_rows(std::span<const std::int32_t> lengths, std::int32_t capacity);

// Best-fit decreasing: sequences from the longest to the shortest, each into the fullest row that still has room, or
// into a new one (Johnson, "Near-optimal bin packing algorithms", 1973; TRL calls it `bfd`). Every sequence is kept
// whole. lengths are 1 .. capacity. Each row holds indices into `lengths`; of equal lengths the smaller index goes
// first, and rows are in the order in which they were opened. Takes O(n log n).
std::vector<std::vector<std::int64_t>> pack_best_fit_decreasing(std::span<const std::int32_t> lengths,
                                                                std::int32_t capacity);

}  // namespace vernier
