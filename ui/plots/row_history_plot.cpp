#include "ui/plots/row_history_plot.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr double kDot = 3.5;
constexpr std::size_t kMostDots = 200;

// So many has every multiple of it at most: 0.25 has two.
int decimals_of(double step) {
  constexpr int kMost = 6;
  int decimals = 0;
  for (double whole = step; decimals < kMost && std::abs(whole - std::round(whole)) > 1e-6; whole *= 10.0) ++decimals;
  return decimals;
}

}  // namespace

RowHistoryPlot::RowHistoryPlot(QWidget* parent) : StepPlot(parent) {
  setObjectName(QStringLiteral("rowHistoryPlot"));
  setAccessibleName(tr("Loss of the pinned row through the run"));
  setMinimumSize(220, 100);
}

void RowHistoryPlot::setHistory(std::vector<SequenceRecord> history) {
  history_ = std::move(history);
  greatest_ = 0.0;
  for (const SequenceRecord& one : history_) {
    if (std::isfinite(one.loss.loss)) greatest_ = std::max(greatest_, one.loss.loss);
  }
  greatest_ = greatest_ > 0.0 ? greatest_ * 1.08 : 1.0;
  dataChanged();
}

double RowHistoryPlot::yOf(double loss) const {
  return plotRect().bottom() - loss / greatest_ * plotRect().height();
}

int RowHistoryPlot::leftRoom(const QFontMetrics& metrics) const {
  return metrics.horizontalAdvance(QStringLiteral("88.88")) + 12;
}

int RowHistoryPlot::topRoom(const QFontMetrics& metrics) const {
  return metrics.height() + 6;
}

void RowHistoryPlot::paintData(QPainter& painter) {
  QPolygonF line;
  for (const SequenceRecord& one : history_) {
    if (std::isfinite(one.loss.loss)) line << QPointF(xOf(static_cast<double>(one.step)), yOf(one.loss.loss));
  }
  painter.setPen(QPen(per_sequence_color(), 1.6));
  painter.drawPolyline(line);
  if (history_.size() > kMostDots) return;
  painter.setBrush(per_sequence_color());
  painter.setPen(QPen(palette().color(QPalette::Base), 1.0));
  for (const QPointF& at : line) painter.drawEllipse(at, kDot, kDot);
  painter.setBrush(Qt::NoBrush);
}

void RowHistoryPlot::paintAround(QPainter& painter) {
  const QFontMetricsF metrics(painter.font());
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(QPointF(plotRect().left(), 2 + metrics.ascent()), tr("loss of this row, nats"));
  painter.setPen(QPen(axis_line(palette()), 1.0));
  painter.drawLine(QLineF(plotRect().left(), plotRect().top(), plotRect().left(), plotRect().bottom()));
  const QColor quiet = legible(secondary_text(palette()), palette().color(QPalette::Base));
  const double by = nice_ceiling(greatest_ / 4.0);
  const int decimals = decimals_of(by);
  for (double loss = 0.0; loss <= greatest_; loss += by) {
    const QString text = QString::number(loss, 'f', decimals);
    painter.setPen(quiet);
    painter.drawText(QPointF(plotRect().left() - 6 - metrics.horizontalAdvance(text),
                             yOf(loss) + metrics.ascent() / 2 - metrics.descent() / 2),
                     text);
  }
}

std::size_t RowHistoryPlot::nearest(double step) const {
  const auto closer = [step](const SequenceRecord& a, const SequenceRecord& b) {
    return std::abs(static_cast<double>(a.step) - step) < std::abs(static_cast<double>(b.step) - step);
  };
  if (step == -HUGE_VAL) return 0;
  if (step == HUGE_VAL) return history_.size() - 1;
  return static_cast<std::size_t>(std::min_element(history_.begin(), history_.end(), closer) - history_.begin());
}

QStringList RowHistoryPlot::words(std::size_t i) const {
  return {tr("step %1").arg(grouped(history_[i].step)), tr("loss %1 nats").arg(figure(history_[i].loss.loss, 4))};
}

QStringList RowHistoryPlot::readoutAt(const QPointF& point) const {
  if (!hasData() || !plotRect().contains(point)) return {};
  return words(nearest(stepAt(point.x())));
}

qint64 RowHistoryPlot::recordedStepAt(double step) const {
  return hasData() ? history_[nearest(step)].step : 0;
}

qint64 RowHistoryPlot::neighbour(qint64 step, int by) const {
  if (!hasData()) return 0;
  const auto at = static_cast<qsizetype>(nearest(static_cast<double>(step)));
  // From between two of them, the next one in that direction.
  const qint64 found = history_[static_cast<std::size_t>(at)].step;
  const qsizetype next = (by > 0 && found > step) || (by < 0 && found < step) ? at : at + by;
  return history_[static_cast<std::size_t>(std::clamp<qsizetype>(next, 0, static_cast<qsizetype>(history_.size()) - 1))]
      .step;
}

TableData RowHistoryPlot::table() const {
  TableData table;
  table.headers = {tr("step"), tr("sequence"), tr("loss"), tr("targets")};
  table.rows = static_cast<int>(history_.size());
  table.cell = [history = history_](int row, int column) {
    const SequenceRecord& one = history[static_cast<std::size_t>(row)];
    if (column == 2) return QString::number(one.loss.loss, 'g', 6);
    return QString::number(column == 0 ? one.step : column == 1 ? one.loss.index : one.loss.num_targets);
  };
  return table;
}

QString RowHistoryPlot::pictureName() const {
  return tr("row-history");
}

QString RowHistoryPlot::description() const {
  return tr("It came up %n time(s). First: %1. Last: %2", nullptr, static_cast<int>(history_.size()))
      .arg(words(0).join(QStringLiteral(", ")), words(history_.size() - 1).join(QStringLiteral(", ")));
}

}  // namespace vernier::ui
