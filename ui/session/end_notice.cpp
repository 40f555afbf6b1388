#include "ui/session/end_notice.h"

#include <QApplication>
#include <QIcon>
#include <QTimer>
#include <chrono>
#include <utility>

#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr auto kStands = std::chrono::seconds(12);

}  // namespace

EndNotice::EndNotice(Workbench& workbench, Show show, QObject* parent)
    : QObject(parent), workbench_(workbench), show_(std::move(show)) {
  if (!show_) {
    show_ = [this](const QString& title, const QString& text, bool is_error) { show_in_tray(title, text, is_error); };
  }
  connect(&workbench_, &Workbench::runEnded, this, &EndNotice::tell);
}

void EndNotice::tell(const RunResult& result) {
  if (!workbench_.settings().notifies_at_end() || QApplication::activeWindow() != nullptr) return;
  const QString run = workbench_.run().name();
  switch (result.status) {
    case RunStatus::kFinished:
      show_(tr("Training has finished"),
            tr("%1 is done after step %2; the adapter is saved.").arg(run).arg(result.last_step), false);
      break;
    case RunStatus::kStopped:
      show_(tr("Training has stopped"), tr("%1: %2").arg(run, engine_text(result.message)), false);
      break;
    case RunStatus::kFailed:
      show_(tr("Training has failed"), tr("%1: %2").arg(run, engine_text(result.message)), true);
      break;
  }
}

void EndNotice::show_in_tray(const QString& title, const QString& text, bool is_error) {
  if (!is_available()) return;
  tray_ = std::make_unique<QSystemTrayIcon>(QApplication::windowIcon());
  tray_->show();
  tray_->showMessage(title, text, is_error ? QSystemTrayIcon::Critical : QSystemTrayIcon::Information);
  QTimer::singleShot(kStands, this, [this] { tray_.reset(); });
}

}  // namespace vernier::ui
