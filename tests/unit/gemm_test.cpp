#include "engine/cpu/gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/unit/random.h"

namespace vernier::cpu {
namespace {

// One product with guards around C and padding in every stride, and its float64 oracle.
struct Case {
  Gemm g;
  std::vector<float> a, b, c;
  std::vector<double> expected, magnitude;  // magnitude: the same sum over absolute values, for the error bound

  Case(std::int64_t m, std::int64_t n, std::int64_t k, bool trans_a, bool trans_b, float alpha, float beta, int pad) {
    g.m = m;
    g.n = n;
    g.k = k;
    g.trans_a = trans_a;
    g.trans_b = trans_b;
    g.alpha = alpha;
    g.beta = beta;
    g.lda = (trans_a ? m : k) + pad;
    g.ldb = (trans_b ? k : n) + pad;
    g.ldc = n + pad;
    a = test::normal(static_cast<std::size_t>((trans_a ? k : m) * g.lda + 1));
    b = test::normal(static_cast<std::size_t>((trans_b ? n : k) * g.ldb + 1));
    c = test::normal(static_cast<std::size_t>(m * g.ldc + 1));
    for (std::int64_t i = 0; i < m; ++i) {
      for (std::int64_t j = 0; j < n; ++j) {
        double sum = 0, size = 0;
        for (std::int64_t p = 0; p < k; ++p) {
          const double x = a[static_cast<std::size_t>(trans_a ? p * g.lda + i : i * g.lda + p)];
          const double y = b[static_cast<std::size_t>(trans_b ? j * g.ldb + p : p * g.ldb + j)];
          sum += x * y;
          size += std::abs(x * y);
        }
        const double old = beta == 0.0f ? 0.0 : beta * static_cast<double>(c[static_cast<std::size_t>(i * g.ldc + j)]);
        expected.push_back(alpha * sum + old);
        magnitude.push_back(std::abs(alpha) * size + std::abs(old));
      }
    }
    if (beta == 0.0f) {
      for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
          c[static_cast<std::size_t>(i * g.ldc + j)] = std::numeric_limits<float>::quiet_NaN();
        }
      }
    }
  }

  std::vector<float> run(ThreadPool* pool) {
    std::vector<float> out = c;
    g.a = a.data();
    g.b = b.data();
    g.c = out.data();
    pool == nullptr ? gemm(g) : gemm(*pool, g);
    return out;
  }

  void check(const std::vector<float>& out) const {
    const double tolerance = 1.2e-7 * (4.0 + std::sqrt(static_cast<double>(g.k)));
    double worst = 0;
    for (std::int64_t i = 0; i < g.m; ++i) {
      for (std::int64_t j = 0; j < g.n; ++j) {
        const auto at = static_cast<std::size_t>(i * g.n + j);
        const double error = std::abs(out[static_cast<std::size_t>(i * g.ldc + j)] - expected[at]);
        const double relative = error / (magnitude[at] + 1e-30);
        worst = worst <= relative || std::isnan(relative) ? relative : worst;
      }
      for (std::int64_t j = g.n; j < g.ldc && i * g.ldc + j < static_cast<std::int64_t>(out.size()); ++j) {
        const auto at = static_cast<std::size_t>(i * g.ldc + j);
        ASSERT_EQ(std::memcmp(&out[at], &c[at], sizeof(float)), 0) << "wrote beyond column " << g.n;
      }
    }
    EXPECT_TRUE(worst <= tolerance) << worst << " > " << tolerance << " m=" << g.m << " n=" << g.n << " k=" << g.k
                                    << " trans_a=" << g.trans_a << " trans_b=" << g.trans_b << " alpha=" << g.alpha
                                    << " beta=" << g.beta;
  }
};

bool same_bits(const std::vector<float>& x, const std::vector<float>& y) {
  return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
}

TEST(Gemm, EverySmallShape) {
  for (const bool trans_a : {false, true}) {
    for (const bool trans_b : {false, true}) {
      for (std::int64_t m = 1; m <= 67; m += m < 20 ? 1 : 7) {
        for (std::int64_t n = 1; n <= 67; n += n < 20 ? 1 : 7) {
          const std::int64_t k = test::uniform_int(1, 67);
          Case one(m, n, k, trans_a, trans_b, 1.0f, m % 2 == 0 ? 0.0f : 1.0f, static_cast<int>(n % 3));
          one.check(one.run(nullptr));
        }
      }
    }
  }
}

TEST(Gemm, RandomShapesScalesAndStrides) {
  const float scales[] = {0.0f, 1.0f, -1.0f, 0.37f, -2.5f};
  for (int i = 0; i < 120; ++i) {
    const auto size = [] { return test::uniform_int(1, 1 << test::uniform_int(1, 9)); };
    Case one(size(), size(), size(), test::uniform_int(0, 1) == 1, test::uniform_int(0, 1) == 1,
             scales[test::uniform_int(0, 4)], scales[test::uniform_int(0, 4)],
             static_cast<int>(test::uniform_int(0, 40)));
    one.check(one.run(nullptr));
  }
}

TEST(Gemm, EmptyProductScalesC) {
  Case one(5, 7, 3, false, false, 1.0f, 0.5f, 2);
  one.g.k = 0;
  const std::vector<float> out = one.run(nullptr);
  for (std::int64_t i = 0; i < 5; ++i) {
    for (std::int64_t j = 0; j < 7; ++j) {
      const auto at = static_cast<std::size_t>(i * one.g.ldc + j);
      EXPECT_EQ(out[at], 0.5f * one.c[at]);
    }
  }
}

// The bits are those of one thread, for any number of threads.
TEST(Gemm, ThreadCountDoesNotChangeBits) {
  const std::int64_t shapes[][3] = {{1, 1000, 288},  {1, 48, 2000},   {3, 500, 300},   {129, 97, 521}, {64, 1009, 67},
                                    {1024, 16, 300}, {16, 768, 1024}, {257, 288, 288}, {613, 48, 48},  {48, 48, 1500}};
  for (const auto& shape : shapes) {
    for (const bool trans_a : {false, true}) {
      for (const bool trans_b : {false, true}) {
        Case one(shape[0], shape[1], shape[2], trans_a, trans_b, 1.0f, 1.0f, 3);
        ThreadPool first(1);
        const std::vector<float> expected = one.run(&first);
        one.check(expected);
        for (const int threads : {2, 3, 4, 16}) {
          ThreadPool pool(threads);
          EXPECT_TRUE(same_bits(one.run(&pool), expected)) << threads << " threads, m=" << shape[0];
        }
      }
    }
  }
}

// Callers on several threads at once.
TEST(Gemm, ConcurrentCalls) {
  std::vector<Case> cases;
  for (int i = 0; i < 8; ++i) {
    cases.emplace_back(test::uniform_int(1, 200), test::uniform_int(1, 200), test::uniform_int(1, 300), i % 2 == 0,
                       i % 3 == 0, 1.0f, 0.0f, i);
  }
  std::vector<std::vector<float>> expected;
  for (Case& one : cases) expected.push_back(one.run(nullptr));
  ThreadPool pool(4);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::vector<float>> got(cases.size());
    pool.parallel_for(static_cast<std::int64_t>(cases.size()), [&](std::int64_t task, int) {
      const auto at = static_cast<std::size_t>(task);
      Gemm g = cases[at].g;
      got[at] = cases[at].c;
      g.c = got[at].data();
      gemm(g);
    });
    for (std::size_t i = 0; i < cases.size(); ++i) EXPECT_TRUE(same_bits(got[i], expected[i])) << i;
  }
}

}  // namespace
}  // namespace vernier::cpu
