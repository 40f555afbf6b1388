// One row of the data: who says what, and the text that the model will read.
#pragma once

#include <QPlainTextEdit>
#include <QTabWidget>
#include <QTextBrowser>

#include "ui/session/data_session.h"

namespace vernier::ui {

class RowPreview : public QTabWidget {
  Q_OBJECT

 public:
  RowPreview(DataSession& session, QWidget* parent);

  // A row of the sample; -1: none.
  void show_row(qint64 row);
  qint64 row() const { return row_; }

 private:
  void refresh();
  void show_turns();

  DataSession& data_;
  qint64 row_ = -1;
  QTextBrowser* turns_;
  QPlainTextEdit* text_;
};

}  // namespace vernier::ui
