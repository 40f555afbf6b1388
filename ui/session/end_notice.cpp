#include "ui/session/end_notice.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QIcon>
#include <QTimer>
#include <chrono>
#include <utility>

#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr auto kStands = std::chrono::seconds(12);
// As the Desktop Notifications Specification 1.2 has them.
constexpr uchar kNormal = 1, kCritical = 2;
constexpr int kAsLongAsUsual = -1;

}  // namespace

EndNotice::EndNotice(Workbench& workbench, Show show, QObject* parent)
    : QObject(parent), workbench_(workbench), show_(std::move(show)) {
  if (!show_) {
    show_ = [this](const QString& title, const QString& text, bool is_error) {
      show_on_desktop(title, text, is_error);
    };
  }
  connect(&workbench_, &Workbench::runEnded, this, &EndNotice::tell);
}

void EndNotice::tell(const RunResult& result) {
  if (!workbench_.settings().notifies_at_end() || QApplication::activeWindow() != nullptr) return;
  const QString run = workbench_.run().name();
  switch (result.status) {
    case RunStatus::kFinished:
      show_(tr("Training has finished"),
            (workbench_.run().config().method == Method::kFull ? tr("%1 is done after step %2; the model is saved.")
                                                               : tr("%1 is done after step %2; the adapter is saved."))
                .arg(run)
                .arg(result.last_step),
            false);
      break;
    case RunStatus::kStopped:
      show_(tr("Training has stopped"), tr("%1: %2").arg(run, engine_text(result.message)), false);
      break;
    case RunStatus::kFailed:
      show_(tr("Training has failed"), tr("%1: %2").arg(run, engine_text(result.message)), true);
      break;
  }
}

void EndNotice::show_on_desktop(const QString& title, const QString& text, bool is_error) {
  const QDBusConnection bus = QDBusConnection::sessionBus();
  if (!bus.isConnected()) return show_in_tray(title, text, is_error);
  const QString name = QStringLiteral("org.freedesktop.Notifications");
  QDBusMessage call = QDBusMessage::createMethodCall(name, QStringLiteral("/org/freedesktop/Notifications"), name,
                                                     QStringLiteral("Notify"));
  const QString entry = QGuiApplication::desktopFileName();
  call << QGuiApplication::applicationDisplayName() << 0U << entry << title << text.toHtmlEscaped() << QStringList()
       << QVariantMap{{QStringLiteral("desktop-entry"), entry},
                      {QStringLiteral("urgency"), QVariant::fromValue(is_error ? kCritical : kNormal)}}
       << kAsLongAsUsual;
  // Nothing waits for its answer, which may be that nobody shows notifications.
  auto* answer = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
  connect(answer, &QDBusPendingCallWatcher::finished, this,
          [this, title, text, is_error](QDBusPendingCallWatcher* done) {
            done->deleteLater();
            if (done->isError()) show_in_tray(title, text, is_error);
          });
}

void EndNotice::show_in_tray(const QString& title, const QString& text, bool is_error) {
  if (!QSystemTrayIcon::isSystemTrayAvailable() || !QSystemTrayIcon::supportsMessages()) return;
  tray_ = std::make_unique<QSystemTrayIcon>(QApplication::windowIcon());
  tray_->show();
  tray_->showMessage(title, text, is_error ? QSystemTrayIcon::Critical : QSystemTrayIcon::Information);
  QTimer::singleShot(kStands, this, [this] { tray_.reset(); });
}

}  // namespace vernier::ui
