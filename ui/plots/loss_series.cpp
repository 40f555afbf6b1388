#include "ui/plots/loss_series.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vernier::ui {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// The smoothing spans a share of the run, not of the view, so that a step's smoothed loss is the same at every zoom.
constexpr std::size_t kFewestSmoothed = 60;
constexpr std::size_t kSpansARun = 25;
constexpr int kPixelsAMean = 3;
// Outliers: a percentile of so few steps means nothing; a sample of so many is enough.
constexpr std::size_t kFewestClipped = 30;
constexpr std::size_t kSample = 4096;
constexpr double kUsualShare = 0.01;  // cut off at either side
constexpr double kUsualRoom = 0.15;   // of what is left, added again

std::size_t span_of(std::size_t steps, std::size_t widest) {
  return steps < kFewestSmoothed ? 1 : std::max<std::size_t>(1, std::min(steps / kSpansARun, widest));
}

constexpr double kGigabytesAByte = 1e-9;
constexpr std::int64_t kMostRoom = 1 << 21;  // steps

double or_nan(double value) {
  return value > 0.0 ? value : kNaN;
}

}  // namespace

std::size_t room_for(std::int64_t planned_steps) {
  return static_cast<std::size_t>(std::clamp<std::int64_t>(planned_steps, 0, kMostRoom));
}

void LossSeries::append(const std::vector<SeriesPoint>& points) {
  for (const SeriesPoint& point : points) append(point);
  smooth();
}

void LossSeries::append(const SeriesPoint& point) {
  if (!steps_.empty() && point.step <= steps_.back()) {
    truncate(static_cast<std::size_t>(std::lower_bound(steps_.begin(), steps_.end(), point.step) - steps_.begin()));
  }
  steps_.push_back(point.step);
  column(Curve::kPerToken).append(point.loss_per_token);
  column(Curve::kPerSequence).append(point.loss_per_sequence);
  const double gap = point.loss_per_sequence - point.loss_per_token;
  column(Curve::kGap).append(std::isfinite(gap) ? gap : kNaN);
  column(Curve::kLearningRate).append(point.learning_rate);
  column(Curve::kGradNorm).append(point.grad_norm);
  column(Curve::kThroughput).append(or_nan(point.tokens_per_second));
  column(Curve::kMemory).append(or_nan(point.peak_memory_bytes * kGigabytesAByte));
  if (!std::isfinite(point.loss_per_token) || !std::isfinite(point.loss_per_sequence)) bad_steps_.push_back(point.step);
}

void LossSeries::clear() {
  steps_.clear();
  for (MinMaxPyramid& one : columns_) one.clear();
  bad_steps_.clear();
  smoothing_ = {};
  span_ = 1;
}

void LossSeries::reserve(std::size_t steps) {
  steps_.reserve(steps);
  for (MinMaxPyramid& one : columns_) one.reserve(steps);
  for (Smoothing& state : smoothing_) {
    state.means.reserve(steps);
    state.sums.reserve(steps);
    state.counts.reserve(steps);
  }
}

void LossSeries::truncate(std::size_t size) {
  std::vector<SeriesPoint> kept(size);
  for (std::size_t i = 0; i < size; ++i) {
    kept[i] = {.step = steps_[i],
               .loss_per_token = value(Curve::kPerToken, i),
               .loss_per_sequence = value(Curve::kPerSequence, i),
               .learning_rate = value(Curve::kLearningRate, i),
               .grad_norm = value(Curve::kGradNorm, i),
               .tokens_per_second = value(Curve::kThroughput, i),
               .peak_memory_bytes = value(Curve::kMemory, i) / kGigabytesAByte};
  }
  clear();
  append(kept);
}

void LossSeries::setWidestSpan(std::size_t steps) {
  widest_span_ = steps;
  smooth();
}

void LossSeries::smooth() {
  const std::size_t span = span_of(size(), widest_span_);
  if (span != span_) {
    span_ = span;
    for (Smoothing& state : smoothing_) {
      // Their room is kept.
      state.mean = 0.0;
      state.unseen = 1.0;
      state.means.clear();
      state.sums.clear();
      state.counts.clear();
    }
  }
  smooth(column(Curve::kPerToken), smoothing_[0]);
  smooth(column(Curve::kPerSequence), smoothing_[1]);
}

void LossSeries::smooth(const MinMaxPyramid& from, Smoothing& state) {
  const std::size_t first = state.means.size();
  state.means.resize(from.size());
  state.sums.resize(from.size());
  state.counts.resize(from.size());
  double mean = state.mean, unseen = state.unseen, sum = first > 0 ? state.sums[first - 1] : 0.0;
  std::uint32_t count = first > 0 ? state.counts[first - 1] : 0;
  const double keep = static_cast<double>(span_ - 1) / static_cast<double>(span_ + 1);
  for (std::size_t i = first; i < from.size(); ++i) {
    const double now = from[i];
    const bool is_number = std::isfinite(now);
    if (is_number) {
      // The exponential mean with the weight of its start taken out, as TensorBoard draws it. Every value is a mean of
      // recorded ones with weights that are not negative, so it never leaves their range.
      unseen *= keep;
      const double share = (1.0 - keep) / (1.0 - unseen);
      mean = share < 1.0 ? mean + share * (now - mean) : now;
      sum += mean;
      ++count;
    }
    state.means[i] = is_number ? mean : kNaN;
    state.sums[i] = sum;
    state.counts[i] = count;
  }
  state.mean = mean;
  state.unseen = unseen;
}

