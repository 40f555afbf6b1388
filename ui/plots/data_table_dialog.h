// A plot's numbers as a table that can be copied.
#pragma once

#include <QDialog>
#include <QStringList>
#include <functional>

namespace vernier::ui {

// Cells are asked for when they are seen: a million rows cost nothing.
struct TableData {
  QStringList headers;
  int rows = 0;
  std::function<QString(int row, int column)> cell;
};

class DataTableDialog : public QDialog {
  Q_OBJECT

 public:
  DataTableDialog(const QString& title, TableData content, QWidget* parent);
};

}  // namespace vernier::ui
