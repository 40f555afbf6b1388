// The status bar: device, speed, progress, parity. Each opens what it speaks of.
#pragma once

#include <QMenu>
#include <QProgressBar>
#include <QStatusBar>
#include <QTimer>
#include <QToolButton>
#include <vector>

#include "ui/session/workbench.h"
#include "ui/widgets/parity_lamp.h"
#include "vernier/devices.h"

namespace vernier::ui {

class StatusStrip : public QStatusBar {
  Q_OBJECT

 public:
  explicit StatusStrip(Workbench& workbench, QWidget* parent = nullptr);

 Q_SIGNALS:
  void parityWanted();
  void runWanted();

 private:
  void show_devices(const std::vector<DeviceInfo>& devices);
  void show_progress();
  void show_parity();

  Workbench& workbench_;
  std::vector<DeviceInfo> devices_;
  QToolButton* device_ = nullptr;
  QMenu* device_menu_ = nullptr;
  QToolButton* speed_ = nullptr;
  QProgressBar* bar_ = nullptr;
  QToolButton* progress_ = nullptr;
  ParityLamp* lamp_ = nullptr;
  QTimer device_timer_;
};

}  // namespace vernier::ui
