#include "engine/cpu/attention_rows.h"

#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/attention_rows.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {
namespace {

constexpr float kLowest = -std::numeric_limits<float>::infinity();

// As load_some, with `fill` in the lanes beyond.
HWY_INLINE Vec load_some_or(const float* from, std::int64_t count, Vec fill) {
  const Vec v = load_some(from, count);
  if (HWY_LIKELY(count >= kLanes)) return v;
  return hn::IfThenElse(hn::FirstN(kFloats, static_cast<std::size_t>(count)), v, fill);
}

// Largest of n >= 1 values after the soft cap, which is applied in place. NaN may be passed over.
HWY_INLINE float cap_and_max(float* s, std::int64_t n, float softcap) {
  const Vec lowest = hn::Set(kFloats, kLowest);
  Vec top[4] = {lowest, lowest, lowest, lowest};
  std::int64_t i = 0;
  if (softcap > 0.0f) {
    const Vec cap = hn::Set(kFloats, softcap);
    const Vec inverse = hn::Set(kFloats, 1.0f / softcap);
    for (; i < n; i += kLanes) {
      const Vec v = hn::Mul(cap, tanh_vec(hn::Mul(load_some(s + i, n - i), inverse)));
      store_some(v, s + i, n - i);
      top[0] = hn::Max(top[0], load_some_or(s + i, n - i, lowest));
    }
    return hn::GetLane(hn::MaxOfLanes(kFloats, top[0]));
  }
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    top[0] = hn::Max(top[0], hn::LoadU(kFloats, s + i));
    top[1] = hn::Max(top[1], hn::LoadU(kFloats, s + i + kLanes));
    top[2] = hn::Max(top[2], hn::LoadU(kFloats, s + i + 2 * kLanes));
    top[3] = hn::Max(top[3], hn::LoadU(kFloats, s + i + 3 * kLanes));
  }
  for (; i < n; i += kLanes) top[0] = hn::Max(top[0], load_some_or(s + i, n - i, lowest));
  return hn::GetLane(hn::MaxOfLanes(kFloats, hn::Max(hn::Max(top[0], top[1]), hn::Max(top[2], top[3]))));
}

// s = e^(s - max); returns the sum.
HWY_INLINE float exp_and_sum(float* s, std::int64_t n, float max) {
  const Vec shift = hn::Set(kFloats, max);
  Vec sum0 = hn::Zero(kFloats), sum1 = hn::Zero(kFloats);
  std::int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    const Vec e0 = exp_vec(hn::Sub(hn::LoadU(kFloats, s + i), shift));
    const Vec e1 = exp_vec(hn::Sub(hn::LoadU(kFloats, s + i + kLanes), shift));
    hn::StoreU(e0, kFloats, s + i);
    hn::StoreU(e1, kFloats, s + i + kLanes);
    sum0 = hn::Add(sum0, e0);
    sum1 = hn::Add(sum1, e1);
  }
  for (; i < n; i += kLanes) {
    const Vec e = exp_vec(hn::Sub(load_some_or(s + i, n - i, hn::Set(kFloats, kLowest)), shift));
    // Lanes beyond the row must not count even where the largest score is infinite or NaN.
    const Vec kept = n - i >= kLanes ? e : hn::IfThenElseZero(hn::FirstN(kFloats, static_cast<std::size_t>(n - i)), e);
    store_some(kept, s + i, n - i);
    sum0 = hn::Add(sum0, kept);
  }
  return sum_of_lanes(hn::Add(sum0, sum1));
}

HWY_INLINE void multiply_row(float* x, std::int64_t n, float factor) {
  const Vec f = hn::Set(kFloats, factor);
  for (std::int64_t i = 0; i < n; i += kLanes) store_some(hn::Mul(load_some(x + i, n - i), f), x + i, n - i);
}

HWY_INLINE void clear_unseen(float* row, std::int64_t keys, const Range& seen) {
  std::fill(row, row + seen.first, 0.0f);
  std::fill(row + seen.end, row + keys, 0.0f);
}

HWY_INLINE float dot(const float* x, const float* y, std::int64_t n) {
  Vec sum0 = hn::Zero(kFloats), sum1 = hn::Zero(kFloats);
  std::int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    sum0 = hn::MulAdd(hn::LoadU(kFloats, x + i), hn::LoadU(kFloats, y + i), sum0);
    sum1 = hn::MulAdd(hn::LoadU(kFloats, x + i + kLanes), hn::LoadU(kFloats, y + i + kLanes), sum1);
  }
  for (; i < n; i += kLanes) sum0 = hn::MulAdd(load_some(x + i, n - i), load_some(y + i, n - i), sum0);
  return sum_of_lanes(hn::Add(sum0, sum1));
}

