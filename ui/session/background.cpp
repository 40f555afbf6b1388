#include "ui/session/background.h"

#include <QMetaObject>
#include <utility>

namespace vernier::ui {

void Mailbox::post(std::function<void()> letter) {
  const std::lock_guard lock(mutex_);
  letters_.push_back(std::move(letter));
  if (is_woken_) return;
  is_woken_ = true;
  QMetaObject::invokeMethod(this, "wake", Qt::QueuedConnection);
}

void Mailbox::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = false;
  }
  open_all();
}

void Mailbox::open_all() {
  std::vector<std::function<void()>> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(letters_);
  }
  for (const auto& letter : letters) letter();
}

bool Mailbox::is_empty() {
  const std::lock_guard lock(mutex_);
  return letters_.empty();
}

Worker::Worker() : thread_([this](std::stop_token stop) { loop(std::move(stop)); }) {}

Worker::~Worker() {
  thread_.request_stop();
  thread_.join();
}

void Worker::run(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

bool Worker::is_busy() {
  const std::lock_guard lock(mutex_);
  return is_running_ || !jobs_.empty();
}

void Worker::loop(std::stop_token stop) {
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      is_running_ = false;
      if (!wake_.wait(lock, stop, [this] { return !jobs_.empty(); }) || stop.stop_requested()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
      is_running_ = true;
    }
    job(stop);
  }
}

}  // namespace vernier::ui
