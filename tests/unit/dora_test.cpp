// DoRA's operations against float64 formulas, and their backward pass against differences of the forward one.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "engine/cpu/ops.h"
#include "tests/unit/matrix.h"

namespace vernier::cpu {
namespace {

using test::Exact;
using test::Matrix;

TEST(Dora, RowNormsOfTheAdaptedWeight) {
  for (int round = 0; round < 20; ++round) {
    const std::int64_t outputs = test::uniform_int(1, 70), inputs = test::uniform_int(1, 600);
    const std::int64_t rank = test::uniform_int(0, 9);
    Matrix weight(outputs, inputs), a(rank, inputs), b(outputs, rank), norms(1, outputs);
    AdaptedRowNorms op;
    op.projection.weight = weight.view();
    if (rank > 0) op.projection.lora = {a.view(), b.view(), 0.7f};
    op.norms = norms.view();
    Exact expected(1, outputs);
    for (std::int64_t o = 0; o < outputs; ++o) {
      double sum = 0.0;
      for (std::int64_t i = 0; i < inputs; ++i) {
        double value = weight.at(o, i);
        for (std::int64_t r = 0; r < rank; ++r) value += static_cast<double>(0.7f) * b.at(o, r) * a.at(r, i);
        sum += value * value;
      }
      expected.at(0, o) = std::sqrt(sum);
    }
    for (const int threads : {1, 3}) {
      ThreadPool pool(threads);
      CpuContext context{pool, {}};
      adapted_row_norms(context, op);
      EXPECT_TRUE(test::relative_error(norms, expected) <= 1e-6);
    }
  }
}

TEST(Dora, ColumnsAreScaledForwardAndBackward) {
  for (int round = 0; round < 20; ++round) {
    const std::int64_t rows = test::uniform_int(1, 90), cols = test::uniform_int(1, 90);
    const bool accumulate = round % 2 == 0, with_bias = round % 3 != 0;
    Matrix x(rows, cols), magnitude(1, cols), norms(1, cols), bias(1, cols), y(rows, cols), dy(rows, cols);
    for (std::int64_t c = 0; c < cols; ++c) norms.at(0, c) = 0.5f + std::abs(norms.at(0, c));
    Exact x64(x), magnitude64(magnitude), bias64(bias), start(y);
    const auto forward = [&] {
      Exact out(rows, cols);
      for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < cols; ++c) {
          out.at(r, c) = x64.at(r, c) * magnitude64.at(0, c) / norms.at(0, c) + (with_bias ? bias64.at(0, c) : 0.0) +
                         (accumulate ? start.at(r, c) : 0.0);
        }
      }
      return out;
    };
    ThreadPool pool(1 + round % 3);
    CpuContext context{pool, {}};
    ColumnScaleForward op;
    op.x = x.view();
    op.magnitude = magnitude.view();
    op.norms = norms.view();
    if (with_bias) op.bias = bias.view();
    op.accumulate = accumulate;
    op.y = y.view();
    column_scale_forward(context, op);
    EXPECT_TRUE(test::relative_error(y, forward()) <= 1e-6);

    Matrix dx(rows, cols), dmagnitude(1, cols), dbias(1, cols);
    const Exact dmagnitude_before(dmagnitude), dbias_before(dbias), dy64(dy);
    column_scale_backward(context, {.dy = dy.view(),
                                    .x = x.view(),
                                    .magnitude = magnitude.view(),
                                    .norms = norms.view(),
                                    .dx = dx.view(),
                                    .dmagnitude = dmagnitude.view(),
                                    .dbias = dbias.view()});
    const auto loss = [&] { return test::dot(forward(), dy64); };
    Exact expected_dmagnitude = dmagnitude_before, expected_dbias = dbias_before;
    for (std::int64_t c = 0; c < cols; ++c) {
      expected_dmagnitude.at(0, c) += test::central_difference(magnitude64.at(0, c), loss);
      for (std::int64_t r = 0; r < rows; ++r) expected_dbias.at(0, c) += dy64.at(r, c);
    }
    EXPECT_TRUE(test::relative_error(dmagnitude, expected_dmagnitude) <= 1e-5);
    EXPECT_TRUE(test::relative_error(dbias, expected_dbias) <= 1e-5);
    for (int probe = 0; probe < 5; ++probe) {
      const std::int64_t r = test::uniform_int(0, rows - 1), c = test::uniform_int(0, cols - 1);
      const double expected = test::central_difference(x64.at(r, c), loss);
      EXPECT_TRUE(std::abs(static_cast<double>(dx.at(r, c)) - expected) <= 1e-5 * (1.0 + std::abs(expected)));
    }
  }
}

TEST(Dora, NanComesThrough) {
  Matrix x(2, 3), magnitude(1, 3), norms(1, 3), y(2, 3);
  for (std::int64_t c = 0; c < 3; ++c) norms.at(0, c) = 1.0f;
  x.at(1, 2) = std::numeric_limits<float>::quiet_NaN();
  ThreadPool pool(1);
  CpuContext context{pool, {}};
  column_scale_forward(context, {.x = x.view(), .magnitude = magnitude.view(), .norms = norms.view(), .y = y.view()});
  EXPECT_TRUE(std::isnan(y.at(1, 2)));
  EXPECT_FALSE(std::isnan(y.at(0, 2)));
}

}  // namespace
}  // namespace vernier::cpu
