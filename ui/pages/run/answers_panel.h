// The demo's five prompts: what the model says before and after.
#pragma once

#include <QLabel>
#include <QTableView>
#include <QWidget>

#include "ui/session/workbench.h"

namespace vernier::ui {

class AnswersPanel : public QWidget {
  Q_OBJECT

 public:
  explicit AnswersPanel(Workbench& workbench, QWidget* parent = nullptr);

 private:
  void refresh();

  Workbench& workbench_;
  QLabel* note_ = nullptr;
  QTableView* table_ = nullptr;
};

}  // namespace vernier::ui
