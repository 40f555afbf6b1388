#include "ui/plots/logit_signal_plot.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr double kUpperShare = 0.64;  // of the height
constexpr double kGap = 26.0;         // between the parts: room for a title
constexpr int kTicks = 4;

}  // namespace

LogitSignalPlot::LogitSignalPlot(QWidget* parent) : StepPlot(parent) {
  setObjectName(QStringLiteral("logitSignalPlot"));
  setAccessibleName(tr("Logit statistics by step"));
  setMinimumSize(320, 180);
}

void LogitSignalPlot::setGrid(std::shared_ptr<const SignalGrid> grid) {
  grid_ = std::move(grid);
  dataChanged();
}

QRectF LogitSignalPlot::upper() const {
  return {plotRect().left(), plotRect().top(), plotRect().width(), (plotRect().height() - kGap) * kUpperShare};
}

QRectF LogitSignalPlot::lower() const {
  const double top = upper().bottom() + kGap;
  return {plotRect().left(), top, plotRect().width(), plotRect().bottom() - top};
}

double LogitSignalPlot::yOf(double logit) const {
  return upper().bottom() - (logit - least_) / (greatest_ - least_) * upper().height();
}

double LogitSignalPlot::yOfShare(double share) const {
  return lower().bottom() - share * lower().height();
}

double LogitSignalPlot::middleOf(std::size_t column) const {
  const SignalGrid::Column& steps = grid_->column(column);
  return static_cast<double>(steps.first_step + steps.last_step) / 2.0;
}

int LogitSignalPlot::leftRoom(const QFontMetrics& metrics) const {
  return metrics.horizontalAdvance(QStringLiteral("−888.8")) + 12;
}

int LogitSignalPlot::topRoom(const QFontMetrics& metrics) const {
  return metrics.height() + 8;
}

void LogitSignalPlot::refreshRange() {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (std::size_t i = grid_->columnOf(lowStep()); i <= grid_->columnOf(highStep()); ++i) {
    const SignalGrid::Column& column = grid_->column(i);
    if (column.steps == 0 || !std::isfinite(column.min) || !std::isfinite(column.max)) continue;
    low = std::min(low, column.min);
    high = std::max(high, column.max);
  }
  if (!(low <= high)) low = -1.0, high = 1.0;
  const double room = std::max(0.05 * (high - low), 1e-3);
  least_ = low - room;
  greatest_ = high + room;
}

void LogitSignalPlot::paintData(QPainter& painter) {
  refreshRange();
  const std::size_t first = grid_->columnOf(lowStep()), last = grid_->columnOf(highStep()) + 1;
  const auto line = [&](const auto& value, const auto& y, const QPen& pen) {
    QPolygonF points;
    painter.setPen(pen);
    const auto flush = [&] {
      if (points.size() == 1) painter.drawPoint(points.front());
      painter.drawPolyline(points);
      points.clear();
    };
    for (std::size_t i = first > 0 ? first - 1 : 0; i < std::min(last + 1, grid_->size()); ++i) {
      const SignalGrid::Column& column = grid_->column(i);
      if (column.steps == 0) continue;
      const double at = value(column);
      if (std::isfinite(at)) {
        points << QPointF(xOf(middleOf(i)), y(at));
      } else {
        flush();
      }
    }
    flush();
  };
  const auto logit = [this](double value) { return yOf(value); };
  const auto share = [this](double value) { return yOfShare(value); };
  // The spread as a band around the mean.
  for (std::size_t i = first; i < last; ++i) {
    const SignalGrid::Column& column = grid_->column(i);
    if (column.steps == 0 || !std::isfinite(column.mean)) continue;
    const double left = xOf(grid_->leftOf(i)), right = xOf(grid_->leftOf(i + 1));
    const double top = yOf(column.mean + column.spread), bottom = yOf(column.mean - column.spread);
    painter.fillRect(QRectF(left, top, right - left, bottom - top), gap_shade(palette()));
  }
  const QColor extreme = per_sequence_color();
  line([](const auto& c) { return c.max; }, logit, QPen(extreme, 1.2));
  line([](const auto& c) { return c.min; }, logit, QPen(extreme, 1.2));
  line([](const auto& c) { return c.mean; }, logit, QPen(per_token_color(), 1.8));
  line([](const auto& c) { return c.top_argmax_share; }, share, QPen(gradient_color(), 1.6));
  line([](const auto& c) { return c.top_target_share; }, share, QPen(rate_color(), 1.4, Qt::DashLine));
  painter.setPen(QPen(state_color(StateColor::kBad, palette()), 1.6));
  for (std::size_t i = first; i < last; ++i) {
    if (grid_->column(i).non_finite == 0) continue;
    const QPointF at(xOf(middleOf(i)), upper().bottom() - 6);
    painter.drawLine(at - QPointF(3, 3), at + QPointF(3, 3));
    painter.drawLine(at - QPointF(3, -3), at + QPointF(3, -3));
  }
}

