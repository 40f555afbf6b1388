#include "ui/plots/min_max_pyramid.h"

#include <cmath>

namespace vernier::ui {

void MinMaxPyramid::append(double value) {
  values_.push_back(value);
  const std::size_t at = values_.size() - 1;
  const Extremes one = single(at);
  std::size_t bucket = at;
  for (std::size_t level = 0;; ++level) {
    bucket /= kFanOut;
    // A level exists once it has more than one bucket, the lowest from the start.
    if (level == levels_.size()) {
      if (level > 0 && levels_[level - 1].size() <= kFanOut) break;
      levels_.emplace_back();
      // A level that starts late takes in what lies below it already.
      for (std::size_t i = 0; level > 0 && i < levels_[level - 1].size(); ++i) {
        if (i % kFanOut == 0) levels_[level].emplace_back();
        merge(levels_[level].back(), levels_[level - 1][i]);
      }
      if (level > 0) continue;
    }
    if (bucket == levels_[level].size()) levels_[level].emplace_back();
    merge(levels_[level][bucket], one);
  }
}

void MinMaxPyramid::clear() {
  values_.clear();
  levels_.clear();
}

void MinMaxPyramid::reserve(std::size_t values) {
  values_.reserve(values);
  if (levels_.empty()) levels_.emplace_back();
  levels_.front().reserve(values / kFanOut + 1);
}

std::size_t MinMaxPyramid::wholeBuckets(std::size_t width) {
  std::size_t bucket = 1;
  while (bucket * kFanOut * kFanOut <= width) bucket *= kFanOut;
  return (width + bucket - 1) / bucket * bucket;
}

MinMaxPyramid::Extremes MinMaxPyramid::extremes(std::size_t first, std::size_t last) const {
  Extremes all;
  std::size_t i = first;
  while (i < last) {
    // The widest bucket that starts here and ends in time.
    std::size_t level = 0;
    std::size_t width = 1;
    while (level < levels_.size() && i % (width * kFanOut) == 0 && i + width * kFanOut <= last) {
      width *= kFanOut;
      ++level;
    }
    merge(all, level == 0 ? single(i) : levels_[level - 1][i / width]);
    i += width;
  }
  return all;
}

void MinMaxPyramid::merge(Extremes& into, const Extremes& other) const {
  if (other.low != kNone && (into.low == kNone || values_[other.low] < values_[into.low])) into.low = other.low;
  if (other.high != kNone && (into.high == kNone || values_[other.high] > values_[into.high])) into.high = other.high;
  into.has_gap = into.has_gap || other.has_gap;
}

MinMaxPyramid::Extremes MinMaxPyramid::single(std::size_t i) const {
  return std::isfinite(values_[i]) ? Extremes{i, i, false} : Extremes{kNone, kNone, true};
}

}  // namespace vernier::ui
