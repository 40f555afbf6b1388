// A picture of the window, taken once nothing moves any more.
#pragma once

#include <QAction>
#include <QObject>
#include <QString>
#include <QTimer>

#include "ui/frame/main_window.h"

namespace vernier {

// Waits until the workbench has nothing to do, writes the window as PNG, and ends the application: with 0, or with 1
// and a sentence on stderr where the file cannot be written or the window is still busy after a minute.
class Screenshot : public QObject {
  Q_OBJECT

 public:
  // view: shows a part of the page; null for the page as it stands.
  Screenshot(ui::Workbench& workbench, ui::MainWindow& window, const QString& path, ui::PageId page,
             QAction* view = nullptr);

 private:
  void look();
  void take();
  void fail(const QString& sentence);

  ui::Workbench& workbench_;
  ui::MainWindow& window_;
  QString path_;
  ui::PageId page_;
  QAction* view_;
  QTimer timer_;
  int quiet_looks_ = 0;
  int looks_ = 0;
};

}  // namespace vernier
