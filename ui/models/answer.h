// An answer of a model before or after tuning, token by token, as far as it is known.
#pragma once

#include <QString>
#include <cstdint>
#include <limits>
#include <vector>

namespace vernier::ui {

// kRow: not generated, but what the row of the data says.
enum class AnswerSide { kBase, kTuned, kRow };
inline constexpr int kNumAnswerSides = 3;

// Not known yet.
inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// A token that might have stood in a token's place. Probabilities over the whole vocabulary, untempered.
struct AnswerAlternative {
  std::int32_t id = 0;
  QString piece;
  double tuned = kUnknown;
  double base = kUnknown;
};

struct AnswerToken {
  std::int32_t id = 0;
  QString text;   // the characters that it completes: "" while one is unfinished, and for special tokens
  QString piece;  // as the vocabulary spells it
  bool is_special = false;
  bool is_chosen = false;   // by the user, not by the model
  double kl = kUnknown;     // KL(tuned || base) of the distributions that predict it, nats
  double tuned = kUnknown;  // its probability
  double base = kUnknown;
  double tuned_entropy = kUnknown;  // nats
  double base_entropy = kUnknown;
  std::vector<AnswerAlternative> alternatives;  // likeliest first
};

// Not its sentence, which is another in each language.
enum class AnswerEnding { kNone, kByItself, kCut, kStopped, kByUser, kInterrupted };

struct Answer {
  std::vector<AnswerToken> tokens;
  bool is_running = false;
  AnswerEnding ending = AnswerEnding::kNone;  // kNone before it has ended
  qint64 cut_at = 0;                          // the most new tokens, with kCut
  qint64 generated = 0;                       // tokens that took `seconds`
  double seconds = 0.0;                       // of generating alone
  double strength = 0.0;                      // of the adapter

  QString text() const;
  double tokens_per_second() const { return seconds > 0.0 ? static_cast<double>(generated) / seconds : 0.0; }
  // Over the tokens whose divergence is known; kUnknown where none is.
  double mean_kl() const;
  double largest_kl() const;
  // Over its tokens, in nats a token: the mean of -ln p; kUnknown where one is not known.
  double loss(bool of_base) const;
};

}  // namespace vernier::ui
