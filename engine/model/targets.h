// Which rows of a micro-batch have something to predict, and whose logits somebody wants to see.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/micro_batch.h"
#include "vernier/run_config.h"

namespace vernier {

// The rows of the loss head, in order: row rows[m] predicts token rows[m] + 1, whose label is targets[m].
struct TargetRows {
  std::vector<std::int32_t> rows;      // [M]
  std::vector<std::int32_t> targets;   // [M]
  std::vector<std::int32_t> sequence;  // [M], index into MicroBatch::sequences
  std::vector<std::int32_t> counts;    // [S], targets of each sequence
};
// A label counts where the token before it is of the same sequence. Reuses the memory of `out`.
void find_targets(const MicroBatch& batch, TargetRows& out);

// Positions 0 .. length-1 of a sequence whose logits are kept, in rising order: the last n, the listed ones that the
// sequence has, or all. One meaning in training, evaluation and decoding.
std::vector<std::int32_t> kept_positions(const LogitsToKeep& keep, std::int64_t length);

}  // namespace vernier
