#include "ui/plots/step_plot.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/plots/picture_export.h"
#include "ui/plots/table_export.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

constexpr double kZoomStep = 1.25;
constexpr int kRightRoom = 12;
constexpr double kStepsATick = 90.0;  // pixels

}  // namespace

StepPlot::StepPlot(QWidget* parent) : QWidget(parent), messages_(new MessageBar(this)) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  messages_->setObjectName(QStringLiteral("pictureMessage"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(1, 1, 1, 1);
  layout->addWidget(messages_);
  layout->addStretch(1);
}

void StepPlot::setStepRange(double low, double high) {
  low_ = low;
  high_ = std::max(high, low + 1.0);
  update();
}

void StepPlot::setSelectedStep(qint64 step) {
  selected_ = step;
  dataChanged();
}

void StepPlot::setExplanation(const QString& text) {
  explanation_ = text;
  dataChanged();
}

void StepPlot::dataChanged() {
  setAccessibleDescription(hasData() ? description() : explanation_);
  update();
}

bool StepPlot::savePicture(const QString& path) {
  return save_picture(
      path, size(),
      [this](QPaintDevice& device, const QSize& size) {
        QPainter painter(&device);
        paint(painter, size, false);
      },
      *messages_);
}

double StepPlot::xOf(double step) const {
  return rect_.left() + (step - low_) / (high_ - low_) * rect_.width();
}

double StepPlot::stepAt(double x) const {
  return low_ + (x - rect_.left()) / std::max(1.0, rect_.width()) * (high_ - low_);
}

void StepPlot::layOut(const QSize& size) {
  const QFontMetrics metrics(scaled_font(font(), 0.9));
  const int left = leftRoom(metrics), top = topRoom(metrics), bottom = metrics.height() + 8;
  rect_ = QRectF(left, top, std::max(20, size.width() - left - kRightRoom), std::max(20, size.height() - top - bottom));
}

void StepPlot::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter, size(), true);
  if (!hasFocus()) return;
  painter.setPen(palette().color(QPalette::Highlight));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void StepPlot::paint(QPainter& painter, const QSize& size, bool on_screen) {
  layOut(size);
  painter.fillRect(QRect(QPoint(0, 0), size), palette().color(QPalette::Base));
  if (!hasData()) {
    painter.setPen(legible(secondary_text(palette()), palette().color(QPalette::Base)));
    painter.drawText(QRect(QPoint(0, 0), size).adjusted(24, 8, -24, -8), Qt::AlignCenter | Qt::TextWordWrap,
                     explanation_);
    return;
  }
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(scaled_font(font(), 0.9));
  paintSteps(painter);
  painter.save();
  painter.setClipRect(rect_);
  paintData(painter);
  if (selected_ > 0 && selected_ >= low_ && selected_ <= high_) {
    painter.setPen(QPen(palette().color(QPalette::Text), 1.2));
    const double x = xOf(static_cast<double>(selected_));
    painter.drawLine(QLineF(x, rect_.top(), x, rect_.bottom()));
  }
  painter.restore();
  paintAround(painter);
  if (!on_screen || !mouse_ || !rect_.contains(*mouse_)) return;
  const QStringList lines = readoutAt(*mouse_);
  if (!lines.isEmpty()) paint_readout(painter, *mouse_, rect(), lines, {}, palette());
}

void StepPlot::paintSteps(QPainter& painter) const {
  const QFontMetricsF metrics(painter.font());
  painter.setPen(QPen(axis_line(palette()), 1.0));
  painter.drawLine(QLineF(rect_.left(), rect_.bottom(), rect_.right(), rect_.bottom()));
  const double wanted = (high_ - low_) / std::max(2.0, rect_.width() / kStepsATick);
  const double by = std::max(1.0, std::round(nice_ceiling(wanted)));
  const QColor quiet = legible(secondary_text(palette()), palette().color(QPalette::Base));
  for (double step = std::ceil(low_ / by) * by; step <= high_; step += by) {
    const double x = xOf(step);
    painter.setPen(QPen(axis_line(palette()), 1.0));
    painter.drawLine(QLineF(x, rect_.bottom(), x, rect_.bottom() + 4));
    const QString text = grouped(std::llround(step));
    const double width = metrics.horizontalAdvance(text);
    painter.setPen(quiet);
    painter.drawText(QPointF(std::clamp(x - width / 2, rect_.left(), std::max(rect_.left(), rect_.right() - width)),
                             rect_.bottom() + 4 + metrics.ascent()),
                     text);
  }
}

void StepPlot::select(qint64 step) {
  if (step <= 0 || step == selected_) return;
  setSelectedStep(step);
  emit stepSelected(step);
}

void StepPlot::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !hasData() || !rect_.contains(event->position())) return;
  select(recordedStepAt(stepAt(event->position().x())));
}

void StepPlot::mouseMoveEvent(QMouseEvent* event) {
  mouse_ = event->position();
  update();
}

void StepPlot::mouseDoubleClickEvent(QMouseEvent*) {
  emit wholeRangeWanted();
}

void StepPlot::leaveEvent(QEvent*) {
  mouse_.reset();
  update();
}

void StepPlot::wheelEvent(QWheelEvent* event) {
  const double factor = std::pow(kZoomStep, -event->angleDelta().y() / 120.0);
  const double at = std::clamp(stepAt(event->position().x()), low_, high_);
  emit stepRangeWanted(at - (at - low_) * factor, at + (high_ - at) * factor);
  event->accept();
}

void StepPlot::keyPressEvent(QKeyEvent* event) {
  const double middle = (low_ + high_) / 2, half = (high_ - low_) / 2;
  switch (event->key()) {
    case Qt::Key_Left:
      return select(neighbour(selected_, -1));
    case Qt::Key_Right:
      return select(neighbour(selected_, 1));
    case Qt::Key_Home:
      return select(recordedStepAt(-HUGE_VAL));
    case Qt::Key_End:
      return select(recordedStepAt(HUGE_VAL));
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      emit stepRangeWanted(middle - half / kZoomStep, middle + half / kZoomStep);
      return;
    case Qt::Key_Minus:
      emit stepRangeWanted(middle - half * kZoomStep, middle + half * kZoomStep);
      return;
    case Qt::Key_0:
      emit wholeRangeWanted();
      return;
    default:
      QWidget::keyPressEvent(event);
  }
}

void StepPlot::addActions(QMenu& menu) {
  add_picture_actions(
      menu, *this, pictureName(),
      [this](QPaintDevice& device, const QSize& size) {
        QPainter painter(&device);
        paint(painter, size, false);
      },
      *messages_);
  add_table_actions(
      menu, *this, accessibleName(), pictureName(), [this] { return table(); }, *messages_);
  menu.addSeparator();
  menu.addAction(tr("&Reset zoom"), this, &StepPlot::wholeRangeWanted);
  for (QAction* action : menu.actions()) action->setEnabled(hasData());
}

void StepPlot::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  addActions(menu);
  menu.exec(event->globalPos());
}

bool StepPlot::event(QEvent* event) {
  // The read-out says more than the tooltip, where there is one.
  if (event->type() == QEvent::ToolTip && mouse_ && hasData() && !readoutAt(*mouse_).isEmpty()) return true;
  return QWidget::event(event);
}

void StepPlot::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void StepPlot::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

}  // namespace vernier::ui
