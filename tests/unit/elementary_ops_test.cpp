// Norms, rotary embedding, gated activations, embedding and the optimiser against float64 formulas.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "engine/cpu/ops.h"
#include "tests/unit/matrix.h"

namespace vernier::cpu {
namespace {

using test::central_difference;
using test::dot;
using test::Exact;
using test::Matrix;
using test::relative_error;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Threads {
  ThreadPool pool;
  CpuContext context{pool, {}};
  explicit Threads(int count) : pool(count) {}
};

void expect_same(const Matrix& a, const Matrix& b) {
  ASSERT_EQ(a.rows, b.rows);
  for (std::int64_t r = 0; r < a.rows; ++r) {
    for (std::int64_t c = 0; c < a.cols; ++c) ASSERT_EQ(a.at(r, c), b.at(r, c)) << r << ", " << c;
  }
}

// What an operation left outside its columns must be what was there.
void expect_gaps_kept(const Matrix& now, const Matrix& before) {
  for (std::size_t i = 0; i < now.values.size(); ++i) {
    if (static_cast<std::int64_t>(i) % now.stride >= now.cols ||
        static_cast<std::int64_t>(i) / now.stride >= now.rows) {
      ASSERT_EQ(now.values[i], before.values[i]) << "wrote outside";
    }
  }
}

void expect_close(const Matrix& got, const Exact& expected, double tolerance, const char* what) {
  const double error = relative_error(got, expected);
  EXPECT_TRUE(error <= tolerance) << what << ": " << error;
}

// All elements of a gradient against differences of the float64 loss dot(out(), dout).
void expect_gradient(const Matrix& got, const Matrix* before, Exact& x, const Exact& dout,
                     const std::function<Exact()>& out, const char* what) {
  Exact expected(x.rows, x.cols);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    for (std::int64_t c = 0; c < x.cols; ++c) {
      const double old = before == nullptr ? 0.0 : before->at(r, c);
      expected.at(r, c) = old + central_difference(x.at(r, c), [&] { return dot(out(), dout); });
    }
  }
  expect_close(got, expected, 3e-6, what);
}

// ---- RMSNorm

struct Norm {
  std::int64_t groups;
  double eps, offset;
  Exact x, weight;

  Exact out() const {
    Exact y(x.rows, x.cols);
    const std::int64_t width = x.cols / groups;
    for (std::int64_t r = 0; r < x.rows; ++r) {
      for (std::int64_t g = 0; g < groups; ++g) {
        const double inverse = inv_rms(r, g);
        for (std::int64_t c = 0; c < width; ++c) {
          y.at(r, g * width + c) = x.at(r, g * width + c) * inverse * (offset + weight.at(0, c));
        }
      }
    }
    return y;
  }
  double inv_rms(std::int64_t r, std::int64_t g) const {
    const std::int64_t width = x.cols / groups;
    double sum = 0.0;
    for (std::int64_t c = 0; c < width; ++c) sum += x.at(r, g * width + c) * x.at(r, g * width + c);
    return 1.0 / std::sqrt(sum / static_cast<double>(width) + eps);
  }
};

void check_norm(std::int64_t rows, std::int64_t groups, std::int64_t width, float offset, bool accumulate) {
  SCOPED_TRACE(testing::Message() << rows << " x " << groups << " x " << width << " offset " << offset << " accumulate "
                                  << accumulate);
  Matrix x(rows, groups * width), weight(1, width), y(rows, groups * width), inv_rms(rows, groups);
  const Matrix y_before = y;
  Threads two(2);
  rms_norm_forward(two.context, {x.view(), weight.view(), groups, 1e-3f, offset, accumulate, y.view(), inv_rms.view()});
  Norm norm{groups, static_cast<double>(1e-3f), offset, Exact(x), Exact(weight)};
  Exact expected = norm.out();
  Exact inverse(rows, groups);
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; accumulate && c < x.cols; ++c) expected.at(r, c) += y_before.at(r, c);
    for (std::int64_t g = 0; g < groups; ++g) inverse.at(r, g) = norm.inv_rms(r, g);
  }
  expect_close(y, expected, 1e-6, "y");
  expect_close(inv_rms, inverse, 1e-6, "inv_rms");
  expect_gaps_kept(y, y_before);

  Matrix dy(rows, x.cols), dx(rows, x.cols), dweight(1, width);
  const Matrix dx_before = dx, dweight_before = dweight;
  rms_norm_backward(two.context, {dy.view(), x.view(), weight.view(), inv_rms.view(), groups, offset, accumulate,
                                  dx.view(), dweight.view()});
  const Exact exact_dy(dy);
  expect_gradient(
      dx, accumulate ? &dx_before : nullptr, norm.x, exact_dy, [&] { return norm.out(); }, "dx");
  expect_gradient(
      dweight, &dweight_before, norm.weight, exact_dy, [&] { return norm.out(); }, "dweight");
  expect_gaps_kept(dx, dx_before);
  expect_gaps_kept(dweight, dweight_before);
}

