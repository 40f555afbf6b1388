// Compare: the curves of the chosen runs, and what they are drawn over.
#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QWidget>
#include <vector>

#include "ui/models/compared_run.h"
#include "ui/plots/compare_plot.h"

namespace vernier::ui {

class ComparedCurvesPanel : public QWidget {
  Q_OBJECT

 public:
  enum Axis { kSteps, kTokens, kTime };

  explicit ComparedCurvesPanel(QWidget* parent = nullptr);

  void set_runs(const std::vector<ComparedRun>& runs);

 private:
  QCheckBox* add_switch(const char* name, const QString& text, const QString& tool_tip, bool on);
  void show_curves();

  std::vector<ComparedRun> runs_;
  QComboBox* axis_ = nullptr;
  QComboBox* loss_ = nullptr;
  QLayout* controls_ = nullptr;
  ComparePlot* plot_ = nullptr;
  QLabel* same_ = nullptr;  // which runs cannot be told apart
};

}  // namespace vernier::ui
