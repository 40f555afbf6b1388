// Context menus, as tests use them.
#pragma once

#include <QAction>
#include <QApplication>
#include <QContextMenuEvent>
#include <QMenu>
#include <QTimer>

namespace vernier::ui {

// Opens the menu of a widget, chooses what is called `text`, and closes it. What it offers.
inline QStringList choose_of_menu(QWidget& widget, const QString& text) {
  QStringList offered;
  QTimer::singleShot(0, &widget, [&offered, &text] {
    auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
    if (menu == nullptr) return;
    for (QAction* action : menu->actions()) {
      offered << action->text();
      if (action->text() == text) action->trigger();
    }
    menu->close();
  });
  const QPoint at = widget.rect().center();
  QContextMenuEvent ask(QContextMenuEvent::Mouse, at, widget.mapToGlobal(at));
  QCoreApplication::sendEvent(&widget, &ask);
  return offered;
}

}  // namespace vernier::ui
