// Rotary frequencies of every scaling that the supported families use.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/io/model_config.h"

namespace vernier {

struct RopeFrequencies {
  std::vector<double> inv_freq;    // [rotary_dim / 2], radians a position
  double attention_scaling = 1.0;  // multiplies cos and sin
};

// For rows of up to seq_len positions: `dynamic` and `longrope` depend on it, the others do not. seq_len 0 stands for
// max_position_embeddings or less (dynamic) and for the pre-training context or less (longrope), as when Transformers
// builds a model.
// Sources, as Transformers 5 computes them (modeling_rope_utils.py): RoFormer (Su et al. 2021), linear and dynamic NTK
// (kaiokendev, bloc97, emozilla 2023), YaRN (Peng et al. 2023), LongRoPE (Ding et al. 2024), Llama 3.1 (Meta 2024).
// Transformers keeps inv_freq in float32; rounding these to float32 before multiplying by positions gives its angles.
RopeFrequencies rope_frequencies(const ModelConfig& config, const RopeParameters& rope, std::int64_t seq_len = 0);

}  // namespace vernier