TEST(RmsNorm, ForwardAndBackward) {
  for (const bool accumulate : {false, true}) {
    check_norm(1, 1, 1, 0.0f, accumulate);
    check_norm(5, 1, 37, 0.0f, accumulate);
    check_norm(9, 3, 13, 1.0f, accumulate);
    check_norm(3, 4, 8, 0.0f, accumulate);
    check_norm(41, 1, 7, 1.0f, accumulate);
  }
}

TEST(RmsNorm, InPlaceAndThreads) {
  Matrix x(300, 150), weight(1, 75), inv_rms(300, 2), y(300, 150);
  Threads one(1), three(3);
  rms_norm_forward(one.context, {x.view(), weight.view(), 2, 1e-5f, 1.0f, false, y.view(), inv_rms.view()});
  Matrix moved = x;
  rms_norm_forward(three.context, {moved.view(), weight.view(), 2, 1e-5f, 1.0f, false, moved.view(), inv_rms.view()});
  expect_same(moved, y);

  Matrix dy(300, 150), dx(300, 150), dweight(1, 75);
  Matrix dweight3 = dweight, dy3 = dy;
  rms_norm_backward(one.context,
                    {dy.view(), x.view(), weight.view(), inv_rms.view(), 2, 1.0f, false, dx.view(), dweight.view()});
  rms_norm_backward(three.context,
                    {dy3.view(), x.view(), weight.view(), inv_rms.view(), 2, 1.0f, false, dy3.view(), dweight3.view()});
  expect_same(dy3, dx);
  expect_same(dweight3, dweight);
}

TEST(RmsNorm, NanComesThrough) {
  Matrix x(4, 33), weight(1, 33), y(4, 33), inv_rms(4, 1), dx(4, 33);
  x.at(2, 32) = kNan;
  Threads two(2);
  rms_norm_forward(two.context, {x.view(), weight.view(), 1, 1e-5f, 0.0f, false, y.view(), inv_rms.view()});
  rms_norm_backward(two.context, {y.view(), x.view(), weight.view(), inv_rms.view(), 1, 0.0f, false, dx.view()});
  for (std::int64_t r = 0; r < 4; ++r) {
    EXPECT_EQ(std::isnan(y.at(r, 0)), r == 2);
    EXPECT_EQ(std::isnan(dx.at(r, 0)), r == 2);
  }
}

// ---- rotary embedding

void check_rope(std::int64_t heads, std::int64_t kv_heads, std::int64_t head_dim, std::int64_t rotary_dim) {
  SCOPED_TRACE(testing::Message() << heads << " heads of " << head_dim << ", " << rotary_dim << " turn");
  const std::int64_t rows = 29, half = rotary_dim / 2;
  Matrix q(rows, heads * head_dim), k(rows, kv_heads * head_dim), table(50, rotary_dim);
  for (std::int64_t p = 0; p < 50; ++p) {
    for (std::int64_t i = 0; i < half; ++i) {
      const double angle = static_cast<double>(p) / std::pow(100.0, static_cast<double>(i) / static_cast<double>(half));
      table.at(p, i) = static_cast<float>(std::cos(angle));
      table.at(p, half + i) = static_cast<float>(std::sin(angle));
    }
  }
  std::vector<std::int32_t> positions;
  for (std::int64_t n = 0; n < rows; ++n) positions.push_back(static_cast<std::int32_t>(test::uniform_int(0, 49)));
  const auto turned = [&](const Matrix& x, double sign) {
    Exact y(x);
    for (std::int64_t n = 0; n < rows; ++n) {
      const std::int64_t p = positions[static_cast<std::size_t>(n)];
      for (std::int64_t head = 0; head < x.cols; head += head_dim) {
        for (std::int64_t i = 0; i < half; ++i) {
          const double c = table.at(p, i), s = sign * table.at(p, half + i);
          const double a = x.at(n, head + i), b = x.at(n, head + half + i);
          y.at(n, head + i) = a * c - b * s;
          y.at(n, head + half + i) = b * c + a * s;
        }
      }
    }
    return y;
  };
  const Matrix q_before = q, k_before = k;
  Threads two(2);
  for (const bool inverse : {false, true}) {
    Matrix q_now = q_before, k_now = k_before;
    Rope op{q_now.view(), k_now.view(), positions, table.view(), head_dim, rotary_dim, inverse};
    rope(two.context, op);
    expect_close(q_now, turned(q_before, inverse ? -1.0 : 1.0), 1e-6, "q");
    expect_close(k_now, turned(k_before, inverse ? -1.0 : 1.0), 1e-6, "k");
    expect_gaps_kept(q_now, q_before);
    // The inverse undoes a turn; without k only q turns.
    op.inverse = !inverse;
    op.k = {};
    const Matrix k_kept = k_now;
    rope(two.context, op);
    expect_close(q_now, Exact(q_before), 1e-6, "there and back");
    expect_same(k_now, k_kept);
  }
}

