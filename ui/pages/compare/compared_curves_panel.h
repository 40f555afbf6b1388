// Compare: the curves of the chosen runs, and what they are drawn over.
#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QWidget>
#include <vector>

#include "ui/models/compared_run.h"
#include "ui/plots/compare_plot.h"
#include "ui/session/background.h"

namespace vernier::ui {

class ComparedCurvesPanel : public QWidget {
  Q_OBJECT

 public:
  enum Axis { kSteps, kTokens, kTime };

  explicit ComparedCurvesPanel(QWidget* parent = nullptr);

  void set_runs(const std::vector<ComparedRun>& runs);
  // The curves are not those of the last runs and axis yet.
  bool is_busy() { return worker_.is_busy() || !mailbox_.is_empty(); }

 private:
  QCheckBox* add_switch(const char* name, const QString& text, const QString& tool_tip, bool on);
  struct Drawn;
  void draw();
  void show_drawn(Drawn& drawn);

  std::vector<ComparedRun> runs_;
  QComboBox* axis_ = nullptr;
  QComboBox* loss_ = nullptr;
  QLayout* controls_ = nullptr;
  ComparePlot* plot_ = nullptr;
  QLabel* same_ = nullptr;  // which runs cannot be told apart
  quint64 job_ = 0;
  Mailbox mailbox_;
  Worker worker_;  // last: posts to the mailbox
};

}  // namespace vernier::ui
