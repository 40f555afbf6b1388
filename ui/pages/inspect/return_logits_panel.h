// "Return logits" for the steps to come, priced by the steps that were.
#pragma once

#include <QLabel>
#include <QWidget>

#include "ui/session/workbench.h"
#include "ui/widgets/logits_switch.h"

namespace vernier::ui {

class ReturnLogitsPanel : public QWidget {
  Q_OBJECT

 public:
  explicit ReturnLogitsPanel(Workbench& workbench, QWidget* parent = nullptr);

 private:
  void show_run();
  void show_price(const ReturnLogits& options);
  void show_measured();
  void show_abilities();

  Workbench& workbench_;
  LogitsSwitch* logits_ = nullptr;
  QLabel* note_ = nullptr;
  qint64 options_step_ = 0;  // captures up to this step were made with other options
};

}  // namespace vernier::ui
