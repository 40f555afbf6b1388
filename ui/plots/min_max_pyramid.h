// A growing column of numbers that knows the extremes of every stretch of itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vernier::ui {

// Millions of points become a few per pixel without losing a spike: levels of buckets, each over eight of the level
// below. append() is O(1), extremes() O(log n).
class MinMaxPyramid {
 public:
  static constexpr std::size_t kFanOut = 8;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // Where the least and the greatest finite value of a stretch stand; kNone where it has none.
  struct Extremes {
    std::size_t low = kNone;
    std::size_t high = kNone;
    bool has_gap = false;  // NaN or infinite values among them
  };

  void append(double value);
  void clear();
  // Room for so many values.
  void reserve(std::size_t values);
  std::size_t size() const { return values_.size(); }
  const std::vector<double>& values() const { return values_; }
  double operator[](std::size_t i) const { return values_[i]; }
  // The least multiple of a level's buckets from `width` on, no more than an eighth above it: stretches that begin and
  // end at such are found in few looks.
  static std::size_t wholeBuckets(std::size_t width);
  // Of values [first, last).
  Extremes extremes(std::size_t first, std::size_t last) const;

 private:
  void merge(Extremes& into, const Extremes& other) const;
  Extremes single(std::size_t i) const;

  std::vector<double> values_;
  std::vector<std::vector<Extremes>> levels_;  // levels_[0] over kFanOut values each
};

}  // namespace vernier::ui
