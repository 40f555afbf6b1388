// Ctrl+K: finds an action, a part of a page or a control by a few letters.
#pragma once

#include <QAction>
#include <QDialog>
#include <QLineEdit>
#include <QList>
#include <QListWidget>
#include <functional>

namespace vernier::ui {

struct PaletteEntry {
  QString name;         // what it is found by first,
  QString explanation;  // and second
  QString keys;         // "Ctrl+E"; "" for none
  bool is_enabled = true;
  std::function<void()> go;
};

QList<PaletteEntry> entries_of(const QList<QAction*>& actions);

// Shows what has every word that is typed in its name, then in its explanation; Enter does it. What cannot be done now
// stands below, grey: it is there, and not now.
class CommandPalette : public QDialog {
  Q_OBJECT

 public:
  CommandPalette(QList<PaletteEntry> entries, QWidget* parent);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void filter(const QString& text);
  void add(int entry);
  void trigger();

  QList<PaletteEntry> entries_;
  QLineEdit* field_ = nullptr;
  QListWidget* list_ = nullptr;
};

}  // namespace vernier::ui
