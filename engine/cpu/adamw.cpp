// The optimiser's operations over flat arrays.
#include <cmath>

#include "engine/cpu/blocks.h"
#include "engine/cpu/ops.h"
#include "vernier/dtype.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/adamw.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {

void adamw_range(const AdamW& op, std::int64_t first, std::int64_t last) {
  const auto step = static_cast<double>(op.step);
  const double lr = op.learning_rate;
  const Vec beta1 = hn::Set(kFloats, op.beta1);
  const Vec beta2 = hn::Set(kFloats, op.beta2);
  const Vec rest1 = hn::Set(kFloats, static_cast<float>(1.0 - static_cast<double>(op.beta1)));
  const Vec rest2 = hn::Set(kFloats, static_cast<float>(1.0 - static_cast<double>(op.beta2)));
  const Vec step_size = hn::Set(kFloats, static_cast<float>(lr / (1.0 - std::pow(double{op.beta1}, step))));
  const Vec unbias2 = hn::Set(kFloats, static_cast<float>(1.0 / (1.0 - std::pow(double{op.beta2}, step))));
  const Vec keep = hn::Set(kFloats, static_cast<float>(1.0 - lr * static_cast<double>(op.weight_decay)));
  const Vec epsilon = hn::Set(kFloats, op.epsilon);
  const Vec grad_scale = hn::Set(kFloats, op.grad_scale);
  float* weight = op.weight.data();
  const float* grad = op.grad.data();
  float* moment1 = op.m.data();
  float* moment2 = op.v.data();
  for (std::int64_t i = first; i < last; i += kLanes) {
    const std::int64_t count = last - i;
    const Vec g = hn::Mul(grad_scale, load_some(grad + i, count));
    const Vec m = hn::MulAdd(rest1, g, hn::Mul(beta1, load_some(moment1 + i, count)));
    const Vec v = hn::MulAdd(hn::Mul(rest2, g), g, hn::Mul(beta2, load_some(moment2 + i, count)));
    const Vec divisor = hn::Add(hn::Sqrt(hn::Mul(v, unbias2)), epsilon);
    const Vec w = hn::Mul(keep, load_some(weight + i, count));
    store_some(m, moment1 + i, count);
    store_some(v, moment2 + i, count);
    store_some(hn::Sub(w, hn::Div(hn::Mul(step_size, m), divisor)), weight + i, count);
  }
}

double sum_of_squares(const float* x, std::int64_t n) {
  constexpr hn::CappedTag<double, 8> doubles;
  constexpr hn::Rebind<float, decltype(doubles)> floats;
  constexpr std::int64_t lanes = hn::MaxLanes(doubles);
  auto sum0 = hn::Zero(doubles);
  auto sum1 = hn::Zero(doubles);
  std::int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const auto a = hn::PromoteTo(doubles, hn::LoadU(floats, x + i));
    const auto b = hn::PromoteTo(doubles, hn::LoadU(floats, x + i + lanes));
    sum0 = hn::MulAdd(a, a, sum0);
    sum1 = hn::MulAdd(b, b, sum1);
  }
  double sum = hn::GetLane(hn::SumOfLanes(doubles, hn::Add(sum0, sum1)));
  for (; i < n; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return sum;
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {

HWY_EXPORT(adamw_range);
HWY_EXPORT(sum_of_squares);

void adamw(CpuContext& context, const AdamW& op) {
  parallel_blocks(context.pool, static_cast<std::int64_t>(op.weight.size()), 16384,
                  [&](std::int64_t first, std::int64_t last) {
                    HWY_DYNAMIC_DISPATCH(adamw_range)
                    (op, first, last);
                    if (op.bf16_copy.empty()) return;
                    for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
                      op.bf16_copy[i] = f32_to_bf16(op.weight[i]);
                    }
                  });
}

double squared_norm(CpuContext& context, std::span<const float> x) {
  constexpr std::int64_t kBlock = 16384;
  const auto count = static_cast<std::int64_t>(x.size());
  const std::int64_t blocks = (count + kBlock - 1) / kBlock;
  static_assert(sizeof(double) == 2 * sizeof(float));
  auto* partial = reinterpret_cast<double*>(context.scratch.floats(static_cast<std::size_t>(2 * blocks)));
  parallel_blocks(context.pool, count, kBlock, [&](std::int64_t first, std::int64_t last) {
    partial[first / kBlock] = HWY_DYNAMIC_DISPATCH(sum_of_squares)(x.data() + first, last - first);
  });
  double sum = 0.0;
  for (std::int64_t block = 0; block < blocks; ++block) sum += partial[block];
  return sum;
}

void squared_norms(CpuContext& context, std::span<const float> x, std::span<const std::int64_t> bounds,
                   std::span<double> out) {
  context.pool.parallel_for(static_cast<std::int64_t>(out.size()), [&](std::int64_t part, int) {
    const auto i = static_cast<std::size_t>(part);
    out[i] = HWY_DYNAMIC_DISPATCH(sum_of_squares)(x.data() + bounds[i], bounds[i + 1] - bounds[i]);
  });
}

}  // namespace vernier::cpu
#endif
