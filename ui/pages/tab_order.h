// Where the keyboard comes to what is made after the window was: Qt puts it behind the whole window.
#pragma once

#include <QWidget>

namespace vernier::ui {

// Tab goes on from `anchor`, or from where that would have its turn if it took the keyboard, to `widgets` in their
// order. All of one window.
void order_tabs(QWidget* anchor, const QWidgetList& widgets);
// What takes the keyboard in `container`, in the order in which it was made.
QWidgetList tab_stops(const QWidget* container);

}  // namespace vernier::ui
