// The vector kernels under gemm.cpp, compiled once for each instruction set and chosen at run time.
#pragma once

#include <cstdint>

namespace vernier::cpu {

// A stretch of the inner dimension: element (r, k) of A is at a[r * row_step + k * k_step]. With k_step == 1,
// ahead_rows further rows, row_step apart from `ahead` on, are fetched into the second-level cache on the way.
struct GemmPart {
  const float* a = nullptr;
  std::int64_t row_step = 0, k_step = 0, k = 0;
  const float* ahead = nullptr;
  std::int64_t ahead_rows = 0;
};

// A tile of C, [rows, cols] at c with row stride ldc: C = alpha * A B + beta * C, plus bias[0:cols] where given.
// A is the parts side by side, B has their rows one after the other, b_step floats apart. With full vectors of columns
// (cols rounded up to whole vectors) must be readable in each row of B.
// Each element is one chain of multiply-adds over k from zero, whatever the tile's size.
struct GemmTile {
  std::int64_t rows = 0, cols = 0;
  const GemmPart* parts = nullptr;
  int part_count = 0;
  const float* b = nullptr;
  std::int64_t b_step = 0;
  bool fetch_b = false;  // B is far away and this is its first use
  float alpha = 1.0f, beta = 0.0f;
  const float* bias = nullptr;
  float* c = nullptr;
  std::int64_t ldc = 0;
};

struct GemmKernels {
  std::int64_t lanes;         // floats in a vector
  std::int64_t panel_cols;    // columns of a full tile: whole vectors
  std::int64_t tile_rows[4];  // the most rows of a tile, by its number of vectors in a row; [0] is not used
  // rows <= tile_rows[ceil(cols / lanes)], cols <= panel_cols.
  void (*tile)(const GemmTile& tile);
  // Packs scale * op(B)[0:k, 0:n] into rows [first_row, first_row + k) of panels of panel_cols columns, the last panel
  // with as many whole vectors as it needs, zero-padded. Panel p starts at panels + p * panel_stride, its rows have no
  // gaps. Element (k, j) of op(B) is at b[k * ldb + j], or b[j * ldb + k] where trans.
  void (*pack_b)(const float* b, std::int64_t ldb, bool trans, std::int64_t k, std::int64_t n, float scale,
                 float* panels, std::int64_t panel_stride, std::int64_t first_row);
  // Gathers columns [0, rows) of k rows that are lda apart into groups of t = tile_rows[vectors]: element (r, i) goes
  // to out[r / t * group_stride + i * t + r % t].
  void (*pack_a)(const float* a, std::int64_t lda, std::int64_t k, std::int64_t rows, std::int64_t vectors, float* out,
                 std::int64_t group_stride);
  // C [m, n] = alpha * A B^T + beta * C for few rows of A, both with contiguous k: reads B once, in place.
  void (*dot)(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, std::int64_t lda, const float* b,
              std::int64_t ldb, float alpha, float beta, float* c, std::int64_t ldc);
  // c [n] += sum over k of x[k] * B[k, 0:n].
  void (*add_rows)(std::int64_t n, std::int64_t k, const float* x, const float* b, std::int64_t ldb, float* c);
};

// For the processor this runs on.
const GemmKernels& gemm_kernels();

}  // namespace vernier::cpu
