// The dropout mask of a LoRA branch's input, as defined at vernier::Dropout.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/cuda/context.h"
#include "engine/ops/backend.h"

namespace vernier::cuda {

// One projection's mask: Dropout with the projection's number added to the stream.
struct DropoutMask {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
  std::uint64_t threshold = 0;              // a word below it drops its element
  float scale = 1.0f;                       // of kept elements, 1 / (1 - p)
  const std::uint64_t* row_keys = nullptr;  // in device memory, of the rows of the call

  DropoutMask(const Dropout& dropout, std::size_t projection, const std::uint64_t* device_row_keys);
};

// out = mask * in, row by row; row 0 has the key row_keys[0]. out may be in.
void apply_dropout(CudaContext& context, const DropoutMask& mask, const ConstTensorView& in, const TensorView& out);
// out += mask * in.
void add_dropout(CudaContext& context, const DropoutMask& mask, const ConstTensorView& in, const TensorView& out);

}  // namespace vernier::cuda
