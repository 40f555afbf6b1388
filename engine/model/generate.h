// Greedy and sampled generation through the KV cache.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "engine/model/decoder.h"
#include "vernier/model.h"

namespace vernier {

// Temperature, then top-k, then top-p (the smallest set whose probability reaches top_p), as Transformers orders them;
// drawn from philox by (seed, position). temperature 0 takes the largest logit, the lowest id of equals. Ends after
// max_new_tokens, at one of eos_ids (which is given out too) unless stop_at_eos is off, when the callback says so, or
// when `stop` is asked for. Errors: kInvalidInput for an empty prompt, ids out of range and options out of range.
std::vector<GeneratedToken> generate_tokens(Decoder& decoder, const std::vector<std::int32_t>& input_ids,
                                            const GenerateOptions& options, const TokenCallback& callback = {},
                                            std::stop_token stop = {});

}  // namespace vernier
