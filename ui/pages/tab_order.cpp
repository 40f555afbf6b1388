#include "ui/pages/tab_order.h"

namespace vernier::ui {

void order_tabs(QWidget* anchor, const QWidgetList& widgets) {
  for (QWidget* widget : widgets) {
    QWidget::setTabOrder(anchor, widget);
    anchor = widget;
  }
}

QWidgetList tab_stops(const QWidget* container) {
  QWidgetList stops;
  for (QWidget* widget : container->findChildren<QWidget*>()) {
    if ((widget->focusPolicy() & Qt::TabFocus) != 0) stops << widget;
  }
  return stops;
}

}  // namespace vernier::ui
