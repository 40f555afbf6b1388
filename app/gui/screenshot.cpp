#include "app/gui/screenshot.h"

#include <QApplication>
#include <QPixmap>
#include <chrono>
#include <cstdio>

namespace vernier {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);
constexpr int kQuietLooks = 4;
constexpr int kMostLooks = 600;

}  // namespace

Screenshot::Screenshot(ui::Workbench& workbench, ui::MainWindow& window, const QString& path, ui::PageId page,
                       QAction* view)
    : workbench_(workbench), window_(window), path_(path), page_(page), view_(view) {
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
  if (quiet_looks_ == kQuietLooks / 2) window_.show_page(page_);
  if (quiet_looks_ == kQuietLooks / 2 && view_ != nullptr) view_->trigger();
  if (quiet_looks_ >= kQuietLooks) {
    take();
  } else if (++looks_ > kMostLooks) {
    fail(QStringLiteral("[screenshot] the window is still busy after a minute."));
  }
}

void Screenshot::fail(const QString& sentence) {
  timer_.stop();
  std::fprintf(stderr, "error: %s\n", qPrintable(sentence));
  QCoreApplication::exit(1);
}

void Screenshot::take() {
  timer_.stop();
  if (window_.grab().save(path_, "PNG")) {
    QCoreApplication::exit(0);
  } else {
    fail(QStringLiteral("[screenshot] %1: it cannot be written.").arg(path_));
  }
}

}  // namespace vernier
