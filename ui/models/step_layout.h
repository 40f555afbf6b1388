// How the sequences of a step lay in packed rows, and what each weighs in either loss.
#pragma once

#include <QString>
#include <cstdint>
#include <vector>

#include "vernier/run_config.h"
#include "vernier/run_store.h"

namespace vernier::ui {

// Tokens [begin, end) of a sequence.
struct TokenRun {
  qint64 begin = 0;
  qint64 end = 0;
};

struct LaidSequence {
  SequenceLoss loss;
  std::size_t row = 0;            // of StepLayout::rows()
  qint64 begin = 0;               // first token in that row
  std::vector<TokenRun> targets;  // empty where its tokens were not recorded
};

struct LaidRow {
  qint64 micro_batch = 0;
  qint64 packed_row = 0;
  qint64 tokens = 0;
  std::size_t first = 0;  // of StepLayout::sequences()
  std::size_t count = 0;
};

// A step as the store tells it. Rows are those of max_length tokens that packing filled; without packing, and where the
// run did not record them, each sequence is a row of its own.
class StepLayout {
 public:
  StepLayout() = default;
  // sequences: in the step's order. tokens: some or all of them, in the same order.
  StepLayout(qint64 step, const std::vector<SequenceRecord>& sequences, const std::vector<StepTokens>& tokens,
             const RunConfig& config);

  qint64 step() const { return step_; }
  bool is_empty() const { return sequences_.empty(); }
  // False for runs of versions that did not record the rows.
  bool is_recorded() const { return is_recorded_; }
  bool is_packed() const { return packing_ != Packing::kNone; }
  LossNormalization optimised() const { return optimised_; }
  const std::vector<LaidSequence>& sequences() const { return sequences_; }
  const std::vector<LaidRow>& rows() const { return rows_; }
  // Tokens that a row is drawn to hold: max_length with packing, else those of the longest.
  qint64 capacity() const { return capacity_; }
  qint64 num_tokens() const { return num_tokens_; }
  qint64 num_items() const { return num_items_; }  // num_items_in_batch
  // Sequences that have a target.
  qint64 num_labelled() const { return num_labelled_; }
  // Share of the rows that tokens fill; 1 where nothing is packed, as there is no padding.
  double fill() const;
  // -1 for none.
  int sequence_at(std::size_t row, qint64 token) const;
  int find(qint64 index) const;

  // What the loss of one target of a sequence is multiplied with: per token 1 / num_items_in_batch, per sequence
  // 1 / (sequences with targets * targets of this one). 0 without targets.
  double token_weight(const LaidSequence& sequence, LossNormalization normalization) const;
  // Of all its targets.
  double sequence_weight(const LaidSequence& sequence, LossNormalization normalization) const;
  // log2 of how much more a target weighs per sequence than per token; 0 without targets.
  double log_ratio(const LaidSequence& sequence) const;
  // The largest of each over the step.
  double largest_token_weight() const;
  double largest_log_ratio() const;

  // "3 of 16 sequences hold 61 % of the weight", and what that means.
  QString weight_sentence(LossNormalization normalization) const;
  QString difference_sentence() const;
  QString fill_sentence() const;

 private:
  qint64 step_ = 0;
  bool is_recorded_ = true;
  Packing packing_ = Packing::kNone;
  LossNormalization optimised_ = LossNormalization::kPerToken;
  std::vector<LaidSequence> sequences_;
  std::vector<LaidRow> rows_;
  qint64 capacity_ = 1;
  qint64 num_tokens_ = 0;
  qint64 num_items_ = 0;
  qint64 num_labelled_ = 0;
};

}  // namespace vernier::ui
