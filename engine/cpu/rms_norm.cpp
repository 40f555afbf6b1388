#include <cmath>

#include "engine/cpu/blocks.h"
#include "engine/cpu/ops.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/rms_norm.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {
namespace {

// sum of x[i] * y[i] * w[i], four chains deep; w may be null for 1.
HWY_INLINE float weighted_dot(const float* x, const float* y, const float* w, Vec offset, std::int64_t n) {
  Vec sums[4] = {hn::Zero(kFloats), hn::Zero(kFloats), hn::Zero(kFloats), hn::Zero(kFloats)};
  const auto term = [&](std::int64_t i, Vec sum) HWY_ATTR {
    Vec product = load_some(x + i, n - i);
    if (w != nullptr) product = hn::Mul(product, hn::Add(offset, load_some(w + i, n - i)));
    return hn::MulAdd(product, load_some(y + i, n - i), sum);
  };
  std::int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    sums[0] = term(i, sums[0]);
    sums[1] = term(i + kLanes, sums[1]);
    sums[2] = term(i + 2 * kLanes, sums[2]);
    sums[3] = term(i + 3 * kLanes, sums[3]);
  }
  for (; i < n; i += kLanes) sums[0] = term(i, sums[0]);
  return sum_of_lanes(hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3])));
}

}  // namespace

void rms_forward_rows(const RmsNormForward& op, std::int64_t first, std::int64_t last) {
  const std::int64_t width = op.x.cols / op.groups;
  const float* weight = op.weight.f32();
  const Vec offset = hn::Set(kFloats, op.weight_offset);
  for (std::int64_t row = first; row < last; ++row) {
    for (std::int64_t group = 0; group < op.groups; ++group) {
      const float* x = op.x.f32(row) + group * width;
      float* y = op.y.f32(row) + group * width;
      const double mean = static_cast<double>(weighted_dot(x, x, nullptr, offset, width)) / static_cast<double>(width);
      const float inv_rms = static_cast<float>(1.0 / std::sqrt(mean + static_cast<double>(op.eps)));
      op.inv_rms.f32(row)[group] = inv_rms;
      const Vec inv = hn::Set(kFloats, inv_rms);
      for (std::int64_t i = 0; i < width; i += kLanes) {
        const Vec scaled = hn::Mul(load_some(x + i, width - i), inv);
        const Vec w = hn::Add(offset, load_some(weight + i, width - i));
        const Vec value = op.accumulate ? hn::MulAdd(scaled, w, load_some(y + i, width - i)) : hn::Mul(scaled, w);
        store_some(value, y + i, width - i);
      }
    }
  }
}

// With g = (offset + weight) dy: dx = inv_rms g - x inv_rms^3 mean(g x).
void rms_backward_rows(const RmsNormBackward& op, std::int64_t first, std::int64_t last) {
  const std::int64_t width = op.x.cols / op.groups;
  const float* weight = op.weight.f32();
  const Vec offset = hn::Set(kFloats, op.weight_offset);
  for (std::int64_t row = first; row < last; ++row) {
    for (std::int64_t group = 0; group < op.groups; ++group) {
      const float* x = op.x.f32(row) + group * width;
      const float* dy = op.dy.f32(row) + group * width;
      float* dx = op.dx.f32(row) + group * width;
      const float inv_rms = op.inv_rms.f32(row)[group];
      const double cubed = static_cast<double>(inv_rms) * inv_rms * inv_rms;
      const double dot = weighted_dot(x, dy, weight, offset, width);
      const Vec back = hn::Set(kFloats, static_cast<float>(cubed * dot / static_cast<double>(width)));
      const Vec inv = hn::Set(kFloats, inv_rms);
      for (std::int64_t i = 0; i < width; i += kLanes) {
        const Vec g = hn::Mul(load_some(dy + i, width - i), hn::Add(offset, load_some(weight + i, width - i)));
        Vec value = hn::NegMulAdd(load_some(x + i, width - i), back, hn::Mul(g, inv));
        if (op.accumulate) value = hn::Add(value, load_some(dx + i, width - i));
        store_some(value, dx + i, width - i);
      }
    }
  }
}

// dweight[first .. last) += sum over rows and groups of dy x inv_rms; summed in runs of rows to keep the error small.
void rms_backward_weight(const RmsNormBackward& op, std::int64_t first, std::int64_t last) {
  constexpr std::int64_t kRun = 32;
  const std::int64_t width = op.x.cols / op.groups;
  for (std::int64_t i = first; i < last; i += kLanes) {
    Vec total = hn::Zero(kFloats);
    for (std::int64_t run = 0; run < op.x.rows; run += kRun) {
      Vec sum = hn::Zero(kFloats);
      for (std::int64_t row = run; row < std::min(op.x.rows, run + kRun); ++row) {
        for (std::int64_t group = 0; group < op.groups; ++group) {
          const Vec inv = hn::Set(kFloats, op.inv_rms.f32(row)[group]);
          const Vec x = load_some(op.x.f32(row) + group * width + i, last - i);
          const Vec dy = load_some(op.dy.f32(row) + group * width + i, last - i);
          sum = hn::MulAdd(hn::Mul(x, inv), dy, sum);
        }
      }
      total = hn::Add(total, sum);
    }
    float* dweight = op.dweight.f32() + i;
    store_some(hn::Add(load_some(dweight, last - i), total), dweight, last - i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {

HWY_EXPORT(rms_forward_rows);
HWY_EXPORT(rms_backward_rows);
HWY_EXPORT(rms_backward_weight);

void rms_norm_forward(CpuContext& context, const RmsNormForward& op) {
  parallel_blocks(context.pool, op.x.rows, rows_per_block(op.x.cols), [&](std::int64_t first, std::int64_t last) {
    HWY_DYNAMIC_DISPATCH(rms_forward_rows)(op, first, last);
  });
}

void rms_norm_backward(CpuContext& context, const RmsNormBackward& op) {
  if (op.dweight) {  // before dx, which may overwrite dy
    parallel_blocks(context.pool, op.dweight.cols, 32, [&](std::int64_t first, std::int64_t last) {
      HWY_DYNAMIC_DISPATCH(rms_backward_weight)(op, first, last);
    });
  }
  parallel_blocks(context.pool, op.x.rows, rows_per_block(op.x.cols), [&](std::int64_t first, std::int64_t last) {
    HWY_DYNAMIC_DISPATCH(rms_backward_rows)(op, first, last);
  });
}

}  // namespace vernier::cpu
#endif
