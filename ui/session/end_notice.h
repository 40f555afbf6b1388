// Tells on the desktop that a run has ended, to those who look elsewhere.
#pragma once

#include <QObject>
#include <QString>
#include <QSystemTrayIcon>
#include <functional>
#include <memory>

#include "ui/session/workbench.h"

namespace vernier::ui {

// Nothing where the desktop has no tray, the setting is off, or a window of ours is being looked at. GUI thread.
class EndNotice : public QObject {
  Q_OBJECT

 public:
  using Show = std::function<void(const QString& title, const QString& text, bool is_error)>;

  // show: how it is told; by default in the desktop's tray.
  explicit EndNotice(Workbench& workbench, Show show = {}, QObject* parent = nullptr);

  static bool is_available() { return QSystemTrayIcon::isSystemTrayAvailable() && QSystemTrayIcon::supportsMessages(); }

 private:
  void tell(const RunResult& result);
  void show_in_tray(const QString& title, const QString& text, bool is_error);

  Workbench& workbench_;
  Show show_;
  std::unique_ptr<QSystemTrayIcon> tray_;  // while a message stands there
};

}  // namespace vernier::ui
