// Which rows make up which optimizer step.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/micro_batch.h"
#include "engine/data/dataset.h"
#include "vernier/run_config.h"

namespace vernier {

// A pure function of (data set, configuration, step): resuming needs nothing but the step.
//
// Every epoch visits every row once, in an order drawn from (seed, epoch). A micro-batch holds
// per_device_train_batch_size units, an optimizer step gradient_accumulation_steps micro-batches; what is left at an
// epoch's end makes smaller ones (Transformers' dataloader_drop_last = false). A unit is a sequence, or with packing
// several that fill a row of max_length tokens. Packing is best-fit decreasing over the lengths, which depends on
// nothing but the lengths; which of equally long sequences goes where is drawn anew each epoch, so that the number of
// steps stays and the company a sequence keeps does not. The unit of packing matters for speed alone: attention,
// positions and both losses see single sequences.
//
// Thread: one thread at a time.
class BatchPlanner {
 public:
  // The rows' lengths must not exceed max_length, and there must be at least one row.
  BatchPlanner(TokenDataset rows, const RunConfig& config);

  const TokenDataset& rows() const { return rows_; }
  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  // max_steps, or as many as num_train_epochs makes (rounded up).
  std::int64_t total_steps() const { return total_steps_; }
  // Epochs done after `step` steps, as a fraction (1.5: half of the second).
  double epochs_after(std::int64_t step) const;
  std::int32_t longest_row() const;
  // No micro-batch has more tokens: those of as many of the largest units as a micro-batch holds.
  std::int64_t max_micro_batch_tokens() const;
  // Share of max_length that the packed rows fill; 1 without packing.
  double fill() const { return fill_; }

  // The micro-batches of optimizer step `step`, which counts from 1.
  std::vector<MicroBatch> micro_batches(std::int64_t step);

 private:
  void enter_epoch(std::int64_t epoch);
  void append_unit(std::int64_t unit, MicroBatch& out) const;

  TokenDataset rows_;
  bool packing_;
  std::uint64_t seed_;
  std::int64_t batch_size_;
  std::int64_t accumulation_;
  std::int64_t steps_per_epoch_ = 0;
  std::int64_t total_steps_ = 0;
  double fill_ = 1.0;

  // With packing: units as lists of places; place p of the lengths in falling order belongs to the p-th longest row.
  std::vector<std::vector<std::int64_t>> units_;
  std::vector<std::int64_t> by_length_;  // rows, longest first
  // Of the epoch in hand.
  std::int64_t epoch_ = -1;
  std::vector<std::int64_t> order_;  // of the units
  std::vector<std::int64_t> row_of_place_;
};

// All rows in the file's order, without shuffling: micro-batches of per_device_train_batch_size sequences, or with
// packing of as many as fit into that many times max_length tokens.
std::vector<MicroBatch> evaluation_batches(const TokenDataset& rows, const RunConfig& config);

}  // namespace vernier
