// Which format the rows have, and which of the file's columns is read for which of Vernier's names.
#pragma once

#include <QComboBox>
#include <QWidget>
#include <functional>

#include "ui/session/data_session.h"

namespace vernier::ui {

class ColumnMapping : public QWidget {
  Q_OBJECT

 public:
  ColumnMapping(DataSession& session, QWidget* parent);

 private:
  void refresh();
  void add_column(const SampleColumn& column, const QStringList& keys);
  void change(const QString& what, const std::function<void(DatasetOptions&)>& change);
  void choose_format(int index);
  void choose_column(const QString& name, const QString& key);

  DataSession& data_;
  QComboBox* format_;
  QWidget* columns_;
  QString shown_;  // what the boxes were made for
};

// "Conversations (messages)".
QString format_name(const QString& format);

}  // namespace vernier::ui
