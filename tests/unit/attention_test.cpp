// Attention against a float64 oracle that holds the whole matrix of scores; the oracle's gradients against differences.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include "engine/cpu/ops.h"
#include "tests/unit/matrix.h"

namespace vernier::cpu {
namespace {

using test::Exact;
using test::Matrix;

struct Case {
  AttentionShape shape;
  std::vector<std::int32_t> queries, keys;  // of each sequence
};

std::vector<std::int32_t> cumulative(const std::vector<std::int32_t>& lengths) {
  std::vector<std::int32_t> sums(lengths.size() + 1, 0);
  std::partial_sum(lengths.begin(), lengths.end(), sums.begin() + 1);
  return sums;
}

AttentionShape shape_of(std::int64_t heads, std::int64_t kv_heads, std::int64_t head_dim) {
  AttentionShape shape;
  shape.heads = heads;
  shape.kv_heads = kv_heads;
  shape.head_dim = head_dim;
  shape.scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
  return shape;
}

struct Inputs {
  Case c;
  std::vector<std::int32_t> cu_q, cu_k;
  Matrix q, k, v, dout;

  explicit Inputs(const Case& one) : c(one), cu_q(cumulative(one.queries)), cu_k(cumulative(one.keys)) {
    const std::int64_t width = c.shape.heads * c.shape.head_dim;
    const std::int64_t kv_width = c.shape.kv_heads * c.shape.head_dim;
    q = Matrix(cu_q.back(), width);
    k = Matrix(cu_k.back(), kv_width);
    v = Matrix(cu_k.back(), kv_width);
    dout = Matrix(cu_q.back(), width);
  }
};

struct Oracle {
  const Inputs& in;
  Exact q, k, v, dout;
  Exact out, lse, dq, dk, dv;

  explicit Oracle(const Inputs& inputs) : in(inputs), q(in.q), k(in.k), v(in.v), dout(in.dout) {}

  // Calls body(sequence row of q, row of k, head, uncapped score) for every pair that attends, by the rule of
  // backend.h.
  template <typename Body>
  void for_pairs(std::size_t s, std::int64_t head, const Body& body) const {
    const AttentionShape& shape = in.c.shape;
    const std::int64_t nq = in.c.queries[s], nk = in.c.keys[s];
    const std::int64_t kv = head / (shape.heads / shape.kv_heads);
    for (std::int64_t i = 0; i < nq; ++i) {
      for (std::int64_t j = 0; j < nk; ++j) {
        if (shape.causal && j > i + nk - nq) continue;
        if (shape.window > 0 && j <= i + nk - nq - shape.window) continue;
        double score = 0.0;
        for (std::int64_t e = 0; e < shape.head_dim; ++e) {
          score += q.at(in.cu_q[s] + i, head * shape.head_dim + e) * k.at(in.cu_k[s] + j, kv * shape.head_dim + e);
        }
        body(in.cu_q[s] + i, in.cu_k[s] + j, kv, score * static_cast<double>(shape.scale));
      }
    }
  }

  double capped(double score) const {
    const double cap = in.c.shape.softcap;
    return cap == 0.0 ? score : cap * std::tanh(score / cap);
  }

  void forward() {
    const AttentionShape& shape = in.c.shape;
    out = Exact(q.rows, q.cols);
    lse = Exact(q.rows, shape.heads);
    for (std::size_t s = 0; s < in.c.queries.size(); ++s) {
      for (std::int64_t head = 0; head < shape.heads; ++head) {
        std::vector<double> sum(static_cast<std::size_t>(q.rows), 0.0);
        for_pairs(s, head, [&](std::int64_t i, std::int64_t j, std::int64_t kv, double score) {
          const double weight = std::exp(capped(score));
          sum[static_cast<std::size_t>(i)] += weight;
          for (std::int64_t e = 0; e < shape.head_dim; ++e) {
            out.at(i, head * shape.head_dim + e) += weight * v.at(j, kv * shape.head_dim + e);
          }
        });
        for (std::int64_t i = in.cu_q[s]; i < in.cu_q[s + 1]; ++i) {
          lse.at(i, head) = std::log(sum[static_cast<std::size_t>(i)]);
          for (std::int64_t e = 0; e < shape.head_dim; ++e) {
            out.at(i, head * shape.head_dim + e) /= sum[static_cast<std::size_t>(i)];
          }
        }
      }
    }
  }

