#include "ui/pages/setup/projection_box.h"

#include <QPainter>
#include <QStyleOptionButton>

#include "ui/pages/setup/draft_summary.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kRound = 4;
constexpr int kBar = 5;  // the low-rank path beside the frozen weight
constexpr int kChars = 21;

}  // namespace

ProjectionBox::ProjectionBox(const ProjectionInfo& projection, QWidget* parent)
    : QAbstractButton(parent), projection_(projection) {
  setCheckable(true);
  setFocusPolicy(Qt::StrongFocus);
  const QString name = QString::fromStdString(projection.name);
  setText(name);
  setObjectName(name + QLatin1String("Box"));
  setAccessibleName(tr("Adapt %1").arg(name));
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void ProjectionBox::set_trained(qint64 parameters, bool full) {
  trained_ = parameters;
  full_ = full;
  const QString shape = tr("It maps %1 numbers a token to %2.").arg(grouped(projection_.in), grouped(projection_.out));
  setToolTip(isChecked()
                 ? tr("%1 A low-rank pair of matrices beside its frozen weight is trained. Click to leave it as "
                      "it is.")
                       .arg(shape)
                 : tr("%1 It stays as it is. Click to train a low-rank pair of matrices beside it.").arg(shape));
  setAccessibleDescription(QStringLiteral("%1, %2").arg(shape_text(), trained_text()));
  update();
}

QString ProjectionBox::shape_text() const {
  return QStringLiteral("%1 \u2192 %2").arg(grouped(projection_.in), grouped(projection_.out));
}

QString ProjectionBox::trained_text() const {
  if (full_) return tr("trained");
  if (trained_ < 0) return {};
  return trained_ == 0 ? tr("frozen") : QStringLiteral("+%1").arg(short_count(trained_));
}

QSize ProjectionBox::sizeHint() const {
  const QFontMetrics metrics(font());
  return {character_width(metrics) * kChars + kSpaceLarge, 2 * metrics.height() + kSpaceSmall + kSpaceTiny};
}

void ProjectionBox::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QPalette& colors = palette();
  const bool on = isChecked();
  const QColor accent = per_token_color();
  const QColor base = colors.color(QPalette::Base);
  const QRectF box = QRectF(rect()).adjusted(1, 1, -1, -1);
  painter.setPen(QPen(hasFocus() ? colors.color(QPalette::Highlight) : axis_line(colors), hasFocus() ? 2.0 : 1.0,
                      on ? Qt::SolidLine : Qt::DashLine));
  painter.setBrush(on ? mixed(base, accent, is_dark(colors) ? 0.30 : 0.12) : base);
  painter.drawRoundedRect(box, kRound, kRound);
  if (on) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(accent);
    painter.drawRoundedRect(QRectF(box.left(), box.top(), kBar, box.height()), kRound / 2.0, kRound / 2.0);
  }
  QStyleOptionButton mark;
  mark.initFrom(this);
  mark.state |= on ? QStyle::State_On : QStyle::State_Off;
  mark.state.setFlag(QStyle::State_HasFocus, false);
  const QFontMetrics metrics(font());
  const int side = style()->pixelMetric(QStyle::PM_IndicatorWidth);
  const int left = kBar + kSpaceTiny;
  mark.rect = QRect(left, (height() - side) / 2, side, side);
  style()->drawPrimitive(QStyle::PE_IndicatorCheckBox, &mark, &painter, this);

  const QRect words = rect().adjusted(left + side + kSpaceTiny, kSpaceTiny, -kSpaceTiny, -kSpaceTiny);
  const QColor ink = colors.color(isEnabled() ? QPalette::Normal : QPalette::Disabled, QPalette::Text);
  painter.setPen(ink);
  painter.drawText(words.left(), words.top() + metrics.ascent(), text());
  painter.setPen(isEnabled() ? secondary_text(colors) : ink);
  painter.drawText(QRect(words.left(), words.top(), words.width(), metrics.height()), Qt::AlignRight, trained_text());
  painter.drawText(words.left(), words.top() + metrics.height() + metrics.ascent(),
                   metrics.elidedText(shape_text(), Qt::ElideRight, words.width()));
}

}  // namespace vernier::ui
