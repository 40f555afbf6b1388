// Attention against a float64 oracle that holds the whole matrix of scores; the oracle's gradients against differences.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "engine/cpu/ops.h"
#include "tests/unit/attention_oracle.h"

namespace vernier::cpu {
namespace {

using test::attention_shape;
using test::AttentionCase;
using test::AttentionInputs;
using test::AttentionOracle;
using test::Exact;
using test::Matrix;

struct Outputs {
  Matrix out, lse, dq, dk, dv;
};

Outputs run(AttentionInputs& in, int threads, bool backward) {
  ThreadPool pool(threads);
  CpuContext context{pool, {}};
  Outputs o;
  o.out = Matrix(in.q.rows, in.q.cols);
  o.lse = Matrix(in.q.rows, in.c.shape.heads);
  AttentionForward forward;
  forward.q = in.q.view();
  forward.k = in.k.view();
  forward.v = in.v.view();
  forward.cu_seqlens_q = in.cu_q;
  forward.cu_seqlens_k = in.cu_k;
  forward.shape = in.c.shape;
  forward.out = o.out.view();
  forward.lse = o.lse.view();
  attention_forward(context, forward);
  if (!backward) return o;
  o.dq = Matrix(in.q.rows, in.q.cols);
  o.dk = Matrix(in.k.rows, in.k.cols);
  o.dv = Matrix(in.v.rows, in.v.cols);
  AttentionBackward back;
  back.dout = in.dout.view();
  back.q = in.q.view();
  back.k = in.k.view();
  back.v = in.v.view();
  back.out = o.out.view();
  back.lse = o.lse.view();
  back.cu_seqlens = in.cu_q;
  back.shape = in.c.shape;
  back.dq = o.dq.view();
  back.dk = o.dk.view();
  back.dv = o.dv.view();
  attention_backward(context, back);
  return o;
}

void check(const AttentionCase& c, const char* what, bool backward = true) {
  SCOPED_TRACE(what);
  AttentionInputs in(c);
  AttentionOracle oracle(in);
  oracle.forward();
  const Outputs o = run(in, 2, backward);
  EXPECT_TRUE(test::relative_error(o.out, oracle.out) <= 3e-6) << test::relative_error(o.out, oracle.out);
  EXPECT_TRUE(test::relative_error(o.lse, oracle.lse) <= 1e-6) << test::relative_error(o.lse, oracle.lse);
  if (!backward) return;
  oracle.backward();
  EXPECT_TRUE(test::relative_error(o.dq, oracle.dq) <= 1e-5) << test::relative_error(o.dq, oracle.dq);
  EXPECT_TRUE(test::relative_error(o.dk, oracle.dk) <= 1e-5) << test::relative_error(o.dk, oracle.dk);
  EXPECT_TRUE(test::relative_error(o.dv, oracle.dv) <= 1e-5) << test::relative_error(o.dv, oracle.dv);
}

AttentionCase same(const AttentionShape& shape, const std::vector<std::int32_t>& lengths) {
  return {shape, lengths, lengths};
}

TEST(Attention, HeadSizesAndLengths) {
  for (const std::int64_t head_dim : {1, 5, 8, 48, 64, 80, 96, 128, 133, 256}) {
    SCOPED_TRACE(head_dim);
    check(same(attention_shape(3, 3, head_dim), {1, 7, 67, 0, 130}), "multi-head");
  }
}

TEST(Attention, LongerThanAChunk) {
  check(same(attention_shape(2, 1, 16), {601, 3, 193, 256, 257}), "five sequences");
}

TEST(Attention, GroupsShareKeys) {
  check(same(attention_shape(6, 2, 24), {33, 100, 5}), "groups of three");
  check(same(attention_shape(8, 1, 16), {70, 300}), "one KV head");
}

TEST(Attention, Window) {
  for (const std::int64_t window : {1, 2, 31, 64, 200, 1000}) {
    SCOPED_TRACE(window);
    AttentionShape shape = attention_shape(4, 2, 12);
    shape.window = window;
    check(same(shape, {9, 530, 140}), "window");
  }
}

TEST(Attention, SoftCap) {
  AttentionShape shape = attention_shape(4, 2, 20);
  shape.softcap = 1.7f;
  check(same(shape, {37, 270}), "soft cap");
  shape.window = 50;
  check(same(shape, {37, 270}), "soft cap and window");
}

TEST(Attention, WithoutMask) {
  AttentionShape shape = attention_shape(4, 2, 10);
  shape.causal = false;
  check(same(shape, {1, 33, 280}), "no mask");
  shape.window = 40;
  check(same(shape, {1, 33, 280}), "no mask, window");
}

// Queries at the end of a sequence whose other keys are in a cache.
TEST(Attention, MoreKeysThanQueries) {
  for (const std::int64_t window : {0, 1, 40}) {
    for (const std::int64_t kv_heads : {1, 2, 6}) {
      AttentionShape shape = attention_shape(6, kv_heads, 17);
      shape.window = window;
      check({shape, {1, 1, 1}, {1, 300, 17}}, "one query", false);
      check({shape, {3, 4, 2, 0}, {3, 700, 513, 5}}, "few queries", false);
      check({shape, {5, 90, 70}, {600, 300, 71}}, "many queries", false);
    }
  }
}

TEST(Attention, OracleGradientsAreDifferences) {
  AttentionShape shape = attention_shape(4, 2, 5);
  shape.softcap = 2.5f;
  shape.window = 6;
  AttentionInputs in(same(shape, {3, 11}));
  AttentionOracle oracle(in);
  oracle.forward();
  oracle.backward();
  const Exact dq = oracle.dq, dk = oracle.dk, dv = oracle.dv;
  const auto loss = [&] {
    oracle.forward();
    return test::dot(oracle.out, oracle.dout);
  };
  const auto compare = [&](Exact& x, const Exact& gradient) {
    for (std::size_t i = 0; i < x.values.size(); ++i) {
      const double difference = test::central_difference(x.values[i], loss) - gradient.values[i];
      EXPECT_TRUE(std::abs(difference) <= 1e-8) << difference;
    }
  };
  compare(oracle.q, dq);
  compare(oracle.k, dk);
  compare(oracle.v, dv);
}

// Scores so large that only subtracting the largest one keeps the exponentials finite, growing along the keys so that
// the running softmax must rescale.
TEST(Attention, LargeScores) {
  AttentionInputs in(same(attention_shape(2, 2, 8), {560}));
  for (std::int64_t r = 0; r < in.k.rows; ++r) {
    for (std::int64_t c = 0; c < in.k.cols; ++c) {
      in.k.at(r, c) = (0.2f * in.k.at(r, c) + 0.05f * static_cast<float>(r)) * 1.5f;
    }
  }
  AttentionOracle oracle(in);
  oracle.forward();
  const Outputs o = run(in, 1, false);
  const double error = test::relative_error(o.out, oracle.out);
  EXPECT_TRUE(error <= 1e-4) << error;
}

bool same_bits(const Matrix& a, const Matrix& b) {
  for (std::int64_t r = 0; r < a.rows; ++r) {
    for (std::int64_t c = 0; c < a.cols; ++c) {
      const float x = a.at(r, c), y = b.at(r, c);
      if (std::memcmp(&x, &y, sizeof x) != 0) return false;
    }
  }
  return true;
}

TEST(Attention, ThreadCountDoesNotChangeBits) {
  AttentionInputs in(same(attention_shape(6, 3, 31), {257, 19, 400}));
  const Outputs one = run(in, 1, true);
  const Outputs three = run(in, 3, true);
  EXPECT_TRUE(same_bits(one.out, three.out));
  EXPECT_TRUE(same_bits(one.lse, three.lse));
  EXPECT_TRUE(same_bits(one.dq, three.dq));
  EXPECT_TRUE(same_bits(one.dk, three.dk));
  EXPECT_TRUE(same_bits(one.dv, three.dv));
}

// A NaN reaches every query that sees it, and no other sequence.
TEST(Attention, NanComesThrough) {
  for (const std::int32_t queries : {1, 40}) {
    AttentionInputs in({attention_shape(2, 2, 9), {queries, queries}, {40, 40}});
    in.k.at(3, 4) = std::numeric_limits<float>::quiet_NaN();
    const Outputs o = run(in, 2, false);
    for (std::int64_t i = 0; i < in.q.rows; ++i) {
      const bool sees = i < queries && (queries == 1 || i >= 3);
      EXPECT_EQ(std::isnan(o.out.at(i, 0)), sees) << i;
      EXPECT_EQ(std::isnan(o.lse.at(i, 0)), sees) << i;
      EXPECT_FALSE(std::isnan(o.out.at(i, 9))) << i;
    }
  }
}

}  // namespace
}  // namespace vernier::cpu
