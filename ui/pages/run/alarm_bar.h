// The run's alarms, inline, each with its evidence and a button that leads there.
#pragma once

#include <QVBoxLayout>
#include <QWidget>

#include "ui/models/run_alarms.h"

namespace vernier::ui {

// Hidden while there is none.
class AlarmBar : public QWidget {
  Q_OBJECT

 public:
  explicit AlarmBar(RunAlarms& alarms, QWidget* parent = nullptr);

 Q_SIGNALS:
  void evidenceWanted(const vernier::Alarm& alarm);

 private:
  void refresh();

  RunAlarms& alarms_;
  QVBoxLayout* column_ = nullptr;
};

}  // namespace vernier::ui
