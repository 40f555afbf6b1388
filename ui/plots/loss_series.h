// The curves' numbers, ready to be drawn at any zoom.
#pragma once

#include <QVector>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "ui/plots/min_max_pyramid.h"
#include "vernier/run_store.h"

namespace vernier::ui {

// kGap: the loss per sequence less that per token, NaN where either is no number. kThroughput in tokens/s, kMemory in
// GB (1e9 bytes); both NaN where a step did not tell.
enum class Curve {
  kPerToken,
  kPerSequence,
  kLearningRate,
  kGradNorm,
  kThroughput,
  kMemory,
  kGap,
  kSmoothPerToken,
  kSmoothPerSequence
};
inline constexpr std::size_t kRecordedCurves = 7;  // the first ones: not made by smoothing

// Steps to make room for where a run is planned so long. A plan may be anything: it is bounded.
std::size_t room_for(std::int64_t planned_steps);

class LossSeries {
 public:
  static constexpr std::size_t kDefaultSpan = 20;

  // In order of their steps. A step that is there already takes the place of it and of all after it: a resumed run
  // writes its history anew from the checkpoint on.
  void append(const std::vector<SeriesPoint>& points);
  void clear();
  // Makes room for so many steps: a long run then never waits for all of itself to be moved.
  void reserve(std::size_t steps);
  // The smoothing's span is a twenty-fifth of the run, at most this many steps; 1 smooths nothing.
  void setWidestSpan(std::size_t steps);
  std::size_t widestSpan() const { return widest_span_; }

  std::size_t size() const { return steps_.size(); }
  bool empty() const { return steps_.empty(); }
  std::int64_t step(std::size_t i) const { return steps_[i]; }
  const std::vector<std::int64_t>& steps() const { return steps_; }
  // All values of a recorded curve.
  const std::vector<double>& values(Curve curve) const { return column(curve).values(); }
  double value(Curve curve, std::size_t i) const {
    return is_smooth(curve) ? smoothing(curve).means[i] : column(curve)[i];
  }
  // The recorded step nearest to `step`; not to be asked where there is none.
  std::size_t nearest(double step) const;
  // Indices [first, last) of the steps in [low, high].
  std::pair<std::size_t, std::size_t> within(double low, double high) const;

  // Points to draw for the steps in [low, high] and one beyond on each side: all of them, or the extremes of every
  // stretch where there are more than two a pixel. A value is NaN where the line has a gap.
  struct Line {
    QVector<double> keys;
    QVector<double> values;
  };
  Line line(Curve curve, double low, double high, int pixels) const;
  // The same for a smoothed curve, few points even where there are many steps: means of every few pixels.
  Line smooth_line(Curve curve, double low, double high, int pixels) const;
  // Over how many steps such a mean goes, at least the smoothing's own; 1 where nothing is smoothed.
  std::size_t smoothing_steps(double low, double high, int pixels) const;
  // Least and greatest finite value for the steps in [low, high]; {NaN, NaN} where there is none. Of a recorded curve:
  // a smoothed one never leaves the range of its own.
  std::pair<double, double> range(Curve curve, double low, double high) const;
  // The same without outliers: from the 1st to the 99th percentile with some room, of a sample where there are many
  // steps; all of them where there are few.
  std::pair<double, double> usual_range(Curve curve, double low, double high) const;
  // Steps with a loss that is NaN or infinite, ascending.
  const std::vector<std::int64_t>& bad_steps() const { return bad_steps_; }

 private:
  struct Smoothing {
    double mean = 0.0;
    double unseen = 1.0;                // the weight that the start's zero would still have
    std::vector<double> means;          // the smoothed values
    std::vector<double> sums;           // of them up to each point
    std::vector<std::uint32_t> counts;  // of those that are numbers
  };
  static bool is_smooth(Curve curve) { return static_cast<std::size_t>(curve) >= kRecordedCurves; }
  // Of a recorded curve.
  const MinMaxPyramid& column(Curve curve) const { return columns_[static_cast<std::size_t>(curve)]; }
  MinMaxPyramid& column(Curve curve) { return columns_[static_cast<std::size_t>(curve)]; }
  const Smoothing& smoothing(Curve curve) const { return smoothing_[curve == Curve::kSmoothPerToken ? 0 : 1]; }
  void append(const SeriesPoint& point);
  void truncate(std::size_t size);
  std::pair<std::size_t, std::size_t> around(double low, double high) const;
  static std::size_t mean_width(std::size_t count, int pixels);
  // Takes in what is new, or everything where the run has grown enough to be smoothed over more steps.
  void smooth();
  void smooth(const MinMaxPyramid& from, Smoothing& state);

  std::vector<std::int64_t> steps_;
  std::array<MinMaxPyramid, kRecordedCurves> columns_;
  std::vector<std::int64_t> bad_steps_;
  std::array<Smoothing, 2> smoothing_{};
  std::size_t span_ = 1;
  std::size_t widest_span_ = kDefaultSpan;
};

}  // namespace vernier::ui
