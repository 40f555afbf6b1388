// One model at two strengths of its adapter: answers that grow side by side, and how far the two are apart.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "vernier/model.h"

namespace vernier {

// An answer under way, a token a call. Several may be under way in one model, each at its own strength and with its own
// key-value cache; a token is what LanguageModel::generate() would give at that strength.
// Thread: the model's. The model must outlive it.
class Generation {
 public:
  // strength: as LanguageModel::set_adapter_strength(); the model's own stays as it is. Errors: as
  // LanguageModel::generate().
  Generation(LanguageModel& model, const std::vector<std::int32_t>& input_ids, const GenerateOptions& options,
             double strength);
  ~Generation();
  Generation(Generation&&) noexcept;
  Generation& operator=(Generation&&) noexcept;

  // The next token; nothing once the answer has ended.
  std::optional<GeneratedToken> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A token that might have stood at a position.
struct ContrastAlternative {
  std::int32_t id = 0;
  float log_probability = 0.0f;       // at `strength`, nats
  float base_log_probability = 0.0f;  // at `base_strength`
};

// What the model expects of one token of a sequence from those before it, at either strength. p is the distribution at
// `strength`, q that at `base_strength`, both over the whole vocabulary and untempered; sums in float64.
struct TokenContrast {
  std::int32_t position = 0;  // of the token, 1 or more
  std::int32_t id = 0;
  double kl = 0.0;               // KL(p || q) = sum p (ln p - ln q), nats (Kullback and Leibler 1951)
  double log_probability = 0.0;  // ln p of the token
  double base_log_probability = 0.0;
  double entropy = 0.0;  // of p, nats
  double base_entropy = 0.0;
  // The num_top likeliest tokens of either, by falling probability at `strength`; ties: the lower id first.
  std::vector<ContrastAlternative> top;
};

struct ContrastOptions {
  double strength = 1.0;
  double base_strength = 0.0;
  std::int64_t first = 1;  // position of the first token that is told of; nothing predicts the token at 0
  std::int64_t num_top = 0;
  std::int64_t chunk = 64;  // tokens that go through the model at once: 2 chunk V floats of logits
};

// Called on the calling thread with what a chunk adds; returning false ends the work.
using ContrastCallback = std::function<bool(const std::vector<TokenContrast>& chunk)>;

// Positions first .. size - 1 of input_ids at both strengths, chunk by chunk through two key-value caches. What was
// done is given back where the callback or `stop` ends it. Errors: kInvalidInput for ids or options out of range,
// kNonFinite for logits that are no numbers, kOutOfMemory.
std::vector<TokenContrast> contrast_strengths(LanguageModel& model, const std::vector<std::int32_t>& input_ids,
                                              const ContrastOptions& options, const ContrastCallback& callback = {},
                                              std::stop_token stop = {});

}  // namespace vernier
