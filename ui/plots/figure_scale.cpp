#include "ui/plots/figure_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vernier::ui {

FigureScale FigureScale::linear(double least, double most) {
  FigureScale scale;
  scale.lower_ = std::min(least, most);
  scale.upper_ = std::max(least, most);
  if (scale.upper_ - scale.lower_ <= 1e-12 * std::max(1.0, std::abs(scale.upper_))) scale.upper_ = scale.lower_ + 1.0;
  return scale;
}

FigureScale FigureScale::logarithmic(const std::vector<double>& values) {
  double least = std::numeric_limits<double>::max(), most = 0.0;
  for (const double value : values) {
    if (!(value > 0.0) || !std::isfinite(value)) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  FigureScale scale;
  scale.logarithmic_ = true;
  if (most == 0.0) least = most = 1.0;
  double low = std::floor(std::log10(least) + 1e-9), high = std::ceil(std::log10(most) - 1e-9);
  // What stands at an edge would be cut, and a single decade is no axis.
  if (low == std::log10(least)) --low;
  if (high <= low) high = low + 1;
  scale.lower_ = std::pow(10.0, low);
  scale.upper_ = std::pow(10.0, high);
  return scale;
}

double FigureScale::share(double value) const {
  if (!logarithmic_) return std::clamp((value - lower_) / (upper_ - lower_), 0.0, 1.0);
  if (!(value > lower_)) return 0.0;
  return std::min(1.0, std::log(value / lower_) / std::log(upper_ / lower_));
}

std::vector<double> FigureScale::ticks(int most) const {
  std::vector<double> ticks;
  if (logarithmic_) {
    const int low = static_cast<int>(std::lround(std::log10(lower_))),
              high = static_cast<int>(std::lround(std::log10(upper_)));
    const int step = std::max(1, static_cast<int>(std::ceil(static_cast<double>(high - low) / std::max(1, most - 1))));
    for (int decade = low; decade <= high; decade += step) ticks.push_back(std::pow(10.0, decade));
    return ticks;
  }
  const int count = std::max(2, most);
  for (int i = 0; i < count; ++i) ticks.push_back(lower_ + (upper_ - lower_) * i / (count - 1));
  return ticks;
}

}  // namespace vernier::ui
