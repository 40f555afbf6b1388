#include "ui/session/ask_session.h"

#include <exception>
#include <memory>
#include <utility>

#include "ui/session/thread_priority.h"
#include "ui/widgets/engine_text.h"
#include "vernier/error.h"

namespace vernier::ui {

// Posts what it hears to the session; stale once another request was made.
class AskSession::Listener : public AskListener {
 public:
  Listener(AskSession& session, quint64 number) : session_(session), number_(number) {}

  void on_activity(const QString& text, double fraction) override {
    post([text, fraction](AskSession& session) {
      session.activity_ = text;
      session.fraction_ = fraction;
      Q_EMIT session.activityChanged();
    });
  }
  void on_prompt(const PromptSeen& prompt) override {
    post([prompt](AskSession& session) {
      session.seen_ = prompt;
      Q_EMIT session.promptSeen();
    });
  }
  void on_part(const AnswerPart& part) override {
    post([part](AskSession& session) { session.take(part); });
  }
  void on_end(const QString& error) {
    post([error](AskSession& session) {
      session.is_busy_ = false;
      for (int i = 0; i < kNumAnswerSides; ++i) {
        Answer& answer = session.answers_[static_cast<std::size_t>(i)];
        if (!std::exchange(answer.is_running, false)) continue;
        answer.ending = error.isEmpty() ? AnswerEnding::kStopped : AnswerEnding::kInterrupted;
        Q_EMIT session.answerChanged(static_cast<AnswerSide>(i), answer.tokens.size());
      }
      session.activity_.clear();
      session.fraction_ = -1.0;
      Q_EMIT session.activityChanged();
      if (!error.isEmpty()) Q_EMIT session.failed(error);
    });
  }

 private:
  void post(std::function<void(AskSession&)> letter) {
    session_.mailbox_.post([&session = session_, number = number_, letter = std::move(letter)] {
      if (number == session.number_) letter(session);
    });
  }

  AskSession& session_;
  quint64 number_;
};

AskSession::AskSession(std::shared_ptr<LoadedModels> models, QObject* parent)
    : QObject(parent), ask_worker_(std::make_shared<AskWorker>(std::move(models))) {}

AskSession::~AskSession() {
  stop_all_.request_stop();
}

void AskSession::start(Work work) {
  stop_all_.request_stop();
  stop_answers_ = {};
  stop_all_ = {};
  is_busy_ = true;
  activity_ = tr("Waiting for the model");
  fraction_ = -1.0;
  Q_EMIT activityChanged();
  worker_.run([this, number = ++number_, work = std::move(work), own = ask_worker_,
               stops = AskStops{stop_answers_.get_token(), stop_all_.get_token()}](const std::stop_token&) {
    Listener listener(*this, number);
    if (stops.all.stop_requested()) return listener.on_end({});
    yield_to_gui();
    QString error;
    try {
      work(*own, listener, stops);
    } catch (const Error& found) {
      if (found.code() != ErrorCode::kCancelled) error = engine_text(found.what());
    } catch (const std::exception& found) {
      error = engine_text(found.what());
    }
    listener.on_end(error);
  });
}

void AskSession::ask(const AskModel& model, const AskPrompt& prompt, const AskSampling& sampling, double strength) {
  model_ = model;
  asked_ = prompt;
  sampling_ = sampling;
  strength_ = strength;
  for (int side = 0; side < kNumAnswerSides; ++side) {
    answers_[static_cast<std::size_t>(side)] = {};
    Q_EMIT answerChanged(static_cast<AnswerSide>(side), 0);
  }
  start([=](AskWorker& worker, AskListener& listener, const AskStops& stops) {
    worker.ask(model, prompt, sampling, strength, false, listener, stops);
  });
}

void AskSession::ask_at(double strength) {
  if (!asked_) return;
  // Where the base has not answered yet, it has to be asked as well.
  const Answer& base = answer(AnswerSide::kBase);
  const bool has_base = !base.is_running && base.ending != AnswerEnding::kNone;
  if (!has_base) return ask(*model_, *asked_, sampling_, strength);
  strength_ = strength;
  answers_[static_cast<std::size_t>(AnswerSide::kTuned)] = {};
  Q_EMIT answerChanged(AnswerSide::kTuned, 0);
  start([=, this_model = *model_, prompt = *asked_, sampling = sampling_](AskWorker& worker, AskListener& listener,
                                                                          const AskStops& stops) {
    worker.ask(this_model, prompt, sampling, strength, true, listener, stops);
  });
}

void AskSession::go_on_from(AnswerSide side, std::size_t index, std::int32_t id) {
  if (!asked_ || side == AnswerSide::kRow || index >= answer(side).tokens.size()) return;
  start([=](AskWorker& worker, AskListener& listener, const AskStops& stops) {
    worker.go_on_from(side, index, id, listener, stops);
  });
}

void AskSession::stop() {
  if (!is_busy_) return;
  if (!stop_answers_.request_stop()) stop_all_.request_stop();
}

void AskSession::forget() {
  model_.reset();
  asked_.reset();
  seen_ = {};
  for (int side = 0; side < kNumAnswerSides; ++side) {
    answers_[static_cast<std::size_t>(side)] = {};
    Q_EMIT answerChanged(static_cast<AnswerSide>(side), 0);
  }
  start([](AskWorker& worker, AskListener&, const AskStops&) { worker.forget(); });
  Q_EMIT promptSeen();
}

void AskSession::take(const AnswerPart& part) {
  Answer& answer = answers_[static_cast<std::size_t>(part.side)];
  if (part.state) answer.tokens.resize(part.first + part.tokens.size());
  for (std::size_t i = 0; i < part.tokens.size() && part.first + i < answer.tokens.size(); ++i) {
    answer.tokens[part.first + i] = part.tokens[i];
  }
  if (part.state) {
    answer.strength = part.state->strength;
    answer.generated = part.state->generated;
    answer.seconds = part.state->seconds;
    answer.is_running = part.state->is_running;
    answer.ending = part.state->ending;
    answer.cut_at = part.state->cut_at;
  }
  Q_EMIT answerChanged(part.side, part.first);
}

}  // namespace vernier::ui