TEST(Rope, TurnsPartOfEachHead) {
  check_rope(3, 1, 8, 8);
  check_rope(4, 2, 48, 48);
  check_rope(2, 2, 26, 10);
  check_rope(1, 1, 5, 2);
  check_rope(2, 1, 80, 32);
}

// ---- gated activations

double activation(Activation kind, double x) {
  switch (kind) {
    case Activation::kSilu:
      return x / (1.0 + std::exp(-x));
    case Activation::kGelu:
      return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case Activation::kGeluTanh:
      return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
  }
  return 0.0;
}

class Gated : public testing::TestWithParam<Activation> {};

TEST_P(Gated, ForwardAndBackward) {
  for (const float scale : {1.0f, 6.0f}) {
    Matrix gate(13, 67, scale), up(13, 67), out(13, 67);
    const Matrix out_before = out;
    Threads two(2);
    gated_forward(two.context, {gate.view(), up.view(), GetParam(), out.view()});
    Exact exact_gate(gate), exact_up(up);
    const auto forward = [&] {
      Exact y(13, 67);
      for (std::size_t i = 0; i < y.values.size(); ++i) {
        y.values[i] = activation(GetParam(), exact_gate.values[i]) * exact_up.values[i];
      }
      return y;
    };
    expect_close(out, forward(), 1e-6, "out");
    expect_gaps_kept(out, out_before);

    // Values stand alone, so all of them are moved at once.
    Matrix dout(13, 67), dgate(13, 67), dup(13, 67);
    gated_backward(two.context, {dout.view(), gate.view(), up.view(), GetParam(), dgate.view(), dup.view()});
    Exact exact_dgate(13, 67), exact_dup(13, 67);
    for (std::int64_t r = 0; r < 13; ++r) {
      for (std::int64_t c = 0; c < 67; ++c) {
        double x = gate.at(r, c);
        const double d = dout.at(r, c);
        exact_dup.at(r, c) = d * activation(GetParam(), x);
        exact_dgate.at(r, c) = d * up.at(r, c) *
                               central_difference(
                                   x, [&] { return activation(GetParam(), x); }, 1e-5);
      }
    }
    expect_close(dgate, exact_dgate, 2e-6, "dgate");
    expect_close(dup, exact_dup, 2e-6, "dup");

    // In place of the inputs, on other threads: the same.
    Threads three(3);
    Matrix moved_gate = gate, moved_up = up, moved_out = gate;
    gated_backward(three.context,
                   {dout.view(), moved_gate.view(), moved_up.view(), GetParam(), moved_gate.view(), moved_up.view()});
    expect_same(moved_gate, dgate);
    expect_same(moved_up, dup);
    gated_forward(three.context, {moved_out.view(), up.view(), GetParam(), moved_out.view()});
    expect_same(moved_out, out);
  }
}

TEST_P(Gated, EndsAreFiniteAndNanComesThrough) {
  Matrix gate(1, 11), up(1, 11), out(1, 11), dgate(1, 11), dup(1, 11);
  gate.at(0, 0) = -1e4f;
  gate.at(0, 1) = 1e4f;
  gate.at(0, 10) = kNan;
  Threads one(1);
  gated_forward(one.context, {gate.view(), up.view(), GetParam(), out.view()});
  gated_backward(one.context, {up.view(), gate.view(), up.view(), GetParam(), dgate.view(), dup.view()});
  for (std::int64_t c = 0; c < 11; ++c) {
    EXPECT_EQ(std::isfinite(out.at(0, c)), c != 10) << c;
    EXPECT_EQ(std::isfinite(dgate.at(0, c)), c != 10) << c;
    EXPECT_EQ(std::isfinite(dup.at(0, c)), c != 10) << c;
  }
  EXPECT_EQ(out.at(0, 0), 0.0f);
  EXPECT_EQ(out.at(0, 1), 1e4f * up.at(0, 1));
}

