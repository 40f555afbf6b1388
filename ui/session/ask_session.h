// One prompt to the model before and after tuning: what was asked, what came back, what is going on.
#pragma once

#include <QObject>
#include <QString>
#include <array>
#include <optional>
#include <stop_token>

#include "ui/models/answer.h"
#include "ui/session/ask_worker.h"
#include "ui/session/background.h"

namespace vernier::ui {

// GUI thread; the model works on a thread of its own. A newer request ends one that goes on.
class AskSession : public QObject {
  Q_OBJECT

 public:
  explicit AskSession(std::shared_ptr<LoadedModels> models, QObject* parent = nullptr);
  ~AskSession() override;

  // Both answers, then how far apart the two are along each of them.
  void ask(const AskModel& model, const AskPrompt& prompt, const AskSampling& sampling, double strength);
  // The same prompt at another strength: the base's answer stays. Nothing where nothing was asked.
  void ask_at(double strength);
  // The answer anew from its token `index` on, where `id` stands from now on.
  void go_on_from(AnswerSide side, std::size_t index, std::int32_t id);
  // No more tokens; a second time: no comparison either.
  void stop();
  // Another run is looked at: the answers are let go.
  void forget();

  const Answer& answer(AnswerSide side) const { return answers_[static_cast<std::size_t>(side)]; }
  // What was asked last; nothing before.
  const std::optional<AskPrompt>& asked() const { return asked_; }
  const AskSampling& sampling() const { return sampling_; }
  double strength() const { return strength_; }
  const std::optional<AskModel>& model() const { return model_; }
  const PromptSeen& prompt_seen() const { return seen_; }
  bool is_busy() const { return is_busy_; }
  // In words; "" where nothing goes on.
  const QString& activity() const { return activity_; }
  double fraction() const { return fraction_; }  // < 0: not known

 Q_SIGNALS:
  // Tokens from `first` on, or how the answer stands.
  void answerChanged(vernier::ui::AnswerSide side, std::size_t first);
  void promptSeen();
  // is_busy(), activity() or fraction().
  void activityChanged();
  void failed(const QString& sentence);

 private:
  class Listener;
  using Work = std::function<void(AskWorker&, AskListener&, const AskStops&)>;
  void start(Work work);
  void take(const AnswerPart& part);

  std::optional<AskModel> model_;
  std::optional<AskPrompt> asked_;
  AskSampling sampling_;
  double strength_ = 1.0;
  std::array<Answer, kNumAnswerSides> answers_;
  PromptSeen seen_;
  bool is_busy_ = false;
  QString activity_;
  double fraction_ = -1.0;
  quint64 number_ = 0;  // of the request; letters of earlier ones are dropped
  std::stop_source stop_answers_;
  std::stop_source stop_all_;
  std::shared_ptr<AskWorker> ask_worker_;  // used by the worker's thread alone
  Mailbox mailbox_;
  Worker worker_;  // last: posts to the mailbox
};

}  // namespace vernier::ui
