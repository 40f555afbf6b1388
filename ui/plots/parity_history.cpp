#include "ui/plots/parity_history.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "ui/plots/picture_export.h"
#include "ui/plots/table_export.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/widgets/engine_text.h"
#include "ui/widgets/parity_path.h"

namespace vernier::ui {
namespace {

constexpr int kColumns = 2;
constexpr double kPoint = kParityPoint;
constexpr double kGap = 16.0;  // between plots
constexpr double kFontScale = 0.9;
constexpr double kZoomStep = 1.25;
constexpr double kDragStart = 4.0;  // pixels; less is a click
constexpr double kClosest = 2.0;    // steps the view cannot be narrower than
constexpr double kMargin = 0.04;    // of the steps, so that the outermost points are not cut
constexpr int kTicks = 3;
// Paths that agree lie over each other: their points stand beside each other, pixels.
constexpr double kAside = 4.0;
constexpr std::array kPaths = {ParityPath::kTrain, ParityPath::kEval, ParityPath::kDecode};

const ParityPathReport* path_of(const ParityReport& report, ParityPath path) {
  for (const ParityPathReport& one : report.paths) {
    if (one.path == path) return &one;
  }
  return nullptr;
}

bool tells_thresholds(const ParityReport& report) {
  return report.thresholds.differs > 0.0;
}

}  // namespace

struct ParityHistory::Figure {
  const char* title;
  bool logarithmic;
  bool has_thresholds;
  double (*value)(const ParityPathReport&);
  // Beside the axis.
  QString text(double number) const { return logarithmic ? figure(number, 1) : percent(number, 0); }
};

const std::vector<ParityHistory::Figure>& ParityHistory::figures() {
  static const std::vector<Figure> kFigures = {
      {QT_TR_NOOP("Deviation, which the verdict judges"), true, true,
       [](const ParityPathReport& path) { return path.deviation; }},
      {QT_TR_NOOP("Same arg-max"), false, false, [](const ParityPathReport& path) { return path.argmax_agreement; }},
      {QT_TR_NOOP("Loss difference, nats"), true, false,
       [](const ParityPathReport& path) { return path.loss_difference; }},
      {QT_TR_NOOP("Most frequent arg-max"), false, false,
       [](const ParityPathReport& path) { return path.top_argmax_share; }},
      {QT_TR_NOOP("Max |\u0394 logit|"), true, false,
       [](const ParityPathReport& path) { return path.max_abs_logit_difference; }},
      {QT_TR_NOOP("KL from the reference, nats"), true, false,
       [](const ParityPathReport& path) { return path.mean_kl; }}};
  return kFigures;
}

ParityHistory::ParityHistory(MessageBar& messages, QWidget* parent) : QWidget(parent), messages_(messages) {
  setObjectName(QStringLiteral("parityHistoryPlot"));
  setAccessibleName(tr("Parity checks over the run"));
  setToolTip(
      tr("Every check of the run. A figure that rises at one step tells where to look; one that was never small "
         "tells of the model or the device. Wheel zooms, dragging moves, a double click shows all."));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  describe();
}

QSize ParityHistory::sizeHint() const {
  return {520, fontMetrics().height() * 24};
}

QSize ParityHistory::minimumSizeHint() const {
  return {320, fontMetrics().height() * 18};
}

void ParityHistory::setReports(const std::vector<ParityReport>& reports) {
  reports_ = reports;
  if (selected_ >= static_cast<int>(reports_.size())) selected_ = -1;
  hovered_ = -1;
  if (!is_zoomed_) showAll();
  describe();
  update();
}

void ParityHistory::setSelected(int index) {
  selected_ = index < static_cast<int>(reports_.size()) ? index : -1;
  describe();
  update();
}

void ParityHistory::showAll() {
  is_zoomed_ = false;
  double least = std::numeric_limits<double>::max(), most = std::numeric_limits<double>::lowest();
  for (const ParityReport& report : reports_) {
    least = std::min(least, static_cast<double>(report.step));
    most = std::max(most, static_cast<double>(report.step));
  }
  if (reports_.empty()) least = most = 0.0;
  const double pad = std::max(1.0, kMargin * (most - least));
  first_ = least - pad;
  last_ = most + pad;
}

void ParityHistory::resetZoom() {
  showAll();
  update();
}

FigureScale ParityHistory::scaleOf(const Figure& figure) const {
  std::vector<double> values;
  for (const ParityReport& report : reports_) {
    if (figure.has_thresholds && !tells_thresholds(report)) continue;
    for (const ParityPathReport& path : report.paths) values.push_back(figure.value(path));
    if (figure.has_thresholds) {
      values.push_back(report.thresholds.agrees);
      values.push_back(report.thresholds.differs);
    }
  }
  if (figure.logarithmic) return FigureScale::logarithmic(values);
  double least = 1.0, most = 0.0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  // Shares: from a round one below the least to all, or from nothing to a round one above the most.
  return least > 0.5 ? FigureScale::linear(std::floor(least * 10.0 - 1e-9) / 10.0, 1.0)
                     : FigureScale::linear(0.0, std::min(1.0, nice_ceiling(most)));
}

std::vector<ParityHistory::Place> ParityHistory::places(const QSizeF& size, const QFontMetricsF& metrics) const {
  const auto rows = static_cast<int>((figures().size() + kColumns - 1) / kColumns);
  const double top = metrics.height() + kGap / 2;  // the legend
  const double bottom = metrics.height() + 6;      // the steps
  const double width = (size.width() - (kColumns - 1) * kGap) / kColumns;
  const double height = (size.height() - top - bottom) / rows;
  std::vector<Place> out;
  for (std::size_t i = 0; i < figures().size(); ++i) {
    const Figure& shown = figures()[i];
    Place place;
    place.scale = scaleOf(shown);
    double labels = 0.0;
    for (const double tick : place.scale.ticks(kTicks)) {
      labels = std::max(labels, metrics.horizontalAdvance(shown.text(tick)));
    }
    const int row = static_cast<int>(i) / kColumns, column = static_cast<int>(i) % kColumns;
    const QRectF cell(column * (width + kGap), top + row * height, width, height);
    place.title = QRectF(cell.left(), cell.top(), cell.width(), metrics.height());
    place.axes = cell.adjusted(labels + 6, 1.5 * metrics.height() + 2, -kPoint - 2, -kGap / 2);
    out.push_back(place);
  }
  return out;
}

double ParityHistory::xOf(const QRectF& axes, double step) const {
  return axes.left() + axes.width() * (step - first_) / (last_ - first_);
}

double ParityHistory::xOf(const QRectF& axes, double step, ParityPath path) const {
  const double aside = path == ParityPath::kTrain ? -kAside : path == ParityPath::kDecode ? kAside : 0.0;
  return xOf(axes, step) + aside;
}

void ParityHistory::paintLegend(QPainter& painter, const QSizeF& size) const {
  const QFontMetricsF metrics(painter.font());
  double x = 0.0;
  for (const ParityPath path : kPaths) {
    const QString name = parity_path_name(path);
    if (x + metrics.horizontalAdvance(name) + 16 > size.width()) break;
    paint_parity_point(painter, QPointF(x + kPoint + 1, metrics.height() / 2), path, false);
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(QPointF(x + 14, metrics.ascent()), name);
    x += 14 + metrics.horizontalAdvance(name) + kGap;
  }
}

void ParityHistory::paintThresholds(QPainter& painter, const Place& place) const {
  const auto newest = std::find_if(reports_.rbegin(), reports_.rend(), tells_thresholds);
  if (newest == reports_.rend()) {
    painter.setPen(secondary_text(palette()));
    painter.drawText(place.axes, Qt::AlignCenter | Qt::TextWordWrap,
                     tr("Not recorded: an earlier version made these checks."));
    return;
  }
  const QFontMetricsF metrics(painter.font());
  const auto line = [&](double value, const QString& words, bool above, StateColor state) {
    const double y = place.axes.bottom() - place.axes.height() * place.scale.share(value);
    painter.setPen(QPen(state_color(state, palette()), 1.0, Qt::DashLine));
    painter.drawLine(QPointF(place.axes.left(), y), QPointF(place.axes.right(), y));
    painter.setPen(legible(state_color(state, palette()), palette().color(QPalette::Base)));
    const bool has_room = y - place.axes.top() > metrics.height();
    const double baseline = above && has_room ? y - 2 : y + metrics.ascent();
    painter.drawText(QPointF(place.axes.right() - metrics.horizontalAdvance(words), baseline), words);
  };
  line(newest->thresholds.differs, tr("differs above"), true, StateColor::kBad);
  line(newest->thresholds.agrees, tr("agrees below"), false, StateColor::kGood);
}

void ParityHistory::paintFigure(QPainter& painter, const Figure& shown, const Place& place, bool with_steps) const {
  const QFontMetricsF metrics(painter.font());
  const QRectF& axes = place.axes;
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(place.title, Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(tr(shown.title), Qt::ElideRight, place.title.width()));
  for (const double tick : place.scale.ticks(kTicks)) {
    const double y = axes.bottom() - axes.height() * place.scale.share(tick);
    painter.setPen(QPen(grid_line(palette()), 1.0));
    painter.drawLine(QPointF(axes.left(), y), QPointF(axes.right(), y));
    painter.setPen(secondary_text(palette()));
    const QString words = shown.text(tick);
    painter.drawText(QPointF(axes.left() - metrics.horizontalAdvance(words) - 4, y + metrics.ascent() / 2 - 1), words);
  }
  painter.setPen(QPen(axis_line(palette()), 1.0));
  painter.drawLine(axes.bottomLeft(), axes.bottomRight());
  painter.drawLine(axes.bottomLeft(), axes.topLeft());
  if (shown.has_thresholds) paintThresholds(painter, place);

  painter.save();
  painter.setClipRect(axes.adjusted(-kAside - kPoint - 1, -kPoint - 1, kAside + kPoint + 1, kPoint + 1));
  for (const int marked : {hovered_, selected_}) {
    if (marked < 0) continue;
    const double x = xOf(axes, static_cast<double>(reports_[static_cast<std::size_t>(marked)].step));
    painter.setPen(QPen(palette().color(marked == selected_ ? QPalette::Highlight : QPalette::Mid), 1.0));
    painter.drawLine(QPointF(x, axes.top()), QPointF(x, axes.bottom()));
  }
  for (const ParityPath path : kPaths) {
    std::optional<QPointF> before;
    for (const ParityReport& report : reports_) {
      const ParityPathReport* one = path_of(report, path);
      if (one == nullptr || (shown.has_thresholds && !tells_thresholds(report))) continue;
      const double value = shown.value(*one);
      // What is no number stands at the upper edge, with a cross instead of its point.
      const double share = std::isfinite(value) ? place.scale.share(value) : 1.0;
      const QPointF at(xOf(axes, static_cast<double>(report.step), path), axes.bottom() - axes.height() * share);
      QColor color = parity_path_color(path);
      painter.setPen(QPen(raw_line(color, palette()), 1.0));
      if (before) painter.drawLine(*before, at);
      before = at;
      if (std::isfinite(value)) {
        paint_parity_point(painter, at, path, shown.logarithmic && value == 0.0);
      } else {
        painter.setPen(QPen(color, 2.0));
        painter.drawLine(at + QPointF(-kPoint, -kPoint), at + QPointF(kPoint, kPoint));
        painter.drawLine(at + QPointF(-kPoint, kPoint), at + QPointF(kPoint, -kPoint));
      }
    }
  }
  painter.restore();
  if (with_steps) paintSteps(painter, axes);
}

// At the checks that there were: the outermost in sight first, of the others those that have room.
void ParityHistory::paintSteps(QPainter& painter, const QRectF& axes) const {
  const QFontMetricsF metrics(painter.font());
  std::vector<qint64> steps;
  for (const ParityReport& report : reports_) {
    const auto step = static_cast<double>(report.step);
    if (step >= first_ && step <= last_ && (steps.empty() || steps.back() != report.step)) steps.push_back(report.step);
  }
  if (steps.empty()) return;
  std::swap(steps.front(), steps.back());
  if (steps.size() > 2) std::rotate(steps.begin() + 1, steps.end() - 1, steps.end());
  std::vector<QRectF> taken;
  for (const qint64 step : steps) {
    // The first in sight is at the right: it says what the numbers are.
    const QString words = taken.empty() ? tr("step %1").arg(grouped(step)) : grouped(step);
    const double x = xOf(axes, static_cast<double>(step)), width = metrics.horizontalAdvance(words);
    const double right = axes.right() + kPoint + 2;
    const QRectF place(std::min(x - width / 2, right - width), axes.bottom() + 4, width, metrics.height());
    const QRectF room = place.adjusted(-kGap / 2, 0, kGap / 2, 0);
    if (std::ranges::any_of(taken, [&room](const QRectF& other) { return other.intersects(room); })) continue;
    taken.push_back(place);
    painter.setPen(axis_line(palette()));
    painter.drawLine(QPointF(x, axes.bottom()), QPointF(x, axes.bottom() + 3));
    painter.setPen(secondary_text(palette()));
    painter.drawText(QPointF(place.left(), place.top() + metrics.ascent()), words);
  }
}

void ParityHistory::paint(QPainter& painter, const QSizeF& size) const {
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setFont(scaled_font(font(), kFontScale));
  painter.fillRect(QRectF(QPointF(0, 0), size), palette().color(QPalette::Base));
  painter.translate(8, 8);
  const QSizeF inner(size.width() - 16, size.height() - 16);
  paintLegend(painter, inner);
  const std::vector<Place> all = places(inner, QFontMetricsF(painter.font()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    paintFigure(painter, figures()[i], all[i], i + kColumns >= all.size());
  }
  painter.translate(-8, -8);
}

void ParityHistory::paintTo(QPaintDevice& device, const QSize& size) {
  QPainter painter(&device);
  paint(painter, size);
}

QPointF ParityHistory::pointOf(int index, ParityPath path) const {
  const QSizeF inner(width() - 16, height() - 16);
  const Place place = places(inner, QFontMetricsF(scaled_font(font(), kFontScale))).front();
  const ParityReport& report = reports_[static_cast<std::size_t>(index)];
  const ParityPathReport* one = path_of(report, path);
  return QPointF(8, 8) + QPointF(xOf(place.axes, static_cast<double>(report.step), path),
                                 place.axes.bottom() - place.axes.height() * place.scale.share(one->deviation));
}

QStringList ParityHistory::readout(int index) const {
  const ParityReport& report = reports_[static_cast<std::size_t>(index)];
  QStringList lines = {tr("step %1: %2").arg(grouped(report.step), engine_text(to_string(report.verdict)))};
  for (const ParityPathReport& path : report.paths) {
    QString line =
        tr("%1: loss difference %2, max |\u0394 logit| %3, same arg-max %4, KL %5")
            .arg(parity_path_name(path.path), figure(path.loss_difference, 2), figure(path.max_abs_logit_difference, 2),
                 percent(path.argmax_agreement), figure(path.mean_kl, 2));
    lines << line;
  }
  return lines;
}

void ParityHistory::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter, size());
  if (hovered_ >= 0) {
    painter.setFont(scaled_font(font(), kFontScale));
    paint_readout(painter, mapFromGlobal(QCursor::pos()), rect(), readout(hovered_), {}, palette());
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(hasFocus() ? palette().color(QPalette::Highlight) : grid_line(palette()));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

int ParityHistory::indexAt(const QPointF& point) const {
  const QSizeF inner(width() - 16, height() - 16);
  const QPointF within = point - QPointF(8, 8);
  for (const Place& place : places(inner, QFontMetricsF(scaled_font(font(), kFontScale)))) {
    if (!place.axes.adjusted(-8, -8, 8, 8).contains(within)) continue;
    int best = -1;
    double nearest = std::numeric_limits<double>::max();
    for (std::size_t i = 0; i < reports_.size(); ++i) {
      const double away = std::abs(xOf(place.axes, static_cast<double>(reports_[i].step)) - within.x());
      // Of several checks of one step the newest.
      if (away <= nearest) nearest = away, best = static_cast<int>(i);
    }
    return best;
  }
  return -1;
}

void ParityHistory::mouseMoveEvent(QMouseEvent* event) {
  if (pressed_) {
    const double by = event->position().x() - pressed_->x();
    if (!is_dragging_ && std::abs(by) < kDragStart) return;
    is_dragging_ = true;
    if (is_zoomed_) {
      const double steps = by * kColumns / width() * (last_ - first_);
      first_ -= steps;
      last_ -= steps;
      pressed_ = event->position();
    }
    update();
    return;
  }
  hovered_ = indexAt(event->position());
  update();
}

void ParityHistory::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) pressed_ = event->position();
  is_dragging_ = false;
}

