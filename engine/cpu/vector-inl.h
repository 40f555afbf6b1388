// Vector helpers shared by the CPU kernels. Compiled once for each instruction set: include it after foreach_target.h
// and highway.h, like a -inl.h of Highway itself.
#if defined(VERNIER_ENGINE_CPU_VECTOR_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef VERNIER_ENGINE_CPU_VECTOR_INL_H
#undef VERNIER_ENGINE_CPU_VECTOR_INL_H
#else
#define VERNIER_ENGINE_CPU_VECTOR_INL_H
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// At most 16 lanes, so that buffers can be laid out for every instruction set alike.
constexpr hn::CappedTag<float, 16> kFloats;
constexpr hn::RebindToSigned<decltype(kFloats)> kInts;
using Vec = hn::Vec<decltype(kFloats)>;
using IntVec = hn::Vec<decltype(kInts)>;
constexpr std::int64_t kLanes = hn::MaxLanes(kFloats);

HWY_NOINLINE HWY_MAYBE_UNUSED Vec load_tail(const float* from, std::int64_t count) {
  HWY_ALIGN float lanes[kLanes] = {};
  std::memcpy(lanes, from, static_cast<std::size_t>(count) * sizeof(float));
  return hn::Load(kFloats, lanes);
}

HWY_NOINLINE HWY_MAYBE_UNUSED void store_tail(Vec v, float* to, std::int64_t count) {
  HWY_ALIGN float lanes[kLanes];
  hn::Store(v, kFloats, lanes);
  std::memcpy(to, lanes, static_cast<std::size_t>(count) * sizeof(float));
}

// The first min(count, kLanes) lanes from memory, the others 0; nothing beyond is touched. count >= 1.
HWY_INLINE Vec load_some(const float* from, std::int64_t count) {
  return HWY_LIKELY(count >= kLanes) ? hn::LoadU(kFloats, from) : load_tail(from, count);
}

HWY_INLINE void store_some(Vec v, float* to, std::int64_t count) {
  if (HWY_LIKELY(count >= kLanes)) {
    hn::StoreU(v, kFloats, to);
  } else {
    store_tail(v, to, count);
  }
}

HWY_INLINE float sum_of_lanes(Vec v) {
  return hn::GetLane(hn::SumOfLanes(kFloats, v));
}

// e^x within 2e-7 relative for x <= 88; 0 below -87.3 (where e^x leaves the normal numbers). NaN stays NaN.
// x = n ln 2 + r with |r| <= ln 2 / 2; a minimax polynomial of degree 6 gives e^r.
HWY_INLINE Vec exp_vec(Vec x) {
  const Vec magic = hn::Set(kFloats, 12582912.0f);  // 1.5 * 2^23: adding it leaves n in the low bits
  const Vec shifted = hn::MulAdd(x, hn::Set(kFloats, 1.44269504f), magic);
  const Vec n = hn::Sub(shifted, magic);
  Vec r = hn::NegMulAdd(n, hn::Set(kFloats, 0.693359375f), x);  // ln 2 in two parts, the first exact in products
  r = hn::NegMulAdd(n, hn::Set(kFloats, -2.12194440e-4f), r);
  Vec p = hn::Set(kFloats, 0.0013814540579915047f);
  p = hn::MulAdd(p, r, hn::Set(kFloats, 0.00836874544620514f));
  p = hn::MulAdd(p, r, hn::Set(kFloats, 0.04166838899254799f));
  p = hn::MulAdd(p, r, hn::Set(kFloats, 0.1666652113199234f));
  p = hn::MulAdd(p, r, hn::Set(kFloats, 0.4999999403953552f));
  p = hn::MulAdd(p, hn::Mul(r, r), r);
  p = hn::Add(p, hn::Set(kFloats, 1.0f));
  const IntVec bits = hn::Add(hn::ShiftLeft<23>(hn::BitCast(kInts, shifted)), hn::Set(kInts, 127 << 23));
  const Vec y = hn::Mul(p, hn::BitCast(kFloats, bits));
  return hn::IfThenZeroElse(hn::Lt(x, hn::Set(kFloats, -87.3f)), y);
}

