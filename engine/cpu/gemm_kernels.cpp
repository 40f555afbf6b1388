#include "engine/cpu/gemm_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/gemm_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/unroll-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::CappedTag<float, 16> kFloats;
using Vec = hn::Vec<decltype(kFloats)>;
constexpr std::int64_t kLanes = hn::MaxLanes(kFloats);

// The tile that measures best has three vectors in a row: a step of k then loads 3 + rows values for 3 * rows
// multiply-adds. Narrow tiles have more rows, to keep enough independent sums.
constexpr int kTileVecs = 3;
#if HWY_TARGET <= HWY_AVX3 || HWY_TARGET == HWY_NEON  // 32 vector registers
constexpr int kTileRows[4] = {0, 16, 12, 8};
#else
constexpr int kTileRows[4] = {0, 12, 6, 4};
#endif
constexpr std::int64_t kPanelCols = kTileVecs * kLanes;
constexpr std::int64_t kLineFloats = 16;
constexpr std::int64_t kRowsAhead = 16;  // of matrices whose rows are far apart, which the processor does not foresee

// Into the second-level cache.
HWY_INLINE void fetch(const float* p) {
  __builtin_prefetch(p, 0, 2);
}

template <int kRows, int kVecs, bool kFetchB>
void multiply(const GemmTile& t) {
  Vec sum[kRows][kVecs];
  unroll<kRows>([&](auto r) VERNIER_INLINE_LAMBDA {
    unroll<kVecs>([&](auto v) VERNIER_INLINE_LAMBDA { sum[r][v] = hn::Zero(kFloats); });
  });
  const float* HWY_RESTRICT b = t.b;
  const std::int64_t b_step = t.b_step;
  for (int p = 0; p < t.part_count; ++p) {
    const float* HWY_RESTRICT a = t.parts[p].a;
    const std::int64_t row_step = t.parts[p].row_step;
    const std::int64_t k_step = t.parts[p].k_step;
    const float* ahead = t.parts[p].ahead;
    const std::int64_t ahead_rows = t.parts[p].ahead_rows;
    std::int64_t left = t.parts[p].k;
    while (left > 0) {
      // A cache line of each row ahead, spread over the steps so that it does not hold up the loads of this tile.
      for (std::int64_t r = 0; r < ahead_rows; ++r) fetch(ahead + r * row_step);
      ahead += kLineFloats;
      const std::int64_t steps = std::min(left, kLineFloats);
      left -= steps;
      for (std::int64_t k = 0; k < steps; ++k) {
        Vec bv[kVecs];
        unroll<kVecs>([&](auto v) VERNIER_INLINE_LAMBDA {
          if constexpr (kFetchB) fetch(b + kRowsAhead * b_step + v * kLanes);
          bv[v] = hn::LoadU(kFloats, b + v * kLanes);
        });
        unroll<kRows>([&](auto r) VERNIER_INLINE_LAMBDA {
          const Vec av = hn::Set(kFloats, a[r * row_step]);
          unroll<kVecs>([&](auto v) VERNIER_INLINE_LAMBDA { sum[r][v] = hn::MulAdd(av, bv[v], sum[r][v]); });
        });
        a += k_step;
        b += b_step;
      }
    }
  }
  const Vec alpha = hn::Set(kFloats, t.alpha);
  const Vec beta = hn::Set(kFloats, t.beta);
  if (HWY_LIKELY(t.cols == kVecs * kLanes)) {
    unroll<kRows>([&](auto r) VERNIER_INLINE_LAMBDA {
      unroll<kVecs>([&](auto v) VERNIER_INLINE_LAMBDA {
        Vec x = hn::Mul(alpha, sum[r][v]);
        if (t.bias != nullptr) x = hn::Add(x, hn::LoadU(kFloats, t.bias + v * kLanes));
        float* to = t.c + r * t.ldc + v * kLanes;
        if (t.beta != 0.0f) x = hn::MulAdd(beta, hn::LoadU(kFloats, to), x);
        hn::StoreU(x, kFloats, to);
      });
    });
    return;
  }
  // The same with whole vectors of a copy of C and of the bias, as C must not be touched beyond its columns.
  HWY_ALIGN float tile[kRows][kVecs * kLanes];
  HWY_ALIGN float bias[kVecs * kLanes] = {};
  const auto cols = static_cast<std::size_t>(t.cols);
  if (t.bias != nullptr) std::copy_n(t.bias, cols, bias);
  for (int r = 0; r < kRows; ++r) std::copy_n(t.c + r * t.ldc, cols, tile[r]);
  unroll<kRows>([&](auto r) VERNIER_INLINE_LAMBDA {
    unroll<kVecs>([&](auto v) VERNIER_INLINE_LAMBDA {
      Vec x = hn::Mul(alpha, sum[r][v]);
      if (t.bias != nullptr) x = hn::Add(x, hn::Load(kFloats, bias + v * kLanes));
      float* to = tile[r] + v * kLanes;
      if (t.beta != 0.0f) x = hn::MulAdd(beta, hn::Load(kFloats, to), x);
      hn::Store(x, kFloats, to);
    });
  });
  for (int r = 0; r < kRows; ++r) std::copy_n(tile[r], cols, t.c + r * t.ldc);
}

