// Takes the logits of one sequence out of a pass.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/micro_batch.h"
#include "engine/model/decoder.h"
#include "vernier/inspect.h"

namespace vernier {

// After decoder.forward(batch, ...): the logits of one sequence at the positions that `keep` chooses, with their
// targets. The loss is not touched by it.
Capture capture_logits(Decoder& decoder, const MicroBatch& batch, std::size_t sequence, const LogitsToKeep& keep,
                       std::int64_t step);

}  // namespace vernier
