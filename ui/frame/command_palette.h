// Ctrl+K: finds an action by a few letters.
#pragma once

#include <QAction>
#include <QDialog>
#include <QLineEdit>
#include <QList>
#include <QListWidget>

namespace vernier::ui {

// Shows enabled actions whose text or explanation holds every word that is typed; Enter triggers.
class CommandPalette : public QDialog {
  Q_OBJECT

 public:
  CommandPalette(QList<QAction*> actions, QWidget* parent);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void filter(const QString& text);
  void trigger();

  QList<QAction*> actions_;
  QLineEdit* field_ = nullptr;
  QListWidget* list_ = nullptr;
};

}  // namespace vernier::ui
