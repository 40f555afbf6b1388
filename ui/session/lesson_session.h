// Does lessons' experiments on a thread of its own.
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <functional>
#include <stop_token>
#include <string>

#include "ui/session/background.h"
#include "ui/session/lesson_experiments.h"

namespace vernier::ui {

// As run_lesson().
using LessonFunction =
    std::function<LessonResult(const std::string& id, const std::function<void(double)>& progress, std::stop_token)>;

// One experiment at a time. GUI thread; no member waits for the experiment but the destructor, which stops it.
class LessonSession : public QObject {
  Q_OBJECT

 public:
  explicit LessonSession(LessonFunction run, QObject* parent = nullptr);
  ~LessonSession() override;

  // Nothing while one is going on.
  void start(const QString& id);
  // cancelled() follows, within a step of the experiment's.
  void cancel();
  // The experiment that is going on; "" for none.
  const QString& running() const { return running_; }
  // What an experiment came to last; null where it has not been seen to its end.
  const LessonResult* result(const QString& id) const;

 Q_SIGNALS:
  void started(const QString& id);
  void progressed(const QString& id, double fraction);
  void finished(const QString& id, const vernier::ui::LessonResult& result);
  void cancelled(const QString& id);
  void failed(const QString& id, const QString& sentence);

 private:
  void work(const std::string& id, const std::stop_token& stop);
  void end(const std::function<void(const QString& id)>& tell);

  LessonFunction run_;
  QString running_;
  QHash<QString, LessonResult> results_;
  std::stop_source stop_;
  Mailbox mailbox_;
  Worker worker_;  // last: posts to the mailbox
};

}  // namespace vernier::ui
