#include "engine/cpu/gemm.h"

#include <algorithm>
#include <array>

#include "engine/cpu/gemm_kernels.h"
#include "engine/cpu/gemm_sum.h"

namespace vernier::cpu {
namespace {

// So few rows leave no time to pack B: its rows, contiguous in k, are multiplied where they are.
constexpr std::int64_t kDotRows = 8;
// Pieces of these paths begin at multiples of so many columns, which keeps each column in the vector it would be in
// without the cut.
constexpr std::int64_t kColumnRounding = 64;
// Multiply-adds below which other threads cannot help in time.
constexpr std::int64_t kMinParallel = 1 << 18;

enum class Way { kTiles, kDot, kAddRows };

// By shape alone: the ways differ in the order of summation.
Way choose(const Gemm& g) {
  const bool contiguous = !g.trans_a || (g.m == 1 && g.lda == 1);
  if (contiguous && g.trans_b && g.m <= kDotRows) return Way::kDot;
  if (contiguous && !g.trans_b && g.m == 1) return Way::kAddRows;
  return Way::kTiles;
}

void dot(const Gemm& g) {
  gemm_kernels().dot(g.m, g.n, g.k, g.a, g.lda, g.b, g.ldb, g.alpha, g.beta, g.c, g.ldc);
}

void add_rows(const Gemm& g) {
  constexpr std::int64_t kMaxColumns = 4096;  // of C at a time, in the first-level cache
  constexpr std::int64_t kMaxK = 256;
  std::array<float, kMaxK> x;
  for (std::int64_t j = 0; j < g.n; j += kMaxColumns) {
    const std::int64_t n = std::min(kMaxColumns, g.n - j);
    for (std::int64_t i = j; i < j + n; ++i) g.c[i] = g.beta == 0.0f ? 0.0f : g.beta * g.c[i];
    for (std::int64_t k0 = 0; k0 < g.k; k0 += kMaxK) {
      const std::int64_t k = std::min(kMaxK, g.k - k0);
      for (std::int64_t i = 0; i < k; ++i) x[static_cast<std::size_t>(i)] = g.alpha * g.a[k0 + i];
      gemm_kernels().add_rows(n, k, x.data(), g.b + k0 * g.ldb + j, g.ldb, g.c + j);
    }
  }
}

GemmTerm as_term(const Gemm& g) {
  return {g.a, g.trans_a ? 1 : g.lda, g.trans_a ? g.lda : 1, g.b, g.ldb, g.trans_b, g.k, g.alpha};
}

}  // namespace

void gemm(const Gemm& g) {
  switch (choose(g)) {
    case Way::kDot:
      return dot(g);
    case Way::kAddRows:
      return add_rows(g);
    case Way::kTiles: {
      const GemmTerm term = as_term(g);
      return gemm_sum({g.m, g.n, {&term, 1}, g.beta, nullptr, g.c, g.ldc});
    }
  }
}

void gemm(ThreadPool& pool, const Gemm& g) {
  if (g.m * g.n * g.k < kMinParallel || pool.threads() == 1) return gemm(g);
  const Way way = choose(g);
  if (way == Way::kTiles) {
    const GemmTerm term = as_term(g);
    const GemmSum sum{g.m, g.n, {&term, 1}, g.beta, nullptr, g.c, g.ldc};
    return gemm_sums(pool, {&sum, 1});
  }
  const std::int64_t even = g.n / (4 * pool.threads());
  const std::int64_t step = (even / kColumnRounding + 1) * kColumnRounding;
  pool.parallel_for((g.n + step - 1) / step, [&](std::int64_t task, int) {
    Gemm part = g;
    part.n = std::min(step, g.n - task * step);
    part.b += task * step * (g.trans_b ? g.ldb : 1);
    part.c += task * step;
    way == Way::kDot ? dot(part) : add_rows(part);
  });
}

}  // namespace vernier::cpu
