#include "engine/data/shuffle.h"

#include <numeric>
#include <utility>

#include "engine/core/philox.h"

namespace vernier {
namespace {

__extension__ typedef unsigned __int128 Wide;

class Draws {
 public:
  Draws(std::uint64_t seed, ShufflePurpose purpose, std::uint64_t index)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        purpose_(static_cast<std::uint32_t>(purpose)),
        index_(index) {}

  // 0 .. bound-1, each equally likely.
  std::uint64_t below(std::uint64_t bound) {
    Wide product = Wide{next()} * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
      const std::uint64_t threshold = (0 - bound) % bound;  // 2^64 mod bound
      while (static_cast<std::uint64_t>(product) < threshold) product = Wide{next()} * bound;
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

 private:
  std::uint64_t next() {
    // The purpose sits above the index's 60 bits and the draw number's 32: counters never meet.
    const std::uint64_t high = index_ | static_cast<std::uint64_t>(purpose_) << 60;
    const PhiloxCounter counter = {static_cast<std::uint32_t>(draw_), static_cast<std::uint32_t>(draw_ >> 32),
                                   static_cast<std::uint32_t>(high), static_cast<std::uint32_t>(high >> 32)};
    ++draw_;
    const PhiloxCounter bits = philox4x32_10(counter, key_);
    return static_cast<std::uint64_t>(bits[1]) << 32 | bits[0];
  }

  PhiloxKey key_;
  std::uint32_t purpose_;
  std::uint64_t index_;
  std::uint64_t draw_ = 0;
};

}  // namespace

std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed, ShufflePurpose purpose,
                                   std::uint64_t index) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  Draws draws(seed, purpose, index);
  for (std::int64_t i = count - 1; i > 0; --i) {
    std::swap(order[static_cast<std::size_t>(i)], order[draws.below(static_cast<std::uint64_t>(i) + 1)]);
  }
  return order;
}

}  // namespace vernier
