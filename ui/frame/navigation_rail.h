// The narrow rail at the left: the run that is open, and the pages.
#pragma once

#include <QFrame>
#include <QLabel>

#include "ui/pages/actions.h"

namespace vernier::ui {

class NavigationRail : public QFrame {
  Q_OBJECT

 public:
  NavigationRail(RunModel& run, Actions& actions, QWidget* parent = nullptr);

 private:
  void refresh();

  RunModel& run_;
  QLabel* name_ = nullptr;
  QLabel* state_ = nullptr;
};

}  // namespace vernier::ui
