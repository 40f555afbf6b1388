#include "ui/plots/gradient_map.h"

#include <QImage>
#include <QKeyEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr int kBarHeight = 8;
constexpr int kBarWidth = 220;

bool is_norm(float value) {
  return std::isfinite(value) && value > 0.0f;
}

// "self_attn.q_proj" as "q_proj": the last part says it.
QString short_name(const std::string& module) {
  return QString::fromStdString(module.substr(module.rfind('.') + 1));
}

}  // namespace

GradientMap::GradientMap(QWidget* parent) : StepPlot(parent) {
  setObjectName(QStringLiteral("gradientMap"));
  setAccessibleName(tr("Gradient norms by layer and step"));
  setMinimumSize(320, 140);
}

void GradientMap::setGrid(std::shared_ptr<const SignalGrid> grid) {
  const bool same_rows = grid_ && grid && grid_->groups() == grid->groups();
  grid_ = std::move(grid);
  if (!same_rows) sortRows();
  dataChanged();
}

void GradientMap::setOrder(Order order) {
  order_ = order;
  sortRows();
  dataChanged();
}

void GradientMap::sortRows() {
  rows_.clear();
  row_ = -1;
  if (!grid_) return;
  const std::vector<GradientGroup>& groups = grid_->groups();
  for (std::size_t g = groups.size(); g-- > 0;) rows_.push_back(g);
  if (order_ == Order::kLayer) return;  // as they come: layer by layer
  // The projections in the order in which a layer has them.
  std::vector<std::string> modules;
  for (const GradientGroup& group : groups) {
    if (std::find(modules.begin(), modules.end(), group.module) == modules.end()) modules.push_back(group.module);
  }
  const auto place = [&](std::size_t g) {
    return std::find(modules.begin(), modules.end(), groups[g].module) - modules.begin();
  };
  std::stable_sort(rows_.begin(), rows_.end(), [&](std::size_t a, std::size_t b) { return place(a) > place(b); });
}

// Counted from 1, as the lens and the parity check count what a layer leaves.
QString GradientMap::nameOf(std::size_t group) const {
  const GradientGroup& one = grid_->groups()[group];
  return one.layer < 0 ? short_name(one.module) : tr("layer %1, %2").arg(one.layer + 1).arg(short_name(one.module));
}

QString GradientMap::heading(std::size_t group) const {
  const GradientGroup& one = grid_->groups()[group];
  if (order_ == Order::kProjection || one.layer < 0) return short_name(one.module);
  return tr("layer %1").arg(one.layer + 1);
}

int GradientMap::leftRoom(const QFontMetrics& metrics) const {
  int widest = metrics.horizontalAdvance(tr("layer %1").arg(88));
  if (hasData()) {
    for (const std::size_t group : rows_) widest = std::max(widest, metrics.horizontalAdvance(heading(group)));
  }
  return std::min(widest, width() / 3) + 14;
}

int GradientMap::topRoom(const QFontMetrics& metrics) const {
  return 2 * metrics.height() + kBarHeight + 12;
}

double GradientMap::rowTop(int row) const {
  return plotRect().top() + plotRect().height() * row / std::max(1, rowCount());
}

QRectF GradientMap::cellRect(double step, int row) const {
  const std::size_t column = grid_->columnOf(step);
  const double left = xOf(grid_->leftOf(column)), right = xOf(grid_->leftOf(column + 1));
  return {left, rowTop(row), right - left, rowTop(row + 1) - rowTop(row)};
}

QColor GradientMap::colorOf(float norm) const {
  const auto [least, greatest] = grid_->normRange();
  if (!is_norm(norm)) return cividis(std::nan(""));
  if (!(greatest > least)) return cividis(0.5);
  return cividis(std::log(norm / least) / std::log(greatest / least));
}

std::pair<std::size_t, std::size_t> GradientMap::columnsInSight() const {
  return {grid_->columnOf(lowStep()), grid_->columnOf(highStep()) + 1};
}

void GradientMap::paintData(QPainter& painter) {
  const auto [first, last] = columnsInSight();
  QImage image(static_cast<int>(last - first), rowCount(), QImage::Format_RGB32);
  std::vector<std::pair<std::size_t, int>> broken;  // cells with NaN or infinity
  for (int row = 0; row < rowCount(); ++row) {
    const std::size_t group = groupOfRow(row);
    for (std::size_t column = first; column < last; ++column) {
      const float norm = grid_->norm(column, group);
      const bool recorded = grid_->column(column).steps > 0;
      image.setPixelColor(static_cast<int>(column - first), row,
                          recorded ? colorOf(norm) : palette().color(QPalette::Base));
      if (recorded && !std::isfinite(norm)) broken.emplace_back(column, row);
    }
  }
  const double left = xOf(grid_->leftOf(first)), right = xOf(grid_->leftOf(last));
  painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
  painter.drawImage(QRectF(left, plotRect().top(), right - left, plotRect().height()), image);
  // A shape as well as a colour; nothing that is broken is too small to be seen.
  painter.setPen(QPen(state_color(StateColor::kBad, palette()), 1.4));
  for (const auto& [column, row] : broken) {
    const QPointF at((xOf(grid_->leftOf(column)) + xOf(grid_->leftOf(column + 1))) / 2,
                     (rowTop(row) + rowTop(row + 1)) / 2);
    painter.drawLine(at - QPointF(3, 3), at + QPointF(3, 3));
    painter.drawLine(at - QPointF(3, -3), at + QPointF(3, -3));
  }
  if (row_ >= 0 && selectedStep() > 0) {
    const QRectF cell = cellRect(static_cast<double>(selectedStep()), row_).adjusted(-1, -1, 1, 1);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(palette().color(QPalette::Text), 3.0));
    painter.drawRect(cell);
    painter.setPen(QPen(light_outline(), 1.4));
    painter.drawRect(cell);
  }
}