INSTANTIATE_TEST_SUITE_P(Activations, Gated,
                         testing::Values(Activation::kSilu, Activation::kGelu, Activation::kGeluTanh));

// ---- embedding

TEST(Embedding, ForwardAndBackward) {
  const std::int64_t rows = 157, vocabulary = 71, width = 19;
  Matrix table(vocabulary, width), out(rows, width), dout(rows, width), dtable(vocabulary, width);
  const Matrix before = dtable;
  std::vector<std::int32_t> ids;
  for (std::int64_t n = 0; n < rows; ++n) ids.push_back(static_cast<std::int32_t>(test::uniform_int(0, 70)));
  Threads two(2), three(3);
  embedding_forward(two.context, {ids, table.view(), 1.5f, out.view()});
  Exact expected(rows, width), gradient(before);
  for (std::int64_t n = 0; n < rows; ++n) {
    for (std::int64_t c = 0; c < width; ++c) {
      const std::int64_t id = ids[static_cast<std::size_t>(n)];
      expected.at(n, c) = 1.5 * table.at(id, c);
      gradient.at(id, c) += 1.5 * dout.at(n, c);
    }
  }
  expect_close(out, expected, 1e-7, "out");
  Matrix other = dtable;
  embedding_backward(two.context, {ids, dout.view(), 1.5f, dtable.view()});
  expect_close(dtable, gradient, 1e-6, "dtable");
  expect_gaps_kept(dtable, before);
  embedding_backward(three.context, {ids, dout.view(), 1.5f, other.view()});
  expect_same(other, dtable);
}

// ---- optimiser

TEST(AdamW, FollowsTheFormula) {
  const std::size_t n = 40003;
  std::vector<float> w = test::normal(n), m(n, 0.0f), v(n, 0.0f);
  std::vector<double> exact_w(w.begin(), w.end()), exact_m(n, 0.0), exact_v(n, 0.0);
  Threads two(2);
  for (std::int64_t step = 1; step <= 4; ++step) {
    std::vector<float> g = test::normal(n, 0.1f);
    g[7] = 0.0f;
    // The oracle's settings are the same float32 numbers.
    AdamW op{w, g, m, v, 0.5f, 0.01f, 0.9f, 0.95f, 1e-6f, 0.1f, step};
    adamw(two.context, op);
    const double lr = op.learning_rate, b1 = op.beta1, b2 = op.beta2;
    for (std::size_t i = 0; i < n; ++i) {
      const double x = static_cast<double>(op.grad_scale) * static_cast<double>(g[i]);
      exact_m[i] = b1 * exact_m[i] + (1.0 - b1) * x;
      exact_v[i] = b2 * exact_v[i] + (1.0 - b2) * x * x;
      exact_w[i] -= lr * static_cast<double>(op.weight_decay) * exact_w[i];
      const double unbiased = std::sqrt(exact_v[i] / (1.0 - std::pow(b2, static_cast<double>(step))));
      exact_w[i] -= lr * exact_m[i] / (1.0 - std::pow(b1, static_cast<double>(step))) /
                    (unbiased + static_cast<double>(op.epsilon));
    }
  }
  double worst = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(w[i]) - exact_w[i]));
    ASSERT_TRUE(std::abs(static_cast<double>(m[i]) - exact_m[i]) <= 1e-7);
    ASSERT_TRUE(std::abs(static_cast<double>(v[i]) - exact_v[i]) <= 1e-8);
  }
  EXPECT_TRUE(worst <= 2e-6) << worst;  // weights up to 5, rounded twice in each of four steps

  std::vector<float> g = test::normal(n), w3 = w, m3 = m, v3 = v;
  g[n - 1] = kNan;
  Threads three(3);
  adamw(two.context, {w, g, m, v, 1.0f, 0.01f, 0.9f, 0.999f, 1e-8f, 0.0f, 5});
  adamw(three.context, {w3, g, m3, v3, 1.0f, 0.01f, 0.9f, 0.999f, 1e-8f, 0.0f, 5});
  EXPECT_EQ(std::memcmp(w.data(), w3.data(), n * sizeof(float)), 0);
  EXPECT_TRUE(std::isnan(w[n - 1]));
  EXPECT_FALSE(std::isnan(w[n - 2]));

  std::vector<std::uint16_t> copy(n);
  g[n - 1] = 0.0f;
  AdamW copied{w, g, m, v, 1.0f, 0.01f, 0.9f, 0.999f, 1e-8f, 0.0f, 6};
  copied.bf16_copy = copy;
  adamw(two.context, copied);
  for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(copy[i], f32_to_bf16(w[i])) << i;
}

