// What of a step's rows the parity check of a run looks at.
#pragma once

#include <cstdint>
#include <span>

#include "engine/core/micro_batch.h"

namespace vernier {

// Enough to see a difference, little enough to be no burden.
inline constexpr std::int32_t kParityTokens = 96;

// The first sequences of a step, the last of them cut. Where no label is left every token becomes one: the paths are
// compared on what there is. Empty where no sequence has two tokens.
MicroBatch parity_batch(std::span<const MicroBatch> batches, std::int32_t most_tokens = kParityTokens);

}  // namespace vernier
