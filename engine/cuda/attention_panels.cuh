// Tiles of heads as panels (wgmma.cuh), and products of them.
#pragma once

#include <cstdint>

#include "engine/cuda/attention_tile.cuh"
#include "engine/cuda/wgmma.cuh"

namespace vernier::cuda {

// Offset in bytes of the 16-byte chunk of a tile [kRows, E].
template <int kRows>
__device__ __forceinline__ constexpr int panel_offset(int row, int chunk) {
  return (chunk / 8 * kRows + row) * 128 + ((chunk % 8) ^ (row & 7)) * 16;
}

// Begins to copy rows [0, kRows) of a head into a tile; rows from `rows` on and columns from head_dim on become zero.
template <int E, int kRows, int kThreads>
__device__ __forceinline__ void load_panels(bf16* tile, const bf16* from, std::int64_t stride, int rows, int head_dim) {
  constexpr int kChunks = E / 8;
  constexpr int kStep = kThreads / kChunks;  // rows
  static_assert(kThreads % (8 * kChunks) == 0);
  const int thread = static_cast<int>(threadIdx.x);
  const int row = thread / kChunks, chunk = thread % kChunks;
  const int inside = chunk * 8 < head_dim ? rows - row : 0;
  const bf16* next = from + row * stride + chunk * 8;
  const std::uint32_t first = shared_address(tile) + static_cast<std::uint32_t>(panel_offset<kRows>(row, chunk));
#pragma unroll
  for (int i = 0; i < (kRows + kStep - 1) / kStep; ++i) {
    if (kRows % kStep != 0 && row + i * kStep >= kRows) break;
    const bool copied = i * kStep < inside;
    copy_async_16(first + static_cast<std::uint32_t>(i * kStep * 128), copied ? next : from, copied ? 16 : 0);
    next += kStep * stride;
  }
}

template <int E, int kRows, int kThreads>
__device__ __forceinline__ void store_panels(bf16* to, std::int64_t stride, const bf16* tile, int rows, int head_dim) {
  constexpr int kChunks = E / 8;
  for (int at = static_cast<int>(threadIdx.x); at < kRows * kChunks; at += kThreads) {
    const int row = at / kChunks, chunk = at % kChunks;
    if (row < rows && chunk * 8 < head_dim) {
      *reinterpret_cast<uint4*>(to + row * stride + chunk * 8) =
          *reinterpret_cast<const uint4*>(reinterpret_cast<const char*>(tile) + panel_offset<kRows>(row, chunk));
    }
  }
}

// factor * c into a tile; `row` is the tile's row of the fragment's first.
template <int kRows, int kN>
__device__ __forceinline__ void to_panels(bf16* tile, int row, const float (&c)[kN][4], float factor) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int n = 0; n < kN; ++n) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      char* chunk = reinterpret_cast<char*>(tile) + panel_offset<kRows>(row + lane / 4 + half * 8, n);
      *reinterpret_cast<std::uint32_t*>(chunk + lane % 4 * 4) =
          pack(factor * c[n][2 * half], factor * c[n][2 * half + 1]);
    }
  }
}

// d [64, kN * 8] = a b^T over E columns: 64 rows of the tile a [kRowsA, E] from its row `row` on, and all kN * 8 rows
// of the tile b.
template <int E, int kRowsA, int kN>
__device__ __forceinline__ void multiply_rows(float (&d)[kN][4], const bf16* a, int row, const bf16* b) {
  const std::uint32_t left = shared_address(a) + static_cast<std::uint32_t>(row * 128);
  const std::uint32_t right = shared_address(b);
#pragma unroll
  for (int step = 0; step < E / 16; ++step) {
    const auto within = static_cast<std::uint32_t>(step % 4 * 32);
    const auto l = matrix_at(left + static_cast<std::uint32_t>(step / 4 * kRowsA * 128) + within, 16);
    const auto r = matrix_at(right + static_cast<std::uint32_t>(step / 4 * kN * 8 * 128) + within, 16);
    if (step == 0) {
      start_shared(d, l, r);
    } else {
      add_shared(d, l, r);
    }
  }
}

// d [64, E] += a b, a [64, kRows] in registers and b a tile [kRows, E].
template <int kK, int kN>
__device__ __forceinline__ void multiply_columns(float (&d)[kN][4], const std::uint32_t (&a)[kK][4], const bf16* b) {
  const std::uint32_t right = shared_address(b);
#pragma unroll
  for (int k = 0; k < kK; ++k) {
    multiply_registers(d, a[k], matrix_at(right + static_cast<std::uint32_t>(k * 2048), kK * 16 * 128));
  }
}

// A product's result rounded to bf16, as the next product's A.
template <int kN>
__device__ __forceinline__ void as_left(std::uint32_t (&a)[kN / 2][4], const float (&c)[kN][4]) {
#pragma unroll
  for (int k = 0; k < kN / 2; ++k) {
    a[k][0] = pack(c[2 * k][0], c[2 * k][1]);
    a[k][1] = pack(c[2 * k][2], c[2 * k][3]);
    a[k][2] = pack(c[2 * k + 1][0], c[2 * k + 1][1]);
    a[k][3] = pack(c[2 * k + 1][2], c[2 * k + 1][3]);
  }
  pin(a);
}

template <int kN>
__device__ __forceinline__ void clear(float (&c)[kN][4]) {
#pragma unroll
  for (int n = 0; n < kN; ++n) {
#pragma unroll
    for (int i = 0; i < 4; ++i) c[n][i] = 0.0f;
  }
  pin(c);
}

}  // namespace vernier::cuda
