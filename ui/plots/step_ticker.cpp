#include "ui/plots/step_ticker.h"

#include <algorithm>
#include <cmath>

#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr double kLeastSide = 0.2;  // of the other: what reaches less far is the room around the line

}  // namespace

double StepTicker::getTickStep(const QCPRange& range) {
  // There is no half step: 2 instead of 2.5.
  return std::max(1.0, std::floor(QCPAxisTicker::getTickStep(range)));
}

QString StepTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
  return grouped(std::llround(tick));
}

QString FigureTicker::getTickLabel(double tick, const QLocale&, QChar, int) {
  QString text = figure(tick, 6);
  // No zeros behind the last figure that says something.
  const qsizetype e = text.indexOf('e');
  QString figures = e < 0 ? text : text.left(e);
  if (figures.contains('.')) {
    while (figures.endsWith('0')) figures.chop(1);
    if (figures.endsWith('.')) figures.chop(1);
  }
  return figures + (e < 0 ? QString() : text.mid(e));
}

QVector<double> BoundsTicker::createTickVector(double, const QCPRange& range) {
  const auto round_figure = [](double bound) {
    if (!(bound > 0.0)) return 0.0;
    const double power = std::pow(10.0, std::floor(std::log10(bound)));
    return std::floor(bound / power) * power;
  };
  const double above = round_figure(range.upper), below = -round_figure(-range.lower), room = share_ * range.size();
  const double outermost = above >= -below ? above : below, other_side = above >= -below ? below : above;
  QVector<double> wanted = {outermost, 0.0};
  if (std::abs(other_side) >= kLeastSide * std::abs(outermost)) wanted << other_side;
  QVector<double> ticks;
  for (const double tick : wanted) {
    const auto touches = [&](double other) { return tick == other || std::abs(tick - other) < room; };
    if (std::none_of(ticks.begin(), ticks.end(), touches)) ticks << tick;
  }
  std::sort(ticks.begin(), ticks.end());
  return ticks;
}

QVector<double> PowerTicker::createTickVector(double, const QCPRange& range) {
  constexpr double kMost = 3.0;
  if (!(range.lower > 0.0)) return {};
  const double low = std::ceil(std::log10(range.lower)), high = std::floor(std::log10(range.upper));
  if (high < low) return {range.lower * std::sqrt(range.upper / range.lower)};
  QVector<double> ticks;
  const double by = std::max(1.0, std::ceil((high - low) / kMost));
  for (double power = low; power <= high; power += by) ticks << std::pow(10.0, power);
  return ticks;
}

QVector<double> LogTicker::createTickVector(double, const QCPRange& range) {
  QVector<double> ticks;
  if (!(range.lower > 0.0)) return ticks;
  const double decades = std::log10(range.upper / range.lower);
  // Less than a factor of four: even steps serve better than 1-2-5.
  if (decades < 0.6) return QCPAxisTicker::createTickVector(getTickStep(range), range);
  for (double power = std::pow(10.0, std::floor(std::log10(range.lower))); power <= range.upper; power *= 10.0) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (decades > 3.0 && factor > 1.0) continue;
      ticks << power * factor;
    }
  }
  return ticks;
}

}  // namespace vernier::ui