  void backward() {
    const AttentionShape& shape = in.c.shape;
    const std::int64_t width = shape.head_dim;
    dq = Exact(q.rows, q.cols);
    dk = Exact(k.rows, k.cols);
    dv = Exact(v.rows, v.cols);
    for (std::size_t s = 0; s < in.c.queries.size(); ++s) {
      for (std::int64_t head = 0; head < shape.heads; ++head) {
        for_pairs(s, head, [&](std::int64_t i, std::int64_t j, std::int64_t kv, double score) {
          const double p = std::exp(capped(score) - lse.at(i, head));
          double grad = 0.0;
          for (std::int64_t e = 0; e < width; ++e) {
            const double d = dout.at(i, head * width + e);
            grad += d * (v.at(j, kv * width + e) - out.at(i, head * width + e));
            dv.at(j, kv * width + e) += p * d;
          }
          grad *= p * static_cast<double>(shape.scale);
          if (shape.softcap > 0.0f) {
            const double t = std::tanh(score / static_cast<double>(shape.softcap));
            grad *= 1.0 - t * t;
          }
          for (std::int64_t e = 0; e < width; ++e) {
            dq.at(i, head * width + e) += grad * k.at(j, kv * width + e);
            dk.at(j, kv * width + e) += grad * q.at(i, head * width + e);
          }
        });
      }
    }
  }
};

struct Outputs {
  Matrix out, lse, dq, dk, dv;
};

Outputs run(Inputs& in, int threads, bool backward) {
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

void check(const Case& c, const char* what, bool backward = true) {
  SCOPED_TRACE(what);
  Inputs in(c);
  Oracle oracle(in);
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

Case same(const AttentionShape& shape, const std::vector<std::int32_t>& lengths) {
  return {shape, lengths, lengths};
}

TEST(Attention, HeadSizesAndLengths) {
  for (const std::int64_t head_dim : {1, 5, 8, 48, 64, 80, 96, 128, 133, 256}) {
    SCOPED_TRACE(head_dim);
    check(same(shape_of(3, 3, head_dim), {1, 7, 67, 0, 130}), "multi-head");
  }
}

TEST(Attention, LongerThanAChunk) {
  check(same(shape_of(2, 1, 16), {601, 3, 193, 256, 257}), "five sequences");
}

TEST(Attention, GroupsShareKeys) {
  check(same(shape_of(6, 2, 24), {33, 100, 5}), "groups of three");
  check(same(shape_of(8, 1, 16), {70, 300}), "one KV head");
}

TEST(Attention, Window) {
  for (const std::int64_t window : {1, 2, 31, 64, 200, 1000}) {
    SCOPED_TRACE(window);
    AttentionShape shape = shape_of(4, 2, 12);
    shape.window = window;
    check(same(shape, {9, 530, 140}), "window");
  }
}

TEST(Attention, SoftCap) {
  AttentionShape shape = shape_of(4, 2, 20);
  shape.softcap = 1.7f;
  check(same(shape, {37, 270}), "soft cap");
  shape.window = 50;
  check(same(shape, {37, 270}), "soft cap and window");
}

TEST(Attention, WithoutMask) {
  AttentionShape shape = shape_of(4, 2, 10);
  shape.causal = false;
  check(same(shape, {1, 33, 280}), "no mask");
  shape.window = 40;
  check(same(shape, {1, 33, 280}), "no mask, window");
}

// Queries at the end of a sequence whose other keys are in a cache.
TEST(Attention, MoreKeysThanQueries) {
  for (const std::int64_t window : {0, 1, 40}) {
    for (const std::int64_t kv_heads : {1, 2, 6}) {
      AttentionShape shape = shape_of(6, kv_heads, 17);
      shape.window = window;
      check({shape, {1, 1, 1}, {1, 300, 17}}, "one query", false);
      check({shape, {3, 4, 2, 0}, {3, 700, 513, 5}}, "few queries", false);
      check({shape, {5, 90, 70}, {600, 300, 71}}, "many queries", false);
    }
  }
}

TEST(Attention, OracleGradientsAreDifferences) {
  AttentionShape shape = shape_of(4, 2, 5);
  shape.softcap = 2.5f;
  shape.window = 6;
  Inputs in(same(shape, {3, 11}));
  Oracle oracle(in);
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
  Inputs in(same(shape_of(2, 2, 8), {560}));
  for (std::int64_t r = 0; r < in.k.rows; ++r) {
    for (std::int64_t c = 0; c < in.k.cols; ++c) {
      in.k.at(r, c) = (0.2f * in.k.at(r, c) + 0.05f * static_cast<float>(r)) * 1.5f;
    }
  }
  Oracle oracle(in);
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
  Inputs in(same(shape_of(6, 3, 31), {257, 19, 400}));
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
    Inputs in({shape_of(2, 2, 9), {queries, queries}, {40, 40}});
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
