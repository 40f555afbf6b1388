#include "engine/cpu/gemm.h"

#include <algorithm>
#include <array>

#include "engine/cpu/gemm_kernels.h"
#include "engine/cpu/gemm_sum.h"

namespace vernier::cpu {
namespace {

// Pieces begin at multiples of so many columns, which keeps each column in the vector it would be in without the cut.
constexpr std::int64_t kColumnRounding = 64;

// One row times rows of B as they lie: B is read once, along its rows.
bool by_rows(const Gemm& g) {
  return g.m == 1 && !g.trans_b && (!g.trans_a || g.lda == 1);
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

// The sum has one term and must be used while `term` lives.
GemmSum as_sum(const Gemm& g, GemmTerm& term) {
  const bool row = g.trans_a && g.m == 1 && g.lda == 1;
  term = {g.a, g.trans_a && !row ? 1 : g.lda, g.trans_a && !row ? g.lda : 1, g.b, g.ldb, g.trans_b, g.k, g.alpha};
  return {g.m, g.n, {&term, 1}, g.beta, nullptr, g.c, g.ldc};
}

}  // namespace

void gemm(const Gemm& g) {
  if (by_rows(g)) return add_rows(g);
  GemmTerm term;
  gemm_sum(as_sum(g, term));
}

void gemm(ThreadPool& pool, const Gemm& g) {
  if (!by_rows(g)) {
    GemmTerm term;
    const GemmSum sum = as_sum(g, term);
    return gemm_sums(pool, {&sum, 1});
  }
  if (g.n * g.k < kMinParallel || pool.threads() == 1) return add_rows(g);
  const std::int64_t even = g.n / (4 * pool.threads());
  const std::int64_t step = (even / kColumnRounding + 1) * kColumnRounding;
  pool.parallel_for((g.n + step - 1) / step, [&](std::int64_t task, int) {
    Gemm part = g;
    part.n = std::min(step, g.n - task * step);
    part.b += task * step;
    part.c += task * step;
    add_rows(part);
  });
}

}  // namespace vernier::cpu