void LogitSignalPlot::paintAround(QPainter& painter) {
  const QFontMetricsF metrics(painter.font());
  const QColor base = palette().color(QPalette::Base), quiet = legible(secondary_text(palette()), base);
  // Words in their lines' colours, one behind the other.
  const auto words = [&](double top, const QList<QPair<QString, QColor>>& parts) {
    double x = plotRect().left();
    for (const auto& [text, color] : parts) {
      if (x + metrics.horizontalAdvance(text) > plotRect().right()) return;
      painter.setPen(legible(color, base));
      painter.drawText(QPointF(x, top + metrics.ascent()), text);
      x += metrics.horizontalAdvance(text) + 14;
    }
  };
  const QColor text = palette().color(QPalette::Text);
  words(4, {{tr("logits at labelled positions"), text},
            {tr("mean, within the spread"), per_token_color()},
            {tr("least and greatest"), per_sequence_color()},
            {tr("× not finite"), state_color(StateColor::kBad, palette())}});
  words(lower().top() - metrics.height() - 3, {{tr("share of positions"), text},
                                               {tr("most frequent answer (arg-max)"), gradient_color()},
                                               {tr("most frequent target, dashed"), rate_color()}});
  for (const QRectF& part : {upper(), lower()}) {
    painter.setPen(QPen(axis_line(palette()), 1.0));
    painter.drawLine(QLineF(part.left(), part.top(), part.left(), part.bottom()));
    painter.drawLine(QLineF(part.left(), part.bottom(), part.right(), part.bottom()));
  }
  const auto tick = [&](double y, const QString& label) {
    painter.setPen(quiet);
    painter.drawText(QPointF(plotRect().left() - 8 - metrics.horizontalAdvance(label),
                             y + metrics.ascent() / 2 - metrics.descent() / 2),
                     label);
    painter.setPen(QPen(axis_line(palette()), 1.0));
    painter.drawLine(QLineF(plotRect().left() - 4, y, plotRect().left(), y));
  };
  const double by = nice_ceiling((greatest_ - least_) / kTicks);
  for (double value = std::ceil(least_ / by) * by; value <= greatest_; value += by) tick(yOf(value), figure(value, 3));
  for (const double value : {0.0, 1.0}) tick(yOfShare(value), percent(value, 0));
}

QStringList LogitSignalPlot::columnWords(std::size_t index) const {
  const SignalGrid::Column& column = grid_->column(index);
  if (column.steps == 0) return {};
  QStringList lines = {column.steps == 1
                           ? tr("step %1").arg(grouped(column.first_step))
                           : tr("steps %1 to %2").arg(grouped(column.first_step), grouped(column.last_step))};
  lines << tr("mean %1, spread %2").arg(figure(column.mean, 4), figure(column.spread, 3));
  lines << tr("from %1 to %2").arg(figure(column.min, 4), figure(column.max, 4));
  if (column.non_finite > 0) lines << tr("%1 logits are NaN or infinite").arg(grouped(column.non_finite));
  lines << tr("one answer at %1 of the positions, one target at %2")
               .arg(percent(column.top_argmax_share), percent(column.top_target_share));
  return lines;
}

QStringList LogitSignalPlot::readoutAt(const QPointF& point) const {
  if (!hasData() || !plotRect().contains(point)) return {};
  const double step = stepAt(point.x());
  if (step < grid_->leftOf(0) || step > grid_->leftOf(grid_->size())) return {};
  return columnWords(grid_->columnOf(step));
}

qint64 LogitSignalPlot::recordedStepAt(double step) const {
  return hasData() ? grid_->recordedStepAt(step) : 0;
}

qint64 LogitSignalPlot::neighbour(qint64 step, int by) const {
  return hasData() ? grid_->neighbour(step, by) : 0;
}

TableData LogitSignalPlot::table() const {
  TableData table;
  table.headers = {tr("first step"),
                   tr("last step"),
                   tr("mean"),
                   tr("spread"),
                   tr("least"),
                   tr("greatest"),
                   tr("not finite"),
                   tr("share of the top arg-max"),
                   tr("share of the top target")};
  table.rows = static_cast<int>(grid_->size());
  table.cell = [grid = grid_](int row, int index) {
    const SignalGrid::Column& c = grid->column(static_cast<std::size_t>(row));
    if (index == 0) return QString::number(c.first_step);
    if (index == 1) return QString::number(c.last_step);
    if (index == 6) return QString::number(c.non_finite);
    const double values[] = {0, 0, c.mean, c.spread, c.min, c.max, 0, c.top_argmax_share, c.top_target_share};
    return QString::number(values[index], 'g', 6);
  };
  return table;
}

QString LogitSignalPlot::pictureName() const {
  return tr("logit-statistics");
}

QString LogitSignalPlot::description() const {
  const std::size_t column =
      selectedStep() > 0 ? grid_->columnOf(static_cast<double>(selectedStep())) : grid_->size() - 1;
  return columnWords(column).join(QStringLiteral(", "));
}

}  // namespace vernier::ui
