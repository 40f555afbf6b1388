// The curves' numbers: decimation that keeps extremes, smoothing, usual ranges; and columns of signals.
#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "tests/ui/samples.h"
#include "ui/plots/loss_series.h"
#include "ui/plots/signal_grid.h"

namespace vernier::ui {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

StepSignals signals_of(std::int64_t step, std::vector<float> norms) {
  StepSignals made;
  made.step = step;
  made.logits = {.mean = static_cast<double>(step), .spread = 2.0, .min = -5.0, .max = 5.0};
  made.gradient_norms = std::move(norms);
  return made;
}

}  // namespace

class SeriesTest : public QObject {
  Q_OBJECT

 private slots:
  void pyramidKnowsEveryStretch() {
    std::mt19937 random(1);
    std::uniform_real_distribution<double> uniform(-5.0, 5.0);
    MinMaxPyramid pyramid;
    std::vector<double> values;
    for (int i = 0; i < 5003; ++i) {
      values.push_back(i % 611 == 0 ? kNaN : i % 977 == 0 ? std::numeric_limits<double>::infinity() : uniform(random));
      pyramid.append(values.back());
      if (i % 50 != 0) continue;
      std::size_t first = random() % values.size();
      std::size_t last = random() % (values.size() + 1);
      if (last < first) std::swap(first, last);
      double low = std::numeric_limits<double>::infinity();
      double high = -low;
      bool gap = false;
      for (std::size_t j = first; j < last; ++j) {
        gap = gap || !std::isfinite(values[j]);
        if (!std::isfinite(values[j])) continue;
        low = std::min(low, values[j]);
        high = std::max(high, values[j]);
      }
      const auto found = pyramid.extremes(first, last);
      QCOMPARE(found.has_gap, gap);
      QCOMPARE(found.low == MinMaxPyramid::kNone, low > high);
      if (low > high) continue;
      QCOMPARE(values[found.low], low);
      QCOMPARE(values[found.high], high);
    }
  }

  void bucketsAreWholeAndHardlyWider() {
    for (const std::size_t width : {1u, 7u, 8u, 63u, 64u, 65u, 511u, 512u, 910u, 4095u, 4097u, 1'000'000u}) {
      const std::size_t whole = MinMaxPyramid::wholeBuckets(width);
      QVERIFY(whole >= width && whole <= width + width / 8);
      std::size_t bucket = 1;
      while (bucket * 64 <= width) bucket *= 8;
      QCOMPARE(whole % bucket, std::size_t{0});
    }
  }

