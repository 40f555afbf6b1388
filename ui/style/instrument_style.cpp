#include "ui/style/instrument_style.h"

#include <QAbstractButton>
#include <QPainter>
#include <QStyleOption>

#include "ui/style/color_maps.h"

namespace vernier::ui {
namespace {

// Fusion only darkens a button that stays down, which a dark ground swallows: it gets a frame and a tint of the accent.
void frame_checked(QPainter& painter, const QStyleOption& option) {
  constexpr qreal kFrame = 1.5;
  constexpr qreal kRound = 2.5;
  constexpr qreal kTint = 0.12;
  const bool enabled = option.state.testFlag(QStyle::State_Enabled);
  const QColor accent = option.palette.color(enabled ? QPalette::Active : QPalette::Disabled, QPalette::Highlight);
  QColor tint = accent;
  tint.setAlphaF(kTint);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(accent, kFrame));
  painter.setBrush(tint);
  painter.drawRoundedRect(QRectF(option.rect).adjusted(kFrame / 2, kFrame / 2, -kFrame / 2, -kFrame / 2), kRound,
                          kRound);
  painter.restore();
}

}  // namespace

InstrumentStyle::InstrumentStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void InstrumentStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                    const QWidget* widget) const {
  QProxyStyle::drawPrimitive(element, option, painter, widget);
  switch (element) {
    case PE_PanelButtonCommand:
    case PE_PanelButtonTool: {
      const auto* button = qobject_cast<const QAbstractButton*>(widget);
      if (button != nullptr && button->isChecked()) frame_checked(*painter, *option);
      break;
    }
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
      // Fusion's frame is darker than the ground, whatever that is.
      painter->save();
      painter->setPen(secondary_text(option->palette));
      painter->setBrush(Qt::NoBrush);
      painter->drawRect(option->rect.adjusted(0, 0, -1, -1));
      painter->restore();
      break;
    default:
      break;
  }
}

}  // namespace vernier::ui
