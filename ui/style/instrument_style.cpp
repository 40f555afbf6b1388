#include "ui/style/instrument_style.h"

#include <QAbstractButton>
#include <QPainter>
#include <QPlainTextEdit>
#include <QStyleOption>
#include <QTextEdit>
#include <QToolButton>

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

// Fusion's frames are darker than the ground, whatever that is: on a dark one a field and what is around it are one.
void frame(QPainter& painter, const QRect& rect, const QColor& color, qreal round) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(color);
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), round, round);
  painter.restore();
}

// Of what can be typed in or pressed: to be seen, as the contrast of controls asks.
QColor control_frame(const QStyleOption& option) {
  const QColor color = axis_line(option.palette);
  return option.state.testFlag(QStyle::State_Enabled) ? color
                                                      : mixed(color, option.palette.color(QPalette::Window), 0.5);
}

// Of what only lies on the ground: a menu, a list.
QColor quiet_frame(const QStyleOption& option) {
  return mixed(option.palette.color(QPalette::Window), option.palette.color(QPalette::WindowText), 0.25);
}

void ring_radio(QPainter& painter, const QStyleOption& option) {
  constexpr qreal kRing = 1.2;
  const QRect& rect = option.rect;
  // Where Fusion has its circle.
  const qreal radius = (rect.width() + (rect.width() + 1) % 2) / 2.0 - 1.0;
  const bool has_focus =
      option.state.testFlag(QStyle::State_HasFocus) && option.state.testFlag(QStyle::State_KeyboardFocusChange);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(has_focus ? option.palette.color(QPalette::Highlight) : control_frame(option), kRing));
  painter.setBrush(Qt::NoBrush);
  painter.drawEllipse(QPointF(rect.center() + QPoint(1, 1)), radius, radius);
  painter.restore();
}

constexpr qreal kFieldRound = 2.0;
constexpr int kHeadingAir = 4;  // beside a column's heading, beyond Fusion's: it begins where the cells below do
constexpr int kMenuArrow = 14;  // beside a button's words: what a press shows is a menu

// Fusion squeezes its arrow into the corner of such a button, where it passes for a comma.
bool opens_menu(const QStyleOption* option) {
  const auto* button = qstyleoption_cast<const QStyleOptionToolButton*>(option);
  return button != nullptr && button->features.testFlag(QStyleOptionToolButton::HasMenu) &&
         !button->features.testFlag(QStyleOptionToolButton::MenuButtonPopup);
}

}  // namespace

InstrumentStyle::InstrumentStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void InstrumentStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                    const QWidget* widget) const {
  if (element == PE_IndicatorArrowDown) {
    const auto* button = qobject_cast<const QToolButton*>(widget);
    if (button != nullptr && button->popupMode() != QToolButton::MenuButtonPopup) {
      QStyleOption arrow = *option;
      arrow.rect = QRect(button->width() - kMenuArrow - 1, 0, kMenuArrow - 3, button->height());
      return QProxyStyle::drawPrimitive(element, &arrow, painter, widget);
    }
  }
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
    case PE_IndicatorRadioButton:
      ring_radio(*painter, *option);
      break;
    case PE_FrameLineEdit:
      if (!option->state.testFlag(State_HasFocus)) frame(*painter, option->rect, control_frame(*option), kFieldRound);
      break;
    case PE_Frame:
      if (qobject_cast<const QTextEdit*>(widget) != nullptr || qobject_cast<const QPlainTextEdit*>(widget) != nullptr) {
        frame(*painter, option->rect,
              widget->hasFocus() ? option->palette.color(QPalette::Highlight) : control_frame(*option), 0.0);
      } else {
        frame(*painter, option->rect, quiet_frame(*option), 0.0);
      }
      break;
    case PE_FrameMenu:
      frame(*painter, option->rect, quiet_frame(*option), 0.0);
      break;
    default:
      break;
  }
}

void InstrumentStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                         const QWidget* widget) const {
  QProxyStyle::drawComplexControl(control, option, painter, widget);
  const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
  if (control != CC_SpinBox || spin == nullptr || !spin->frame || spin->state.testFlag(State_HasFocus)) return;
  frame(*painter, spin->rect.adjusted(0, 1, 0, -1), control_frame(*spin), kFieldRound);  // where Fusion has it
}

void InstrumentStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                                  const QWidget* widget) const {
  if (element == CE_ToolButtonLabel && opens_menu(option)) {
    QStyleOptionToolButton label = *qstyleoption_cast<const QStyleOptionToolButton*>(option);
    label.rect.adjust(0, 0, -kMenuArrow + kMenuArrow / 4, 0);
    return QProxyStyle::drawControl(element, &label, painter, widget);
  }
  QProxyStyle::drawControl(element, option, painter, widget);
}

int InstrumentStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                               QStyleHintReturn* data) const {
  // The desktop's icons are made for its own ground, and a shadow below disabled words blurs them.
  if (hint == SH_DialogButtonBox_ButtonsHaveIcons || hint == SH_EtchDisabledText) return 0;
  return QProxyStyle::styleHint(hint, option, widget, data);
}

QRect InstrumentStyle::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const {
  const QRect rect = QProxyStyle::subElementRect(element, option, widget);
  return element == SE_HeaderLabel ? rect.adjusted(kHeadingAir, 0, -kHeadingAir, 0) : rect;
}

QSize InstrumentStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                        const QWidget* widget) const {
  const QSize whole = QProxyStyle::sizeFromContents(type, option, size, widget);
  if (type == CT_HeaderSection) return whole + QSize(2 * kHeadingAir, 0);
  return type == CT_ToolButton && opens_menu(option) ? whole + QSize(kMenuArrow - kMenuArrow / 4, 0) : whole;
}

}  // namespace vernier::ui