TEST(FillNormal, IsNormalAndTheSameForAnyNumberOfThreads) {
  const std::int64_t n = 400001;
  std::vector<float> x(static_cast<std::size_t>(n)), y = x, other = x;
  Threads one(1), three(3);
  fill_normal(one.context, {.seed = 77, .stream = 3, .deviation = 0.5f, .out = {x.data(), 1, n}});
  fill_normal(three.context, {.seed = 77, .stream = 3, .deviation = 0.5f, .out = {y.data(), 1, n}});
  fill_normal(one.context, {.seed = 77, .stream = 4, .deviation = 0.5f, .out = {other.data(), 1, n}});
  EXPECT_EQ(x, y);
  double sum = 0.0, squares = 0.0, product = 0.0, within = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += static_cast<double>(x[i]);
    squares += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    product += static_cast<double>(x[i]) * static_cast<double>(other[i]);
    within += std::abs(x[i]) < 0.5f ? 1.0 : 0.0;
  }
  const auto count = static_cast<double>(n);
  // Five standard errors of each.
  EXPECT_TRUE(std::abs(sum / count) <= 5 * 0.5 / std::sqrt(count)) << sum / count;
  EXPECT_TRUE(std::abs(squares / count - 0.25) <= 5 * 0.25 * std::sqrt(2.0 / count)) << squares / count;
  EXPECT_TRUE(std::abs(product / count) <= 5 * 0.25 / std::sqrt(count)) << product / count;
  EXPECT_TRUE(std::abs(within / count - 0.682689) <= 5 * 0.4654 / std::sqrt(count)) << within / count;
}

TEST(SquaredNorm, SumsInDouble) {
  Threads one(1), three(3);
  for (const std::size_t n : {std::size_t{1}, std::size_t{15}, std::size_t{70001}}) {
    std::vector<float> x = test::normal(n);
    double sum = 0.0;
    for (const float value : x) sum += static_cast<double>(value) * static_cast<double>(value);
    EXPECT_TRUE(std::abs(squared_norm(one.context, x) - sum) <= 1e-12 * sum);
    EXPECT_EQ(squared_norm(one.context, x), squared_norm(three.context, x));
    x[n / 2] = std::numeric_limits<float>::infinity();
    EXPECT_TRUE(std::isinf(squared_norm(one.context, x)));
    x[n - 1] = kNan;
    EXPECT_TRUE(std::isnan(squared_norm(one.context, x)));
  }
}

TEST(SquaredNorm, OfEachPartIsThatOfTheWhole) {
  Threads one(1), three(3);
  const std::vector<float> x = test::normal(70001);
  const std::vector<std::int64_t> bounds = {3, 3, 4, 19, 50000, 70001};
  std::vector<double> parts(5, -1.0), again(5, -1.0);
  squared_norms(one.context, x, bounds, parts);
  squared_norms(three.context, x, bounds, again);
  EXPECT_EQ(parts, again);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    double sum = 0.0;
    for (std::int64_t k = bounds[i]; k < bounds[i + 1]; ++k) {
      sum += std::pow(static_cast<double>(x[static_cast<std::size_t>(k)]), 2.0);
    }
    EXPECT_TRUE(std::abs(parts[i] - sum) <= 1e-12 * sum) << i;
  }
}

// ---- zero, copy, add

TEST(Elementwise, ZeroCopyAdd) {
  for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {7, 33}, {300, 129}, {2, 40001}}) {
    Matrix x(rows, cols), y(rows, cols);
    const Matrix y_before = y;
    Threads two(2);
    add(two.context, x.view(), y.view());
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < cols; ++c) ASSERT_EQ(y.at(r, c), y_before.at(r, c) + x.at(r, c));
    }
    copy(two.context, x.view(), y.view());
    expect_same(y, x);
    zero(two.context, y.view());
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < cols; ++c) ASSERT_EQ(y.at(r, c), 0.0f);
    }
    expect_gaps_kept(y, y_before);
  }
}

}  // namespace
}  // namespace vernier::cpu
