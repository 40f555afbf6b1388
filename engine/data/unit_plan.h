// How rows become the units of micro-batches, and those optimizer steps: all that their lengths alone decide.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/data/packer.h"
#include "vernier/run_config.h"

namespace vernier {

// A unit is a sequence, or with packing several that fill a row of max_length tokens.
struct UnitPlan {
  // With bfd and bfd_split: units as lists of places in `pieces`, which run from the longest to the shortest.
  std::vector<Piece> pieces;
  std::vector<std::vector<std::int64_t>> units;

  std::int64_t num_units = 0;
  double fill = 1.0;  // share of max_length that packed rows fill; 1 without packing
  std::int64_t steps_per_epoch = 0;
  std::int64_t total_steps = 0;  // max_steps, or as many as num_train_epochs makes (rounded up)
  // No micro-batch has more tokens: those of as many of the largest units as a micro-batch holds.
  std::int64_t max_micro_batch_tokens = 0;
};

// There must be at least one row, and none of no tokens. Without packing and with bfd no row may be longer than
// max_length.
UnitPlan plan_units(std::span<const std::int32_t> lengths, const RunConfig& config);

// The micro-batches of an evaluation: all rows in their order, per_device_train_batch_size sequences each, or with
// packing as many as fit into that many times max_length tokens. Rows longer than max_length are split.
std::vector<std::vector<Piece>> plan_evaluation(std::span<const std::int32_t> lengths, const RunConfig& config);

}  // namespace vernier