using TileFunction = void (*)(const GemmTile&);

template <int kVecs, bool kFetchB, int... kRows>
HWY_INLINE TileFunction pick(std::integer_sequence<int, kRows...>, std::int64_t rows) {
  static constexpr TileFunction kTable[] = {&multiply<kRows + 1, kVecs, kFetchB>...};
  return kTable[rows - 1];
}

template <int kVecs, bool kFetchB = false>
HWY_INLINE TileFunction pick_rows(std::int64_t rows) {
  return pick<kVecs, kFetchB>(std::make_integer_sequence<int, kTileRows[kVecs]>(), rows);
}

void tile(const GemmTile& t) {
  if (t.cols > 2 * kLanes) return (t.fetch_b ? pick_rows<3, true>(t.rows) : pick_rows<3>(t.rows))(t);
  if (t.cols > kLanes) return pick_rows<2>(t.rows)(t);
  pick_rows<1>(t.rows)(t);
}

// ---- packing

#if HWY_TARGET != HWY_SCALAR
constexpr hn::CappedTag<float, 4> kBlock;
using Block = hn::Vec<decltype(kBlock)>;

// Four floats from each of kLanes / 4 rows that are 4 * ld apart, one 128-bit block each.
HWY_INLINE Vec load_blocks(const float* p, std::int64_t ld) {
#if HWY_MAX_BYTES >= 64
  if constexpr (kLanes == 16) {
    constexpr hn::CappedTag<float, 8> kHalf;
    return hn::Combine(kFloats, hn::Combine(kHalf, hn::LoadU(kBlock, p + 12 * ld), hn::LoadU(kBlock, p + 8 * ld)),
                       hn::Combine(kHalf, hn::LoadU(kBlock, p + 4 * ld), hn::LoadU(kBlock, p)));
  }
#elif HWY_MAX_BYTES >= 32
  return hn::Combine(kFloats, hn::LoadU(kBlock, p + 4 * ld), hn::LoadU(kBlock, p));
#else
  (void)ld;
  return hn::LoadU(kFloats, p);
#endif
}

// Transposes the 4 x 4 floats that the vectors have in each 128-bit block.
HWY_INLINE void transpose_blocks(Vec& v0, Vec& v1, Vec& v2, Vec& v3) {
  constexpr hn::Repartition<std::uint64_t, decltype(kFloats)> kPairs;
  const auto low01 = hn::BitCast(kPairs, hn::InterleaveLower(kFloats, v0, v1));
  const auto high01 = hn::BitCast(kPairs, hn::InterleaveUpper(kFloats, v0, v1));
  const auto low23 = hn::BitCast(kPairs, hn::InterleaveLower(kFloats, v2, v3));
  const auto high23 = hn::BitCast(kPairs, hn::InterleaveUpper(kFloats, v2, v3));
  v0 = hn::BitCast(kFloats, hn::InterleaveLower(kPairs, low01, low23));
  v1 = hn::BitCast(kFloats, hn::InterleaveUpper(kPairs, low01, low23));
  v2 = hn::BitCast(kFloats, hn::InterleaveLower(kPairs, high01, high23));
  v3 = hn::BitCast(kFloats, hn::InterleaveUpper(kPairs, high01, high23));
}
#endif

