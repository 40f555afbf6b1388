// Fusion with states that can be told apart on a dark ground too.
#pragma once

#include <QProxyStyle>

namespace vernier::ui {

class InstrumentStyle : public QProxyStyle {
  Q_OBJECT

 public:
  InstrumentStyle();

  void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
};

}  // namespace vernier::ui
