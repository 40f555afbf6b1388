#include "ui/plots/signal_grid.h"

#include <algorithm>
#include <cmath>

namespace vernier::ui {
namespace {

// What stands out: no number before infinity before the larger one.
float worse(float a, float b) {
  return std::isnan(a) || std::isnan(b) ? std::nanf("") : std::max(a, b);
}

// A mean over `steps` and one over `more`, NaN where both are.
double joined_mean(double mean, std::int64_t steps, double other, std::int64_t more) {
  if (std::isnan(mean)) return other;
  if (std::isnan(other)) return mean;
  return (mean * static_cast<double>(steps) + other * static_cast<double>(more)) / static_cast<double>(steps + more);
}

SignalGrid::Column column_of(const StepSignals& step) {
  const LogitSignals& logits = step.logits;
  return {step.step,
          step.step,
          1,
          logits.mean,
          logits.spread,
          logits.min,
          logits.max,
          logits.non_finite,
          logits.top_argmax_share,
          logits.top_target_share};
}

void join(SignalGrid::Column& into, const SignalGrid::Column& other) {
  if (into.steps == 0) {
    into = other;
    return;
  }
  if (other.steps == 0) return;
  into.mean = joined_mean(into.mean, into.steps, other.mean, other.steps);
  into.spread = joined_mean(into.spread, into.steps, other.spread, other.steps);
  into.min = std::fmin(into.min, other.min);
  into.max = std::fmax(into.max, other.max);
  into.non_finite += other.non_finite;
  into.top_argmax_share = std::max(into.top_argmax_share, other.top_argmax_share);
  into.top_target_share = std::max(into.top_target_share, other.top_target_share);
  into.first_step = std::min(into.first_step, other.first_step);
  into.last_step = std::max(into.last_step, other.last_step);
  into.steps += other.steps;
}

}  // namespace

void SignalGrid::add(const StepSignals& step) {
  if (columns_.empty()) first_ = step.step;
  if (step.step < first_) return;
  while (static_cast<std::size_t>((step.step - first_) / width_) >= kMostColumns) halve();
  const auto at = static_cast<std::size_t>((step.step - first_) / width_);
  while (columns_.size() <= at) addColumn();
  join(columns_[at], column_of(step));
  for (std::size_t g = 0; g < std::min(groups_.size(), step.gradient_norms.size()); ++g) {
    const float norm = step.gradient_norms[g];
    float& kept = norms_[at * groups_.size() + g];
    kept = worse(kept, norm);
    if (!std::isfinite(norm) || !(norm > 0.0f)) continue;
    least_ = least_ > 0.0f ? std::min(least_, norm) : norm;
    greatest_ = std::max(greatest_, norm);
  }
}

void SignalGrid::addColumn() {
  columns_.emplace_back();
  norms_.resize(norms_.size() + groups_.size(), 0.0f);
}

void SignalGrid::mergeInto(std::size_t to, std::size_t from) {
  join(columns_[to], columns_[from]);
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    norms_[to * groups_.size() + g] = worse(norms_[to * groups_.size() + g], norms_[from * groups_.size() + g]);
  }
}

void SignalGrid::halve() {
  const std::size_t half = (columns_.size() + 1) / 2;
  for (std::size_t i = 0; i < half; ++i) {
    // Column i takes the place of 2 i, and of 2 i + 1 where there is one.
    columns_[i] = columns_[2 * i];
    std::copy_n(norms_.begin() + static_cast<std::ptrdiff_t>(2 * i * groups_.size()), groups_.size(),
                norms_.begin() + static_cast<std::ptrdiff_t>(i * groups_.size()));
    if (2 * i + 1 < columns_.size()) mergeInto(i, 2 * i + 1);
  }
  columns_.resize(half);
  norms_.resize(half * groups_.size());
  width_ *= 2;
}

std::size_t SignalGrid::columnOf(double step) const {
  const double at = std::floor((step + 0.5 - static_cast<double>(first_)) / static_cast<double>(width_));
  return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(columns_.size() - 1)));
}

std::int64_t SignalGrid::recordedStepAt(double step) const {
  if (columns_.empty()) return 0;
  const Column& found = columns_[columnOf(step)];
  if (found.steps == 0) return 0;
  return std::llround(std::clamp(step, static_cast<double>(found.first_step), static_cast<double>(found.last_step)));
}

std::int64_t SignalGrid::neighbour(std::int64_t step, int by) const {
  if (columns_.empty()) return 0;
  if (step <= 0) return by > 0 ? columns_.front().first_step : columns_.back().first_step;
  const auto end = static_cast<std::ptrdiff_t>(columns_.size());
  for (auto i = static_cast<std::ptrdiff_t>(columnOf(static_cast<double>(step))) + by; i >= 0 && i < end; i += by) {
    if (columns_[static_cast<std::size_t>(i)].steps > 0) return columns_[static_cast<std::size_t>(i)].first_step;
  }
  return step;
}

}  // namespace vernier::ui