// One vector of columns of a transposed B: kLanes rows of memory become column vectors, four steps of k at a time.
HWY_INLINE void pack_transposed(const float* b, std::int64_t ldb, std::int64_t k, float scale, float* out,
                                std::int64_t step) {
  std::int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const Vec factor = hn::Set(kFloats, scale);
  for (; i + 4 <= k; i += 4) {
    Vec v0 = load_blocks(b + i, ldb), v1 = load_blocks(b + ldb + i, ldb);
    Vec v2 = load_blocks(b + 2 * ldb + i, ldb), v3 = load_blocks(b + 3 * ldb + i, ldb);
    transpose_blocks(v0, v1, v2, v3);
    hn::StoreU(hn::Mul(v0, factor), kFloats, out + i * step);
    hn::StoreU(hn::Mul(v1, factor), kFloats, out + (i + 1) * step);
    hn::StoreU(hn::Mul(v2, factor), kFloats, out + (i + 2) * step);
    hn::StoreU(hn::Mul(v3, factor), kFloats, out + (i + 3) * step);
  }
#endif
  for (; i < k; ++i) {
    for (std::int64_t j = 0; j < kLanes; ++j) out[i * step + j] = scale * b[j * ldb + i];
  }
}

constexpr std::int64_t panel_width(std::int64_t cols) {
  return std::min(kPanelCols, (cols + kLanes - 1) / kLanes * kLanes);
}

void pack_b(const float* b, std::int64_t ldb, bool trans, std::int64_t k, std::int64_t n, float scale, float* panels,
            std::int64_t panel_stride, std::int64_t first_row) {
  const std::int64_t whole = n / kLanes * kLanes;  // columns in full vectors
  // Where row 0 of column j, the first of a vector, goes.
  const auto place = [&](std::int64_t j) {
    const std::int64_t panel = j / kPanelCols;
    return panels + panel * panel_stride + first_row * panel_width(n - panel * kPanelCols) + j % kPanelCols;
  };
  if (trans) {
    for (std::int64_t j = 0; j < whole; j += kLanes) {
      pack_transposed(b + j * ldb, ldb, k, scale, place(j), panel_width(n - j / kPanelCols * kPanelCols));
    }
  } else {
    // Along the rows of memory, which is what the processor prefetches.
    const Vec factor = hn::Set(kFloats, scale);
    const std::int64_t ahead = kRowsAhead * ldb;
    for (std::int64_t i = 0; i < k; ++i) {
      const float* row = b + i * ldb;
      for (std::int64_t j = 0; j < n; j += kLineFloats) fetch(row + ahead + j);
      for (std::int64_t first = 0; first < whole; first += kPanelCols) {
        float* out = place(first) + i * panel_width(n - first);
        const std::int64_t end = std::min(kPanelCols, whole - first);
        for (std::int64_t j = 0; j < end; j += kLanes) {
          hn::StoreU(hn::Mul(hn::LoadU(kFloats, row + first + j), factor), kFloats, out + j);
        }
      }
    }
  }
  if (whole == n) return;
  float* out = place(whole);
  const std::int64_t width = panel_width(n - whole / kPanelCols * kPanelCols);
  for (std::int64_t i = 0; i < k; ++i, out += width) {
    for (std::int64_t j = 0; j < n - whole; ++j) {
      out[j] = scale * (trans ? b[(whole + j) * ldb + i] : b[i * ldb + whole + j]);
    }
    std::fill(out + (n - whole), out + kLanes, 0.0f);
  }
}

template <std::int64_t kGroup>
void pack_groups(const float* a, std::int64_t lda, std::int64_t k, std::int64_t rows, float* out,
                 std::int64_t group_stride) {
  const std::int64_t whole = rows / kGroup;
  for (std::int64_t i = 0; i < k; ++i, a += lda, out += kGroup) {
    for (std::int64_t r = 0; r < rows; r += kLineFloats) fetch(a + kRowsAhead * lda + r);
    for (std::int64_t g = 0; g < whole; ++g) std::copy_n(a + g * kGroup, kGroup, out + g * group_stride);
    std::copy_n(a + whole * kGroup, rows - whole * kGroup, out + whole * group_stride);
  }
}

