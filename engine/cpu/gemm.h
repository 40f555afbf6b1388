// float32 matrix products on one thread and on the pool.
#pragma once

#include <cstdint>

#include "engine/cpu/thread_pool.h"

namespace vernier::cpu {

// C [m, n] = alpha * op(A) op(B) + beta * C, row-major. op(A) is [m, k]: A is stored [m, k] with row stride lda, or
// [k, m] where trans_a; op(B) is [k, n]: B is stored [k, n] with row stride ldb, or [n, k] where trans_b.
// beta == 0 overwrites C, NaN included.
struct Gemm {
  std::int64_t m = 0, n = 0, k = 0;
  bool trans_a = false, trans_b = false;
  float alpha = 1.0f, beta = 0.0f;
  const float* a = nullptr;
  std::int64_t lda = 0;
  const float* b = nullptr;
  std::int64_t ldb = 0;
  float* c = nullptr;
  std::int64_t ldc = 0;
};

// On the calling thread, any shape, tiny and skinny ones included (attention blocks, loss chunks, LoRA, m == 1).
// Safe from several threads at once.
void gemm(const Gemm& g);

// Split over the pool's workers. Each element is summed in an order that follows from the shape alone, whatever piece
// it falls in, so the bits do not depend on the thread count.
void gemm(ThreadPool& pool, const Gemm& g);

}  // namespace vernier::cpu
