// What every picture of the set-up offers on its context menu: itself as a picture, and its numbers as a table.
#pragma once

#include <QObject>
#include <QPointer>
#include <QWidget>
#include <functional>

#include "ui/plots/data_table_dialog.h"

namespace vernier::ui {

class MessageBar;

// Of a picture that paints itself. The table is made when it is asked for; one without rows is nothing to show yet.
class PictureMenu : public QObject {
  Q_OBJECT

 public:
  // name: proposes a file name.
  PictureMenu(QWidget& picture, const QString& name, std::function<TableData()> table);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void open(const QPoint& at);

  QWidget& picture_;
  QString name_;
  std::function<TableData()> table_;
  QPointer<MessageBar> messages_;  // over the picture, where a file could not be written
};

}  // namespace vernier::ui
