// The CUDA attention kernels against the float64 oracle.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/parity/cuda_attention_run.h"

namespace vernier::cuda {
namespace {

using test::AttentionCase;
using test::AttentionInputs;
using test::distance;
using test::Exact;
using test::inputs_for;
using test::Matrix;
using test::Outputs;
using test::round_to;
using test::run;
using test::same_bits;
using vernier::test::attention_shape;
using vernier::test::AttentionOracle;

void check(const AttentionInputs& in, DType dtype, bool backward, std::int64_t spare = 0) {
  AttentionOracle oracle(in);
  oracle.forward();
  if (backward) oracle.backward();
  const bool exact = dtype == DType::kF32;
  // The kernels that every chip has, and those of the chip at hand.
  for (const bool portable : {true, false}) {
    const Outputs o = run(in, dtype, backward, portable, spare);
    const auto compare = [&](const char* what, const Matrix& got, const Exact& expected, double tolerance) {
      const double error = distance(got, expected);
      EXPECT_TRUE(error <= tolerance) << what << ": " << error << (portable ? ", portable" : "");
    };
    compare("out", o.out, oracle.out, exact ? 1e-5 : 4e-3);
    compare("lse", o.lse, oracle.lse, 1e-5);
    if (!backward) continue;
    compare("dq", o.dq, oracle.dq, exact ? 1e-5 : 1e-2);
    compare("dk", o.dk, oracle.dk, exact ? 1e-5 : 1e-2);
    compare("dv", o.dv, oracle.dv, exact ? 1e-5 : 1e-2);
  }
}

class CudaAttention : public testing::Test {
 protected:
  void SetUp() override {
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) GTEST_SKIP() << "no CUDA device";
  }

