// The chat template that lays conversations out: the model's own, a built-in one, or a file.
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QWidget>

#include "ui/session/data_session.h"

namespace vernier::ui {

class TemplateChoice : public QWidget {
  Q_OBJECT

 public:
  TemplateChoice(DataSession& session, QWidget* parent);

 private:
  void choose(int index);
  void browse();
  void refresh();

  DataSession& data_;
  QComboBox* box_;
  QLabel* note_;
};

}  // namespace vernier::ui
