// Compare: a table with a column for each run, to be copied as Markdown.
#pragma once

#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QWidget>

#include "ui/models/comparison_model.h"

namespace vernier::ui {

class ComparisonPanel : public QWidget {
  Q_OBJECT

 public:
  // name: the beginning of its controls' object names. can_filter: rows that agree can be left out, and are at first.
  ComparisonPanel(const char* name, const QString& what, const QString& title, const QString& tool_tip, bool can_filter,
                  QWidget* parent = nullptr);

  ComparisonModel& model() { return model_; }
  // After the model was filled.
  void refresh();

 private:
  ComparisonModel model_;
  QCheckBox* only_differences_ = nullptr;
  QLabel* note_ = nullptr;
  QTableView* table_ = nullptr;
};

}  // namespace vernier::ui
