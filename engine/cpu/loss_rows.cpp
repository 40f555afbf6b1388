#include "engine/cpu/loss_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/loss_rows.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {
namespace {

// Logits that are summed in float32 and stay in the first-level cache between the two looks at them.
constexpr std::int64_t kStretch = 2048;
constexpr float kLowest = -std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// A row's sums so far, relative to the largest logit so far.
struct Sums {
  float max = kLowest;
  double exp = 0.0;          // sum of e^(x - max)
  double exp_times_x = 0.0;  // sum of e^(x - max) (x - max)
};

struct Counted {
  float max = kLowest;
  std::int64_t above = 0;
};

// Sums over a row of what its logits are more than the target's: no digits are lost where all lie far from 0.
struct Moments {
  float min = -kLowest;
  double sum = 0.0;
  double squares = 0.0;
};

// The largest of n logits and how many are above the target's. NaN is passed over; the sums catch it.
HWY_INLINE Counted count_above(const float* x, std::int64_t n, float target, Moments& moments) {
  const Vec bar = hn::Set(kFloats, target);
  const Vec lowest = hn::Set(kFloats, kLowest);
  Vec top0 = lowest, top1 = lowest;
  Vec low0 = hn::Neg(lowest), low1 = low0;
  Vec sum0 = hn::Zero(kFloats), sum1 = sum0, squares0 = sum0, squares1 = sum0;
  IntVec above0 = hn::Zero(kInts), above1 = hn::Zero(kInts);
  const auto look = [&](Vec v, Vec& top, IntVec& above, Vec& low, Vec& sum, Vec& squares) HWY_ATTR {
    top = hn::IfThenElse(hn::Gt(v, top), v, top);
    above = hn::Sub(above, hn::BitCast(kInts, hn::VecFromMask(kFloats, hn::Gt(v, bar))));
    const Vec d = hn::Sub(v, bar);
    low = hn::Min(low, v);
    sum = hn::Add(sum, d);
    squares = hn::MulAdd(d, d, squares);
  };
  std::int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    look(hn::LoadU(kFloats, x + i), top0, above0, low0, sum0, squares0);
    look(hn::LoadU(kFloats, x + i + kLanes), top1, above1, low1, sum1, squares1);
  }
  top0 = hn::IfThenElse(hn::Gt(top1, top0), top1, top0);
  Counted result{hn::GetLane(hn::MaxOfLanes(kFloats, top0)),
                 hn::GetLane(hn::SumOfLanes(kInts, hn::Add(above0, above1)))};
  moments.min = std::min(moments.min, hn::GetLane(hn::MinOfLanes(kFloats, hn::Min(low0, low1))));
  moments.sum += static_cast<double>(sum_of_lanes(hn::Add(sum0, sum1)));
  moments.squares += static_cast<double>(sum_of_lanes(hn::Add(squares0, squares1)));
  for (; i < n; ++i) {
    if (x[i] > result.max) result.max = x[i];
    if (x[i] > target) ++result.above;
    const double d = static_cast<double>(x[i]) - static_cast<double>(target);
    moments.min = std::min(moments.min, x[i]);
    moments.sum += d;
    moments.squares += d * d;
  }
  return result;
}

// Of a row that holds NaN or infinity, or logits too large to be squared: what is finite, one by one.
LogitSummary summary_of_finite(const float* x, std::int64_t n) {
  std::int64_t count = 0;
  double mean = 0.0, squares = 0.0;  // squares: of the distances from the mean (Welford 1962)
  LogitSummary result{.mean = kNan, .deviation = kNan, .min = kNan, .max = kNan};
  for (std::int64_t i = 0; i < n; ++i) {
    if (!std::isfinite(x[i])) {
      ++result.non_finite;
      continue;
    }
    result.min = count == 0 ? x[i] : std::min(result.min, x[i]);
    result.max = count == 0 ? x[i] : std::max(result.max, x[i]);
    const double d = static_cast<double>(x[i]) - mean;
    mean += d / static_cast<double>(++count);
    squares += d * (static_cast<double>(x[i]) - mean);
  }
  if (count == 0) return result;
  result.mean = static_cast<float>(mean);
  result.deviation = static_cast<float>(std::sqrt(squares / static_cast<double>(count)));
  return result;
}

LogitSummary summary_of(const Moments& moments, float max, float target, const float* x, std::int64_t n) {
  if (!std::isfinite(moments.squares)) return summary_of_finite(x, n);
  const double mean = moments.sum / static_cast<double>(n);
  const double variance = std::max(0.0, moments.squares / static_cast<double>(n) - mean * mean);
  LogitSummary result;
  result.mean = static_cast<float>(static_cast<double>(target) + mean);
  result.deviation = static_cast<float>(std::sqrt(variance));
  result.min = moments.min;
  result.max = max;
  return result;
}

