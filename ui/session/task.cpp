#include "ui/session/task.h"

#include <chrono>
#include <exception>
#include <utility>

#include "ui/session/thread_priority.h"
#include "ui/widgets/engine_text.h"
#include "vernier/error.h"

namespace vernier::ui {
namespace {

constexpr auto kProgressInterval = std::chrono::milliseconds(100);

}  // namespace

Task::~Task() {
  stop_.request_stop();
}

void Task::stop() {
  stop_.request_stop();
  ++number_;
  if (!std::exchange(is_running_, false)) return;
  Q_EMIT runningChanged(false);
}

void Task::start(const QString& activity, Work work) {
  stop_.request_stop();
  stop_ = std::stop_source();
  activity_ = activity;
  const quint64 number = ++number_;
  is_running_ = true;
  Q_EMIT runningChanged(true);
  worker_.run([this, number, source = stop_, work = std::move(work)](const std::stop_token& closing) mutable {
    if (source.stop_requested()) return;
    yield_to_gui();
    // Closing the window stops it too.
    const std::stop_callback chain(closing, [&source] { source.request_stop(); });
    auto last = std::chrono::steady_clock::now() - kProgressInterval;
    const Progress progress = [this, number, &last](double fraction) {
      const auto now = std::chrono::steady_clock::now();
      if (now - last < kProgressInterval) return;
      last = now;
      mailbox_.post([this, number, fraction] {
        if (number == number_) Q_EMIT progressed(fraction);
      });
    };
    Letter letter;
    QString sentence;
    try {
      letter = work(progress, source.get_token());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kCancelled) sentence = engine_text(error.what());
    } catch (const std::exception& error) {
      sentence = engine_text(error.what());
    }
    mailbox_.post([this, number, letter = std::move(letter), sentence] {
      if (number != number_) return;
      is_running_ = false;
      Q_EMIT runningChanged(false);
      if (!sentence.isEmpty()) Q_EMIT failed(sentence);
      if (letter) letter();
    });
  });
}

}  // namespace vernier::ui
