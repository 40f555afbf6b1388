// LoRA's skinny products of the backward pass in one look at the wide matrix, on the tensor cores.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/core/tensor.h"
#include "engine/cuda/context.h"

namespace vernier::cuda {

inline constexpr std::size_t kMaxLowRankPasses = 8;

// A place for columns [first, first + R') of outer, float32: to [C, R'] += scale * outer, or to [R', C] += its
// transpose.
struct LowRankOuter {
  TensorView to;
  std::int64_t first = 0;
  float scale = 1.0f;
  bool transposed = false;
};

// For wide [N, C], narrow [N, R] and, where given, factor [C, R], all bf16:
//   dot [N, R] = scale * wide factor  (bf16; where there is a factor)
//   outer [C, R] = sum over n of wide[n, c] narrow[n, r], added to the places of `outer`
struct LowRankPass {
  ConstTensorView wide, narrow, factor;
  float scale = 1.0f;
  TensorView dot;
  std::array<LowRankOuter, kMaxLowRankPasses> outer;
  std::size_t outer_count = 0;

  void add_outer(const LowRankOuter& place) { outer[outer_count++] = place; }
};

// Sums over every pass's sizes, for low_rank_scratch_bytes.
struct LowRankSize {
  std::int64_t rows = 0, cols = 0, slabs = 0, padded_rank = 0;
  bool with_dot = false;

  void add(std::int64_t rows, std::int64_t cols, std::int64_t ranks, bool dot);
};

// Whether run_low_rank takes this one: bf16, whole vectors, a rank that is a multiple of 8 up to 64, a wide matrix that
// is worth it, a device with the shared memory for it.
bool low_rank_fits(const CudaContext& context, const LowRankPass& pass);
std::size_t low_rank_scratch_bytes(const CudaContext& context, const LowRankSize& size);
// Passes over matrices of equal height, in two launches; sums run in a fixed order.
// scratch: as many bytes as low_rank_scratch_bytes says, free again when the work is done.
void run_low_rank(CudaContext& context, std::span<const LowRankPass> passes, void* scratch);

}  // namespace vernier::cuda