// Adds n logits to the sums; none is above sums.max.
HWY_INLINE void add_exponentials(const float* x, std::int64_t n, Sums& sums) {
  const Vec shift = hn::Set(kFloats, sums.max);
  const Vec floor = hn::Set(kFloats, -100.0f);  // e^x is 0 from there on; keeps 0 * -infinity out of the entropy
  Vec exp0 = hn::Zero(kFloats), exp1 = hn::Zero(kFloats);
  Vec times0 = hn::Zero(kFloats), times1 = hn::Zero(kFloats);
  const auto add = [&](Vec v, Vec& exps, Vec& times) HWY_ATTR {
    const Vec d = hn::Sub(v, shift);
    const Vec e = exp_vec(d);
    exps = hn::Add(exps, e);
    times = hn::MulAdd(e, hn::IfThenElse(hn::Lt(d, floor), floor, d), times);
  };
  std::int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    add(hn::LoadU(kFloats, x + i), exp0, times0);
    add(hn::LoadU(kFloats, x + i + kLanes), exp1, times1);
  }
  for (; i + kLanes <= n; i += kLanes) add(hn::LoadU(kFloats, x + i), exp0, times0);
  if (i < n) {
    // The lanes beyond must not count, whatever the largest logit is.
    Vec exps = hn::Zero(kFloats), times = hn::Zero(kFloats);
    add(load_some(x + i, n - i), exps, times);
    const auto valid = hn::FirstN(kFloats, static_cast<std::size_t>(n - i));
    exp1 = hn::Add(exp1, hn::IfThenElseZero(valid, exps));
    times1 = hn::Add(times1, hn::IfThenElseZero(valid, times));
  }
  sums.exp += static_cast<double>(sum_of_lanes(hn::Add(exp0, exp1)));
  sums.exp_times_x += static_cast<double>(sum_of_lanes(hn::Add(times0, times1)));
}

// Moves the sums to a larger maximum.
void raise_max(Sums& sums, float max) {
  if (sums.exp != 0.0) {
    const double step = static_cast<double>(sums.max) - static_cast<double>(max);
    const double factor = std::exp(step);
    sums.exp_times_x = factor * (sums.exp_times_x + step * sums.exp);
    sums.exp *= factor;
  }
  sums.max = max;
}

}  // namespace

void cap_logits_impl(float* logits, std::int64_t n, float softcap) {
  const Vec cap = hn::Set(kFloats, softcap);
  const Vec inverse = hn::Set(kFloats, 1.0f / softcap);
  for (std::int64_t i = 0; i < n; i += kLanes) {
    store_some(hn::Mul(cap, tanh_vec(hn::Mul(load_some(logits + i, n - i), inverse))), logits + i, n - i);
  }
}

LogitStatistics logit_statistics_impl(float* logits, std::int64_t n, std::int32_t target, float softcap) {
  LogitStatistics result;
  if (softcap > 0.0f) cap_logits_impl(logits, n, softcap);
  result.target = logits[target];
  Sums sums;
  Moments moments;
  std::int64_t above = 0;
  for (std::int64_t first = 0; first < n; first += kStretch) {
    const float* x = logits + first;
    const std::int64_t count = std::min(kStretch, n - first);
    const Counted counted = count_above(x, count, result.target, moments);
    above += counted.above;
    if (counted.max > sums.max) {
      raise_max(sums, counted.max);
      result.argmax = static_cast<std::int32_t>(first + (std::find(x, x + count, counted.max) - x));
    }
    add_exponentials(x, count, sums);
  }
  result.rank = static_cast<std::int32_t>(above);
  const double log_sum = std::log(sums.exp);
  result.log_sum_exp = static_cast<double>(sums.max) + log_sum;
  result.entropy = log_sum - sums.exp_times_x / sums.exp;
  result.summary = summary_of(moments, sums.max, result.target, logits, n);
  return result;
}

void logit_gradient_impl(float* logits, std::int64_t n, std::int32_t target, float softcap,
                         const LogitStatistics& statistics, float factor) {
  const float target_slope = softcap > 0.0f ? 1.0f - statistics.target / softcap * (statistics.target / softcap) : 1.0f;
  const Vec shift = hn::Set(kFloats, static_cast<float>(statistics.log_sum_exp));
  const Vec f = hn::Set(kFloats, factor);
  std::int64_t i = 0;
  if (softcap > 0.0f) {
    const Vec inverse = hn::Set(kFloats, 1.0f / softcap);
    for (; i < n; i += kLanes) {
      const Vec x = load_some(logits + i, n - i);
      const Vec t = hn::Mul(x, inverse);
      const Vec slope = hn::NegMulAdd(hn::Mul(t, t), f, f);
      store_some(hn::Mul(exp_vec(hn::Sub(x, shift)), slope), logits + i, n - i);
    }
  } else {
    for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
      const Vec p0 = exp_vec(hn::Sub(hn::LoadU(kFloats, logits + i), shift));
      const Vec p1 = exp_vec(hn::Sub(hn::LoadU(kFloats, logits + i + kLanes), shift));
      hn::StoreU(hn::Mul(p0, f), kFloats, logits + i);
      hn::StoreU(hn::Mul(p1, f), kFloats, logits + i + kLanes);
    }
    for (; i < n; i += kLanes) {
      store_some(hn::Mul(exp_vec(hn::Sub(load_some(logits + i, n - i), shift)), f), logits + i, n - i);
    }
  }
  logits[target] -= factor * target_slope;
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {

HWY_EXPORT(cap_logits_impl);
HWY_EXPORT(logit_statistics_impl);
HWY_EXPORT(logit_gradient_impl);

void cap_logits(float* logits, std::int64_t n, float softcap) {
  HWY_DYNAMIC_DISPATCH(cap_logits_impl)(logits, n, softcap);
}

LogitStatistics logit_statistics(float* logits, std::int64_t n, std::int32_t target, float softcap) {
  return HWY_DYNAMIC_DISPATCH(logit_statistics_impl)(logits, n, target, softcap);
}

void logit_gradient(float* logits, std::int64_t n, std::int32_t target, float softcap,
                    const LogitStatistics& statistics, float factor) {
  HWY_DYNAMIC_DISPATCH(logit_gradient_impl)(logits, n, target, softcap, statistics, factor);
}

}  // namespace vernier::cpu
#endif