  void decimationKeepsSpikesAndGaps() {
    std::vector<SeriesPoint> points = samples::series(100'000);
    points[33'333].loss_per_token = 50.0;
    points[77'777].loss_per_token = -3.0;
    points[50'000].loss_per_token = kNaN;
    LossSeries series;
    series.append(points);
    const LossSeries::Line line = series.line(Curve::kPerToken, 1, 100'000, 800);
    QVERIFY(line.keys.size() <= 3 * 801);
    QVERIFY(std::is_sorted(line.keys.begin(), line.keys.end()));
    double low = 0.0;
    double high = 0.0;
    int gaps = 0;
    for (qsizetype i = 0; i < line.values.size(); ++i) {
      gaps += std::isnan(line.values[i]) ? 1 : 0;
      if (line.values[i] > high) high = line.values[i];
      if (line.values[i] < low) low = line.values[i];
      if (line.values[i] == 50.0) QCOMPARE(line.keys[i], 33'334.0);
    }
    QCOMPARE(high, 50.0);
    QCOMPARE(low, -3.0);
    QCOMPARE(gaps, 1);
    QCOMPARE(series.bad_steps(), std::vector<std::int64_t>{50'001});
  }

  void fewPointsAreDrawnAsTheyAre() {
    LossSeries series;
    const auto points = samples::series(100);
    series.append(points);
    const LossSeries::Line line = series.line(Curve::kPerSequence, 11, 20, 800);
    QCOMPARE(line.keys.size(), qsizetype(12));  // one beyond on each side
    QCOMPARE(line.keys.front(), 10.0);
    QCOMPARE(line.values[1], points[10].loss_per_sequence);
  }

  void aResumedRunReplacesItsTail() {
    LossSeries series;
    series.append(samples::series(10));
    auto again = samples::series(3, 6);
    again[0].loss_per_token = 9.0;
    series.append(again);
    QCOMPARE(series.size(), std::size_t(8));
    QCOMPARE(series.step(5), std::int64_t(6));
    QCOMPARE(series.value(Curve::kPerToken, 5), 9.0);
    QCOMPARE(series.range(Curve::kPerToken, 0, 100).second, 9.0);
  }

  void smoothingLagsByHalfItsSpan() {
    LossSeries series;
    std::vector<SeriesPoint> points;
    for (int i = 1; i <= 400; ++i) points.push_back({i, 10.0 - 0.01 * i, 1.0, 0.0, 0.0});
    series.append(points);
    // A line's mean over the 16 steps of a run of 400 lies 7.5 steps back.
    QVERIFY(std::abs(series.value(Curve::kSmoothPerToken, 399) - 6.075) < 1e-6);
    QVERIFY(std::abs(series.value(Curve::kSmoothPerSequence, 399) - 1.0) < 1e-9);
  }

  void smoothingStaysWithinTheRawValues() {
    std::mt19937 random(std::random_device{}());
    std::lognormal_distribution<double> noise(0.0, 2.0);
    for (const int steps : {59, 60, 100, 247, 500, 1801}) {
      std::vector<SeriesPoint> points;
      // One wild, one that falls steeply and then lies flat.
      for (int i = 1; i <= steps; ++i) points.push_back({i, noise(random), 7.6 * std::exp(-0.3 * i), 0.0, 0.0});
      LossSeries series;
      series.append(points);
      for (const auto& [raw, smooth] : {std::pair(Curve::kPerToken, Curve::kSmoothPerToken),
                                        std::pair(Curve::kPerSequence, Curve::kSmoothPerSequence)}) {
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        for (std::size_t i = 0; i < series.size(); ++i) {
          // Nothing but what came before enters.
          low = std::min(low, series.value(raw, i));
          high = std::max(high, series.value(raw, i));
          QVERIFY(series.value(smooth, i) >= low && series.value(smooth, i) <= high);
          if (steps < 60) QCOMPARE(series.value(smooth, i), series.value(raw, i));
        }
        for (const int pixels : {40, 900}) {
          for (const double value : series.smooth_line(smooth, 1, steps, pixels).values) {
            QVERIFY(value >= low * (1 - 1e-12) - 1e-12 && value <= high * (1 + 1e-12));
          }
        }
      }
      if (steps >= 60) QVERIFY(series.value(Curve::kSmoothPerToken, 40) != series.value(Curve::kPerToken, 40));
      QVERIFY(series.smoothing_steps(1, steps, 9000) <= 20);
    }
  }

  void smoothingIsTheBiasCorrectedMean() {
    // Written out with weights, against the running form; 300 steps are smoothed over 12.
    std::mt19937 random(std::random_device{}());
    std::uniform_real_distribution<double> uniform(0.5, 4.0);
    std::vector<SeriesPoint> points;
    for (int i = 1; i <= 300; ++i) points.push_back({i, i % 37 == 0 ? kNaN : uniform(random), 2.125, 0.0, 0.0});
    LossSeries series;
    // In pieces, as a run grows.
    series.append({points.begin(), points.begin() + 70});
    series.append({points.begin() + 70, points.end()});
    const double keep = 11.0 / 13.0;
    for (const std::size_t at : {0u, 1u, 59u, 60u, 150u, 299u}) {
      double sum = 0.0;
      double weights = 0.0;
      double weight = 1.0;
      for (std::size_t i = at + 1; i-- > 0;) {
        if (std::isnan(points[i].loss_per_token)) continue;
        sum += weight * points[i].loss_per_token;
        weights += weight;
        weight *= keep;
      }
      QVERIFY(std::abs(series.value(Curve::kSmoothPerToken, at) - sum / weights) <= 1e-12);
      QCOMPARE(series.value(Curve::kSmoothPerSequence, at), 2.125);
    }
    QVERIFY(std::isnan(series.value(Curve::kSmoothPerToken, 36)));
    QVERIFY(std::isfinite(series.value(Curve::kSmoothPerToken, 37)));
  }

  void nearestStep() {
    LossSeries series;
    series.append({{10, 1, 1, 0, 0}, {20, 1, 1, 0, 0}, {30, 1, 1, 0, 0}});
    QCOMPARE(series.nearest(-5.0), std::size_t(0));
    QCOMPARE(series.nearest(14.9), std::size_t(0));
    QCOMPARE(series.nearest(15.1), std::size_t(1));
    QCOMPARE(series.nearest(1e9), std::size_t(2));
  }

  void theSmoothingsStrengthIsItsSpan() {
    LossSeries series;
    series.append(samples::series(2000));
    QCOMPARE(series.smoothing_steps(1, 100, 9000), std::size_t(20));
    series.setWidestSpan(2);
    const double light = series.value(Curve::kSmoothPerToken, 1999);
    series.setWidestSpan(500);
    QCOMPARE(series.smoothing_steps(1, 100, 9000), std::size_t(80));  // a twenty-fifth of the run
    double light_jumps = 0.0, heavy_jumps = 0.0;
    for (std::size_t i = 1500; i < 2000; ++i) {
      heavy_jumps += std::abs(series.value(Curve::kSmoothPerToken, i) - series.value(Curve::kSmoothPerToken, i - 1));
    }
    series.setWidestSpan(2);
    for (std::size_t i = 1500; i < 2000; ++i) {
      light_jumps += std::abs(series.value(Curve::kSmoothPerToken, i) - series.value(Curve::kSmoothPerToken, i - 1));
    }
    QVERIFY(heavy_jumps < 0.2 * light_jumps);
    QCOMPARE(series.value(Curve::kSmoothPerToken, 1999), light);
  }

  void usualRangesLeaveOutliersOut() {
    std::vector<SeriesPoint> points = samples::series(5000);
    for (const std::size_t at : {100u, 2500u, 4999u}) points[at].loss_per_token = 1e6;
    points[7].grad_norm = -1e5;
    LossSeries series;
    series.append(points);
    QCOMPARE(series.range(Curve::kPerToken, 1, 5000).second, 1e6);
    const auto [low, high] = series.usual_range(Curve::kPerToken, 1, 5000);
    QVERIFY(low > 0.0 && low < 1.3 && high > 2.5 && high < 6.0);
    QVERIFY(series.usual_range(Curve::kGradNorm, 1, 5000).first > -1.0);
    // A percentile of a few steps means nothing.
    QCOMPARE(series.usual_range(Curve::kPerToken, 95, 110), series.range(Curve::kPerToken, 95, 110));
  }

  void theGapIsTheirDifferenceAndNothingWhereOneIsNoNumber() {
    std::vector<SeriesPoint> points = samples::series(3);
    points[0].loss_per_token = 2.25;
    points[0].loss_per_sequence = 2.0;
    points[1].loss_per_token = std::nan("");
    LossSeries series;
    series.append(points);
    QCOMPARE(series.value(Curve::kGap, 0), -0.25);
    QVERIFY(std::isnan(series.value(Curve::kGap, 1)));
    QCOMPARE(series.value(Curve::kGap, 2), points[2].loss_per_sequence - points[2].loss_per_token);
  }

  void throughputAndMemoryAreThereWhereTheyWereTold() {
    LossSeries series;
    SeriesPoint point = samples::series(1).front();
    series.append(std::vector{point});
    QVERIFY(std::isnan(series.value(Curve::kThroughput, 0)) && std::isnan(series.value(Curve::kMemory, 0)));
    point.step = 2;
    point.tokens_per_second = 1234.0;
    point.peak_memory_bytes = 2.5e9;
    series.append(std::vector{point});
    QCOMPARE(series.value(Curve::kThroughput, 1), 1234.0);
    QCOMPARE(series.value(Curve::kMemory, 1), 2.5);
    // Also after the tail was written anew.
    SeriesPoint third = point;
    third.step = 3;
    series.append(std::vector{third});
    series.append(std::vector{third});
    QCOMPARE(series.value(Curve::kThroughput, 1), 1234.0);
    QCOMPARE(series.value(Curve::kMemory, 1), 2.5);
  }

  void gridKeepsEveryStepWhileThereIsRoom() {
    SignalGrid grid({{0, "q"}, {1, "q"}});
    for (std::int64_t step = 5; step < 105; ++step) {
      grid.add(signals_of(step, {static_cast<float>(step), 1.0f / static_cast<float>(step)}));
    }
    QCOMPARE(grid.size(), std::size_t(100));
    QCOMPARE(grid.stepsAColumn(), std::int64_t(1));
    QCOMPARE(grid.norm(grid.columnOf(50), 0), 50.0f);
    QCOMPARE(grid.leftOf(grid.columnOf(50)), 49.5);
    QCOMPARE(grid.normRange(), (std::pair<float, float>(1.0f / 104.0f, 104.0f)));
    QCOMPARE(grid.neighbour(50, 1), std::int64_t(51));
    QCOMPARE(grid.neighbour(104, 1), std::int64_t(104));
    QCOMPARE(grid.neighbour(0, -1), std::int64_t(104));
  }

  void gridHalvesWithoutLosingWhatStandsOut() {
    SignalGrid grid({{0, "q"}, {1, "q"}, {2, "q"}});
    constexpr std::int64_t kSteps = 50'001;
    std::int64_t added = 0;
    for (std::int64_t step = 1; step <= kSteps; ++step) {
      if (step % 7 == 3) continue;  // some were not recorded
      StepSignals one = signals_of(step, {1.0f, 0.01f, 0.5f});
      if (step == 33'333) one.gradient_norms[0] = 900.0f;
      if (step == 44'444) one.gradient_norms[1] = std::nanf("");
      if (step == 44'444) one.logits = {.mean = kNaN, .spread = kNaN, .min = kNaN, .max = kNaN, .non_finite = 12};
      if (step == 12'345) one.logits.max = 77.0;
      grid.add(one);
      ++added;
    }
    QVERIFY(grid.size() <= SignalGrid::kMostColumns && grid.size() > SignalGrid::kMostColumns / 2);
    QCOMPARE(grid.norm(grid.columnOf(33'333), 0), 900.0f);
    QVERIFY(std::isnan(grid.norm(grid.columnOf(44'444), 1)));
    QCOMPARE(grid.norm(grid.columnOf(44'444), 2), 0.5f);
    QCOMPARE(grid.column(grid.columnOf(44'444)).non_finite, std::int64_t(12));
    QCOMPARE(grid.column(grid.columnOf(12'345)).max, 77.0);
    std::int64_t steps = 0;
    double mean = 0.0;
    for (std::size_t i = 0; i < grid.size(); ++i) {
      const SignalGrid::Column& column = grid.column(i);
      steps += column.steps;
      QVERIFY(column.first_step >= static_cast<std::int64_t>(std::ceil(grid.leftOf(i))));
      QVERIFY(static_cast<double>(column.last_step) < grid.leftOf(i + 1));
      if (std::isfinite(column.mean)) mean += column.mean * static_cast<double>(column.steps);
    }
    QCOMPARE(steps, added);
    // The means of the columns are those of their steps.
    QVERIFY(std::abs(mean / static_cast<double>(steps) - 25'000.0) < 10.0);
  }
};

}  // namespace vernier::ui

QTEST_APPLESS_MAIN(vernier::ui::SeriesTest)
#include "series_test.moc"
