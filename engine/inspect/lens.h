// The logit lens over states that were asked for.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/inspect/asked_states.h"
#include "vernier/lens.h"

namespace vernier {

// asked: all states of one model, or of the tuned and the base one. As logit_lens().
LensPair lens_of(std::span<const AskedStates> asked, const std::vector<std::int32_t>& input_ids, std::int64_t k,
                 const ProgressCallback& progress, const std::stop_token& stop);

}  // namespace vernier
