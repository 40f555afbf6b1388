// Tiles of heads in shared memory, and products of them with mma.sync.
#pragma once

#include <cstdint>

#include "engine/cuda/mma.cuh"

namespace vernier::cuda {

// --- tiles [rows, E] of bf16 in shared memory ---
//
// Rows follow each other without gaps; the 16-byte chunks of a row are permuted so that the eight rows that ldmatrix
// reads at once lie in different banks.

template <int E>
__device__ __forceinline__ constexpr int swizzled(int row, int chunk) {
  static_assert(E % 32 == 0);
  return E % 64 == 0 ? chunk ^ (row & 7) : chunk ^ ((row >> 1) & 3);
}

template <int E>
__device__ __forceinline__ bf16* element(bf16* tile, int row, int column) {
  return tile + row * E + swizzled<E>(row, column / 8) * 8 + column % 8;
}

// Begins to copy rows [0, kRows) of a head into a tile; rows from `rows` on and columns from head_dim on become zero.
template <int E, int kRows, int kThreads>
__device__ __forceinline__ void load_tile(bf16* tile, const bf16* from, std::int64_t stride, int rows, int head_dim) {
  constexpr int kChunks = E / 8;
  constexpr int kCopies = kRows * kChunks / kThreads;
  static_assert(kRows * kChunks % kThreads == 0);
  const int thread = static_cast<int>(threadIdx.x);
  const std::uint32_t to = shared_address(tile);
  if constexpr (kThreads % (8 * kChunks) == 0) {
    // A thread stays in its column and its place of the swizzle: little to keep in registers.
    constexpr int kStep = kThreads / kChunks;
    const int row = thread / kChunks, chunk = thread % kChunks;
    const int inside = chunk * 8 < head_dim ? rows - row : 0;
    const bf16* next = from + row * stride + chunk * 8;
    const std::uint32_t first = to + static_cast<std::uint32_t>(row * E * 2 + swizzled<E>(row, chunk) * 16);
#pragma unroll
    for (int i = 0; i < kCopies; ++i) {
      const bool copied = i * kStep < inside;
      copy_async_16(first + static_cast<std::uint32_t>(i * kStep * E * 2), copied ? next : from, copied ? 16 : 0);
      next += kStep * stride;
    }
  } else {
#pragma unroll 1
    for (int i = 0; i < kCopies; ++i) {
      const int at = thread + i * kThreads;
      const int row = at / kChunks, chunk = at % kChunks;
      const bool copied = row < rows && chunk * 8 < head_dim;
      copy_async_16(to + static_cast<std::uint32_t>(row * E * 2 + swizzled<E>(row, chunk) * 16),
                    copied ? from + row * stride + chunk * 8 : from, copied ? 16 : 0);
    }
  }
}

// The other way, 16 bytes at once.
template <int E, int kRows, int kThreads>
__device__ __forceinline__ void store_tile(bf16* to, std::int64_t stride, const bf16* tile, int rows, int head_dim) {
  constexpr int kChunks = E / 8;
  for (int at = static_cast<int>(threadIdx.x); at < kRows * kChunks; at += kThreads) {
    const int row = at / kChunks;
    const int chunk = at % kChunks;
    if (row < rows && chunk * 8 < head_dim) {
      *reinterpret_cast<uint4*>(to + row * stride + chunk * 8) =
          *reinterpret_cast<const uint4*>(tile + row * E + swizzled<E>(row, chunk) * 8);
    }
  }
}

// Addresses for ldmatrix in a tile, one lane's. Steps are 16 rows or 16 columns.
template <int E>
struct Fragments {
  std::uint32_t base;

  __device__ __forceinline__ Fragments(const bf16* tile, int row, int chunk)
      : base(shared_address(tile) + static_cast<std::uint32_t>(row * E * 2 + swizzled<E>(row, chunk) * 16)) {}
  // 16 x 16 parts of rows r..: as A where rows are A's rows; transposed, as two B's where rows are k.
  static __device__ __forceinline__ Fragments by_rows(const bf16* tile, int row) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    return {tile, row + lane % 16, lane / 16};
  }
  // As two B's (b0, b1 of columns 0..7, then of 8..15) where the tile's rows are B's columns.
  static __device__ __forceinline__ Fragments by_columns(const bf16* tile, int row) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    return {tile, row + lane % 8 + lane / 16 * 8, lane / 8 % 2};
  }
  // The same of a tile so many bytes (a multiple of 1024) further on.
  __device__ __forceinline__ Fragments shifted(std::uint32_t bytes) const {
    Fragments other = *this;
    other.base += bytes;
    return other;
  }
  __device__ __forceinline__ std::uint32_t at(int row_step, int column_step) const {
    const std::uint32_t row = static_cast<std::uint32_t>(row_step * 16 * E * 2);
    // A row's chunks are a whole number of aligned groups, within which the swizzle is an exclusive or.
    if constexpr (E % 64 == 0) return (base ^ static_cast<std::uint32_t>(column_step * 32)) + row;
    return (base ^ static_cast<std::uint32_t>(column_step % 2 * 32)) +
           static_cast<std::uint32_t>(column_step / 2 * 64) + row;
  }
};

