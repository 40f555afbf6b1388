// What DoRA adds to a projection: the lengths of the adapted weight's rows, and outputs scaled by column.
#include <cmath>

#include "engine/cpu/blocks.h"
#include "engine/cpu/ops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/dora.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {

// || w + scale * b a ||^2 of one row; b [R], a [R, I].
double adapted_square(const float* w, std::int64_t inputs, const LoraView& lora, const float* b) {
  double total = 0.0;
  constexpr std::int64_t kRun = 32 * kLanes;  // summed in runs, to keep the error small
  for (std::int64_t run = 0; run < inputs; run += kRun) {
    Vec sum = hn::Zero(kFloats);
    const std::int64_t end = HWY_MIN(inputs, run + kRun);
    for (std::int64_t i = run; i < end; i += kLanes) {
      Vec low_rank = hn::Zero(kFloats);
      for (std::int64_t r = 0; r < lora.a.rows; ++r) {
        low_rank = hn::MulAdd(hn::Set(kFloats, b[r]), load_some(lora.a.f32(r) + i, end - i), low_rank);
      }
      const Vec value = hn::MulAdd(hn::Set(kFloats, lora.scale), low_rank, load_some(w + i, end - i));
      sum = hn::MulAdd(value, value, sum);
    }
    total += static_cast<double>(sum_of_lanes(sum));
  }
  return total;
}

void scale_row(const float* x, const float* magnitude, const float* norms, const float* bias, bool accumulate, float* y,
               std::int64_t n) {
  for (std::int64_t i = 0; i < n; i += kLanes) {
    const std::int64_t left = n - i;
    const Vec norm = load_some(norms + i, left);
    // Beyond the row's end the norm is 0; nothing of that is stored.
    Vec value = hn::Mul(load_some(x + i, left), hn::Div(load_some(magnitude + i, left), norm));
    if (bias != nullptr) value = hn::Add(value, load_some(bias + i, left));
    if (accumulate) value = hn::Add(value, load_some(y + i, left));
    store_some(value, y + i, left);
  }
}

// The columns [first, last) of dmagnitude and dbias.
void sum_columns(const ColumnScaleBackward& op, std::int64_t first, std::int64_t last) {
  constexpr std::int64_t kRun = 32;
  for (std::int64_t i = first; i < last; i += kLanes) {
    Vec products = hn::Zero(kFloats), plain = hn::Zero(kFloats);
    for (std::int64_t run = 0; run < op.dy.rows; run += kRun) {
      Vec run_products = hn::Zero(kFloats), run_plain = hn::Zero(kFloats);
      for (std::int64_t row = run; row < HWY_MIN(op.dy.rows, run + kRun); ++row) {
        const Vec dy = load_some(op.dy.f32(row) + i, last - i);
        run_products = hn::MulAdd(dy, load_some(op.x.f32(row) + i, last - i), run_products);
        run_plain = hn::Add(run_plain, dy);
      }
      products = hn::Add(products, run_products);
      plain = hn::Add(plain, run_plain);
    }
    if (op.dmagnitude) {
      float* to = op.dmagnitude.f32() + i;
      const Vec share = hn::Div(products, load_some(op.norms.f32() + i, last - i));
      store_some(hn::Add(load_some(to, last - i), share), to, last - i);
    }
    if (op.dbias) {
      float* to = op.dbias.f32() + i;
      store_some(hn::Add(load_some(to, last - i), plain), to, last - i);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {

HWY_EXPORT(adapted_square);
HWY_EXPORT(scale_row);
HWY_EXPORT(sum_columns);

void adapted_row_norms(CpuContext& context, const AdaptedRowNorms& op) {
  const ConstTensorView& weight = op.projection.weight;
  const LoraView& lora = op.projection.lora;
  parallel_blocks(context.pool, weight.rows, 16, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      const float* b = lora.b ? lora.b.f32(row) : nullptr;
      op.norms.f32()[row] =
          static_cast<float>(std::sqrt(HWY_DYNAMIC_DISPATCH(adapted_square)(weight.f32(row), weight.cols, lora, b)));
    }
  });
}

void column_scale_forward(CpuContext& context, const ColumnScaleForward& op) {
  parallel_blocks(context.pool, op.x.rows, rows_per_block(op.x.cols), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      HWY_DYNAMIC_DISPATCH(scale_row)
      (op.x.f32(row), op.magnitude.f32(), op.norms.f32(), op.bias ? op.bias.f32() : nullptr, op.accumulate,
       op.y.f32(row), op.x.cols);
    }
  });
}

void column_scale_backward(CpuContext& context, const ColumnScaleBackward& op) {
  if (op.dmagnitude || op.dbias) {  // before dx, which may overwrite dy
    parallel_blocks(context.pool, op.x.cols, 32, [&](std::int64_t first, std::int64_t last) {
      HWY_DYNAMIC_DISPATCH(sum_columns)(op, first, last);
    });
  }
  parallel_blocks(context.pool, op.x.rows, rows_per_block(op.x.cols), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      HWY_DYNAMIC_DISPATCH(scale_row)
      (op.dy.f32(row), op.magnitude.f32(), op.norms.f32(), nullptr, false, op.dx.f32(row), op.x.cols);
    }
  });
}

}  // namespace vernier::cpu
#endif
