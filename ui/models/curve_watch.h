// A run's curves, as the alarms take them in.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "vernier/alarms.h"

namespace vernier::ui {

// Takes in steps and evaluations in the order in which they happened: a step's evaluation comes after it. One thread at
// a time; a copy goes on by itself.
class CurveWatch {
 public:
  // What was not taken in yet, of vectors that have only grown; until `patience` is over. True once nothing is left.
  bool take_in(const std::vector<SeriesPoint>& series, const std::vector<EvalEvent>& evals,
               std::chrono::steady_clock::duration patience = std::chrono::steady_clock::duration::max());
  const AlarmWatch& watch() const { return watch_; }

 private:
  AlarmWatch watch_;
  std::size_t points_ = 0, evals_ = 0;  // taken in
};

}  // namespace vernier::ui
