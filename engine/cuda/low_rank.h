// LoRA's skinny products of the backward pass in one look at the wide matrix, on the tensor cores.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/core/tensor.h"
#include "engine/cuda/context.h"

namespace vernier::cuda {

// For wide [N, C], narrow [N, R] and, where given, factor [C, R], all bf16:
//   dot [N, R] = scale * wide factor  (bf16; where there is a factor)
//   outer [C, R] = sum over n of wide[n, c] narrow[n, r], left in scratch for the add_outer functions below.
// Sums run in a fixed order.
struct LowRankPass {
  ConstTensorView wide, narrow, factor;
  float scale = 1.0f;
  TensorView dot;
};

// Whether run_low_rank takes these: bf16, whole vectors, ranks that are multiples of 8 up to 64, a wide matrix that is
// worth it, a device with the shared memory for it.
bool low_rank_fits(const CudaContext& context, const LowRankPass& pass);
std::size_t low_rank_scratch_bytes(const CudaContext& context, std::int64_t rows, std::int64_t cols, std::int64_t ranks,
                                   bool with_dot);
// scratch: as many bytes as low_rank_scratch_bytes says, free again when the add_outer calls' work is done.
void run_low_rank(CudaContext& context, const LowRankPass& pass, void* scratch);

// to [C, R'] += scale * outer[:, first .. first + R').
void add_outer(CudaContext& context, const LowRankPass& pass, const void* scratch, std::int64_t first, float scale,
               const TensorView& to);
// to [R', C] += scale * outer[:, first .. first + R')^T.
void add_outer_transposed(CudaContext& context, const LowRankPass& pass, const void* scratch, std::int64_t first,
                          float scale, const TensorView& to);

}  // namespace vernier::cuda
