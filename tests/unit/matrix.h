// Inputs of the operations' tests.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/core/tensor.h"
#include "tests/unit/random.h"

namespace vernier::test {

// A row-major matrix in a wider buffer, so that strides and neighbours are tested too.
struct Matrix {
  std::int64_t rows = 0, cols = 0, stride = 0;
  std::vector<float> values;

  Matrix() = default;
  Matrix(std::int64_t r, std::int64_t c, float scale = 1.0f)
      : rows(r), cols(c), stride(c + uniform_int(0, 5)), values(normal(size(), scale)) {}
  std::size_t size() const { return static_cast<std::size_t>(rows * stride + 1); }
  TensorView view() { return {values.data(), DType::kF32, rows, cols, stride}; }
  float at(std::int64_t r, std::int64_t c) const { return values[static_cast<std::size_t>(r * stride + c)]; }
  float& at(std::int64_t r, std::int64_t c) { return values[static_cast<std::size_t>(r * stride + c)]; }
};

// The same in float64 and without gaps, for oracles.
struct Exact {
  std::int64_t rows = 0, cols = 0;
  std::vector<double> values;

  Exact() = default;
  Exact(std::int64_t r, std::int64_t c) : rows(r), cols(c), values(static_cast<std::size_t>(r * c), 0.0) {}
  explicit Exact(const Matrix& m) : Exact(m.rows, m.cols) {
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < cols; ++c) at(r, c) = m.at(r, c);
    }
  }
  double at(std::int64_t r, std::int64_t c) const { return values[static_cast<std::size_t>(r * cols + c)]; }
  double& at(std::int64_t r, std::int64_t c) { return values[static_cast<std::size_t>(r * cols + c)]; }
};

// Largest |got - expected| over the largest |expected|, or over 1 where sums happen to cancel. NaN where any is.
inline double relative_error(const Matrix& got, const Exact& expected) {
  if (got.rows != expected.rows || got.cols != expected.cols) return std::numeric_limits<double>::infinity();
  double worst = 0.0, size = 1.0;
  for (std::int64_t r = 0; r < got.rows; ++r) {
    for (std::int64_t c = 0; c < got.cols; ++c) {
      const double difference = std::abs(static_cast<double>(got.at(r, c)) - expected.at(r, c));
      worst = difference <= worst ? worst : difference;
      if (std::isnan(difference)) return difference;
      size = std::max(size, std::abs(expected.at(r, c)));
    }
  }
  return worst / size;
}

// (f(x + h) - f(x - h)) / 2h for the loss f of one float64 value of an oracle's input.
template <typename Loss>
double central_difference(double& x, const Loss& loss, double step = 1e-5) {
  const double old = x;
  x = old + step;
  const double above = loss();
  x = old - step;
  const double below = loss();
  x = old;
  return (above - below) / (2.0 * step);
}

inline double dot(const Exact& a, const Exact& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.values.size(); ++i) sum += a.values[i] * b.values[i];
  return sum;
}

}  // namespace vernier::test
