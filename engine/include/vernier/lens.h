// The logit lens (nostalgebraist 2020): what every layer would say if it were the last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <vector>

#include "vernier/inspect.h"
#include "vernier/logit_grid.h"
#include "vernier/model.h"

namespace vernier {

// One layer's distribution over the token after one position.
struct LensCell {
  float entropy = 0.0f;           // nats
  float divergence = 0.0f;        // KL(the model's answer || this layer's), nats
  float next_probability = 0.0f;  // of the token that follows in the text; 0 at the last position
  std::int32_t next_rank = -1;    // ids that scored higher; -1 at the last position
};

struct LogitLens {
  std::int64_t layers = 0;              // L + 1: the embeddings, then the stream after every layer
  std::int64_t top = 0;                 // k, or V where that is less
  std::vector<std::int32_t> input_ids;  // [T]
  std::vector<LensCell> cells;          // [L + 1, T]
  std::vector<TopToken> tokens;         // [L + 1, T, k], likeliest first
  std::vector<float> mean_entropy;      // [L + 1], nats
  std::vector<float> mean_divergence;   // [L + 1], nats

  std::int64_t positions() const { return static_cast<std::int64_t>(input_ids.size()); }
  std::size_t at(std::int64_t layer, std::int64_t position) const {
    return static_cast<std::size_t>(layer * positions() + position);
  }
};

struct LensPair {
  LogitLens tuned;
  LogitLens base;                      // no layers where only one was asked
  std::vector<float> divergence;       // [L + 1, T]: KL(tuned || base), nats
  std::vector<float> mean_divergence;  // [L + 1]
};

// The hidden states [L + 1, T, D] of one pass, each through the model's own final norm and head; the last is the
// model's answer itself. Logits exist of a few positions at a time, of one layer (and the last) of each model asked.
// kTuned and kBase fill `tuned` alone. progress: 0 to 1. The adapter's strength is 1 afterwards. Errors: kInvalidInput
// for no or unknown tokens, and for two models that differ in shape; kCancelled.
LensPair logit_lens(const ModelPair& models, const std::vector<std::int32_t>& input_ids, std::int64_t k, Asked asked,
                    const ProgressCallback& progress = {}, std::stop_token stop = {});

}  // namespace vernier
