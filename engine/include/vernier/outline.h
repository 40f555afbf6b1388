// What a configuration makes of rows of known lengths: steps, micro-batches, learning rates.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vernier/run_config.h"

namespace vernier {

struct RunOutline {
  std::int64_t units = 0;  // an epoch's sequences, or with packing its rows of max_length tokens
  double fill = 1.0;       // share of max_length that packed rows fill; 1 without packing
  std::int64_t steps_per_epoch = 0;
  std::int64_t total_steps = 0;
  std::int64_t sequences = 0;              // an epoch's, with the pieces of rows that are split
  std::int64_t cut_tokens = 0;             // an epoch's, lost to max_length
  double tokens_per_step = 0.0;            // mean
  std::int64_t micro_batch_tokens = 0;     // of the largest
  std::int64_t micro_batch_sequences = 0;  // at most, without packing; with it, rows
  // Of some units, evenly spaced: the lengths of the sequences in them.
  std::vector<std::vector<std::int32_t>> shown;
};

// lengths: tokens of each row to train on, before max_length cuts or splits it; rows of none are left out. As a run
// would plan it. Without a row: all zero.
RunOutline outline_run(std::span<const std::int32_t> lengths, const RunConfig& config, std::int64_t units_shown = 0);

// Which of `rows` rows that can be learnt eval_fraction splits off to evaluate on, in rising order; the others are
// trained on. Errors: kInvalidInput where none would be left to train on.
std::vector<std::int64_t> evaluation_split(std::int64_t rows, const RunConfig& config);
// Tokens of the largest micro-batch of an evaluation on rows of these lengths, before max_length cuts or splits them.
std::int64_t largest_evaluation(std::span<const std::int32_t> lengths, const RunConfig& config);

// Of the step that has `steps_done` before it, as a run's scheduler gives it.
double scheduled_learning_rate(const RunConfig& config, std::int64_t total_steps, std::int64_t steps_done);
// Steps that the learning rate takes to rise.
std::int64_t scheduled_warmup(const RunConfig& config, std::int64_t total_steps);

}  // namespace vernier