void ParityHistory::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !pressed_) return;
  pressed_.reset();
  if (is_dragging_) return;
  const int index = indexAt(event->position());
  if (index >= 0) select(index);
}

void ParityHistory::mouseDoubleClickEvent(QMouseEvent*) {
  resetZoom();
}

void ParityHistory::wheelEvent(QWheelEvent* event) {
  if (event->angleDelta().y() == 0 || reports_.empty()) return event->ignore();
  const QSizeF inner(width() - 16, height() - 16);
  const std::vector<Place> all = places(inner, QFontMetricsF(scaled_font(font(), kFontScale)));
  const double x = event->position().x() - 8;
  const auto place = std::find_if(all.begin(), all.end(), [x](const Place& one) { return x <= one.axes.right(); });
  const QRectF axes = place == all.end() ? all.back().axes : place->axes;
  const double share = std::clamp((x - axes.left()) / axes.width(), 0.0, 1.0);
  const double factor = event->angleDelta().y() > 0 ? 1.0 / kZoomStep : kZoomStep;
  const double span = std::max(kClosest, (last_ - first_) * factor);
  const double at = first_ + share * (last_ - first_);
  first_ = at - share * span;
  last_ = first_ + span;
  is_zoomed_ = true;
  hovered_ = -1;
  update();
  event->accept();
}

