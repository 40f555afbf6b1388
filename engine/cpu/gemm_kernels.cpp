#include "engine/cpu/gemm_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/gemm_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::CappedTag<float, 16> kFloats;
using Vec = hn::Vec<decltype(kFloats)>;
constexpr std::int64_t kLanes = hn::MaxLanes(kFloats);
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON  // 32 vector registers
constexpr int kTileRows = 8;
constexpr int kTileVecs = 3;
#else
constexpr int kTileRows = 4;
constexpr int kTileVecs = 3;
#endif
constexpr std::int64_t kPanelCols = kTileVecs * kLanes;

template <int kRows, int kVecs>
HWY_INLINE void multiply(const GemmTile& t) {
  Vec sum[kRows][kVecs];
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVecs; ++v) sum[r][v] = hn::Zero(kFloats);
  }
  const float* HWY_RESTRICT a = t.a;
  const float* HWY_RESTRICT b = t.b;
  const std::int64_t row_step = t.row_step;
  const std::int64_t k_step = t.k_step;
  for (std::int64_t k = 0; k < t.k; ++k) {
    Vec bv[kVecs];
    for (int v = 0; v < kVecs; ++v) bv[v] = hn::Load(kFloats, b + v * kLanes);
    for (int r = 0; r < kRows; ++r) {
      const Vec av = hn::Set(kFloats, a[r * row_step]);
      for (int v = 0; v < kVecs; ++v) sum[r][v] = hn::MulAdd(av, bv[v], sum[r][v]);
    }
    a += k_step;
    b += kPanelCols;
  }
  const Vec alpha = hn::Set(kFloats, t.alpha);
  const Vec beta = hn::Set(kFloats, t.beta);
  for (int r = 0; r < kRows; ++r) {
    float* c = t.c + r * t.ldc;
    if (t.cols == kVecs * kLanes) {
      for (int v = 0; v < kVecs; ++v) {
        const Vec x = hn::Mul(alpha, sum[r][v]);
        float* to = c + v * kLanes;
        hn::StoreU(t.beta == 0.0f ? x : hn::MulAdd(beta, hn::LoadU(kFloats, to), x), kFloats, to);
      }
    } else {
      HWY_ALIGN float row[kVecs * kLanes];
      for (int v = 0; v < kVecs; ++v) hn::Store(hn::Mul(alpha, sum[r][v]), kFloats, row + v * kLanes);
      for (std::int64_t j = 0; j < t.cols; ++j) c[j] = t.beta == 0.0f ? row[j] : t.beta * c[j] + row[j];
    }
  }
}

template <int kRows>
HWY_INLINE void tile_cols(const GemmTile& t) {
  if (t.cols > 2 * kLanes) return multiply<kRows, 3>(t);
  if (t.cols > kLanes) return multiply<kRows, 2>(t);
  multiply<kRows, 1>(t);
}

template <int kRows>
void tile_rows(const GemmTile& t) {
  if (t.rows == kRows) return tile_cols<kRows>(t);
  if constexpr (kRows > 1) tile_rows<kRows - 1>(t);
}

void tile(const GemmTile& t) {
  tile_rows<kTileRows>(t);
}

void pack_b(const float* b, std::int64_t ldb, bool trans, std::int64_t k, std::int64_t n, float* panels) {
  for (std::int64_t first = 0; first < n; first += kPanelCols, panels += k * kPanelCols) {
    const std::int64_t cols = std::min(kPanelCols, n - first);
    for (std::int64_t i = 0; i < k; ++i) {
      float* row = panels + i * kPanelCols;
      for (std::int64_t j = 0; j < cols; ++j) row[j] = trans ? b[(first + j) * ldb + i] : b[i * ldb + first + j];
      for (std::int64_t j = cols; j < kPanelCols; ++j) row[j] = 0.0f;
    }
  }
}

}  // namespace

const GemmKernels* kernels() {
  static constexpr GemmKernels table{kTileRows, kPanelCols, &tile, &pack_b};
  return &table;
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
