#include "ui/session/lesson_session.h"

#include <exception>
#include <utility>

#include "ui/session/thread_priority.h"
#include "ui/widgets/engine_text.h"
#include "vernier/error.h"

namespace vernier::ui {

LessonSession::LessonSession(LessonFunction run, QObject* parent) : QObject(parent), run_(std::move(run)) {}

LessonSession::~LessonSession() {
  stop_.request_stop();
}

void LessonSession::start(const QString& id) {
  if (!running_.isEmpty()) return;
  running_ = id;
  stop_ = std::stop_source();
  worker_.run([this, id = id.toStdString(), stop = stop_.get_token()](const std::stop_token&) { work(id, stop); });
  Q_EMIT started(id);
}

const LessonResult* LessonSession::result(const QString& id) const {
  const auto found = results_.constFind(id);
  return found == results_.constEnd() ? nullptr : &*found;
}

void LessonSession::cancel() {
  stop_.request_stop();
}

void LessonSession::work(const std::string& id, const std::stop_token& stop) {
  yield_to_gui();
  try {
    LessonResult result = run_(
        id, [this](double fraction) { mailbox_.post([this, fraction] { Q_EMIT progressed(running_, fraction); }); },
        stop);
    mailbox_.post([this, result = std::move(result)] {
      end([this, &result](const QString& done) {
        results_.insert(done, result);
        Q_EMIT finished(done, result);
      });
    });
  } catch (const std::exception& error) {
    const auto* known = dynamic_cast<const Error*>(&error);
    if (known != nullptr && known->code() == ErrorCode::kCancelled) {
      mailbox_.post([this] { end([this](const QString& done) { Q_EMIT cancelled(done); }); });
    } else {
      mailbox_.post([this, sentence = engine_text(error.what())] {
        end([this, &sentence](const QString& done) { Q_EMIT failed(done, sentence); });
      });
    }
  }
}

void LessonSession::end(const std::function<void(const QString& id)>& tell) {
  const QString done = std::exchange(running_, QString());
  tell(done);
}

}  // namespace vernier::ui
