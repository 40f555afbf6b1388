// The fused loss head against a float64 oracle that holds all logits.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "engine/cpu/ops.h"
#include "tests/unit/matrix.h"

namespace vernier::cpu {
namespace {

using test::Exact;
using test::Matrix;

struct Inputs {
  Matrix hidden, weight;
  std::vector<std::int32_t> rows, targets;
  std::vector<float> row_weights;
  float logit_scale = 1.0f, softcap = 0.0f;

  // Every row, or some.
  Inputs(std::int64_t n, std::int64_t vocabulary, std::int64_t width, bool all)
      : hidden(n, width), weight(vocabulary, width, 2.0f / std::sqrt(static_cast<float>(width))) {
    for (std::int32_t row = 0; row < n; ++row) {
      if (!all && test::uniform_int(0, 2) == 0) continue;
      rows.push_back(row);
      targets.push_back(static_cast<std::int32_t>(test::uniform_int(0, vocabulary - 1)));
    }
    row_weights = test::normal(rows.size());
  }
  std::size_t count() const { return rows.size(); }
};

struct Outputs {
  std::vector<float> loss, log_sum_exp, entropy;
  std::vector<std::int32_t> argmax, rank;
  std::vector<LogitSummary> logits;
  Matrix dhidden, dweight;

  explicit Outputs(std::size_t m) : loss(m), log_sum_exp(m), entropy(m), argmax(m), rank(m), logits(m) {}
};

LossHead operation(Inputs& in, Outputs& o) {
  LossHead op;
  op.hidden = in.hidden.view();
  op.rows = in.rows;
  op.weight = in.weight.view();
  op.logit_scale = in.logit_scale;
  op.softcap = in.softcap;
  op.targets = in.targets;
  op.row_weights = in.row_weights;
  op.out = {o.loss, o.log_sum_exp, o.entropy, o.argmax, o.rank, o.logits};
  return op;
}

// All outputs; dweight is added to what it holds.
Outputs run(Inputs& in, int threads) {
  ThreadPool pool(threads);
  CpuContext context{pool, {}};
  Outputs o(in.count());
  o.dhidden = Matrix(in.hidden.rows, in.hidden.cols);
  o.dweight = Matrix(in.weight.rows, in.weight.cols, 0.0f);
  LossHead op = operation(in, o);
  op.dhidden = o.dhidden.view();
  op.dweight = o.dweight.view();
  loss_head(context, op);
  return o;
}

struct Oracle {
  const Inputs& in;
  Exact hidden, weight, logits;
  std::vector<double> loss, log_sum_exp, entropy;
  Exact dhidden, dweight;

  explicit Oracle(const Inputs& inputs) : in(inputs), hidden(in.hidden), weight(in.weight) {}

  double forward() {
    const auto m = static_cast<std::int64_t>(in.count());
    logits = Exact(m, weight.rows);
    loss.clear();
    log_sum_exp.clear();
    entropy.clear();
    double total = 0.0;
    for (std::int64_t i = 0; i < m; ++i) {
      const auto at = static_cast<std::size_t>(i);
      double top = -std::numeric_limits<double>::infinity();
      for (std::int64_t w = 0; w < weight.rows; ++w) {
        double x = 0.0;
        for (std::int64_t d = 0; d < weight.cols; ++d) x += hidden.at(in.rows[at], d) * weight.at(w, d);
        x *= static_cast<double>(in.logit_scale);
        const double cap = in.softcap;
        logits.at(i, w) = cap == 0.0 ? x : cap * std::tanh(x / cap);
        top = std::max(top, logits.at(i, w));
      }
      double sum = 0.0, mean = 0.0;
      for (std::int64_t w = 0; w < weight.rows; ++w) {
        const double e = std::exp(logits.at(i, w) - top);
        sum += e;
        mean += e * logits.at(i, w);
      }
      const double lse = top + std::log(sum);
      log_sum_exp.push_back(lse);
      entropy.push_back(lse - mean / sum);
      loss.push_back(lse - logits.at(i, in.targets[at]));
      total += loss.back() * static_cast<double>(in.row_weights[at]);
    }
    return total;
  }

