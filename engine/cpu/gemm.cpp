#include "engine/cpu/gemm.h"

#include <algorithm>

#include "engine/cpu/context.h"
#include "engine/cpu/gemm_kernels.h"

namespace vernier::cpu {
namespace {

constexpr std::int64_t kBlockK = 256;
constexpr std::int64_t kBlockN = 384;  // a multiple of every panel width

void scale(const Gemm& g) {
  for (std::int64_t i = 0; i < g.m; ++i) {
    float* row = g.c + i * g.ldc;
    for (std::int64_t j = 0; j < g.n; ++j) row[j] = g.beta == 0.0f ? 0.0f : g.beta * row[j];
  }
}

}  // namespace

void gemm(const Gemm& g) {
  if (g.k == 0) return scale(g);
  const GemmKernels& kernels = gemm_kernels();
  thread_local Scratch scratch;
  float* packed = scratch.floats(kBlockK * kBlockN);
  for (std::int64_t n0 = 0; n0 < g.n; n0 += kBlockN) {
    const std::int64_t n = std::min(kBlockN, g.n - n0);
    for (std::int64_t k0 = 0; k0 < g.k; k0 += kBlockK) {
      const std::int64_t k = std::min(kBlockK, g.k - k0);
      kernels.pack_b(g.trans_b ? g.b + n0 * g.ldb + k0 : g.b + k0 * g.ldb + n0, g.ldb, g.trans_b, k, n, packed);
      for (std::int64_t m0 = 0; m0 < g.m; m0 += kernels.tile_rows) {
        GemmTile tile;
        tile.rows = std::min(kernels.tile_rows, g.m - m0);
        tile.k = k;
        tile.a = g.trans_a ? g.a + k0 * g.lda + m0 : g.a + m0 * g.lda + k0;
        tile.row_step = g.trans_a ? 1 : g.lda;
        tile.k_step = g.trans_a ? g.lda : 1;
        tile.alpha = g.alpha;
        tile.beta = k0 == 0 ? g.beta : 1.0f;
        tile.ldc = g.ldc;
        for (std::int64_t j = 0; j < n; j += kernels.panel_cols) {
          tile.cols = std::min(kernels.panel_cols, n - j);
          tile.b = packed + j * k;
          tile.c = g.c + m0 * g.ldc + n0 + j;
          kernels.tile(tile);
        }
      }
    }
  }
}

void gemm(ThreadPool& pool, const Gemm& g) {
  // Every element of C is summed in the same order whatever tile it falls in, so the split may follow the thread count.
  const std::int64_t panel = gemm_kernels().panel_cols;
  const std::int64_t step = std::max(panel, (g.n / (4 * pool.threads()) + panel - 1) / panel * panel);
  pool.parallel_for((g.n + step - 1) / step, [&](std::int64_t task, int) {
    Gemm part = g;
    part.n = std::min(step, g.n - task * step);
    part.b += task * step * (g.trans_b ? g.ldb : 1);
    part.c += task * step;
    gemm(part);
  });
}

}  // namespace vernier::cpu