void GradientMap::paintAround(QPainter& painter) {
  const QFontMetricsF metrics(painter.font());
  const QColor quiet = legible(secondary_text(palette()), palette().color(QPalette::Base));
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(QPointF(plotRect().left(), 4 + metrics.ascent()),
                   metrics.elidedText(tr("gradient norm before clipping, logarithmic; the largest of a column's steps"),
                                      Qt::ElideRight, plotRect().width()));
  const auto [least, greatest] = grid_->normRange();
  const QRect bar(static_cast<int>(plotRect().left()), static_cast<int>(metrics.height()) + 8,
                  std::min(kBarWidth, static_cast<int>(plotRect().width())), kBarHeight);
  paint_color_bar(
      painter, bar, [](double t) { return cividis(t); },
      {{0.0, figure(static_cast<double>(least), 2)},
       {0.5, figure(std::sqrt(static_cast<double>(least) * static_cast<double>(greatest)), 2)},
       {1.0, figure(static_cast<double>(greatest), 2)}},
      palette());
  // A heading where it begins, and only as many as there is room for.
  double free_from = plotRect().bottom() + metrics.height();
  for (int row = rowCount() - 1; row >= 0;) {
    const QString text = heading(groupOfRow(row));
    int top = row;
    while (top > 0 && heading(groupOfRow(top - 1)) == text) --top;
    const double middle = (rowTop(top) + rowTop(row + 1)) / 2;
    painter.setPen(QPen(grid_line(palette()), 1.0));
    painter.drawLine(QLineF(plotRect().left() - 4, rowTop(top), plotRect().left(), rowTop(top)));
    if (middle + metrics.height() / 2 <= free_from) {
      painter.setPen(quiet);
      const QString words = metrics.elidedText(text, Qt::ElideMiddle, plotRect().left() - 10);
      painter.drawText(QPointF(plotRect().left() - 8 - metrics.horizontalAdvance(words),
                               middle + metrics.ascent() / 2 - metrics.descent() / 2),
                       words);
      free_from = middle - metrics.height() / 2;
    }
    row = top - 1;
  }
}

QStringList GradientMap::cellWords(std::size_t column, std::size_t group) const {
  const SignalGrid::Column& steps = grid_->column(column);
  if (steps.steps == 0) return {};
  const float norm = grid_->norm(column, group);
  const QString when = steps.steps == 1 ? tr("step %1").arg(grouped(steps.first_step))
                                        : tr("steps %1 to %2").arg(grouped(steps.first_step), grouped(steps.last_step));
  const QString value = steps.steps == 1 ? tr("gradient norm %1").arg(figure(static_cast<double>(norm), 3))
                                         : tr("largest gradient norm %1").arg(figure(static_cast<double>(norm), 3));
  return {nameOf(group), when, norm == 0.0f ? tr("gradient norm 0: nothing reaches it") : value};
}

QStringList GradientMap::readoutAt(const QPointF& point) const {
  if (!hasData() || !plotRect().contains(point)) return {};
  const int row = std::clamp(static_cast<int>((point.y() - plotRect().top()) / plotRect().height() * rowCount()), 0,
                             rowCount() - 1);
  const double step = stepAt(point.x());
  if (step < grid_->leftOf(0) || step > grid_->leftOf(grid_->size())) return {};
  return cellWords(grid_->columnOf(step), groupOfRow(row));
}

qint64 GradientMap::recordedStepAt(double step) const {
  return hasData() ? grid_->recordedStepAt(step) : 0;
}

qint64 GradientMap::neighbour(qint64 step, int by) const {
  return hasData() ? grid_->neighbour(step, by) : 0;
}

void GradientMap::keyPressEvent(QKeyEvent* event) {
  if (!hasData() || (event->key() != Qt::Key_Up && event->key() != Qt::Key_Down)) return StepPlot::keyPressEvent(event);
  row_ = std::clamp(row_ + (event->key() == Qt::Key_Down ? 1 : row_ < 0 ? rowCount() : -1), 0, rowCount() - 1);
  dataChanged();
}

TableData GradientMap::table() const {
  TableData table;
  table.headers = {tr("first step"), tr("last step")};
  for (std::size_t g = 0; g < grid_->groups().size(); ++g) table.headers << nameOf(g);
  table.rows = static_cast<int>(grid_->size());
  table.cell = [grid = grid_](int row, int column) {
    const SignalGrid::Column& steps = grid->column(static_cast<std::size_t>(row));
    if (column < 2) return QString::number(column == 0 ? steps.first_step : steps.last_step);
    const float norm = grid->norm(static_cast<std::size_t>(row), static_cast<std::size_t>(column - 2));
    return QString::number(static_cast<double>(norm), 'g', 4);
  };
  return table;
}

QString GradientMap::pictureName() const {
  return tr("gradient-norms");
}

QString GradientMap::description() const {
  if (row_ >= 0 && selectedStep() > 0) {
    return cellWords(grid_->columnOf(static_cast<double>(selectedStep())), groupOfRow(row_)).join(QStringLiteral(", "));
  }
  const auto [least, greatest] = grid_->normRange();
  return tr("%1 rows and %2 columns; norms from %3 to %4")
      .arg(rowCount())
      .arg(grid_->size())
      .arg(figure(static_cast<double>(least), 2), figure(static_cast<double>(greatest), 2));
}

}  // namespace vernier::ui
