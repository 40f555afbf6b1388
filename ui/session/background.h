// Work that must not hold up the window, and the way its results come back.
#pragma once

#include <QObject>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace vernier::ui {

// Letters from any thread, opened on the thread that the box lives on, in the order they came. Only a bare wake-up goes
// through Qt's event queue; what a letter holds is guarded by the box's own mutex. Letters still unopened when the box
// is destroyed are dropped.
class Mailbox : public QObject {
  Q_OBJECT

 public:
  explicit Mailbox(QObject* parent = nullptr) : QObject(parent) {}

  // Any thread; the box must outlive the call.
  void post(std::function<void()> letter);
  // Opens what is there now. The box's own thread.
  void open_all();
  bool is_empty();

 private:
  Q_INVOKABLE void wake();

  std::mutex mutex_;
  std::vector<std::function<void()>> letters_;
  bool is_woken_ = false;
};

// One thread that does jobs in order. Destroying it drops the jobs that wait, asks the running one to stop, and joins.
class Worker {
 public:
  using Job = std::function<void(std::stop_token)>;
  Worker();
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Any thread. A job must not throw.
  void run(Job job);
  // A job waits or runs. Its letters may still be unopened.
  bool is_busy();

 private:
  void loop(std::stop_token stop);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Job> jobs_;
  bool is_running_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace vernier::ui
