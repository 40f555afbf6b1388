#include "ui/widgets/parity_lamp.h"

#include <QKeyEvent>
#include <QPainter>
#include <algorithm>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/widgets/engine_text.h"
#include "ui/widgets/state_icon.h"

namespace vernier::ui {
namespace {

constexpr int kPad = 6;
constexpr int kGap = 6;
constexpr qreal kRing = 2.0;  // around it while it has the keyboard

QString lesson() {
  return ParityLamp::tr(
      "The same batch goes through the training path, the evaluation path and the KV-cache path, and each is compared "
      "with a plain reference. Where they disagree, the loss you see is not the model you will get. Click for the "
      "figures.");
}

}  // namespace

ParityLamp::ParityLamp(QWidget* parent) : QAbstractButton(parent) {
  setObjectName("parityLamp");
  setAttribute(Qt::WA_Hover);
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  setIdle(tr("No check has been made yet."));
}

void ParityLamp::setReport(const ParityReport& report) {
  verdict_ = report.verdict;
  const QString word = engine_text(to_string(report.verdict));
  setText(tr("Parity: %1").arg(word));
  setAccessibleName(tr("Parity %1").arg(word));
  const QString found = tr("Step %1: %2").arg(grouped(report.step), engine_text(report.summary));
  setAccessibleDescription(found);
  setToolTip(QStringLiteral("<p>%1</p><p>%2</p>").arg(found.toHtmlEscaped(), lesson()));
  updateGeometry();
  update();
}

void ParityLamp::setAgreedBefore(const QString& found) {
  verdict_ = ParityVerdict::kAgrees;
  setText(tr("Parity: agreed before the start"));
  setAccessibleName(text());
  setAccessibleDescription(found);
  setToolTip(QStringLiteral("<p>%1</p><p>%2</p>").arg(found.toHtmlEscaped(), lesson()));
  updateGeometry();
  update();
}

void ParityLamp::setIdle(const QString& why) {
  verdict_.reset();
  setText(tr("Parity: not checked yet"));
  setAccessibleName(tr("Parity not checked yet"));
  setAccessibleDescription(why);
  setToolTip(QStringLiteral("<p>%1</p><p>%2</p>").arg(why.toHtmlEscaped(), lesson()));
  updateGeometry();
  update();
}

QSize ParityLamp::sizeHint() const {
  const QFontMetrics metrics = fontMetrics();
  return {2 * kPad + metrics.ascent() + 2 + kGap + metrics.horizontalAdvance(text()), metrics.height() + kPad};
}

void ParityLamp::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing, true);
  if (underMouse() || isDown()) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(
        mixed(palette().color(QPalette::Window), palette().color(QPalette::WindowText), isDown() ? 0.16 : 0.08));
    painter.drawRoundedRect(rect(), 3, 3);
  }
  const int side = fontMetrics().ascent() + 2;
  const QRectF shape(kPad, (height() - side) / 2.0, side, side);
  paint_state(painter, shape, verdict_ ? shape_of(*verdict_) : StateShape::kHollow, palette());
  painter.setPen(palette().color(QPalette::WindowText));
  painter.drawText(rect().adjusted(kPad + side + kGap, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, text());
  if (hasFocus()) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(palette().color(QPalette::Highlight), kRing));
    painter.drawRoundedRect(QRectF(rect()).adjusted(kRing / 2, kRing / 2, -kRing / 2, -kRing / 2), 3, 3);
  }
}

void ParityLamp::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
    click();
  } else {
    QAbstractButton::keyPressEvent(event);
  }
}

}  // namespace vernier::ui
