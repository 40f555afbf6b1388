#include "ui/plots/loss_series.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vernier::ui {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kSmoothingSteps = 20.0;

}  // namespace

void LossSeries::append(const std::vector<SeriesPoint>& points) {
  for (const SeriesPoint& point : points) append(point);
}

void LossSeries::append(const SeriesPoint& point) {
  if (!steps_.empty() && point.step <= steps_.back()) {
    truncate(static_cast<std::size_t>(std::lower_bound(steps_.begin(), steps_.end(), point.step) - steps_.begin()));
  }
  steps_.push_back(point.step);
  column(Curve::kPerToken).append(point.loss_per_token);
  column(Curve::kPerSequence).append(point.loss_per_sequence);
  column(Curve::kLearningRate).append(point.learning_rate);
  column(Curve::kGradNorm).append(point.grad_norm);
  smooth(Curve::kPerToken, Curve::kSmoothPerToken, means_[0]);
  smooth(Curve::kPerSequence, Curve::kSmoothPerSequence, means_[1]);
  if (!std::isfinite(point.loss_per_token) || !std::isfinite(point.loss_per_sequence)) bad_steps_.push_back(point.step);
}

void LossSeries::clear() {
  steps_.clear();
  for (MinMaxPyramid& one : columns_) one.clear();
  bad_steps_.clear();
  means_ = {};
}

void LossSeries::truncate(std::size_t size) {
  std::vector<SeriesPoint> kept(size);
  for (std::size_t i = 0; i < size; ++i) {
    kept[i] = {steps_[i], value(Curve::kPerToken, i), value(Curve::kPerSequence, i), value(Curve::kLearningRate, i),
               value(Curve::kGradNorm, i)};
  }
  clear();
  append(kept);
}

void LossSeries::smooth(Curve from, Curve to, double& mean) {
  const std::size_t i = column(from).size() - 1;
  const double now = column(from)[i];
  if (!std::isfinite(now)) {
    column(to).append(kNaN);
    return;
  }
  // A plain mean at first, an exponential one once there are enough points.
  const double share = 1.0 / std::min<double>(static_cast<double>(i + 1), kSmoothingSteps);
  mean += share * (now - mean);
  column(to).append(mean);
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
  auto [first, last] = within(low, high);
  if (first > 0) --first;
  if (last < size()) ++last;
  const MinMaxPyramid& values = column(curve);
  Line line;
  const auto add = [this, &line, &values](std::size_t i) {
    line.keys.push_back(static_cast<double>(steps_[i]));
    line.values.push_back(std::isfinite(values[i]) ? values[i] : kNaN);
  };
  const std::size_t count = last - first;
  if (count <= 2 * static_cast<std::size_t>(std::max(1, pixels))) {
    for (std::size_t i = first; i < last; ++i) add(i);
    return line;
  }
  // Stretches begin at multiples of their width, so that they stay the same while the view is moved.
  const std::size_t width = (count + static_cast<std::size_t>(pixels) - 1) / static_cast<std::size_t>(pixels);
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

std::pair<double, double> LossSeries::range(Curve curve, double low, double high) const {
  const auto [first, last] = within(low, high);
  const MinMaxPyramid::Extremes found = column(curve).extremes(first, last);
  if (found.low == MinMaxPyramid::kNone) return {kNaN, kNaN};
  return {value(curve, found.low), value(curve, found.high)};
}

}  // namespace vernier::ui