  void backward() {
    dhidden = Exact(hidden.rows, hidden.cols);
    dweight = Exact(weight.rows, weight.cols);
    for (std::int64_t i = 0; i < logits.rows; ++i) {
      const auto at = static_cast<std::size_t>(i);
      for (std::int64_t w = 0; w < weight.rows; ++w) {
        double grad = std::exp(logits.at(i, w) - log_sum_exp[at]) - (w == in.targets[at] ? 1.0 : 0.0);
        grad *= static_cast<double>(in.row_weights[at]) * static_cast<double>(in.logit_scale);
        if (in.softcap > 0.0f) grad *= 1.0 - std::pow(logits.at(i, w) / static_cast<double>(in.softcap), 2.0);
        for (std::int64_t d = 0; d < weight.cols; ++d) {
          dhidden.at(in.rows[at], d) += grad * weight.at(w, d);
          dweight.at(w, d) += grad * hidden.at(in.rows[at], d);
        }
      }
    }
  }
};

void check(Inputs& in) {
  Oracle oracle(in);
  oracle.forward();
  oracle.backward();
  const Outputs o = run(in, 2);
  double size = 1.0;
  for (const double x : oracle.log_sum_exp) size = std::max(size, std::abs(x));
  for (std::size_t i = 0; i < in.count(); ++i) {
    EXPECT_TRUE(std::abs(static_cast<double>(o.loss[i]) - oracle.loss[i]) <= 2e-6 * size) << i;
    EXPECT_TRUE(std::abs(static_cast<double>(o.log_sum_exp[i]) - oracle.log_sum_exp[i]) <= 2e-6 * size) << i;
    EXPECT_TRUE(std::abs(static_cast<double>(o.entropy[i]) - oracle.entropy[i]) <= 5e-6 * size) << i;
    // Ids whose logits differ by less than float32 resolves may change places.
    const auto row = static_cast<std::int64_t>(i);
    const double slack = 2e-6 * size;
    const double target = oracle.logits.at(row, in.targets[i]);
    std::int64_t least = 0, most = 0;
    double top = -std::numeric_limits<double>::infinity();
    for (std::int64_t w = 0; w < oracle.logits.cols; ++w) {
      least += oracle.logits.at(row, w) > target + slack ? 1 : 0;
      most += oracle.logits.at(row, w) > target - slack ? 1 : 0;
      top = std::max(top, oracle.logits.at(row, w));
    }
    EXPECT_TRUE(o.rank[i] >= least && o.rank[i] <= most) << o.rank[i] << " not in " << least << " .. " << most;
    ASSERT_TRUE(o.argmax[i] >= 0 && o.argmax[i] < oracle.logits.cols);
    EXPECT_TRUE(oracle.logits.at(row, o.argmax[i]) >= top - slack);
    double mean = 0.0, squares = 0.0, low = top;
    for (std::int64_t w = 0; w < oracle.logits.cols; ++w) {
      mean += oracle.logits.at(row, w) / static_cast<double>(oracle.logits.cols);
      low = std::min(low, oracle.logits.at(row, w));
    }
    for (std::int64_t w = 0; w < oracle.logits.cols; ++w) squares += std::pow(oracle.logits.at(row, w) - mean, 2.0);
    const double deviation = std::sqrt(squares / static_cast<double>(oracle.logits.cols));
    const LogitSummary& summary = o.logits[i];
    EXPECT_TRUE(std::abs(static_cast<double>(summary.mean) - mean) <= slack) << summary.mean << " not " << mean;
    // Near 0 the root of what float32 loses of the squares.
    EXPECT_TRUE(std::abs(static_cast<double>(summary.deviation) - deviation) <=
                1e-5 * size + (deviation < 0.1 ? 2e-3 : 0))
        << summary.deviation << " not " << deviation;
    EXPECT_TRUE(std::abs(static_cast<double>(summary.min) - low) <= slack);
    EXPECT_TRUE(std::abs(static_cast<double>(summary.max) - top) <= slack);
    EXPECT_EQ(summary.non_finite, 0);
  }
  EXPECT_TRUE(test::relative_error(o.dhidden, oracle.dhidden) <= 1e-5)
      << test::relative_error(o.dhidden, oracle.dhidden);
  EXPECT_TRUE(test::relative_error(o.dweight, oracle.dweight) <= 1e-5)
      << test::relative_error(o.dweight, oracle.dweight);
}

TEST(LossHead, AllOutputs) {
  for (const bool all : {false, true}) {
    for (const std::int64_t rows : {1, 2, 9, 65}) {
      for (const std::int64_t vocabulary : {1, 2, 7, 33, 500, 2049, 5003}) {
        SCOPED_TRACE(testing::Message() << rows << " rows, vocabulary " << vocabulary << ", all " << all);
        Inputs in(rows, vocabulary, test::uniform_int(1, 40), all);
        check(in);
      }
    }
  }
}

TEST(LossHead, SoftCapAndScale) {
  Inputs in(37, 401, 23, false);
  in.logit_scale = 0.37f;
  check(in);
  in.softcap = 1.3f;
  check(in);
  in.logit_scale = 1.0f;
  check(in);
}

TEST(LossHead, SeveralChunks) {
  Inputs in(1100, 67, 9, false);
  check(in);
  Inputs without_gaps(1100, 67, 9, true);
  check(without_gaps);
}

TEST(LossHead, OracleGradientsAreDifferences) {
  Inputs in(7, 11, 5, false);
  in.logit_scale = 0.8f;
  in.softcap = 2.1f;
  Oracle oracle(in);
  oracle.forward();
  oracle.backward();
  const auto compare = [&](Exact& x, const Exact& gradient) {
    for (std::size_t i = 0; i < x.values.size(); ++i) {
      const double difference =
          test::central_difference(x.values[i], [&] { return oracle.forward(); }) - gradient.values[i];
      EXPECT_TRUE(std::abs(difference) <= 1e-8) << difference;
    }
  };
  compare(oracle.hidden, oracle.dhidden);
  compare(oracle.weight, oracle.dweight);
}

template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

// Whatever else is asked for, in whatever buffers, on however many threads: the same bits.
TEST(LossHead, LossDoesNotDependOnWhatElseIsAsked) {
  Inputs in(700, 333, 40, false);
  const Outputs all = run(in, 1);
  const Outputs three = run(in, 3);
  EXPECT_TRUE(same_bits(all.loss, three.loss));
  EXPECT_TRUE(same_bits(all.entropy, three.entropy));
  for (std::int64_t r = 0; r < in.hidden.rows; ++r) {
    for (std::int64_t c = 0; c < in.hidden.cols; ++c) ASSERT_EQ(all.dhidden.at(r, c), three.dhidden.at(r, c));
  }
  for (std::int64_t r = 0; r < in.weight.rows; ++r) {
    for (std::int64_t c = 0; c < in.weight.cols; ++c) ASSERT_EQ(all.dweight.at(r, c), three.dweight.at(r, c));
  }

  ThreadPool pool(2);
  CpuContext context{pool, {}};
  Outputs alone(in.count());
  LossHead op = operation(in, alone);
  op.row_weights = {};
  op.out = {};
  op.out.loss = alone.loss;
  loss_head(context, op);
  EXPECT_TRUE(same_bits(all.loss, alone.loss));

  Matrix logits(static_cast<std::int64_t>(in.count()), in.weight.rows);
  logits_forward(context, {in.hidden.view(), in.rows, in.weight.view(), 1.0f, 0.0f, logits.view()});
  Outputs again(in.count());
  loss_head(context, operation(in, again));
  EXPECT_TRUE(same_bits(all.loss, again.loss));

  // dhidden in the place of hidden.
  Inputs moved = in;
  Outputs in_place(in.count());
  op = operation(moved, in_place);
  op.dhidden = moved.hidden.view();
  loss_head(context, op);
  EXPECT_TRUE(same_bits(all.loss, in_place.loss));
  for (std::int64_t r = 0; r < in.hidden.rows; ++r) {
    for (std::int64_t c = 0; c < in.hidden.cols; ++c) ASSERT_EQ(all.dhidden.at(r, c), moved.hidden.at(r, c));
  }
}

// A row's loss is the same among other rows.
TEST(LossHead, RowsAreIndependent) {
  Inputs in(600, 211, 30, true);
  const Outputs all = run(in, 2);
  Inputs some = in;
  some.rows.assign(in.rows.begin() + 100, in.rows.begin() + 140);
  some.targets.assign(in.targets.begin() + 100, in.targets.begin() + 140);
  some.row_weights.assign(in.row_weights.begin() + 100, in.row_weights.begin() + 140);
  const Outputs few = run(some, 2);
  for (std::size_t i = 0; i < some.count(); ++i) EXPECT_EQ(few.loss[i], all.loss[100 + i]);
}

TEST(LossHead, RowsThatAreNotAskedForGetNoGradient) {
  Inputs in(9, 12, 4, true);
  in.rows = {2, 5};
  in.targets.resize(2);
  in.row_weights.resize(2);
  const Outputs o = run(in, 1);
  for (std::int64_t r = 0; r < 9; ++r) EXPECT_EQ(o.dhidden.at(r, 0) == 0.0f, r != 2 && r != 5) << r;
  in.rows.clear();
  in.targets.clear();
  in.row_weights.clear();
  const Outputs none = run(in, 1);
  for (std::int64_t r = 0; r < 9; ++r) EXPECT_EQ(none.dhidden.at(r, 3), 0.0f);
}

TEST(LossHead, TiesGoToTheLowestId) {
  Inputs in(3, 4500, 6, true);
  for (const std::int64_t id : {300, 301, 2047, 2048, 4499}) {
    for (std::int64_t c = 0; c < 6; ++c) in.weight.at(id, c) = 50.0f * in.hidden.at(1, c);
  }
  in.targets[1] = 2048;
  const Outputs o = run(in, 2);
  EXPECT_EQ(o.argmax[1], 300);
  EXPECT_EQ(o.rank[1], 0);
}

TEST(LossHead, NanComesThrough) {
  for (const std::int64_t vocabulary : {1, 5, 3000}) {
    Inputs in(12, vocabulary, 8, true);
    in.hidden.at(3, 2) = std::numeric_limits<float>::quiet_NaN();
    in.hidden.at(5, 2) = std::numeric_limits<float>::infinity();
    const Outputs o = run(in, 2);
    for (std::size_t i = 0; i < 12; ++i) {
      EXPECT_EQ(std::isnan(o.loss[i]), i == 3 || i == 5) << i;
      EXPECT_TRUE(o.argmax[i] >= 0 && o.argmax[i] < vocabulary);
      EXPECT_TRUE(o.rank[i] >= 0 && o.rank[i] < vocabulary);
    }
  }
  // In the weights, so that only one logit of each row is NaN.
  Inputs in(12, 3000, 8, true);
  in.weight.at(2999, 1) = std::numeric_limits<float>::quiet_NaN();
  const Outputs o = run(in, 2);
  for (const float loss : o.loss) EXPECT_TRUE(std::isnan(loss));
  // What is finite is still told of.
  for (const LogitSummary& summary : o.logits) {
    EXPECT_EQ(summary.non_finite, 1);
    EXPECT_TRUE(std::isfinite(summary.mean) && summary.deviation > 0.1f && summary.min < summary.mean &&
                summary.mean < summary.max);
  }
}

TEST(LossHead, TellingOfTheLogitsChangesNoBit) {
  Inputs in(70, 2050, 9, false);
  ThreadPool pool(2);
  CpuContext context{pool, {}};
  const Outputs with = run(in, 2);
  Outputs without(in.count());
  without.dhidden = Matrix(in.hidden.rows, in.hidden.cols);
  LossHead op = operation(in, without);
  op.out.logits = {};
  op.dhidden = without.dhidden.view();
  loss_head(context, op);
  EXPECT_EQ(without.loss, with.loss);
  EXPECT_EQ(without.entropy, with.entropy);
  for (std::int64_t r = 0; r < with.dhidden.rows; ++r) {
    for (std::int64_t c = 0; c < with.dhidden.cols; ++c) ASSERT_EQ(without.dhidden.at(r, c), with.dhidden.at(r, c));
  }
}

TEST(LossHead, FarLogitsKeepTheirSpread) {
  // All logits of a row near -1000, a few apart: what sums of their squares alone would lose.
  Inputs in(2, 3001, 2, true);
  for (std::int64_t w = 0; w < 3001; ++w) {
    in.weight.at(w, 0) = -1000.0f;
    in.weight.at(w, 1) = static_cast<float>(w % 7) - 3.0f;
  }
  for (std::int64_t r = 0; r < 2; ++r) in.hidden.at(r, 0) = in.hidden.at(r, 1) = 1.0f;
  for (const LogitSummary& summary : run(in, 2).logits) {
    EXPECT_TRUE(std::abs(static_cast<double>(summary.mean) + 1000.0) <= 2e-3) << summary.mean;
    EXPECT_TRUE(std::abs(static_cast<double>(summary.deviation) - 2.0) <= 2e-3) << summary.deviation;
    EXPECT_EQ(summary.min, -1003.0f);
    EXPECT_EQ(summary.max, -997.0f);
  }
}

TEST(LossHead, NeverHoldsAllLogits) {
  Inputs in(2000, 3001, 8, true);
  ThreadPool pool(2);
  CpuContext context{pool, {}};
  Outputs o(in.count());
  LossHead op = operation(in, o);
  op.dhidden = in.hidden.view();
  loss_head(context, op);
  EXPECT_LE(context.scratch.bytes(), sizeof(float) * 2000 * 3001 / 3);
}

TEST(Logits, AreThoseOfTheOracle) {
  for (const float softcap : {0.0f, 1.5f}) {
    for (const std::int64_t rows : {1, 3, 600}) {
      Inputs in(rows, 77, 13, rows == 1);
      in.softcap = softcap;
      in.logit_scale = 0.7f;
      Oracle oracle(in);
      oracle.forward();
      ThreadPool pool(2);
      CpuContext context{pool, {}};
      Matrix logits(static_cast<std::int64_t>(in.count()), 77);
      if (in.count() == 0) continue;
      logits_forward(context, {in.hidden.view(), in.rows, in.weight.view(), 0.7f, softcap, logits.view()});
      EXPECT_TRUE(test::relative_error(logits, oracle.logits) <= 1e-5);
    }
  }
}

}  // namespace
}  // namespace vernier::cpu
