// Tells on the desktop that a run has ended, to those who look elsewhere.
#pragma once

#include <QObject>
#include <QString>
#include <QSystemTrayIcon>
#include <functional>
#include <memory>

#include "ui/session/workbench.h"

namespace vernier::ui {

// Nothing where the setting is off, a window of ours is being looked at, or the desktop knows neither notifications nor
// a tray. GUI thread.
class EndNotice : public QObject {
  Q_OBJECT

 public:
  using Show = std::function<void(const QString& title, const QString& text, bool is_error)>;

  // show: how it is told; by default as the desktop does it.
  explicit EndNotice(Workbench& workbench, Show show = {}, QObject* parent = nullptr);

 private:
  void tell(const RunResult& result);
  // By the desktop's notifications, which those without a tray have as well, such as GNOME; else in the tray.
  void show_on_desktop(const QString& title, const QString& text, bool is_error);
  void show_in_tray(const QString& title, const QString& text, bool is_error);

  Workbench& workbench_;
  Show show_;
  std::unique_ptr<QSystemTrayIcon> tray_;  // while a message stands there
};

}  // namespace vernier::ui
