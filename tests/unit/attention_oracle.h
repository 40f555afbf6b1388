// Attention in float64 with every score of a head at once: what the backends' own are held to.
#pragma once

#include <cmath>
#include <numeric>
#include <vector>

#include "engine/ops/backend.h"
#include "tests/unit/matrix.h"

namespace vernier::test {

struct AttentionCase {
  AttentionShape shape;
  std::vector<std::int32_t> queries, keys;  // of each sequence
};

inline std::vector<std::int32_t> cumulative(const std::vector<std::int32_t>& lengths) {
  std::vector<std::int32_t> sums(lengths.size() + 1, 0);
  std::partial_sum(lengths.begin(), lengths.end(), sums.begin() + 1);
  return sums;
}

inline AttentionShape attention_shape(std::int64_t heads, std::int64_t kv_heads, std::int64_t head_dim) {
  AttentionShape shape;
  shape.heads = heads;
  shape.kv_heads = kv_heads;
  shape.head_dim = head_dim;
  shape.scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
  return shape;
}

struct AttentionInputs {
  AttentionCase c;
  std::vector<std::int32_t> cu_q, cu_k;
  Matrix q, k, v, dout;

  explicit AttentionInputs(const AttentionCase& one)
      : c(one), cu_q(cumulative(one.queries)), cu_k(cumulative(one.keys)) {
    const std::int64_t width = c.shape.heads * c.shape.head_dim;
    const std::int64_t kv_width = c.shape.kv_heads * c.shape.head_dim;
    q = Matrix(cu_q.back(), width);
    k = Matrix(cu_k.back(), kv_width);
    v = Matrix(cu_k.back(), kv_width);
    dout = Matrix(cu_q.back(), width);
  }
};

struct AttentionOracle {
  const AttentionInputs& in;
  Exact q, k, v, dout;
  Exact out, lse, dq, dk, dv;

  explicit AttentionOracle(const AttentionInputs& inputs) : in(inputs), q(in.q), k(in.k), v(in.v), dout(in.dout) {}

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

}  // namespace vernier::test