void pack_a(const float* a, std::int64_t lda, std::int64_t k, std::int64_t rows, std::int64_t vectors, float* out,
            std::int64_t group_stride) {
  if (vectors == 1) return pack_groups<kTileRows[1]>(a, lda, k, rows, out, group_stride);
  if (vectors == 2) return pack_groups<kTileRows[2]>(a, lda, k, rows, out, group_stride);
  pack_groups<kTileRows[3]>(a, lda, k, rows, out, group_stride);
}

// ---- few rows

// The lane sums of four vectors, in the first four lanes of one.
#if HWY_TARGET != HWY_SCALAR
HWY_INLINE Block sum_lanes(Vec v0, Vec v1, Vec v2, Vec v3) {
  transpose_blocks(v0, v1, v2, v3);
  const Vec sum = hn::Add(hn::Add(v0, v1), hn::Add(v2, v3));
#if HWY_MAX_BYTES >= 64
  if constexpr (kLanes == 16) {
    constexpr hn::CappedTag<float, 8> kHalf;
    const auto half = hn::Add(hn::LowerHalf(kHalf, sum), hn::UpperHalf(kHalf, sum));
    return hn::Add(hn::LowerHalf(kBlock, half), hn::UpperHalf(kBlock, half));
  }
#elif HWY_MAX_BYTES >= 32
  return hn::Add(hn::LowerHalf(kBlock, sum), hn::UpperHalf(kBlock, sum));
#else
  return sum;
#endif
}
#endif

// out [kRows][kCols] = A B^T over k, kCols 1 or a multiple of four.
template <int kRows, int kCols>
HWY_INLINE void dot_tile(std::int64_t k, const float* a, std::int64_t lda, const float* b, std::int64_t ldb,
                         float* out) {
  Vec sum[kRows][kCols];
  unroll<kRows>([&](auto r) VERNIER_INLINE_LAMBDA {
    unroll<kCols>([&](auto c) VERNIER_INLINE_LAMBDA { sum[r][c] = hn::Zero(kFloats); });
  });
  std::int64_t i = 0;
  for (; i + kLanes <= k; i += kLanes) {
    Vec av[kRows];
    unroll<kRows>([&](auto r) VERNIER_INLINE_LAMBDA { av[r] = hn::LoadU(kFloats, a + r * lda + i); });
    unroll<kCols>([&](auto c) VERNIER_INLINE_LAMBDA {
      const Vec bv = hn::LoadU(kFloats, b + c * ldb + i);
      unroll<kRows>([&](auto r) VERNIER_INLINE_LAMBDA { sum[r][c] = hn::MulAdd(av[r], bv, sum[r][c]); });
    });
  }
  if (i < k) {
    // The last part of a vector, zero-padded.
    HWY_ALIGN float last_a[kRows][kLanes] = {};
    HWY_ALIGN float last_b[kCols][kLanes] = {};
    const auto rest = static_cast<std::size_t>(k - i);
    for (int r = 0; r < kRows; ++r) std::copy_n(a + r * lda + i, rest, last_a[r]);
    for (int c = 0; c < kCols; ++c) std::copy_n(b + c * ldb + i, rest, last_b[c]);
    unroll<kCols>([&](auto c) VERNIER_INLINE_LAMBDA {
      const Vec bv = hn::Load(kFloats, last_b[c]);
      unroll<kRows>([&](auto r)
                        VERNIER_INLINE_LAMBDA { sum[r][c] = hn::MulAdd(hn::Load(kFloats, last_a[r]), bv, sum[r][c]); });
    });
  }
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kCols % 4 == 0) {
    unroll<kRows>([&](auto r) VERNIER_INLINE_LAMBDA {
      unroll<kCols / 4>([&](auto c) VERNIER_INLINE_LAMBDA {
        hn::StoreU(sum_lanes(sum[r][4 * c], sum[r][4 * c + 1], sum[r][4 * c + 2], sum[r][4 * c + 3]), kBlock,
                   out + r * kCols + 4 * c);
      });
    });
    return;
  }
