// Class balance: which tokens a run's data ask for, and which the model says.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <stop_token>
#include <vector>

#include "vernier/run_store.h"

namespace vernier {

// One token of the vocabulary over a range of steps.
struct TokenBalance {
  std::int32_t id = 0;
  std::int64_t targets = 0;     // how often it had a label: it should have been said
  std::int64_t predicted = 0;   // how often it was the likeliest where some token had a label
  std::int64_t hits = 0;        // both at once
  std::int64_t non_finite = 0;  // targets whose loss is no finite number
  double loss_sum = 0.0;        // nats, over its targets with a finite loss

  // Positive: said more often than asked for.
  std::int64_t excess() const { return predicted - targets; }
  // NaN where no target has a finite loss.
  double mean_loss() const {
    return targets > non_finite ? loss_sum / static_cast<double>(targets - non_finite)
                                : std::numeric_limits<double>::quiet_NaN();
  }
};

struct ClassBalance {
  std::int64_t first_step = 0;  // that were asked for
  std::int64_t last_step = 0;
  std::int64_t steps = 0;  // of these, those with recorded tokens
  std::int64_t sequences = 0;
  std::int64_t unrecorded = 0;  // sequences whose tokens were not recorded, which count nowhere
  std::int64_t num_targets = 0;
  std::int64_t hits = 0;
  std::vector<TokenBalance> tokens;  // by id; those that were neither target nor predicted are left out
};

// A sequence in which a token was a target.
struct TokenExample {
  std::int64_t step = 0;
  std::int64_t index = 0;  // of the sequence in its step
  std::int64_t row = 0;    // of the data set
  std::int32_t position = 0;
  std::int32_t target = 0;
  std::int32_t argmax = -1;
  float loss = 0.0f;  // nats
};

// Which occurrences of a token are looked for.
enum class ExampleKind {
  kTarget,     // it should have been said: highest loss first
  kPredicted,  // it was the likeliest, and another was the target: highest loss of that other first
};

// Steps [first, last] of a run, read one after the other; last < 0: to the end. progress: 0 to 1, on the calling
// thread. Errors: as RunReader; kCancelled.
ClassBalance class_balance(const RunReader& reader, std::int64_t first = 0, std::int64_t last = -1,
                           const std::function<void(double)>& progress = {}, std::stop_token stop = {});

// The n occurrences that cost most, NaN before all; one a sequence, its worst. Errors as class_balance.
std::vector<TokenExample> token_examples(const RunReader& reader, std::int32_t id, ExampleKind kind, std::int64_t n,
                                         std::int64_t first = 0, std::int64_t last = -1,
                                         const std::function<void(double)>& progress = {}, std::stop_token stop = {});

}  // namespace vernier