  static void check_same(const AttentionShape& shape, const std::vector<std::int32_t>& lengths,
                         DType dtype = DType::kBF16) {
    check(inputs_for({shape, lengths, lengths}, dtype), dtype, true);
  }
};

TEST_F(CudaAttention, HeadSizes) {
  for (const std::int64_t head_dim : {8, 48, 64, 80, 96, 120, 128, 160, 256}) {
    SCOPED_TRACE(head_dim);
    check_same(attention_shape(3, 3, head_dim), {1, 7, 67, 0, 190});
    check_same(attention_shape(4, 2, head_dim), {150});
  }
}

// What goes through the kernels that compute in float32.
TEST_F(CudaAttention, HeadSizesExact) {
  for (const std::int64_t head_dim : {1, 5, 48, 64, 100, 128, 200, 256, 301}) {
    SCOPED_TRACE(head_dim);
    check_same(attention_shape(3, 1, head_dim), {1, 7, 67, 0, 90}, DType::kF32);
  }
  for (const std::int64_t head_dim : {20, 100}) {
    SCOPED_TRACE(head_dim);
    check_same(attention_shape(3, 1, head_dim), {1, 7, 67, 0, 90});
  }
}

TEST_F(CudaAttention, LongerThanATile) {
  check_same(attention_shape(2, 1, 64), {601, 3, 193, 256, 257});
  check_same(attention_shape(2, 1, 128), {601, 3, 193, 256, 257});
  check_same(attention_shape(2, 1, 16), {601, 3, 193, 256, 257}, DType::kF32);
}

TEST_F(CudaAttention, ManyShortSequences) {
  std::vector<std::int32_t> lengths;
  for (int i = 0; i < 70; ++i) lengths.push_back(static_cast<std::int32_t>(vernier::test::uniform_int(0, 12)));
  lengths.push_back(70);
  check_same(attention_shape(4, 2, 64), lengths);
  check_same(attention_shape(4, 2, 128), lengths);
  check_same(attention_shape(4, 2, 24), lengths, DType::kF32);
}

TEST_F(CudaAttention, GroupsShareKeys) {
  for (const std::int64_t group : {1, 2, 3, 4, 7, 8}) {
    SCOPED_TRACE(group);
    check_same(attention_shape(2 * group, 2, 64), {33, 140, 5});
    check_same(attention_shape(group, 1, 128), {33, 140, 5});
    check_same(attention_shape(group, 1, 8), {33, 100, 5}, DType::kF32);
  }
}

TEST_F(CudaAttention, Window) {
  for (const std::int64_t window : {1, 2, 31, 64, 200, 1000}) {
    SCOPED_TRACE(window);
    for (const std::int64_t head_dim : {64, 128, 256}) {
      AttentionShape shape = attention_shape(2, 1, head_dim);
      shape.window = window;
      check_same(shape, {9, 430, 140});
    }
    AttentionShape shape = attention_shape(2, 1, 12);
    shape.window = window;
    check_same(shape, {9, 230, 140}, DType::kF32);
  }
}

TEST_F(CudaAttention, SoftCap) {
  for (const std::int64_t head_dim : {64, 96, 128, 256}) {
    SCOPED_TRACE(head_dim);
    AttentionShape shape = attention_shape(4, 2, head_dim);
    shape.softcap = 1.7f;
    check_same(shape, {37, 170});
    shape.window = 50;
    check_same(shape, {37, 170});
    check_same(shape, {37, 170}, DType::kF32);
  }
}

TEST_F(CudaAttention, WithoutMask) {
  for (const std::int64_t head_dim : {64, 128}) {
    SCOPED_TRACE(head_dim);
    AttentionShape shape = attention_shape(4, 2, head_dim);
    shape.causal = false;
    check_same(shape, {1, 33, 280});
    check_same(shape, {1, 33, 80}, DType::kF32);
    shape.window = 40;
    check_same(shape, {1, 33, 280});
    check_same(shape, {1, 33, 80}, DType::kF32);
  }
}

// Queries at the end of a sequence whose other keys are in a cache.
TEST_F(CudaAttention, MoreKeysThanQueries) {
  for (const std::int64_t window : {0, 1, 40}) {
    for (const std::int64_t head_dim : {64, 96, 128, 256}) {
      for (const std::int64_t kv_heads : {1, 2, 6}) {
        SCOPED_TRACE(std::to_string(window) + " window, " + std::to_string(head_dim) + " head size, " +
                     std::to_string(kv_heads) + " KV heads");
        AttentionShape shape = attention_shape(6, kv_heads, head_dim);
        shape.window = window;
        for (const float softcap : {0.0f, 2.0f}) {
          shape.softcap = softcap;
          check(inputs_for({shape, {1, 1, 1}, {1, 300, 17}}, DType::kBF16), DType::kBF16, false);
          check(inputs_for({shape, {2, 1, 2, 0}, {3, 700, 513, 5}}, DType::kBF16), DType::kBF16, false);
        }
        check(inputs_for({shape, {5, 90, 70}, {300, 200, 71}}, DType::kBF16), DType::kBF16, false);
        check(inputs_for({shape, {1, 3, 7}, {1, 70, 17}}, DType::kF32), DType::kF32, false);
      }
    }
  }
}

TEST_F(CudaAttention, DecodesLongSequences) {
  check(inputs_for({attention_shape(32, 8, 128), {1}, {5000}}, DType::kBF16), DType::kBF16, false);
  check(inputs_for({attention_shape(8, 8, 64), {1, 1}, {3000, 1}}, DType::kBF16), DType::kBF16, false);
}

// What a captured graph knows of its batch is a bound.
TEST_F(CudaAttention, ShorterThanTheHostSays) {
  const AttentionCase c{attention_shape(4, 2, 64), {9, 0, 100}, {9, 0, 100}};
  check(inputs_for(c, DType::kBF16), DType::kBF16, true, 500);
  check(inputs_for(c, DType::kF32), DType::kF32, true, 50);
  check(inputs_for({attention_shape(4, 2, 64), {1, 1}, {20, 300}}, DType::kBF16), DType::kBF16, false, 3);
}

// Scores so large that only subtracting the largest one keeps the exponentials finite, growing along the keys so that
// the running softmax must rescale.
TEST_F(CudaAttention, LargeScores) {
  for (const DType dtype : {DType::kBF16, DType::kF32}) {
    for (const std::int32_t queries : {1, 300}) {
      AttentionInputs in({attention_shape(2, 2, 64), {queries}, {300}});
      for (std::int64_t r = 0; r < in.k.rows; ++r) {
        for (std::int64_t c = 0; c < in.k.cols; ++c) in.k.at(r, c) *= 0.05f * static_cast<float>(r);
      }
      for (Matrix* m : {&in.q, &in.k, &in.v}) round_to(dtype, *m);
      check(in, dtype, false);
    }
  }
}

TEST_F(CudaAttention, SameBitsTwice) {
  for (const DType dtype : {DType::kBF16, DType::kF32}) {
    const AttentionInputs in = inputs_for({attention_shape(4, 2, 64), {157, 19}, {157, 19}}, dtype);
    for (const bool portable : {true, false}) {
      const Outputs one = run(in, dtype, true, portable);
      const Outputs two = run(in, dtype, true, portable);
      EXPECT_TRUE(same_bits(one.out, two.out));
      EXPECT_TRUE(same_bits(one.lse, two.lse));
      EXPECT_TRUE(same_bits(one.dq, two.dq));
      EXPECT_TRUE(same_bits(one.dk, two.dk));
      EXPECT_TRUE(same_bits(one.dv, two.dv));
    }
  }
}

// A NaN reaches every query that sees it, and no other sequence.
TEST_F(CudaAttention, NanComesThrough) {
  for (const std::int32_t queries : {1, 40}) {
    AttentionInputs in = inputs_for({attention_shape(2, 2, 64), {queries, queries}, {40, 140}}, DType::kBF16);
    in.k.at(3, 4) = std::numeric_limits<float>::quiet_NaN();
    const Outputs o = run(in, DType::kBF16, false, false);
    for (std::int64_t i = 0; i < in.q.rows; ++i) {
      const bool sees = i < queries && (queries == 1 || i >= 3);
      EXPECT_EQ(std::isnan(o.out.at(i, 0)), sees) << i;
      EXPECT_EQ(std::isnan(o.lse.at(i, 0)), sees) << i;
      EXPECT_FALSE(std::isnan(o.out.at(i, 64))) << i;
    }
  }
}

}  // namespace
}  // namespace vernier::cuda
