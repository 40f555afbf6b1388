#include "ui/pages/tab_order.h"

namespace vernier::ui {

namespace {

// Qt puts what follows a container behind the last of its children, wherever that is: what comes before it is meant.
QWidget* stop_before(QWidget* container) {
  QWidget* at = container->previousInFocusChain();
  while (at != container &&
         ((at->focusPolicy() & Qt::TabFocus) == 0 || at->isAncestorOf(container) || container->isAncestorOf(at))) {
    at = at->previousInFocusChain();
  }
  return at;
}

}  // namespace

void order_tabs(QWidget* anchor, const QWidgetList& widgets) {
  if (!widgets.isEmpty() && anchor->isAncestorOf(widgets.front())) anchor = stop_before(anchor);
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
