// Above the plots: steering, and the run's figures with their yardsticks.
#pragma once

#include <QLabel>
#include <QWidget>

#include "ui/pages/actions.h"
#include "ui/pages/flow_layout.h"

namespace vernier::ui {

class RunHeader : public QWidget {
  Q_OBJECT

 public:
  RunHeader(Workbench& workbench, Actions& actions, QWidget* parent = nullptr);

 protected:
  bool focusNextPrevChild(bool next) override;

 private:
  // A value under its caption.
  QLabel* add_figure(FlowLayout* row, const char* name, const QString& caption, const QString& tool_tip);
  void refresh();
  // What is left of a run that goes on, what another took.
  void show_time();
  // What the figures mean, or what is going on.
  QString note() const;

  Workbench& workbench_;
  Actions& actions_;
  bool awaits_pause_ = false;       // asked for, and the step under way has not ended
  bool does_single_steps_ = false;  // with its button, which waits while a step goes on
  QLabel* step_ = nullptr;
  QLabel* epoch_ = nullptr;
  QLabel* loss_ = nullptr;
  QLabel* sequence_loss_ = nullptr;
  QLabel* eval_loss_ = nullptr;
  QLabel* eval_step_ = nullptr;
  QLabel* accuracy_ = nullptr;
  QLabel* speed_ = nullptr;
  QLabel* left_ = nullptr;
  QLabel* left_caption_ = nullptr;
  QLabel* note_ = nullptr;
};

}  // namespace vernier::ui
