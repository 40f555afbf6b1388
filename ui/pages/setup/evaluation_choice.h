// What the run is evaluated on: nothing, a share of the rows, or a file of its own.
#pragma once

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QWidget>

#include "ui/pages/setup/path_field.h"
#include "ui/session/data_session.h"

namespace vernier::ui {

class EvaluationChoice : public QWidget {
  Q_OBJECT

 public:
  EvaluationChoice(DataSession& session, QWidget* parent);

  // What of the choice would stop a run; "" for nothing.
  QString problem() const;
  // "66 held out"; "" where nothing is.
  QString summary() const;

 private:
  enum Kind { kNothing, kShare, kFile };
  Kind kind() const;
  void choose(int kind);
  void refresh();
  void show_counts();
  QString counts() const;

  DataSession& data_;
  QComboBox* kind_box_;
  QDoubleSpinBox* share_;
  QLabel* share_label_;
  PathField* file_;
  SwitchField* overlap_;
  QLabel* counts_;
  bool wants_file_ = false;  // chosen, and no file named yet
};

}  // namespace vernier::ui
