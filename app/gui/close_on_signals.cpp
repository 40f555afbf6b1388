#include "app/gui/close_on_signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <QApplication>
#include <QSocketNotifier>
#include <csignal>

#include "ui/frame/main_window.h"

namespace vernier {
namespace {

int wake_pipe[2];

// Only what a signal handler may do.
void on_signal(int number) {
  const char byte = static_cast<char>(number);
  [[maybe_unused]] const ssize_t written = ::write(wake_pipe[1], &byte, 1);
}

}  // namespace

void close_on_signals(QObject* owner) {
  if (::pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
  auto* notifier = new QSocketNotifier(wake_pipe[0], QSocketNotifier::Read, owner);
  QObject::connect(notifier, &QSocketNotifier::activated, owner, [] {
    char byte = 0;
    if (::read(wake_pipe[0], &byte, 1) != 1) return;
    QApplication::instance()->setProperty(ui::kClosesOnSignal, true);
    QApplication::closeAllWindows();
  });
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {
    }, ours{};
    if (::sigaction(number, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) continue;
    ours.sa_handler = on_signal;
    ours.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
    ::sigaction(number, &ours, nullptr);
  }
}

}  // namespace vernier
