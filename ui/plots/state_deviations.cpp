#include "ui/plots/state_deviations.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <optional>

#include "ui/plots/figure_scale.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/widgets/parity_path.h"

namespace vernier::ui {
namespace {

constexpr double kFontScale = 0.9;
constexpr int kLines = 9;  // of text, in height
constexpr int kTicks = 3;
constexpr double kPad = 8.0;

}  // namespace

StateDeviations::StateDeviations(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("stateDeviations"));
  setAccessibleName(tr("Where in the model the difference begins"));
  setToolTip(
      tr("How far the worst token's hidden state is from the reference's after each layer. The first state above "
         "the dashed line is where the difference begins; what is left of it computes the same."));
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void StateDeviations::setReport(const ParityReport& report) {
  report_ = report;
  hovered_ = -1;
  QStringList all;
  for (int state = 0; state < count(); ++state) all << readout(state);
  setAccessibleDescription(all.join(QStringLiteral(". ")));
  updateGeometry();
  update();
}

int StateDeviations::count() const {
  std::size_t most = 0;
  for (const ParityPathReport& path : report_.paths) most = std::max(most, path.state_deviations.size());
  return static_cast<int>(most);
}

bool StateDeviations::isEmpty() const {
  return count() == 0;
}

QSize StateDeviations::sizeHint() const {
  return {320, isEmpty() ? 0 : fontMetrics().height() * kLines};
}

QString StateDeviations::stateName(int state) const {
  if (state == 0) return tr("the embeddings");
  if (state == count() - 1) return tr("after the final norm");
  return tr("what layer %1 leaves").arg(state);
}

QStringList StateDeviations::readout(int state) const {
  QStringList lines = {stateName(state)};
  for (const ParityPathReport& path : report_.paths) {
    if (state >= static_cast<int>(path.state_deviations.size())) continue;
    lines << tr("%1: %2").arg(parity_path_name(path.path),
                              figure(path.state_deviations[static_cast<std::size_t>(state)], 3));
  }
  return lines;
}

QRectF StateDeviations::axes() const {
  const QFontMetricsF metrics(scaled_font(font(), kFontScale));
  return QRectF(rect()).adjusted(kPad + metrics.horizontalAdvance(QStringLiteral("1e\u221200")) + 6,
                                 kPad + 1.5 * metrics.height() + 2, -kPad - kParityPoint, -kPad - metrics.height() - 4);
}

double StateDeviations::xOf(int state) const {
  const QRectF area = axes();
  return area.left() + area.width() * state / std::max(1, count() - 1);
}

void StateDeviations::paintEvent(QPaintEvent*) {
  if (isEmpty()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.fillRect(rect(), palette().color(QPalette::Base));
  painter.setFont(scaled_font(font(), kFontScale));
  const QFontMetricsF metrics(painter.font());
  const QRectF area = axes();
  std::vector<double> values = {report_.thresholds.state_differs};
  for (const ParityPathReport& path : report_.paths) {
    values.insert(values.end(), path.state_deviations.begin(), path.state_deviations.end());
  }
  const FigureScale scale = FigureScale::logarithmic(values);
  const auto y_of = [&](double value) { return area.bottom() - area.height() * scale.share(value); };
  painter.setPen(palette().color(QPalette::Text));
  const QString title = tr("Deviation of the hidden states, worst token");
  painter.drawText(QPointF(kPad, kPad + metrics.ascent()),
                   metrics.elidedText(title, Qt::ElideRight, width() - 2 * kPad));
  for (const double tick : scale.ticks(kTicks)) {
    painter.setPen(QPen(grid_line(palette()), 1.0));
    painter.drawLine(QPointF(area.left(), y_of(tick)), QPointF(area.right(), y_of(tick)));
    painter.setPen(secondary_text(palette()));
    const QString words = figure(tick, 1);
    painter.drawText(QPointF(area.left() - metrics.horizontalAdvance(words) - 4, y_of(tick) + metrics.ascent() / 2 - 1),
                     words);
  }
  const double rounding = y_of(report_.thresholds.state_differs);
  painter.setPen(QPen(state_color(StateColor::kBad, palette()), 1.0, Qt::DashLine));
  painter.drawLine(QPointF(area.left(), rounding), QPointF(area.right(), rounding));
  painter.setPen(legible(state_color(StateColor::kBad, palette()), palette().color(QPalette::Base)));
  painter.drawText(QPointF(area.left() + 4, rounding - 2), tr("rounding stays below"));
  painter.setPen(QPen(axis_line(palette()), 1.0));
  painter.drawLine(area.bottomLeft(), area.bottomRight());
  if (hovered_ >= 0) painter.drawLine(QPointF(xOf(hovered_), area.top()), QPointF(xOf(hovered_), area.bottom()));
  for (const ParityPathReport& path : report_.paths) {
    std::optional<QPointF> before;
    for (std::size_t i = 0; i < path.state_deviations.size(); ++i) {
      const double value = path.state_deviations[i];
      const QPointF at(xOf(static_cast<int>(i)), std::isfinite(value) ? y_of(value) : area.top());
      painter.setPen(QPen(raw_line(parity_path_color(path.path), palette()), 1.0));
      if (before) painter.drawLine(*before, at);
      paint_parity_point(painter, at, path.path, value == 0.0);
      before = at;
    }
  }
  painter.setPen(secondary_text(palette()));
  const double baseline = area.bottom() + 2 + metrics.ascent();
  const QString last = tr("final norm");
  painter.drawText(QPointF(area.left(), baseline), tr("embeddings"));
  painter.drawText(QPointF(area.right() + kParityPoint - metrics.horizontalAdvance(last), baseline), last);
  painter.drawText(QRectF(area.left(), area.bottom() + 2, area.width(), metrics.height()), Qt::AlignCenter,
                   tr("layers"));
  if (hovered_ >= 0) {
    paint_readout(painter, QPointF(xOf(hovered_), area.center().y()), rect(), readout(hovered_), {}, palette());
  }
}

void StateDeviations::mouseMoveEvent(QMouseEvent* event) {
  const QRectF area = axes();
  const double share = (event->position().x() - area.left()) / std::max(1.0, area.width());
  hovered_ = isEmpty() ? -1 : std::clamp(static_cast<int>(std::lround(share * (count() - 1))), 0, count() - 1);
  update();
}

void StateDeviations::leaveEvent(QEvent*) {
  hovered_ = -1;
  update();
}

}  // namespace vernier::ui
