#include "engine/data/packer.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace vernier {

std::vector<Piece> split_long_rows(std::span<const std::int32_t> lengths, std::int32_t capacity) {
  std::vector<Piece> pieces;
  pieces.reserve(lengths.size());
  for (std::size_t row = 0; row < lengths.size(); ++row) {
    for (std::int32_t begin = 0; begin < lengths[row];) {
      const std::int32_t length = std::min(capacity, lengths[row] - begin);
      pieces.push_back({static_cast<std::int64_t>(row), begin, length});
      begin += length;
    }
  }
  return pieces;
}

std::vector<std::vector<std::int64_t>> pack_best_fit_decreasing(std::span<const std::int32_t> lengths,
                                                                std::int32_t capacity) {
  std::vector<std::int64_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return lengths[static_cast<std::size_t>(a)] > lengths[static_cast<std::size_t>(b)];
  });
  std::vector<std::vector<std::int64_t>> rows;
  // Rows by the room they have left; of equally full rows the one opened last is taken, which is as good as any.
  std::map<std::int32_t, std::vector<std::size_t>> by_room;
  for (const std::int64_t index : order) {
    const std::int32_t length = lengths[static_cast<std::size_t>(index)];
    const auto fit = by_room.lower_bound(length);
    std::size_t row = rows.size();
    std::int32_t room = capacity;
    if (fit == by_room.end()) {
      rows.emplace_back();
    } else {
      room = fit->first;
      row = fit->second.back();
      fit->second.pop_back();
      if (fit->second.empty()) by_room.erase(fit);
    }
    rows[row].push_back(index);
    if (room > length) by_room[room - length].push_back(row);
  }
  return rows;
}

}  // namespace vernier
