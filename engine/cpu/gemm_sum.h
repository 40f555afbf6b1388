// Sums of matrix products with bias: what a projection with its low-rank part is made of.
#pragma once

#include <cstdint>
#include <span>

#include "engine/cpu/thread_pool.h"

namespace vernier::cpu {

// Multiply-adds below which other threads cannot help in time.
inline constexpr std::int64_t kMinParallel = 1 << 18;

// scale * A B, [m, k] x [k, n]. Element (i, k) of A is at a[i * row_step + k * k_step]; element (k, j) of B is at
// b[k * ldb + j], or b[j * ldb + k] where trans_b.
struct GemmTerm {
  const float* a = nullptr;
  std::int64_t row_step = 0, k_step = 1;
  const float* b = nullptr;
  std::int64_t ldb = 0;
  bool trans_b = false;
  std::int64_t k = 0;
  float scale = 1.0f;
};

// C [m, n] = beta * C + bias + the terms' sum. The terms are joined along k, so that a low-rank term costs no pass over
// C of its own. beta == 0 overwrites C, NaN included. bias [n] may be null.
struct GemmSum {
  std::int64_t m = 0, n = 0;
  std::span<const GemmTerm> terms;
  float beta = 0.0f;
  const float* bias = nullptr;
  float* c = nullptr;
  std::int64_t ldc = 0;
};

// On the calling thread.
void gemm_sum(const GemmSum& sum);

// All sums in one split over the pool; no C may overlap another. The bits do not depend on the thread count: every
// element is summed in an order that follows from the terms' k alone, in whatever piece of C it is.
void gemm_sums(ThreadPool& pool, std::span<const GemmSum> sums);

}  // namespace vernier::cpu
