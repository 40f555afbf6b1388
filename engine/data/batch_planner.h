// Which rows make up which optimizer step.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/micro_batch.h"
#include "engine/data/dataset.h"
#include "engine/data/unit_plan.h"
#include "vernier/run_config.h"

namespace vernier {

// A pure function of (data set, configuration, step): resuming needs nothing but the step.
//
// Every epoch visits every row once, in an order drawn from (seed, epoch). A micro-batch holds
// per_device_train_batch_size units, an optimizer step gradient_accumulation_steps micro-batches; what is left at an
// epoch's end makes smaller ones (Transformers' dataloader_drop_last = false). A unit is a sequence, or with packing
// several that fill a row of max_length tokens.
//
// bfd packs best-fit decreasing over the lengths, which depends on nothing but the lengths; which of equally long
// sequences goes where is drawn anew each epoch, so that the number of steps stays and the company a sequence keeps
// does not. bfd_split does the same with the pieces of long rows. wrapped cuts the rows, in the epoch's order one
// behind the other, wherever max_length tokens are full. A piece of a row is a sequence of its own. The unit of packing
// matters for speed alone: attention, positions and both losses see single sequences.
//
// Thread: one thread at a time.
class BatchPlanner {
 public:
  // There must be at least one row, and no empty one. Without packing and with bfd no row may be longer than
  // max_length.
  BatchPlanner(TokenDataset rows, const RunConfig& config);

  const TokenDataset& rows() const { return rows_; }
  std::int64_t steps_per_epoch() const { return plan_.steps_per_epoch; }
  // max_steps, or as many as num_train_epochs makes (rounded up).
  std::int64_t total_steps() const { return plan_.total_steps; }
  // Epochs done after `step` steps, as a fraction (1.5: half of the second).
  double epochs_after(std::int64_t step) const;
  // Of the sequences trained on, in tokens: rows, or the pieces of rows that are split.
  std::int32_t longest_row() const;
  // No micro-batch has more tokens: those of as many of the largest units as a micro-batch holds.
  std::int64_t max_micro_batch_tokens() const { return plan_.max_micro_batch_tokens; }
  // A micro-batch of that size: of the largest units. Tells what the run's worst moment takes.
  MicroBatch longest_micro_batch();
  // Share of max_length that the packed rows fill; 1 without packing.
  double fill() const { return plan_.fill; }

  // Whether the data set teaches anything once it is cut: a piece's first token is never predicted, so that pieces may
  // have nothing to learn though their row has. wrapped cuts differently each epoch; of it as many are looked at as
  // make chance no excuse.
  bool has_targets();

  // The micro-batches of optimizer step `step`, which counts from 1.
  std::vector<MicroBatch> micro_batches(std::int64_t step);

 private:
  void enter_epoch(std::int64_t epoch);
  void append_unit(std::int64_t unit, MicroBatch& out) const;
  std::int64_t tokens_of_unit(std::int64_t unit) const;
  // As many as a micro-batch holds. Not with wrapped, whose units are all full but the last.
  std::vector<std::int64_t> largest_units() const;

  TokenDataset rows_;
  Packing packing_;
  std::uint64_t seed_;
  std::int64_t batch_size_;
  std::int64_t accumulation_;
  std::int64_t capacity_;
  // With bfd and bfd_split, place p of the lengths in falling order belongs to the p-th longest piece.
  UnitPlan plan_;
  // Of the epoch in hand.
  std::int64_t epoch_ = -1;
  std::vector<std::int64_t> order_;           // of the units; with wrapped, of the rows
  std::vector<std::int64_t> piece_of_place_;  // bfd, bfd_split
  std::vector<std::int64_t> row_begins_;      // wrapped: tokens in front of each row of order_
};

// Whether any token of the pieces is predicted by the token before it and has a label.
bool any_target(const std::vector<MicroBatch>& batches);

// As plan_evaluation().
std::vector<MicroBatch> evaluation_batches(const TokenDataset& rows, const RunConfig& config);

}  // namespace vernier
