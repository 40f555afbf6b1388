// One thing done in the background at a time, with progress and a way to stop it.
#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <stop_token>

#include "ui/session/background.h"

namespace vernier::ui {

// GUI thread. A newer start stops what is running and takes its place; nothing of the older is heard any more.
class Task : public QObject {
  Q_OBJECT

 public:
  // What is to happen on the GUI thread once the work is done.
  using Letter = std::function<void()>;
  using Progress = std::function<void(double fraction)>;
  // On the task's own thread; may throw. An Error of kCancelled is no failure.
  using Work = std::function<Letter(const Progress& progress, const std::stop_token& stop)>;

  explicit Task(QObject* parent = nullptr) : QObject(parent) {}
  ~Task() override;

  // activity: in words, for the line that shows the progress.
  void start(const QString& activity, Work work);
  void stop();
  bool is_running() const { return is_running_; }
  const QString& activity() const { return activity_; }
  // Something runs, or its result has not been opened yet.
  bool is_busy() { return is_running_ || worker_.is_busy() || !mailbox_.is_empty(); }

 Q_SIGNALS:
  void runningChanged(bool is_running);
  // 0 to 1, a few times a second.
  void progressed(double fraction);
  void failed(const QString& sentence);

 private:
  bool is_running_ = false;
  QString activity_;
  quint64 number_ = 0;
  std::stop_source stop_;
  Mailbox mailbox_;
  Worker worker_;  // last: posts to the mailbox
};

}  // namespace vernier::ui
