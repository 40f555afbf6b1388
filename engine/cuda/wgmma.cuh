// Matrix products of whole warpgroups on sm_90a (PTX ISA 8, "Asynchronous Warpgroup Level Matrix Instructions").
// Products are asynchronous: between fence_products() and wait_for_products() nobody may touch their registers.
//
// Tiles are panels [rows, 64] of bf16, rows of 128 bytes whose 16-byte chunks are permuted (the 128-byte swizzle), each
// panel aligned to 1024 bytes; a tile of E columns is E / 64 panels one after the other. A result's fragment is that of
// mma.cuh, warp w of the group having rows 16 w to 16 w + 15.
#pragma once

#include <cstdint>

#include "engine/cuda/mma.cuh"

namespace vernier::cuda {

__device__ __forceinline__ void fence_products() {
  asm volatile("wgmma.fence.sync.aligned;\n" ::: "memory");
}
__device__ __forceinline__ void commit_products() {
  asm volatile("wgmma.commit_group.sync.aligned;\n" ::: "memory");
}
// Waits until at most `kNewest` groups of products are under way.
template <int kNewest>
__device__ __forceinline__ void wait_for_products() {
  asm volatile("wgmma.wait_group.sync.aligned %0;\n" ::"n"(kNewest) : "memory");
}
// What this thread has written to shared memory becomes visible to products, after a barrier also of other threads.
__device__ __forceinline__ void publish_shared() {
  asm volatile("fence.proxy.async.shared::cta;\n" ::: "memory");
}

// Work on these registers stays on its side of this point: results are read after the wait for them, operands are ready
// before the fence. The compiler knows nothing of products that are under way.
template <int kN>
__device__ __forceinline__ void pin(float (&d)[kN][4]) {
#pragma unroll
  for (int n = 0; n < kN; ++n) {
#pragma unroll
    for (int c = 0; c < 4; ++c) asm volatile("" : "+f"(d[n][c])::"memory");
  }
}
template <int kN>
__device__ __forceinline__ void pin(std::uint32_t (&a)[kN][4]) {
#pragma unroll
  for (int n = 0; n < kN; ++n) {
#pragma unroll
    for (int c = 0; c < 4; ++c) asm volatile("" : "+r"(a[n][c])::"memory");
  }
}

// A matrix in shared memory. Rows of the tile are A's rows or B's columns: stride is between groups of 8 rows,
// `leading` not read. Rows of the tile are k (a transposed B): `leading` is between panels.
__device__ __forceinline__ std::uint64_t matrix_at(std::uint32_t address, std::uint32_t leading) {
  constexpr std::uint64_t kStride = 1024, kSwizzle128 = 1;
  return static_cast<std::uint64_t>((address & 0x3ffff) >> 4) | static_cast<std::uint64_t>(leading >> 4) << 16 |
         (kStride >> 4) << 32 | kSwizzle128 << 62;
}

#define VERNIER_TWO(how, d, n)                                                                                  \
  how(d[n][0]), how(d[n][1]), how(d[n][2]), how(d[n][3]), how(d[n + 1][0]), how(d[n + 1][1]), how(d[n + 1][2]), \
      how(d[n + 1][3])

// d = a b, both in shared memory, neither transposed. d [64, kN * 8]. Not written as d += a b with d = 0: d must not
// hang on what these registers held before, or the compiler waits for other products to move it.
__device__ __forceinline__ void start_shared(float (&d)[8][4], std::uint64_t a, std::uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
      "%32, %33, 0, 1, 1, 0, 0;\n"
      : VERNIER_TWO("=f", d, 0), VERNIER_TWO("=f", d, 2), VERNIER_TWO("=f", d, 4), VERNIER_TWO("=f", d, 6)
      : "l"(a), "l"(b));
}
__device__ __forceinline__ void start_shared(float (&d)[16][4], std::uint64_t a, std::uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
      "%64, %65, 0, 1, 1, 0, 0;\n"
      : VERNIER_TWO("=f", d, 0), VERNIER_TWO("=f", d, 2), VERNIER_TWO("=f", d, 4), VERNIER_TWO("=f", d, 6),
        VERNIER_TWO("=f", d, 8), VERNIER_TWO("=f", d, 10), VERNIER_TWO("=f", d, 12), VERNIER_TWO("=f", d, 14)
      : "l"(a), "l"(b));
}

// d += a b.
__device__ __forceinline__ void add_shared(float (&d)[8][4], std::uint64_t a, std::uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
      "%32, %33, 1, 1, 1, 0, 0;\n"
      : VERNIER_TWO("+f", d, 0), VERNIER_TWO("+f", d, 2), VERNIER_TWO("+f", d, 4), VERNIER_TWO("+f", d, 6)
      : "l"(a), "l"(b));
}
__device__ __forceinline__ void add_shared(float (&d)[16][4], std::uint64_t a, std::uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
      "%64, %65, 1, 1, 1, 0, 0;\n"
      : VERNIER_TWO("+f", d, 0), VERNIER_TWO("+f", d, 2), VERNIER_TWO("+f", d, 4), VERNIER_TWO("+f", d, 6),
        VERNIER_TWO("+f", d, 8), VERNIER_TWO("+f", d, 10), VERNIER_TWO("+f", d, 12), VERNIER_TWO("+f", d, 14)
      : "l"(a), "l"(b));
}

// d += a b, a [64, 16] in registers, b transposed in shared memory.
__device__ __forceinline__ void multiply_registers(float (&d)[8][4], const std::uint32_t (&a)[4], std::uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, "
      "{%32, %33, %34, %35}, %36, 1, 1, 1, 1;\n"
      : VERNIER_TWO("+f", d, 0), VERNIER_TWO("+f", d, 2), VERNIER_TWO("+f", d, 4), VERNIER_TWO("+f", d, 6)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}
__device__ __forceinline__ void multiply_registers(float (&d)[16][4], const std::uint32_t (&a)[4], std::uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
      "{%64, %65, %66, %67}, %68, 1, 1, 1, 1;\n"
      : VERNIER_TWO("+f", d, 0), VERNIER_TWO("+f", d, 2), VERNIER_TWO("+f", d, 4), VERNIER_TWO("+f", d, 6),
        VERNIER_TWO("+f", d, 8), VERNIER_TWO("+f", d, 10), VERNIER_TWO("+f", d, 12), VERNIER_TWO("+f", d, 14)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}

#undef VERNIER_TWO

}  // namespace vernier::cuda
