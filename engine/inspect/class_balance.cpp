#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

#include "vernier/balance.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// Calls see(step's sequences) for every step of the range that has any.
template <typename See>
void walk(const RunReader& reader, std::int64_t first, std::int64_t last, const std::function<void(double)>& progress,
          const std::stop_token& stop, See&& see) {
  const auto steps = static_cast<double>(last - first + 1);
  for (std::int64_t step = first; step <= last; ++step) {
    if (stop.stop_requested()) fail(ErrorCode::kCancelled, "balance", "stopped before all steps were read.");
    const std::vector<StepTokens> sequences = reader.tokens(step);
    if (!sequences.empty()) see(sequences);
    if (progress) progress(static_cast<double>(step - first + 1) / steps);
  }
}

// The range within the run's own.
void clamp_range(const RunReader& reader, std::int64_t& first, std::int64_t& last) {
  const RunInfo info = reader.info();
  first = std::max(first, info.first_step);
  last = last < 0 ? info.last_step : std::min(last, info.last_step);
}

bool costs_more(const TokenExample& a, const TokenExample& b) {
  const auto key = [](float loss) { return std::isnan(loss) ? std::numeric_limits<float>::infinity() : loss; };
  if (key(a.loss) != key(b.loss)) return key(a.loss) > key(b.loss);
  return a.step != b.step ? a.step < b.step : a.index < b.index;
}

}  // namespace

ClassBalance class_balance(const RunReader& reader, std::int64_t first, std::int64_t last,
                           const std::function<void(double)>& progress, std::stop_token stop) {
  clamp_range(reader, first, last);
  ClassBalance balance;
  balance.first_step = first;
  balance.last_step = last;
  std::unordered_map<std::int32_t, TokenBalance> counts;
  walk(reader, first, last, progress, stop, [&](const std::vector<StepTokens>& sequences) {
    bool is_recorded = false;
    for (const StepTokens& sequence : sequences) {
      ++balance.sequences;
      if (sequence.tokens.empty()) ++balance.unrecorded;
      is_recorded = is_recorded || !sequence.tokens.empty();
      for (const TokenRecord& token : sequence.tokens) {
        if (!token.is_target) continue;
        ++balance.num_targets;
        const bool is_hit = token.argmax == token.input_id;
        balance.hits += is_hit;
        TokenBalance& target = counts[token.input_id];
        ++target.targets;
        target.hits += is_hit;
        if (std::isfinite(token.loss)) {
          target.loss_sum += static_cast<double>(token.loss);
        } else {
          ++target.non_finite;
        }
        if (token.argmax >= 0) ++counts[token.argmax].predicted;
      }
    }
    balance.steps += is_recorded;
  });
  balance.tokens.reserve(counts.size());
  for (auto& [id, token] : counts) {
    token.id = id;
    balance.tokens.push_back(token);
  }
  std::sort(balance.tokens.begin(), balance.tokens.end(),
            [](const TokenBalance& a, const TokenBalance& b) { return a.id < b.id; });
  return balance;
}

std::vector<TokenExample> token_examples(const RunReader& reader, std::int32_t id, ExampleKind kind, std::int64_t n,
                                         std::int64_t first, std::int64_t last,
                                         const std::function<void(double)>& progress, std::stop_token stop) {
  if (n <= 0) return {};
  clamp_range(reader, first, last);
  std::vector<TokenExample> found;
  const auto keep_worst = [&found](std::size_t count) {
    std::sort(found.begin(), found.end(), costs_more);
    if (found.size() > count) found.resize(count);
  };
  const auto wanted = static_cast<std::size_t>(n);
  walk(reader, first, last, progress, stop, [&](const std::vector<StepTokens>& sequences) {
    for (const StepTokens& sequence : sequences) {
      std::optional<TokenExample> worst;
      for (const TokenRecord& token : sequence.tokens) {
        if (!token.is_target) continue;
        const bool is_wanted =
            kind == ExampleKind::kTarget ? token.input_id == id : token.argmax == id && token.input_id != id;
        if (!is_wanted) continue;
        const TokenExample example{sequence.step,  sequence.sequence.index, sequence.sequence.row,
                                   token.position, token.input_id,          token.argmax,
                                   token.loss};
        if (!worst || costs_more(example, *worst)) worst = example;
      }
      if (worst) found.push_back(*worst);
    }
    if (found.size() > 4 * wanted + 64) keep_worst(wanted);
  });
  keep_worst(wanted);
  return found;
}

}  // namespace vernier