void ParityHistory::leaveEvent(QEvent*) {
  hovered_ = -1;
  update();
}

void ParityHistory::keyPressEvent(QKeyEvent* event) {
  const int count = static_cast<int>(reports_.size());
  if (count == 0) return QWidget::keyPressEvent(event);
  switch (event->key()) {
    case Qt::Key_Left:
      return select(selected_ < 0 ? count - 1 : std::max(0, selected_ - 1));
    case Qt::Key_Right:
      return select(std::min(count - 1, selected_ + 1));
    case Qt::Key_Home:
      return select(0);
    case Qt::Key_End:
      return select(count - 1);
    default:
      QWidget::keyPressEvent(event);
  }
}

void ParityHistory::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void ParityHistory::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

void ParityHistory::addActions(QMenu& menu) {
  add_picture_actions(
      menu, *this, QStringLiteral("parity"), [this](QPaintDevice& device, const QSize& size) { paintTo(device, size); },
      messages_);
  const auto make_table = [this] {
    TableData table;
    table.headers << tr("step") << tr("path") << tr("verdict");
    for (const Figure& shown : figures()) table.headers << tr(shown.title);
    table.rows = static_cast<int>(reports_.size() * kPaths.size());
    table.cell = [reports = reports_](int row, int column) -> QString {
      const ParityReport& report = reports[static_cast<std::size_t>(row) / kPaths.size()];
      const ParityPathReport* one = path_of(report, kPaths[static_cast<std::size_t>(row) % kPaths.size()]);
      if (column == 0) return QString::number(report.step);
      if (one == nullptr) return {};
      if (column == 1) return parity_path_name(one->path);
      if (column == 2) return engine_text(to_string(one->verdict));
      return QString::number(figures()[static_cast<std::size_t>(column) - 3].value(*one), 'g', 9);
    };
    return table;
  };
  add_table_actions(menu, *this, tr("Parity checks"), QStringLiteral("parity"), make_table, messages_);
  menu.addAction(tr("Show &all steps"), this, &ParityHistory::resetZoom);
}

void ParityHistory::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  addActions(menu);
  menu.exec(event->globalPos());
}

void ParityHistory::select(int index) {
  if (index == selected_) return;
  setSelected(index);
  Q_EMIT checkSelected(index);
}

void ParityHistory::describe() {
  if (selected_ >= 0) {
    setAccessibleDescription(readout(selected_).join(QStringLiteral(". ")));
  } else {
    setAccessibleDescription(tr("%n parity checks", nullptr, static_cast<int>(reports_.size())));
  }
}

}  // namespace vernier::ui
