// What the two passes of attention share: who sees whom, and products of packed blocks.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/cpu/gemm_kernels.h"
#include "engine/ops/backend.h"

namespace vernier::cpu {

struct Range {
  std::int64_t first = 0, end = 0;
};

// Which keys a query of one sequence sees, and the other way round. Numbers count from the sequence's start.
struct Sight {
  std::int64_t queries = 0, keys = 0;
  std::int64_t window = 0;  // 0: none
  bool causal = true;

  std::int64_t shift() const { return keys - queries; }
  std::int64_t first_key(std::int64_t query) const {
    return window == 0 ? 0 : std::max<std::int64_t>(0, query + shift() - window + 1);
  }
  std::int64_t end_key(std::int64_t query) const { return causal ? std::min(keys, query + shift() + 1) : keys; }
  std::int64_t first_query(std::int64_t key) const { return causal ? std::max<std::int64_t>(0, key - shift()) : 0; }
  std::int64_t end_query(std::int64_t key) const {
    return window == 0 ? queries : std::clamp<std::int64_t>(key - shift() + window, 0, queries);
  }
};

// Packs op(B) [k, n] into panels for multiply_block.
inline void pack_block(const float* b, std::int64_t ldb, bool trans, std::int64_t k, std::int64_t n, float* panels) {
  const GemmKernels& kernels = gemm_kernels();
  kernels.pack_b(b, ldb, trans, k, n, 1.0f, panels, k * kernels.panel_cols, 0);
}

// Floats that pack_block fills at most.
inline std::int64_t packed_size(std::int64_t k, std::int64_t n) {
  const std::int64_t panel = gemm_kernels().panel_cols;
  return k * ((n + panel - 1) / panel * panel);
}

// C [rows, n] = alpha * A B + beta * C. Element (i, p) of A is at a[i * row_step + p * k_step]; B is packed, [k, n].
struct BlockProduct {
  const float* a = nullptr;
  std::int64_t row_step = 0, k_step = 1;
  const float* panels = nullptr;
  std::int64_t k = 0, n = 0;
  float alpha = 1.0f, beta = 0.0f;
  float* c = nullptr;
  std::int64_t ldc = 0;
  bool padded_c = false;  // C's rows have room for whole vectors
};

// rows_of(first column, end) names the rows that a panel is computed for, k_of(first row, end) the stretch of k that
// a tile needs: this is how blocks skip what no query sees.
template <typename RowsOf, typename KOf>
void multiply_block(const BlockProduct& product, const RowsOf& rows_of, const KOf& k_of) {
  const GemmKernels& kernels = gemm_kernels();
  GemmPart part;
  part.row_step = product.row_step;
  part.k_step = product.k_step;
  GemmTile tile;
  tile.parts = &part;
  tile.part_count = 1;
  tile.alpha = product.alpha;
  tile.beta = product.beta;
  tile.ldc = product.ldc;
  for (std::int64_t j = 0; j < product.n; j += kernels.panel_cols) {
    const std::int64_t cols = std::min(kernels.panel_cols, product.n - j);
    const std::int64_t vectors = (cols + kernels.lanes - 1) / kernels.lanes;
    const std::int64_t step = kernels.tile_rows[vectors];
    tile.b_step = vectors * kernels.lanes;
    tile.cols = product.padded_c ? tile.b_step : cols;
    const Range rows = rows_of(j, j + cols);
    for (std::int64_t i = rows.first; i < rows.end; i += step) {
      tile.rows = std::min(step, rows.end - i);
      const Range k = k_of(i, i + tile.rows);
      part.a = product.a + i * product.row_step + k.first * product.k_step;
      part.k = std::max<std::int64_t>(0, k.end - k.first);
      tile.b = product.panels + j * product.k + k.first * tile.b_step;
      tile.c = product.c + i * product.ldc + j;
      kernels.tile(tile);
    }
  }
}

}  // namespace vernier::cpu
