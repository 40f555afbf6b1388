// Asks a run's model, before and after tuning. Everything in here runs on a thread of its own.
#pragma once

#include <QString>
#include <QStringList>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "ui/models/answer.h"
#include "ui/session/model_shelf.h"
#include "vernier/contrast.h"
#include "vernier/run_config.h"

namespace vernier::ui {

// What is asked: a model folder with an adapter, and the run that made it.
struct AskModel {
  std::string model_dir;
  std::string adapter_dir;
  std::int64_t adapter_step = 0;  // the step that it was saved after
  std::string run_dir;
  RunConfig config;
};

struct ChatTurn {
  std::string role;
  std::string content;
  bool operator==(const ChatTurn&) const = default;
};

struct AskPrompt {
  enum class Kind {
    kChat,       // turns, through the chat template
    kText,       // as it is, with what the tokenizer adds
    kRow,        // a row of the data that was trained on
    kHeldOutRow  // a row of the evaluation data, or of what eval_fraction split off
  };
  Kind kind = Kind::kChat;
  std::vector<ChatTurn> turns;
  std::string text;
  std::int64_t row = 0;
  std::int64_t cut = 0;  // tokens of a row that make the prompt; 0: up to its first label
  bool operator==(const AskPrompt&) const = default;
};

struct AskSampling {
  double temperature = 0.0;
  std::int64_t top_k = 0;
  double top_p = 1.0;
  std::uint64_t seed = 0;
  std::int64_t max_new_tokens = 64;
  bool operator==(const AskSampling&) const = default;
};

// The prompt as the model sees it.
struct PromptSeen {
  QString text;  // with its special tokens
  qint64 tokens = 0;
  QString note;  // what of a row it is; "" for others
};

// How an answer stands while it grows, and when it has ended.
struct AnswerState {
  double strength = 0.0;
  qint64 generated = 0;  // tokens that took `seconds`
  double seconds = 0.0;
  bool is_running = true;
  AnswerEnding ending = AnswerEnding::kNone;
  qint64 cut_at = 0;  // the most new tokens, with kCut
};

// Tokens of an answer, new or better known, from `first` on.
struct AnswerPart {
  AnswerSide side = AnswerSide::kBase;
  std::size_t first = 0;
  std::vector<AnswerToken> tokens;
  // Where it is given, what the answer had behind these tokens is gone.
  std::optional<AnswerState> state;
};

// From other threads: ends what is going on.
struct AskStops {
  std::stop_token answers;  // no more tokens; what is there is still compared
  std::stop_token all;
};

// Hears what happens, on the worker's thread.
class AskListener {
 public:
  virtual ~AskListener() = default;
  // What is being done, in words, and how much of it; fraction < 0: not known.
  virtual void on_activity(const QString& text, double fraction) = 0;
  virtual void on_prompt(const PromptSeen& prompt) = 0;
  virtual void on_part(const AnswerPart& part) = 0;
};

// Thread: one thread at a time. Errors: Error, with the sentence to show.
class AskWorker {
 public:
  explicit AskWorker(std::shared_ptr<LoadedModels> models);
  ~AskWorker();

  // Answers at strength 0 and `strength`, both at once, then compares the two; with `tuned_only` the base's answer
  // stays as it is. Loads the model first where it is not there.
  void ask(const AskModel& model, const AskPrompt& prompt, const AskSampling& sampling, double strength,
           bool tuned_only, AskListener& listener, const AskStops& stops);
  // One answer anew from its token `index` on, where `id` stands from now on. Refused where other weights lie in the
  // folder than those that answered.
  void go_on_from(AnswerSide side, std::size_t index, std::int32_t id, AskListener& listener, const AskStops& stops);
  // Lets go of what was asked.
  void forget();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vernier::ui