// 1 / (1 + e^-x), without overflow at either end.
HWY_INLINE Vec sigmoid_vec(Vec x) {
  const Vec e = exp_vec(hn::Neg(hn::Abs(x)));
  const Vec one = hn::Set(kFloats, 1.0f);
  const Vec numerator = hn::IfThenElse(hn::Lt(x, hn::Zero(kFloats)), e, one);
  return hn::Div(numerator, hn::Add(one, e));
}

// tanh within 3e-7 relative: an odd minimax polynomial near 0, where (1 - e) / (1 + e) would cancel.
HWY_INLINE Vec tanh_vec(Vec x) {
  const Vec one = hn::Set(kFloats, 1.0f);
  const Vec size = hn::Abs(x);
  const Vec e = exp_vec(hn::Mul(size, hn::Set(kFloats, -2.0f)));
  const Vec far = hn::CopySign(hn::Div(hn::Sub(one, e), hn::Add(one, e)), x);
  const Vec z = hn::Mul(x, x);
  Vec p = hn::Set(kFloats, -0.005717045161873102f);
  p = hn::MulAdd(p, z, hn::Set(kFloats, 0.02065058797597885f));
  p = hn::MulAdd(p, z, hn::Set(kFloats, -0.05374349653720856f));
  p = hn::MulAdd(p, z, hn::Set(kFloats, 0.13331490755081177f));
  p = hn::MulAdd(p, z, hn::Set(kFloats, -0.3333328366279602f));
  const Vec near = hn::MulAdd(hn::Mul(p, z), x, x);
  return hn::IfThenElse(hn::Lt(size, hn::Set(kFloats, 0.625f)), near, far);
}

// The normal distribution: Phi(x), and e^(-x^2 / 2) on the way. Phi(-u) = e^(-u^2/2) t Q(t) with t = 1 / (1 + 0.3 u),
// Q a minimax polynomial of degree 9 (the form of Abramowitz & Stegun 7.1.26).
struct NormalCdf {
  Vec phi;
  Vec bell;
};
HWY_INLINE NormalCdf normal_cdf_vec(Vec x) {
  const Vec one = hn::Set(kFloats, 1.0f);
  const Vec u = hn::Abs(x);
  const Vec t = hn::Div(one, hn::MulAdd(u, hn::Set(kFloats, 0.3f), one));
  Vec q = hn::Set(kFloats, -0.02061283588409424f);
  q = hn::MulAdd(q, t, hn::Set(kFloats, 0.11237581074237823f));
  q = hn::MulAdd(q, t, hn::Set(kFloats, -0.22806759178638458f));
  q = hn::MulAdd(q, t, hn::Set(kFloats, 0.19158178567886353f));
  q = hn::MulAdd(q, t, hn::Set(kFloats, -0.07924741506576538f));
  q = hn::MulAdd(q, t, hn::Set(kFloats, 0.09605786949396133f));
  q = hn::MulAdd(q, t, hn::Set(kFloats, 0.0784255713224411f));
  q = hn::MulAdd(q, t, hn::Set(kFloats, 0.1102273240685463f));
  q = hn::MulAdd(q, t, hn::Set(kFloats, 0.11957284063100815f));
  q = hn::MulAdd(q, t, hn::Set(kFloats, 0.11968663334846497f));
  const Vec bell = exp_vec(hn::Mul(hn::Mul(x, x), hn::Set(kFloats, -0.5f)));
  const Vec tail = hn::Mul(bell, hn::Mul(q, t));
  return {hn::IfThenElse(hn::Lt(x, hn::Zero(kFloats)), tail, hn::Sub(one, tail)), bell};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
