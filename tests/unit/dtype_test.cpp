#include "vernier/dtype.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace vernier {
namespace {

// The value a binary16 pattern stands for, from its definition (IEEE 754-2008, 3.4).
double f16_by_definition(std::uint16_t bits) {
  const double sign = (bits & 0x8000u) ? -1.0 : 1.0;
  const int exponent = (bits >> 10) & 0x1f;
  const double mantissa = bits & 0x3ff;
  if (exponent == 0x1f) return mantissa == 0 ? sign * std::numeric_limits<double>::infinity() : NAN;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024.0 + mantissa, exponent - 25);
}

TEST(DType, HalfToFloatIsExactForEveryPattern) {
  for (std::uint32_t bits = 0; bits < 0x10000u; ++bits) {
    const double expected = f16_by_definition(static_cast<std::uint16_t>(bits));
    const float got = f16_to_f32(static_cast<std::uint16_t>(bits));
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(got)) << bits;
    } else {
      EXPECT_EQ(static_cast<double>(got), expected) << bits;
      EXPECT_EQ(std::signbit(got), (bits & 0x8000u) != 0) << bits;
    }
  }
}

TEST(DType, FloatToHalfRoundsToNearestEven) {
  for (std::uint32_t bits = 0; bits < 0x7c00u; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float low = f16_to_f32(half);
    EXPECT_EQ(f32_to_f16(low), half);
    EXPECT_EQ(f32_to_f16(-low), half | 0x8000u);
    if (bits + 1 == 0x7c00u) continue;
    const float high = f16_to_f32(static_cast<std::uint16_t>(bits + 1));
    const float middle = (low + high) / 2;  // exact in float32
    EXPECT_EQ(f32_to_f16(middle), bits % 2 == 0 ? bits : bits + 1) << bits;
    EXPECT_EQ(f32_to_f16(std::nextafterf(middle, 0.0f)), half) << bits;
    EXPECT_EQ(f32_to_f16(std::nextafterf(middle, 1e9f)), bits + 1) << bits;
  }
  EXPECT_EQ(f32_to_f16(65519.996f), 0x7bffu);
  EXPECT_EQ(f32_to_f16(65520.0f), 0x7c00u);
  EXPECT_TRUE(std::isnan(f16_to_f32(f32_to_f16(NAN))));
}

TEST(DType, BFloat16RoundsToNearestEvenAndKeepsNaN) {
  EXPECT_EQ(f32_to_bf16(1.0f), 0x3f80u);
  EXPECT_EQ(f32_to_bf16(1.00390625f), 0x3f80u);    // a tie, to even
  EXPECT_EQ(f32_to_bf16(1.01171875f), 0x3f82u);    // a tie, to even
  EXPECT_EQ(f32_to_bf16(1.0039063692f), 0x3f81u);  // just above the tie
  EXPECT_EQ(bf16_to_f32(0x3f81u), 1.0078125f);
  EXPECT_EQ(f32_to_bf16(std::numeric_limits<float>::max()), 0x7f80u);
  EXPECT_TRUE(std::isnan(bf16_to_f32(f32_to_bf16(NAN))));
}

TEST(DType, NamesRoundTrip) {
  for (int i = 0; i <= static_cast<int>(DType::kF8E5M2); ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(dtype_from_string(to_string(dtype)), dtype);
  }
  EXPECT_FALSE(dtype_from_string("f32").has_value());
}

}  // namespace
}  // namespace vernier
