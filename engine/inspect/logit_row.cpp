#include "engine/inspect/logit_row.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace vernier {

LogitRow::LogitRow(std::span<const float> logits) : largest(-std::numeric_limits<double>::infinity()) {
  for (const float logit : logits) largest = std::max(largest, static_cast<double>(logit));
  double weighted = 0.0;  // sum of exp(x) x, x counted from the largest
  for (const float logit : logits) {
    const double x = logit - largest;
    const double e = std::exp(x);
    sum += e;
    weighted += e == 0.0 ? 0.0 : e * x;  // exp(-inf) * -inf is no number
  }
  entropy = std::log(sum) - weighted / sum;
}

std::span<const std::int32_t> likeliest(std::span<const float> logits, std::int64_t k, std::vector<std::int32_t>& ids) {
  const auto vocab = static_cast<std::int64_t>(logits.size());
  ids.resize(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  const auto key = [logits](std::int32_t id) {
    const float logit = logits[static_cast<std::size_t>(id)];
    return std::isnan(logit) ? -std::numeric_limits<float>::infinity() : logit;
  };
  const auto last = ids.begin() + std::clamp<std::int64_t>(k, 0, vocab);
  std::partial_sort(ids.begin(), last, ids.end(),
                    [&key](std::int32_t a, std::int32_t b) { return key(a) != key(b) ? key(a) > key(b) : a < b; });
  return std::span(ids.begin(), last);
}

std::int32_t rank_of(std::span<const float> logits, std::int32_t id) {
  const float own = logits[static_cast<std::size_t>(id)];
  return static_cast<std::int32_t>(
      std::count_if(logits.begin(), logits.end(), [own](float logit) { return logit > own; }));
}

}  // namespace vernier
