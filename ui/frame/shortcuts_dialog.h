// Every key that does something.
#pragma once

#include <QAction>
#include <QDialog>
#include <QList>

namespace vernier::ui {

class ShortcutsDialog : public QDialog {
  Q_OBJECT

 public:
  ShortcutsDialog(const QList<QAction*>& actions, QWidget* parent);
};

}  // namespace vernier::ui
