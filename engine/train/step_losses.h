// What the loss head told of every target of some micro-batches, and what it adds up to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/core/micro_batch.h"
#include "engine/io/token_codec.h"
#include "engine/model/targets.h"
#include "engine/ops/backend.h"
#include "vernier/events.h"
#include "vernier/step_signals.h"

namespace vernier {

// begin() for some micro-batches, rows() filled for each of them, finish(). Reuses its memory: nothing is allocated
// once the largest step was seen. Thread: one thread at a time. The micro-batches must outlive what is read of them.
class StepLosses {
 public:
  // Finds the targets and makes room.
  void begin(std::span<const MicroBatch> batches);

  const TargetRows& targets(std::size_t batch) const { return targets_[batch]; }
  std::int64_t num_tokens() const { return num_tokens_; }
  // num_items_in_batch: targets over all micro-batches.
  std::int64_t num_items() const { return static_cast<std::int64_t>(loss_.size()); }
  // Sequences that have a target, over all micro-batches.
  std::int64_t num_labelled_sequences() const { return num_labelled_sequences_; }

  // Where the head puts a micro-batch's values.
  LossRows rows(std::size_t batch);
  // d loss / d token loss of a micro-batch's targets: 1 / num_items, or 1 / (labelled sequences * targets of the
  // sequence). Valid until the next call.
  std::span<const float> row_weights(std::size_t batch, LossNormalization normalization);
  // The same by FaultKind::kMeanOfMeans: 1 / (micro-batches * targets of the micro-batch).
  std::span<const float> weights_of_means(std::size_t batch);

  // Sums up, in double and in the order of the tokens, so that the split into micro-batches does not matter.
  void finish();
  double loss_per_token() const { return loss_per_token_; }
  double loss_per_sequence() const { return loss_per_sequence_; }
  double accuracy() const { return accuracy_; }
  double entropy() const { return entropy_; }
  const LogitSignals& logits() const { return logits_; }
  // In the step's order. A sequence without targets has loss 0.
  const std::vector<SequenceLoss>& sequences() const { return sequences_; }
  // The first sequence one of whose losses is no finite number.
  const SequenceLoss* first_non_finite() const;
  // For the run store: every sequence's tokens with their values.
  const std::vector<SequenceTokens>& tokens() const { return tokens_; }

 private:
  void sum_up_logits();
  // The most frequent id (the lowest of equals) and its share of those that next() tells `items` times.
  template <typename Next>
  std::pair<std::int32_t, double> most_frequent(std::size_t items, const Next& next);

  std::span<const MicroBatch> batches_;
  std::vector<TargetRows> targets_;        // as many as any step had
  std::vector<std::size_t> first_target_;  // [micro-batches + 1], into loss_ and its like
  std::vector<float> loss_, entropy_rows_;
  std::vector<std::int32_t> argmax_, rank_;
  std::vector<LogitSummary> summaries_;
  std::vector<std::int32_t> counts_;     // by id; zero between two uses
  std::vector<std::uint8_t> is_target_;  // [num_tokens]
  std::vector<float> weights_;
  std::vector<SequenceLoss> sequences_;
  std::vector<SequenceTokens> tokens_;
  std::int64_t num_tokens_ = 0;
  std::int64_t num_labelled_sequences_ = 0;
  double loss_per_token_ = 0.0, loss_per_sequence_ = 0.0, accuracy_ = 0.0, entropy_ = 0.0;
  LogitSignals logits_;
};

}  // namespace vernier
