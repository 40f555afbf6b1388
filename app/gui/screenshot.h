// A picture of the window, taken once nothing moves any more.
#pragma once

#include <QAction>
#include <QObject>
#include <QString>
#include <QTimer>

#include "ui/frame/main_window.h"

namespace vernier {

// What is shown when it is taken.
struct Scene {
  ui::PageId page = ui::PageId::kStart;
  QAction* view = nullptr;    // shows a part of the page; null for the page as it stands
  int run_tab = 0;            // of the Run page, from 1; 0: the one that it shows by itself
  QAction* action = nullptr;  // triggered then, such as one that opens a dialog
};

// Waits until the workbench has nothing to do, writes the window as PNG, and ends the application: with 0, or with 1
// and a sentence on stderr where the file cannot be written or the window is still busy after a minute.
class Screenshot : public QObject {
  Q_OBJECT

 public:
  Screenshot(ui::Workbench& workbench, ui::MainWindow& window, const QString& path, const Scene& scene);

 private:
  void look();
  void set_scene();
  void take();
  void fail(const QString& sentence);

  ui::Workbench& workbench_;
  ui::MainWindow& window_;
  QString path_;
  Scene scene_;
  QTimer timer_;
  bool has_acted_ = false;
  int quiet_looks_ = 0;
  int looks_ = 0;
};

}  // namespace vernier