std::size_t LossSeries::nearest(double step) const {
  const auto after = std::lower_bound(steps_.begin(), steps_.end(), step,
                                      [](std::int64_t a, double b) { return static_cast<double>(a) < b; });
  if (after == steps_.begin()) return 0;
  if (after == steps_.end()) return steps_.size() - 1;
  const double above = static_cast<double>(*after) - step;
  const double below = step - static_cast<double>(*(after - 1));
  return static_cast<std::size_t>(after - steps_.begin()) - (below <= above ? 1 : 0);
}

std::pair<std::size_t, std::size_t> LossSeries::within(double low, double high) const {
  const auto first = std::lower_bound(steps_.begin(), steps_.end(), low,
                                      [](std::int64_t a, double b) { return static_cast<double>(a) < b; });
  const auto last =
      std::upper_bound(first, steps_.end(), high, [](double a, std::int64_t b) { return a < static_cast<double>(b); });
  return {static_cast<std::size_t>(first - steps_.begin()), static_cast<std::size_t>(last - steps_.begin())};
}

LossSeries::Line LossSeries::line(Curve curve, double low, double high, int pixels) const {
  const auto [first, last] = around(low, high);
  const MinMaxPyramid& values = column(curve);
  Line line;
  const auto add = [this, &line, &values](std::size_t i) {
    line.keys.push_back(static_cast<double>(steps_[i]));
    line.values.push_back(std::isfinite(values[i]) ? values[i] : kNaN);
  };
  const std::size_t count = last - first;
  const auto places = static_cast<std::size_t>(std::max(1, pixels));  // a canvas that is not laid out yet has none
  if (count <= 2 * places) {
    for (std::size_t i = first; i < last; ++i) add(i);
    return line;
  }
  // Stretches begin at multiples of their width, so that they stay the same while the view is moved.
  const std::size_t width = MinMaxPyramid::wholeBuckets((count + places - 1) / places);
  for (std::size_t at = first / width * width; at < last; at += width) {
    const std::size_t end = std::min(at + width, size());
    const MinMaxPyramid::Extremes found = values.extremes(at, end);
    if (found.low != MinMaxPyramid::kNone) {
      add(std::min(found.low, found.high));
      if (found.low != found.high) add(std::max(found.low, found.high));
    }
    if (found.has_gap) {
      line.keys.push_back(static_cast<double>(steps_[end - 1]));
      line.values.push_back(kNaN);
    }
  }
  return line;
}

std::pair<std::size_t, std::size_t> LossSeries::around(double low, double high) const {
  const auto [first, last] = within(low, high);
  return {first > 0 ? first - 1 : 0, std::min(last + 1, size())};
}

std::size_t LossSeries::mean_width(std::size_t count, int pixels) {
  const auto places = static_cast<std::size_t>(std::max(1, pixels / kPixelsAMean));
  return std::max<std::size_t>(1, (count + places - 1) / places);
}

std::size_t LossSeries::smoothing_steps(double low, double high, int pixels) const {
  const auto [first, last] = around(low, high);
  return std::max(span_, mean_width(last - first, pixels));
}

LossSeries::Line LossSeries::smooth_line(Curve curve, double low, double high, int pixels) const {
  const auto [first, last] = around(low, high);
  const std::size_t width = mean_width(last - first, pixels);
  const Smoothing& state = smoothing(curve);
  Line line;
  for (std::size_t at = first / width * width; at < last; at += width) {
    const std::size_t end = std::min(at + width, size());
    const double sum = state.sums[end - 1] - (at > 0 ? state.sums[at - 1] : 0.0);
    const std::uint32_t count = state.counts[end - 1] - (at > 0 ? state.counts[at - 1] : 0);
    line.keys.push_back((static_cast<double>(steps_[at]) + static_cast<double>(steps_[end - 1])) / 2.0);
    line.values.push_back(count > 0 ? sum / count : kNaN);
  }
  return line;
}

std::pair<double, double> LossSeries::range(Curve curve, double low, double high) const {
  const auto [first, last] = within(low, high);
  const MinMaxPyramid::Extremes found = column(curve).extremes(first, last);
  if (found.low == MinMaxPyramid::kNone) return {kNaN, kNaN};
  return {value(curve, found.low), value(curve, found.high)};
}

std::pair<double, double> LossSeries::usual_range(Curve curve, double low, double high) const {
  const auto [first, last] = within(low, high);
  const std::size_t stride = std::max<std::size_t>(1, (last - first) / kSample);
  std::vector<double> sample;
  for (std::size_t i = first; i < last; i += stride) {
    if (std::isfinite(value(curve, i))) sample.push_back(value(curve, i));
  }
  if (sample.size() < kFewestClipped) return range(curve, low, high);
  const auto cut = static_cast<std::ptrdiff_t>(kUsualShare * static_cast<double>(sample.size()));
  std::nth_element(sample.begin(), sample.begin() + cut, sample.end());
  const double least = sample[static_cast<std::size_t>(cut)];
  std::nth_element(sample.begin(), sample.end() - 1 - cut, sample.end());
  const double greatest = *(sample.end() - 1 - cut);
  const double room = kUsualRoom * (greatest - least);
  const auto [all_low, all_high] = range(curve, low, high);
  return {std::max(all_low, least - room), std::min(all_high, greatest + room)};
}

}  // namespace vernier::ui
