#include "app/gui/screenshot.h"

#include <QApplication>
#include <QDialog>
#include <QPainter>
#include <QPixmap>
#include <QTabWidget>
#include <chrono>
#include <cstdio>

namespace vernier {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);
constexpr int kLooksBefore = 2;
constexpr int kLooksAfter = 2;
constexpr int kLooksAfterAction = 15;  // a dialog may have something to work out
constexpr int kMostLooks = 600;

}  // namespace

Screenshot::Screenshot(ui::Workbench& workbench, ui::MainWindow& window, const QString& path, const Scene& scene)
    : workbench_(workbench), window_(window), path_(path), scene_(scene) {
  // A picture of a window that says what went wrong would pass for one of what was asked for.
  connect(&workbench, &ui::Workbench::noticed, this, [this](MessageLevel level, const QString& sentence) {
    if (level == MessageLevel::kError) fail(sentence);
  });
  timer_.setInterval(kInterval);
  connect(&timer_, &QTimer::timeout, this, &Screenshot::look);
  timer_.start();
}

void Screenshot::look() {
  quiet_looks_ = workbench_.is_busy() || window_.is_busy() ? 0 : quiet_looks_ + 1;
  if (quiet_looks_ == kLooksBefore) set_scene();
  if (quiet_looks_ >= kLooksBefore + (scene_.action != nullptr ? kLooksAfterAction : kLooksAfter)) {
    take();
  } else if (++looks_ > kMostLooks) {
    fail(QStringLiteral("[screenshot] the window is still busy after a minute."));
  }
}

void Screenshot::set_scene() {
  // Again after each thing that had to be waited for: it may have shown something else.
  window_.show_page(scene_.page);
  if (scene_.view != nullptr) scene_.view->trigger();
  if (auto* tabs = window_.findChild<QTabWidget*>(QStringLiteral("runTabs")); scene_.run_tab > 0 && tabs != nullptr) {
    tabs->setCurrentIndex(scene_.run_tab - 1);
  }
  if (scene_.action != nullptr && !has_acted_) scene_.action->trigger();
  has_acted_ = true;
}

void Screenshot::fail(const QString& sentence) {
  timer_.stop();
  std::fprintf(stderr, "error: %s\n", qPrintable(sentence));
  QCoreApplication::exit(1);
}

void Screenshot::take() {
  timer_.stop();
  QPixmap picture = window_.grab();
  QPainter painter(&picture);
  for (QDialog* dialog : window_.findChildren<QDialog*>()) {
    if (!dialog->isVisible()) continue;
    // Where it stands, with a line in the place of the desktop's frame.
    const QRect place(window_.mapFromGlobal(dialog->mapToGlobal(QPoint())), dialog->size());
    painter.drawPixmap(place.topLeft(), dialog->grab());
    painter.setPen(window_.palette().color(QPalette::Mid));
    painter.drawRect(place.adjusted(-1, -1, 0, 0));
  }
  painter.end();
  if (picture.save(path_, "PNG")) {
    QCoreApplication::exit(0);
  } else {
    fail(QStringLiteral("[screenshot] %1: it cannot be written.").arg(path_));
  }
}

}  // namespace vernier
