#include "ui/pages/setup/schedule_picture.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/pages/setup/draft_field.h"
#include "ui/pages/setup/picture_menu.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"
#include "vernier/outline.h"

namespace vernier::ui {
namespace {

constexpr qint64 kStepsWhereUnknown = 1000;
constexpr int kLines = 9;
constexpr double kPen = 2.0;
constexpr double kDot = 4.0;
constexpr qint64 kMostRows = 10'000;  // of its table; of longer runs every so many steps

}  // namespace

SchedulePicture::SchedulePicture(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("schedulePicture"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAccessibleName(tr("Learning rate over the run"));
  setToolTip(
      tr("The learning rate of every step, as the trainer will set it. Point at it, or use the arrow keys, to "
         "read single steps."));
  new PictureMenu(*this, tr("learning-rate"), [this] { return table(); });
}

void SchedulePicture::show_schedule(const RunConfig& config, qint64 total_steps) {
  config_ = config;
  known_ = total_steps > 0;
  steps_ = known_ ? total_steps : kStepsWhereUnknown;
  looked_at_ = std::min(looked_at_, steps_);
  top_ = nice_ceiling(config.learning_rate);
  const qint64 warmup = config.lr_scheduler_type == SchedulerType::kConstant ? 0 : scheduled_warmup(config, steps_);
  setAccessibleDescription(known_ ? tr("It rises for %1 steps to %2 and is %3 at the last, step %4.")
                                        .arg(grouped(warmup), setting_text(config.learning_rate),
                                             figure(rate_at(steps_), 3), grouped(steps_))
                                  : tr("It rises for %1 of the run to %2 and is %3 at the last step.")
                                        .arg(percent(static_cast<double>(warmup) / static_cast<double>(steps_)),
                                             setting_text(config.learning_rate), figure(rate_at(steps_), 3)));
  update();
}

double SchedulePicture::rate_at(qint64 step) const {
  return scheduled_learning_rate(config_, steps_, step - 1);
}

QSize SchedulePicture::sizeHint() const {
  return {character_width(fontMetrics()) * 48, fontMetrics().height() * kLines};
}

QSize SchedulePicture::minimumSizeHint() const {
  return {character_width(fontMetrics()) * 30, fontMetrics().height() * kLines};
}

QRectF SchedulePicture::plot_rect() const {
  const QFontMetrics metrics(font());
  const int left = metrics.horizontalAdvance(QStringLiteral("2.5e-4")) + kSpaceSmall;
  return QRectF(rect()).adjusted(left, metrics.height() / 2.0, -kSpaceSmall, -metrics.height() - kSpaceTiny);
}

QPointF SchedulePicture::place(qint64 step) const {
  const QRectF plot = plot_rect();
  const double x = steps_ > 1 ? static_cast<double>(step - 1) / static_cast<double>(steps_ - 1) : 0.0;
  return {plot.left() + x * plot.width(), plot.bottom() - rate_at(step) / top_ * plot.height()};
}

QString SchedulePicture::step_text(qint64 step) const {
  if (known_) return tr("step %1 of %2").arg(grouped(step), grouped(steps_));
  return tr("after %1 of the run").arg(percent(static_cast<double>(step) / static_cast<double>(steps_), 0));
}

TableData SchedulePicture::table() const {
  TableData table;
  table.headers = {known_ ? tr("step") : tr("thousandth of the run"), tr("learning rate")};
  const qint64 stride = (steps_ + kMostRows - 1) / kMostRows;
  table.rows = static_cast<int>((steps_ + stride - 1) / stride);
  // As it is now: the settings may be changed while the table stands.
  table.cell = [config = config_, steps = steps_, stride](int row, int column) {
    const qint64 step = 1 + row * stride;
    return column == 0 ? QString::number(step)
                       : QString::number(scheduled_learning_rate(config, steps, step - 1), 'g', 9);
  };
  return table;
}

void SchedulePicture::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QPalette& colors = palette();
  const QRectF plot = plot_rect();
  const QFontMetrics metrics(font());
  for (const double share : {0.0, 0.5, 1.0}) {
    const double y = plot.bottom() - share * plot.height();
    painter.setPen(QPen(share == 0.0 ? axis_line(colors) : grid_line(colors), 1.0));
    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    painter.setPen(secondary_text(colors));
    painter.drawText(QRectF(0, y - metrics.height() / 2.0, plot.left() - kSpaceTiny, metrics.height()),
                     Qt::AlignRight | Qt::AlignVCenter, setting_text(share * top_));
  }
  const QRectF below(plot.left(), plot.bottom() + kSpaceTiny, plot.width(), metrics.height());
  painter.drawText(below, Qt::AlignLeft, known_ ? QStringLiteral("1") : tr("start"));
  painter.drawText(below, Qt::AlignHCenter, known_ ? tr("steps") : tr("steps are counted once the data is read"));
  painter.drawText(below, Qt::AlignRight, known_ ? grouped(steps_) : tr("end"));

  const qint64 points = std::min<qint64>(steps_, std::max<qint64>(2, static_cast<qint64>(plot.width())));
  QPolygonF line;
  for (qint64 i = 0; i < points; ++i) line << place(points > 1 ? 1 + i * (steps_ - 1) / (points - 1) : 1);
  painter.setPen(QPen(rate_color(), kPen));
  if (line.size() == 1) {
    painter.setBrush(rate_color());
    painter.drawEllipse(line.front(), kDot, kDot);
  } else {
    painter.drawPolyline(line);
  }
  if (hasFocus()) paint_focus(painter, rect(), colors);
  if (looked_at_ == 0) return;
  const QPointF at = place(looked_at_);
  painter.setPen(QPen(axis_line(colors), 1.0, Qt::DashLine));
  painter.drawLine(QPointF(at.x(), plot.top()), QPointF(at.x(), plot.bottom()));
  painter.setPen(Qt::NoPen);
  painter.setBrush(rate_color());
  painter.drawEllipse(at, kDot, kDot);
  paint_readout(painter, at, rect(),
                {step_text(looked_at_), tr("learning rate %1").arg(figure(rate_at(looked_at_), 4))},
                {QColor(), rate_color()}, colors);
}

void SchedulePicture::mouseMoveEvent(QMouseEvent* event) {
  const QRectF plot = plot_rect();
  const double share = std::clamp((event->position().x() - plot.left()) / plot.width(), 0.0, 1.0);
  looked_at_ = 1 + std::llround(share * static_cast<double>(steps_ - 1));
  update();
}

void SchedulePicture::leaveEvent(QEvent*) {
  looked_at_ = 0;
  update();
}

void SchedulePicture::keyPressEvent(QKeyEvent* event) {
  const qint64 stride = std::max<qint64>(1, steps_ / 50);
  switch (event->key()) {
    case Qt::Key_Right:
      looked_at_ = std::min(steps_, looked_at_ + stride);
      break;
    case Qt::Key_Left:
      looked_at_ = std::max<qint64>(1, looked_at_ - stride);
      break;
    case Qt::Key_Home:
      looked_at_ = 1;
      break;
    case Qt::Key_End:
      looked_at_ = steps_;
      break;
    default:
      QWidget::keyPressEvent(event);
      return;
  }
  update();
}

}  // namespace vernier::ui
