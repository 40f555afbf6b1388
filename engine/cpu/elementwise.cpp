// zero, copy, add.
#include <cstring>

#include "engine/cpu/blocks.h"
#include "engine/cpu/ops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/elementwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {

void add_row(const float* x, float* y, std::int64_t n) {
  for (std::int64_t i = 0; i < n; i += kLanes) {
    store_some(hn::Add(load_some(x + i, n - i), load_some(y + i, n - i)), y + i, n - i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {

HWY_EXPORT(add_row);

namespace {

// One row where nothing lies between the rows, so that narrow matrices run as fast as wide ones.
template <typename View>
View flattened(const View& v) {
  return v.contiguous() ? View(v.data, v.dtype, 1, v.rows * v.cols, v.rows * v.cols) : v;
}

// Runs body(row, first column, columns) over pieces of a few tens of kilobytes.
template <typename Body>
void for_pieces(ThreadPool& pool, std::int64_t rows, std::int64_t cols, const Body& body) {
  constexpr std::int64_t kPiece = 16384;
  if (cols > kPiece) {
    const std::int64_t pieces = (cols + kPiece - 1) / kPiece;
    pool.parallel_for(rows * pieces, [&](std::int64_t task, int) {
      const std::int64_t first = task % pieces * kPiece;
      body(task / pieces, first, std::min(kPiece, cols - first));
    });
    return;
  }
  parallel_blocks(pool, rows, rows_per_block(cols), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) body(row, 0, cols);
  });
}

}  // namespace

void zero(CpuContext& context, const TensorView& x) {
  const TensorView flat = flattened(x);
  const auto unit = static_cast<std::int64_t>(size_of(x.dtype));
  for_pieces(context.pool, flat.rows, flat.cols, [&](std::int64_t row, std::int64_t first, std::int64_t count) {
    std::memset(static_cast<char*>(flat.data) + (row * flat.stride + first) * unit, 0,
                static_cast<std::size_t>(count * unit));
  });
}

void copy(CpuContext& context, const ConstTensorView& from, const TensorView& to) {
  const bool flat = from.contiguous() && to.contiguous();
  const ConstTensorView source = flat ? flattened(from) : from;
  const TensorView target = flat ? flattened(to) : to;
  const auto unit = static_cast<std::int64_t>(size_of(from.dtype));
  for_pieces(context.pool, source.rows, source.cols, [&](std::int64_t row, std::int64_t first, std::int64_t count) {
    std::memcpy(static_cast<char*>(target.data) + (row * target.stride + first) * unit,
                static_cast<const char*>(source.data) + (row * source.stride + first) * unit,
                static_cast<std::size_t>(count * unit));
  });
}

void add(CpuContext& context, const ConstTensorView& x, const TensorView& y) {
  const bool flat = x.contiguous() && y.contiguous();
  const ConstTensorView source = flat ? flattened(x) : x;
  const TensorView target = flat ? flattened(y) : y;
  for_pieces(context.pool, source.rows, source.cols, [&](std::int64_t row, std::int64_t first, std::int64_t count) {
    HWY_DYNAMIC_DISPATCH(add_row)(source.f32(row) + first, target.f32(row) + first, count);
  });
}

}  // namespace vernier::cpu
#endif
