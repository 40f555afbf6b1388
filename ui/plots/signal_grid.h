// What steps told of their insides, in few columns however many steps there are.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "vernier/step_signals.h"

namespace vernier::ui {

// Steps are added in their order. Where they need more columns than there may be, neighbours become one: a column keeps
// the largest norms and the extremes of the logits, so that nothing that stands out is lost.
class SignalGrid {
 public:
  static constexpr std::size_t kMostColumns = 1024;

  struct Column {
    std::int64_t first_step = 0;  // that were recorded
    std::int64_t last_step = 0;
    std::int64_t steps = 0;
    double mean = 0.0, spread = 0.0;  // means over the steps; NaN where no logit was finite
    double min = 0.0, max = 0.0;
    std::int64_t non_finite = 0;
    double top_argmax_share = 0.0, top_target_share = 0.0;  // the largest
  };

  SignalGrid() = default;
  explicit SignalGrid(std::vector<GradientGroup> groups) : groups_(std::move(groups)) {}

  void add(const StepSignals& step);

  const std::vector<GradientGroup>& groups() const { return groups_; }
  bool empty() const { return columns_.empty(); }
  std::size_t size() const { return columns_.size(); }
  const Column& column(std::size_t i) const { return columns_[i]; }
  // The largest norm of the column's steps; NaN or infinite where one is.
  float norm(std::size_t column, std::size_t group) const { return norms_[column * groups_.size() + group]; }
  // Steps that a column spans, recorded or not, and the first step of the first column.
  std::int64_t stepsAColumn() const { return width_; }
  std::int64_t firstStep() const { return first_; }
  // The column that a step lies in or nearest to; not to be asked where there is none.
  std::size_t columnOf(double step) const;
  // A recorded step in the column of `step`, the next to it; 0 where there is none.
  std::int64_t recordedStepAt(double step) const;
  // The first recorded step of the next column with any, to the right (by 1) or left (by -1) of `step`'s; `step` itself
  // where there is none, and the first or the last of all where `step` is 0.
  std::int64_t neighbour(std::int64_t step, int by) const;
  // Where column i begins and ends on an axis of steps: half a step before its first and behind its last.
  double leftOf(std::size_t i) const {
    return static_cast<double>(first_ + static_cast<std::int64_t>(i) * width_) - 0.5;
  }
  // Least and greatest of the norms that are finite and above 0; {0, 0} where there is none.
  std::pair<float, float> normRange() const { return {least_, greatest_}; }

 private:
  void halve();
  void addColumn();
  void mergeInto(std::size_t to, std::size_t from);

  std::vector<GradientGroup> groups_;
  std::vector<Column> columns_;
  std::vector<float> norms_;  // [columns, groups]
  std::int64_t first_ = 0;
  std::int64_t width_ = 1;
  float least_ = 0.0f, greatest_ = 0.0f;
};

}  // namespace vernier::ui