#endif
  unroll<kRows>([&](auto r) VERNIER_INLINE_LAMBDA {
    unroll<kCols>([&](auto c)
                      VERNIER_INLINE_LAMBDA { out[r * kCols + c] = hn::GetLane(hn::SumOfLanes(kFloats, sum[r][c])); });
  });
}

template <int kRows>
void dot_rows(std::int64_t n, std::int64_t k, const float* a, std::int64_t lda, const float* b, std::int64_t ldb,
              float alpha, float beta, float* c, std::int64_t ldc) {
  constexpr int kCols = kRows == 1 ? 8 : 4;
  float out[kRows * kCols];
  const auto store = [&](std::int64_t first, std::int64_t cols) {
    for (int r = 0; r < kRows; ++r) {
      float* to = c + r * ldc + first;
      for (std::int64_t j = 0; j < cols; ++j) {
        const float x = alpha * out[r * cols + j];
        to[j] = beta == 0.0f ? x : beta * to[j] + x;
      }
    }
  };
  std::int64_t j = 0;
  for (; j + kCols <= n; j += kCols) {
    dot_tile<kRows, kCols>(k, a, lda, b + j * ldb, ldb, out);
    store(j, kCols);
  }
  for (; j < n; ++j) {
    dot_tile<kRows, 1>(k, a, lda, b + j * ldb, ldb, out);
    store(j, 1);
  }
}

void dot(std::int64_t m, std::int64_t n, std::int64_t k, const float* a, std::int64_t lda, const float* b,
         std::int64_t ldb, float alpha, float beta, float* c, std::int64_t ldc) {
  for (; m >= 4; m -= 4, a += 4 * lda, c += 4 * ldc) dot_rows<4>(n, k, a, lda, b, ldb, alpha, beta, c, ldc);
  if (m == 3) dot_rows<3>(n, k, a, lda, b, ldb, alpha, beta, c, ldc);
  if (m == 2) dot_rows<2>(n, k, a, lda, b, ldb, alpha, beta, c, ldc);
  if (m == 1) dot_rows<1>(n, k, a, lda, b, ldb, alpha, beta, c, ldc);
}

void add_rows(std::int64_t n, std::int64_t k, const float* x, const float* b, std::int64_t ldb, float* c) {
  constexpr int kTogether = 8;  // rows of B for one pass over c
  std::int64_t i = 0;
  for (; i + kTogether <= k; i += kTogether, b += kTogether * ldb) {
    Vec xv[kTogether];
    unroll<kTogether>([&](auto r) VERNIER_INLINE_LAMBDA { xv[r] = hn::Set(kFloats, x[i + r]); });
    std::int64_t j = 0;
    for (; j + kLanes <= n; j += kLanes) {
      Vec sum = hn::LoadU(kFloats, c + j);
      unroll<kTogether>(
          [&](auto r) VERNIER_INLINE_LAMBDA { sum = hn::MulAdd(xv[r], hn::LoadU(kFloats, b + r * ldb + j), sum); });
      hn::StoreU(sum, kFloats, c + j);
    }
    for (; j < n; ++j) {
      for (int r = 0; r < kTogether; ++r) c[j] += x[i + r] * b[r * ldb + j];
    }
  }
  for (; i < k; ++i, b += ldb) {
    for (std::int64_t j = 0; j < n; ++j) c[j] += x[i] * b[j];
  }
}

}  // namespace

const GemmKernels* kernels() {
  static constexpr GemmKernels kTable{
      kLanes, kPanelCols, {0, kTileRows[1], kTileRows[2], kTileRows[3]}, &tile, &pack_b, &pack_a, &dot, &add_rows};
  return &kTable;
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {

HWY_EXPORT(kernels);

const GemmKernels& gemm_kernels() {
  static const GemmKernels& chosen = *HWY_DYNAMIC_DISPATCH(kernels)();
  return chosen;
}

}  // namespace vernier::cpu
#endif
