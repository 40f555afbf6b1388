// The dropout mask of a LoRA branch's input, as defined at vernier::Dropout.
#pragma once

#include <cstdint>

#include "engine/ops/backend.h"

namespace vernier::cpu {

// One projection's mask: Dropout with the projection's number added to the stream.
struct DropoutMask {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
  std::uint64_t threshold = 0;  // a word below it drops its element
  float scale = 1.0f;           // of kept elements, 1 / (1 - p)

  DropoutMask(const Dropout& dropout, std::size_t projection);
};

// out[i] = mask(i) * in[i] for the elements of the token `row_key`; in may be out.
void apply_dropout(const DropoutMask& mask, std::uint64_t row_key, std::int64_t count, const float* in, float* out);

// out[i] += mask(i) * in[i].
void add_dropout(const DropoutMask& mask, std::uint64_t row_key, std::int64_t count, const float* in, float* out);

}  // namespace vernier::cpu
