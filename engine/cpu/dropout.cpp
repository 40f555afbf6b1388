#include "engine/cpu/dropout.h"

#include <cmath>

#include "engine/core/philox.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/dropout.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/unroll-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
constexpr hn::CappedTag<float, 16> kFloats;
constexpr hn::RebindToUnsigned<decltype(kFloats)> kWords;
constexpr hn::Repartition<std::uint64_t, decltype(kFloats)> kWide;
using Vec = hn::Vec<decltype(kFloats)>;
using Words = hn::Vec<decltype(kWords)>;
constexpr std::int64_t kLanes = hn::MaxLanes(kFloats);

// The halves of x * factor, lane by lane.
HWY_INLINE void multiply(Words x, Words factor, Words& high, Words& low) {
  const auto even = hn::MulEven(x, factor);
  const auto odd = hn::MulEven(hn::BitCast(kWords, hn::ShiftRight<32>(hn::BitCast(kWide, x))), factor);
  high = hn::OddEven(hn::BitCast(kWords, odd), hn::BitCast(kWords, hn::ShiftRight<32>(even)));
  low = hn::OddEven(hn::BitCast(kWords, hn::ShiftLeft<32>(odd)), hn::BitCast(kWords, even));
}

// philox4x32_10 on a counter in each lane.
HWY_INLINE void philox(Words (&c)[4], PhiloxKey key) {
  const Words factor0 = hn::Set(kWords, 0xD2511F53u);
  const Words factor1 = hn::Set(kWords, 0xCD9E8D57u);
  unroll<10>([&](auto) VERNIER_INLINE_LAMBDA {
    Words high0, low0, high1, low1;
    multiply(c[0], factor0, high0, low0);
    multiply(c[2], factor1, high1, low1);
    c[0] = hn::Xor(hn::Xor(high1, c[1]), hn::Set(kWords, key[0]));
    c[1] = low1;
    c[2] = hn::Xor(hn::Xor(high0, c[3]), hn::Set(kWords, key[1]));
    c[3] = low0;
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  });
}
#endif

template <bool kAdd>
void run(const DropoutMask& mask, std::uint64_t row_key, std::int64_t count, const float* in, float* out) {
  const PhiloxKey key = {static_cast<std::uint32_t>(mask.seed), static_cast<std::uint32_t>(mask.seed >> 32)};
  const auto low = static_cast<std::uint32_t>(row_key);
  const auto high = static_cast<std::uint32_t>(row_key >> 32);
  std::int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const Words threshold = hn::Set(kWords, static_cast<std::uint32_t>(mask.threshold));
  const Vec scale = hn::Set(kFloats, mask.scale);
  // A vector of counters makes four vectors of elements.
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    Words c[4] = {hn::Set(kWords, low), hn::Set(kWords, high), hn::Iota(kWords, static_cast<std::uint32_t>(i / 4)),
                  hn::Set(kWords, mask.stream)};
    philox(c, key);
    Vec x[4];
    hn::LoadInterleaved4(kFloats, in + i, x[0], x[1], x[2], x[3]);
    unroll<4>([&](auto w) VERNIER_INLINE_LAMBDA {
      const auto dropped = hn::RebindMask(kFloats, hn::Lt(c[w], threshold));
      x[w] = hn::IfThenZeroElse(dropped, hn::Mul(scale, x[w]));
    });
    if constexpr (kAdd) {
      Vec y[4];
      hn::LoadInterleaved4(kFloats, out + i, y[0], y[1], y[2], y[3]);
      unroll<4>([&](auto w) VERNIER_INLINE_LAMBDA { x[w] = hn::Add(y[w], x[w]); });
    }
    hn::StoreInterleaved4(x[0], x[1], x[2], x[3], kFloats, out + i);
  }
#endif
  for (; i < count; i += 4) {
    const PhiloxCounter words = philox4x32_10({low, high, static_cast<std::uint32_t>(i / 4), mask.stream}, key);
    for (std::int64_t w = 0; w < 4 && i + w < count; ++w) {
      const float x = words[static_cast<std::size_t>(w)] < mask.threshold ? 0.0f : mask.scale * in[i + w];
      out[i + w] = kAdd ? out[i + w] + x : x;
    }
  }
}

}  // namespace

void apply(const DropoutMask& mask, std::uint64_t row_key, std::int64_t count, const float* in, float* out) {
  run<false>(mask, row_key, count, in, out);
}

void add(const DropoutMask& mask, std::uint64_t row_key, std::int64_t count, const float* in, float* out) {
  run<true>(mask, row_key, count, in, out);
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {

HWY_EXPORT(apply);
HWY_EXPORT(add);

DropoutMask::DropoutMask(const Dropout& dropout, std::size_t projection)
    : seed(dropout.seed),
      stream(dropout.stream + static_cast<std::uint32_t>(projection)),
      threshold(static_cast<std::uint64_t>(std::ceil(static_cast<double>(dropout.p) * 4294967296.0))),
      scale(1.0f / (1.0f - dropout.p)) {}

void apply_dropout(const DropoutMask& mask, std::uint64_t row_key, std::int64_t count, const float* in, float* out) {
  HWY_DYNAMIC_DISPATCH(apply)(mask, row_key, count, in, out);
}

void add_dropout(const DropoutMask& mask, std::uint64_t row_key, std::int64_t count, const float* in, float* out) {
  HWY_DYNAMIC_DISPATCH(add)(mask, row_key, count, in, out);
}

}  // namespace vernier::cpu
#endif
