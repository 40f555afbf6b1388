#include <algorithm>

#include "engine/cpu/blocks.h"
#include "engine/cpu/ops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/embedding.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {

// y = scale * x, or y += scale * x.
void scale_row(const float* x, float scale, bool accumulate, float* y, std::int64_t n) {
  const Vec s = hn::Set(kFloats, scale);
  for (std::int64_t i = 0; i < n; i += kLanes) {
    const Vec value = load_some(x + i, n - i);
    const Vec sum = accumulate ? hn::MulAdd(s, value, load_some(y + i, n - i)) : hn::Mul(s, value);
    store_some(sum, y + i, n - i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {

HWY_EXPORT(scale_row);

void embedding_forward(CpuContext& context, const EmbeddingForward& op) {
  const std::int64_t cols = op.out.cols;
  parallel_blocks(context.pool, op.out.rows, rows_per_block(cols), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t n = first; n < last; ++n) {
      HWY_DYNAMIC_DISPATCH(scale_row)
      (op.table.f32(op.ids[static_cast<std::size_t>(n)]), op.scale, false, op.out.f32(n), cols);
    }
  });
}

// Each task owns the ids of one residue and adds their rows in the order of n, so no two tasks meet in a row and the
// order of a sum is always the same.
void embedding_backward(CpuContext& context, const EmbeddingBackward& op) {
  constexpr std::int64_t kTasks = 64;
  context.pool.parallel_for(kTasks, [&](std::int64_t task, int) {
    for (std::int64_t n = 0; n < op.dout.rows; ++n) {
      const std::int64_t id = op.ids[static_cast<std::size_t>(n)];
      if (id % kTasks != task) continue;
      HWY_DYNAMIC_DISPATCH(scale_row)(op.dout.f32(n), op.scale, true, op.dtable.f32(id), op.dout.cols);
    }
  });
}

}  // namespace vernier::cpu
#endif