// c [kM * 16, kN * 8] += a b^T over kSteps * 16 columns of both tiles; rows of b are columns of c.
template <int kM, int kN, int kSteps, int E>
__device__ __forceinline__ void multiply_rows(float (&c)[kM][kN][4], const Fragments<E>& a, const Fragments<E>& b) {
#pragma unroll
  for (int step = 0; step < kSteps; ++step) {
    std::uint32_t left[kM][4];
#pragma unroll
    for (int m = 0; m < kM; ++m) load_matrices(left[m], a.at(m, step));
#pragma unroll
    for (int n = 0; n < kN / 2; ++n) {
      std::uint32_t right[4];
      load_matrices(right, b.at(n, step));
#pragma unroll
      for (int m = 0; m < kM; ++m) {
        multiply(c[m][2 * n], left[m], right[0], right[1]);
        multiply(c[m][2 * n + 1], left[m], right[2], right[3]);
      }
    }
  }
}

// c [kM * 16, kN * 8] += a b where a is [kM * 16, kK * 16] in registers (as it came out of a product, C of one being A
// of the next) and b's rows are k; b starts at column step `column`.
template <int kM, int kN, int kK, int E>
__device__ __forceinline__ void multiply_columns(float (&c)[kM][kN][4], const std::uint32_t (&a)[kM][kK][4],
                                                 const Fragments<E>& b, int column) {
#pragma unroll
  for (int k = 0; k < kK; ++k) {
#pragma unroll
    for (int n = 0; n < kN / 2; ++n) {
      std::uint32_t right[4];
      load_matrices_transposed(right, b.at(k, column + n));
#pragma unroll
      for (int m = 0; m < kM; ++m) {
        multiply(c[m][2 * n], a[m][k], right[0], right[1]);
        multiply(c[m][2 * n + 1], a[m][k], right[2], right[3]);
      }
    }
  }
}

// A product's result rounded to bf16, as the next product's A.
template <int kM, int kN>
__device__ __forceinline__ void as_left(std::uint32_t (&a)[kM][kN / 2][4], const float (&c)[kM][kN][4]) {
#pragma unroll
  for (int m = 0; m < kM; ++m) {
#pragma unroll
    for (int k = 0; k < kN / 2; ++k) {
      a[m][k][0] = pack(c[m][2 * k][0], c[m][2 * k][1]);
      a[m][k][1] = pack(c[m][2 * k][2], c[m][2 * k][3]);
      a[m][k][2] = pack(c[m][2 * k + 1][0], c[m][2 * k + 1][1]);
      a[m][k][3] = pack(c[m][2 * k + 1][2], c[m][2 * k + 1][3]);
    }
  }
}

template <int kM, int kN>
__device__ __forceinline__ void clear(float (&c)[kM][kN][4]) {
#pragma unroll
  for (int m = 0; m < kM; ++m) {
#pragma unroll
    for (int n = 0; n < kN; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) c[m][n][i] = 0.0f;
    }
  }
}

// factor * c into a tile, at its row `row` and column `column`.
template <int E, int kM, int kN>
__device__ __forceinline__ void to_tile(bf16* tile, int row, int column, const float (&c)[kM][kN][4], float factor) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int m = 0; m < kM; ++m) {
#pragma unroll
    for (int n = 0; n < kN; ++n) {
      const int at_row = row + m * 16 + lane / 4;
      const int at_column = column + n * 8 + lane % 4 * 2;
      *reinterpret_cast<std::uint32_t*>(element<E>(tile, at_row, at_column)) =
          pack(factor * c[m][n][0], factor * c[m][n][1]);
      *reinterpret_cast<std::uint32_t*>(element<E>(tile, at_row + 8, at_column)) =
          pack(factor * c[m][n][2], factor * c[m][n][3]);
    }
  }
}

}  // namespace vernier::cuda
