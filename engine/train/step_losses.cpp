#include "engine/train/step_losses.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace vernier {

void StepLosses::begin(std::span<const MicroBatch> batches) {
  batches_ = batches;
  if (targets_.size() < batches.size()) targets_.resize(batches.size());
  first_target_.assign(1, 0);
  num_tokens_ = 0;
  num_labelled_sequences_ = 0;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    find_targets(batches[i], targets_[i]);
    first_target_.push_back(first_target_.back() + targets_[i].rows.size());
    num_tokens_ += static_cast<std::int64_t>(batches[i].input_ids.size());
    for (const std::int32_t count : targets_[i].counts) num_labelled_sequences_ += count > 0 ? 1 : 0;
  }
  const std::size_t items = first_target_.back();
  loss_.resize(items);
  entropy_rows_.resize(items);
  argmax_.resize(items);
  rank_.resize(items);
  summaries_.resize(items);
}

LossRows StepLosses::rows(std::size_t batch) {
  const std::size_t first = first_target_[batch];
  const std::size_t count = first_target_[batch + 1] - first;
  LossRows out;
  out.loss = std::span(loss_).subspan(first, count);
  out.entropy = std::span(entropy_rows_).subspan(first, count);
  out.argmax = std::span(argmax_).subspan(first, count);
  out.rank = std::span(rank_).subspan(first, count);
  out.logits = std::span(summaries_).subspan(first, count);
  return out;
}

std::span<const float> StepLosses::row_weights(std::size_t batch, LossNormalization normalization) {
  const TargetRows& targets = targets_[batch];
  weights_.resize(targets.rows.size());
  for (std::size_t m = 0; m < weights_.size(); ++m) {
    const double divisor = normalization == LossNormalization::kPerToken
                               ? static_cast<double>(num_items())
                               : static_cast<double>(num_labelled_sequences_) *
                                     targets.counts[static_cast<std::size_t>(targets.sequence[m])];
    weights_[m] = static_cast<float>(1.0 / divisor);
  }
  return weights_;
}

std::span<const float> StepLosses::weights_of_means(std::size_t batch) {
  const std::size_t targets = targets_[batch].rows.size();
  const double divisor = static_cast<double>(batches_.size()) * static_cast<double>(targets);
  weights_.assign(targets, static_cast<float>(1.0 / divisor));
  return weights_;
}

void StepLosses::finish() {
  sequences_.clear();
  tokens_.clear();
  is_target_.assign(static_cast<std::size_t>(num_tokens_), 0);
  double sum = 0.0, sum_of_means = 0.0, sum_entropy = 0.0;
  std::int64_t correct = 0;
  std::size_t target = 0, token = 0;
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    const MicroBatch& batch = batches_[i];
    for (const std::int32_t row : targets_[i].rows) is_target_[token + static_cast<std::size_t>(row) + 1] = 1;
    for (std::size_t s = 0; s < batch.sequences.size(); ++s) {
      const SequenceRef& sequence = batch.sequences[s];
      const auto count = static_cast<std::size_t>(targets_[i].counts[s]);
      double of_sequence = 0.0;
      for (std::size_t m = target; m < target + count; ++m) {
        of_sequence += loss_[m];
        sum_entropy += entropy_rows_[m];
        correct += argmax_[m] == targets_[i].targets[m - first_target_[i]] ? 1 : 0;
      }
      SequenceLoss& out = sequences_.emplace_back();
      out.index = static_cast<std::int64_t>(sequences_.size()) - 1;
      out.row = sequence.row;
      out.num_tokens = sequence.length;
      out.num_targets = static_cast<std::int64_t>(count);
      out.loss = count > 0 ? of_sequence / static_cast<double>(count) : 0.0;
      out.micro_batch = static_cast<std::int32_t>(i);
      out.packed_row = sequence.packed_row;
      sum += of_sequence;
      sum_of_means += out.loss;

      SequenceTokens& tokens = tokens_.emplace_back();
      const auto begin = static_cast<std::size_t>(sequence.begin);
      const auto length = static_cast<std::size_t>(sequence.length);
      tokens.index = out.index;
      tokens.row = out.row;
      tokens.input_ids = std::span(batch.input_ids).subspan(begin, length);
      tokens.is_target = std::span(is_target_).subspan(token + begin, length);
      tokens.loss = std::span(loss_).subspan(target, count);
      tokens.entropy = std::span(entropy_rows_).subspan(target, count);
      tokens.argmax = std::span(argmax_).subspan(target, count);
      tokens.rank = std::span(rank_).subspan(target, count);
      target += count;
    }
    token += batch.input_ids.size();
  }
  const double items = target > 0 ? static_cast<double>(target) : 1.0;
  loss_per_token_ = sum / items;
  loss_per_sequence_ = num_labelled_sequences_ > 0 ? sum_of_means / static_cast<double>(num_labelled_sequences_) : 0.0;
  accuracy_ = static_cast<double>(correct) / items;
  entropy_ = sum_entropy / items;
  sum_up_logits();
}

template <typename Next>
std::pair<std::int32_t, double> StepLosses::most_frequent(std::size_t items, const Next& next) {
  std::int32_t best = -1, most = 0;
  for (std::size_t m = 0; m < items; ++m) {
    const auto id = static_cast<std::size_t>(next(m));
    if (id >= counts_.size()) counts_.resize(std::max({id + 1, 2 * counts_.size(), std::size_t{4096}}));
    const std::int32_t count = ++counts_[id];
    if (count > most || (count == most && static_cast<std::int32_t>(id) < best)) {
      best = static_cast<std::int32_t>(id);
      most = count;
    }
  }
  for (std::size_t m = 0; m < items; ++m) counts_[static_cast<std::size_t>(next(m))] = 0;
  return {best, items > 0 ? static_cast<double>(most) / static_cast<double>(items) : 0.0};
}

void StepLosses::sum_up_logits() {
  logits_ = {};
  double mean = 0.0, variance = 0.0, low = 0.0, high = 0.0;
  std::size_t count = 0;
  for (const LogitSummary& row : summaries_) {
    logits_.non_finite += row.non_finite;
    if (!std::isfinite(row.mean)) continue;  // nothing of it is finite
    mean += static_cast<double>(row.mean);
    variance += std::pow(static_cast<double>(row.deviation), 2.0);
    low = count == 0 ? static_cast<double>(row.min) : std::min(low, static_cast<double>(row.min));
    high = count == 0 ? static_cast<double>(row.max) : std::max(high, static_cast<double>(row.max));
    ++count;
  }
  if (count > 0) {
    logits_.mean = mean / static_cast<double>(count);
    logits_.spread = std::sqrt(variance / static_cast<double>(count));
    logits_.min = low;
    logits_.max = high;
  }
  std::tie(logits_.top_argmax, logits_.top_argmax_share) =
      most_frequent(argmax_.size(), [this](std::size_t m) { return argmax_[m]; });
  std::size_t batch = 0;
  const auto target = [this, &batch](std::size_t m) {
    if (m == 0) batch = 0;
    while (m >= first_target_[batch + 1]) ++batch;
    return targets_[batch].targets[m - first_target_[batch]];
  };
  logits_.top_target_share = most_frequent(argmax_.size(), target).second;
}

const SequenceLoss* StepLosses::first_non_finite() const {
  for (const SequenceLoss& sequence : sequences_) {
    if (!std::isfinite(sequence.loss)) return &sequence;
  }
  return nullptr;
}

}  // namespace vernier
