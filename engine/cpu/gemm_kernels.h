// The vector kernels under gemm.cpp, compiled once for each instruction set and chosen at run time.
#pragma once

#include <cstdint>

namespace vernier::cpu {

// A tile of C, [rows, cols] at c with row stride ldc, is alpha * A B + beta * C. A's element (r, k) is at
// a[r * row_step + k * k_step]. B is one packed panel: k rows of panel_cols floats, zero-padded.
struct GemmTile {
  std::int64_t rows = 0, cols = 0, k = 0;
  const float* a = nullptr;
  std::int64_t row_step = 0, k_step = 0;
  const float* b = nullptr;
  float alpha = 1.0f, beta = 0.0f;
  float* c = nullptr;
  std::int64_t ldc = 0;
};

struct GemmKernels {
  std::int64_t tile_rows;   // the most rows of one tile
  std::int64_t panel_cols;  // the columns of a packed panel of B
  void (*tile)(const GemmTile& tile);
  // Packs op(B)[0:k, 0:n] into ceil(n / panel_cols) panels of [k, panel_cols]. Element (k, j) of op(B) is at
  // b[k * ldb + j], or b[j * ldb + k] where trans.
  void (*pack_b)(const float* b, std::int64_t ldb, bool trans, std::int64_t k, std::int64_t n, float* panels);
};

// For the processor this runs on.
const GemmKernels& gemm_kernels();

}  // namespace vernier::cpu
