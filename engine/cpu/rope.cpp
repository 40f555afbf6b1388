#include "engine/cpu/blocks.h"
#include "engine/cpu/ops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/rope.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {
namespace {

// (x1, x2) -> (x1 cos - x2 sin, x2 cos + x1 sin) in every head of a row.
HWY_INLINE void turn(float* row, std::int64_t cols, std::int64_t head_dim, const float* cos, const float* sin,
                     std::int64_t half, Vec sign) {
  for (float* head = row; head < row + cols; head += head_dim) {
    for (std::int64_t i = 0; i < half; i += kLanes) {
      const std::int64_t count = half - i;
      const Vec c = load_some(cos + i, count);
      const Vec s = hn::Mul(sign, load_some(sin + i, count));
      const Vec x1 = load_some(head + i, count);
      const Vec x2 = load_some(head + half + i, count);
      store_some(hn::NegMulAdd(x2, s, hn::Mul(x1, c)), head + i, count);
      store_some(hn::MulAdd(x1, s, hn::Mul(x2, c)), head + half + i, count);
    }
  }
}

}  // namespace

void rope_rows(const Rope& op, std::int64_t first, std::int64_t last) {
  const std::int64_t half = op.rotary_dim / 2;
  const Vec sign = hn::Set(kFloats, op.inverse ? -1.0f : 1.0f);
  for (std::int64_t row = first; row < last; ++row) {
    const float* cos = op.table.f32(op.position_ids[static_cast<std::size_t>(row)]);
    turn(op.q.f32(row), op.q.cols, op.head_dim, cos, cos + half, half, sign);
    if (op.k) turn(op.k.f32(row), op.k.cols, op.head_dim, cos, cos + half, half, sign);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {

HWY_EXPORT(rope_rows);

void rope(CpuContext& context, const Rope& op) {
  parallel_blocks(context.pool, op.q.rows, rows_per_block(op.q.cols + op.k.cols),
                  [&](std::int64_t first, std::int64_t last) {
                    HWY_DYNAMIC_DISPATCH(rope_rows)
                    (op, first, last);
                  });
}

}  // namespace vernier::cpu
#endif
