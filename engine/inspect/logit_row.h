// What one position's logits say: the softmax over them, and its likeliest tokens.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace vernier {

// Of one row of logits [V], in float64. NaN among them makes everything NaN.
struct LogitRow {
  explicit LogitRow(std::span<const float> logits);

  double log_probability(float logit) const { return logit - largest - std::log(sum); }
  float probability(float logit) const { return static_cast<float>(std::exp(logit - largest) / sum); }

  double largest = 0.0;
  double sum = 0.0;      // of exp(logit - largest)
  double entropy = 0.0;  // nats
};

// The k ids with the highest logits, or all where there are fewer: highest first, the lower id first among equals, NaN
// last. `ids` is room that is used again.
std::span<const std::int32_t> likeliest(std::span<const float> logits, std::int64_t k, std::vector<std::int32_t>& ids);

// How many ids have a higher logit.
std::int32_t rank_of(std::span<const float> logits, std::int32_t id);

}  // namespace vernier
