#include "ui/models/curve_watch.h"

#include <algorithm>

namespace vernier::ui {
namespace {

constexpr std::size_t kStepsALook = 1000;  // at the clock: some hundred microseconds

}  // namespace

bool CurveWatch::take_in(const std::vector<SeriesPoint>& series, const std::vector<EvalEvent>& evals,
                         std::chrono::steady_clock::duration patience) {
  const auto start = std::chrono::steady_clock::now();
  while (points_ < series.size()) {
    for (const std::size_t end = std::min(series.size(), points_ + kStepsALook); points_ < end; ++points_) {
      const std::int64_t step = series[points_].step;
      for (; evals_ < evals.size() && evals[evals_].step < step; ++evals_) watch_.add(evals[evals_]);
      watch_.add(series[points_]);
    }
    if (points_ < series.size() && std::chrono::steady_clock::now() - start >= patience) return false;
  }
  const std::int64_t last = series.empty() ? 0 : series.back().step;
  for (; evals_ < evals.size() && evals[evals_].step <= last; ++evals_) watch_.add(evals[evals_]);
  return true;
}

}  // namespace vernier::ui