// One row of softmax_gradient_rows: n seen scores s and weight gradients d.
template <bool kCapped>
HWY_INLINE void gradient_row(float* s, float* d, std::int64_t n, float lse, float delta, float scale, float softcap) {
  const Vec shift = hn::Set(kFloats, lse);
  const Vec mean = hn::Set(kFloats, delta);
  const Vec factor = hn::Set(kFloats, scale);
  const auto step = [&](Vec score, Vec grad, Vec& p, Vec& ds) HWY_ATTR {
    Vec slope = factor;
    if constexpr (kCapped) {
      const Vec t = tanh_vec(hn::Mul(score, hn::Set(kFloats, 1.0f / softcap)));
      score = hn::Mul(t, hn::Set(kFloats, softcap));
      slope = hn::NegMulAdd(hn::Mul(t, t), factor, factor);
    }
    p = exp_vec(hn::Sub(score, shift));
    ds = hn::Mul(hn::Mul(p, hn::Sub(grad, mean)), slope);
  };
  std::int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    Vec p0, p1, ds0, ds1;
    step(hn::LoadU(kFloats, s + i), hn::LoadU(kFloats, d + i), p0, ds0);
    step(hn::LoadU(kFloats, s + i + kLanes), hn::LoadU(kFloats, d + i + kLanes), p1, ds1);
    hn::StoreU(p0, kFloats, s + i);
    hn::StoreU(p1, kFloats, s + i + kLanes);
    hn::StoreU(ds0, kFloats, d + i);
    hn::StoreU(ds1, kFloats, d + i + kLanes);
  }
  for (; i < n; i += kLanes) {
    Vec p, ds;
    step(load_some(s + i, n - i), load_some(d + i, n - i), p, ds);
    store_some(p, s + i, n - i);
    store_some(ds, d + i, n - i);
  }
}

}  // namespace

void softmax_rows_impl(const ScoreBlock& block, const RunningSoftmax& so_far) {
  for (std::int64_t i = 0; i < block.queries; ++i) {
    float* row = block.scores + i * block.stride;
    const Range seen = block.seen(i, i + 1);
    clear_unseen(row, block.keys, seen);
    const float old_max = so_far.first ? kLowest : so_far.max[i];
    const float old_sum = so_far.first ? 0.0f : so_far.sum[i];
    float max = old_max;
    float sum = old_sum;
    const std::int64_t n = seen.end - seen.first;
    if (n > 0) {
      const float top = cap_and_max(row + seen.first, n, block.softcap);
      if (top > max) max = top;
      if (max > old_max && old_sum != 0.0f) {
        const float factor = std::exp(old_max - max);
        sum *= factor;
        multiply_row(so_far.out + i * so_far.out_stride, so_far.head_dim, factor);
      }
      sum += exp_and_sum(row + seen.first, n, max);
    }
    so_far.max[i] = max;
    so_far.sum[i] = sum;
  }
}

void finish_softmax_rows_impl(const RunningSoftmax& so_far, std::int64_t rows, float* lse, std::int64_t lse_step) {
  for (std::int64_t i = 0; i < rows; ++i) {
    multiply_row(so_far.out + i * so_far.out_stride, so_far.head_dim, 1.0f / so_far.sum[i]);
    if (lse != nullptr) lse[i * lse_step] = so_far.max[i] + std::log(so_far.sum[i]);
  }
}

void softmax_gradient_rows_impl(const ScoreBlock& block, const SoftmaxGradient& g) {
  for (std::int64_t i = 0; i < block.queries; ++i) {
    float* scores = block.scores + i * block.stride;
    float* grads = g.weight_grads + i * block.stride;
    const Range seen = block.seen(i, i + 1);
    clear_unseen(scores, block.keys, seen);
    clear_unseen(grads, block.keys, seen);
    const std::int64_t n = seen.end - seen.first;
    const float lse = g.lse[i * g.lse_step];
    const float delta = dot(g.out + i * g.out_stride, g.dout + i * g.dout_stride, g.head_dim);
    if (block.softcap > 0.0f) {
      gradient_row<true>(scores + seen.first, grads + seen.first, n, lse, delta, g.scale, block.softcap);
    } else {
      gradient_row<false>(scores + seen.first, grads + seen.first, n, lse, delta, g.scale, block.softcap);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {

HWY_EXPORT(softmax_rows_impl);
HWY_EXPORT(finish_softmax_rows_impl);
HWY_EXPORT(softmax_gradient_rows_impl);

void softmax_rows(const ScoreBlock& block, const RunningSoftmax& so_far) {
  HWY_DYNAMIC_DISPATCH(softmax_rows_impl)(block, so_far);
}

void finish_softmax_rows(const RunningSoftmax& so_far, std::int64_t rows, float* lse, std::int64_t lse_step) {
  HWY_DYNAMIC_DISPATCH(finish_softmax_rows_impl)(so_far, rows, lse, lse_step);
}

void softmax_gradient_rows(const ScoreBlock& block, const SoftmaxGradient& gradient) {
  HWY_DYNAMIC_DISPATCH(softmax_gradient_rows_impl)(block, gradient);
}

}  // namespace vernier::cpu
#endif
