#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "engine/core/philox.h"
#include "engine/cpu/ops.h"
#include "tests/unit/matrix.h"
#include "tests/unit/random.h"

namespace vernier::cpu {
namespace {

using test::Matrix;

struct Layer {
  Matrix weight, bias, a, b;
  float scale = 0.0f;
  std::int64_t rank = 0;

  Projection view() {
    Projection projection;
    projection.weight = weight.view();
    if (bias.rows > 0) projection.bias = bias.view();
    if (rank > 0) projection.lora = {a.view(), b.view(), scale};
    return projection;
  }
};

struct Sizes {
  std::int64_t rows, inputs;
  std::vector<std::int64_t> outputs, ranks;
  float dropout = 0.0f;
  bool bias = false;
};

// Everything of one call; the float64 versions are written from the formulas of backend.h.
struct CallInputs {
  Sizes sizes;
  std::int64_t ranks = 0;
  Matrix x;
  std::vector<Layer> layers;
  std::vector<std::uint64_t> keys;
  std::uint64_t seed = 0;

  explicit CallInputs(const Sizes& s) : sizes(s), x(s.rows, s.inputs) {
    for (std::size_t p = 0; p < s.outputs.size(); ++p) {
      Layer layer;
      layer.weight = Matrix(s.outputs[p], s.inputs, 0.3f);
      if (s.bias) layer.bias = Matrix(1, s.outputs[p]);
      layer.rank = s.ranks[p];
      if (layer.rank > 0) {
        layer.a = Matrix(layer.rank, s.inputs, 0.3f);
        layer.b = Matrix(s.outputs[p], layer.rank);
        layer.scale = 0.5f + static_cast<float>(p);
      }
      ranks += layer.rank;
      layers.push_back(std::move(layer));
    }
    seed = test::rng()();
    for (std::int64_t i = 0; i < s.rows; ++i) keys.push_back(test::rng()());
  }

  std::vector<Projection> projections() {
    std::vector<Projection> views;
    for (Layer& layer : layers) views.push_back(layer.view());
    return views;
  }
  Dropout dropout() const { return {sizes.dropout, seed, 7, keys}; }

  double mask(std::size_t p, std::int64_t n, std::int64_t i) const {
    if (sizes.dropout == 0.0f) return 1.0;
    const std::uint64_t key = keys[static_cast<std::size_t>(n)];
    const PhiloxCounter words =
        philox4x32_10({static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32),
                       static_cast<std::uint32_t>(i / 4), static_cast<std::uint32_t>(7 + p)},
                      {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
    const bool kept = words[static_cast<std::size_t>(i % 4)] >= static_cast<double>(sizes.dropout) * 4294967296.0;
    return kept ? 1.0 / (1.0 - static_cast<double>(sizes.dropout)) : 0.0;
  }
};

using Doubles = std::vector<std::vector<double>>;

Doubles zeros(std::int64_t rows, std::int64_t cols) {
  return Doubles(static_cast<std::size_t>(rows), std::vector<double>(static_cast<std::size_t>(cols), 0.0));
}

// Weights and input as float64, so that they can be moved by less than float32 resolves.
struct Exact {
  Doubles x;
  struct Layer {
    Doubles weight, bias, a, b;
  };
  std::vector<Layer> layers;

  static Doubles of(const Matrix& m) {
    Doubles values = zeros(m.rows, m.cols);
    for (std::size_t r = 0; r < values.size(); ++r) {
      for (std::size_t c = 0; c < values[r].size(); ++c) {
        values[r][c] = m.at(static_cast<std::int64_t>(r), static_cast<std::int64_t>(c));
      }
    }
    return values;
  }
  explicit Exact(const CallInputs& setup) : x(of(setup.x)) {
    for (const vernier::cpu::Layer& l : setup.layers) layers.push_back({of(l.weight), of(l.bias), of(l.a), of(l.b)});
  }

  Doubles low(const CallInputs& setup, std::size_t p) const {
    Doubles t = zeros(setup.sizes.rows, setup.layers[p].rank);
    for (std::size_t n = 0; n < x.size(); ++n) {
      for (std::size_t r = 0; r < t[n].size(); ++r) {
        for (std::size_t i = 0; i < x[n].size(); ++i) {
          t[n][r] +=
              setup.mask(p, static_cast<std::int64_t>(n), static_cast<std::int64_t>(i)) * x[n][i] * layers[p].a[r][i];
        }
      }
    }
    return t;
  }

  Doubles output(const CallInputs& setup, std::size_t p) const {
    const Doubles t = low(setup, p);
    Doubles y = zeros(setup.sizes.rows, setup.sizes.outputs[p]);
    for (std::size_t n = 0; n < y.size(); ++n) {
      for (std::size_t o = 0; o < y[n].size(); ++o) {
        double sum = layers[p].bias.empty() ? 0.0 : layers[p].bias[0][o];
        for (std::size_t i = 0; i < x[n].size(); ++i) sum += x[n][i] * layers[p].weight[o][i];
        for (std::size_t r = 0; r < t[n].size(); ++r) sum += setup.layers[p].scale * t[n][r] * layers[p].b[o][r];
        y[n][o] = sum;
      }
    }
    return y;
  }
};

// Largest |got - expected| over the largest |expected|, or over 1 where sums of few outputs happen to cancel.
double error(const Matrix& got, const Doubles& expected, const Matrix* before = nullptr) {
  double worst = 0.0, size = 1.0;
  for (std::size_t r = 0; r < expected.size(); ++r) {
    for (std::size_t c = 0; c < expected[r].size(); ++c) {
      const auto row = static_cast<std::int64_t>(r), col = static_cast<std::int64_t>(c);
      const double want = expected[r][c] + (before == nullptr ? 0.0 : before->at(row, col));
      const double off = std::abs(got.at(row, col) - want);
      if (!(off <= worst)) worst = off;
      size = std::max(size, std::abs(want));
    }
  }
  return worst / size;
}

bool same_bits(const Matrix& x, const Matrix& y) {
  return x.values.size() == y.values.size() &&
         std::memcmp(x.values.data(), y.values.data(), x.values.size() * sizeof(float)) == 0;
}

struct Forward {
  std::vector<Matrix> y, before;
  Matrix t;
};

Forward forward(CallInputs& setup, int threads, bool accumulate, const Forward* start = nullptr) {
  Forward result;
  if (start != nullptr) {
    result.y = start->before;
    result.t = start->t;
  } else {
    for (const std::int64_t outputs : setup.sizes.outputs) result.y.emplace_back(setup.sizes.rows, outputs);
    result.t = Matrix(setup.sizes.rows, setup.ranks);
  }
  result.before = result.y;
  ThreadPool pool(threads);
  CpuContext context{pool, {}};
  const std::vector<Projection> projections = setup.projections();
  std::vector<TensorView> y;
  for (Matrix& m : result.y) y.push_back(m.view());
  ProjectForward op;
  op.x = setup.x.view();
  op.projections = projections;
  op.dropout = setup.dropout();
  op.accumulate = accumulate;
  op.y = y;
  if (setup.ranks > 0) op.t = result.t.view();
  project_forward(context, op);
  return result;
}

struct Grads {
  Matrix da, db, dweight, dbias;
};

struct Backward {
  Matrix dx, dx_before;
  std::vector<Grads> grads, before;
};

Backward backward(CallInputs& setup, Matrix& t, std::vector<Matrix>& dy, int threads, bool accumulate, bool with_dx,
                  bool full, const Backward* start = nullptr) {
  Backward result;
  if (start != nullptr) {
    result.dx = start->dx_before;
    result.grads = start->before;
  } else {
    result.dx = Matrix(setup.sizes.rows, setup.sizes.inputs);
    for (const Layer& layer : setup.layers) {
      Grads grads;
      if (layer.rank > 0) grads.da = Matrix(layer.rank, setup.sizes.inputs);
      if (layer.rank > 0) grads.db = Matrix(layer.weight.rows, layer.rank);
      grads.dweight = Matrix(layer.weight.rows, setup.sizes.inputs);
      grads.dbias = Matrix(1, layer.weight.rows);
      result.grads.push_back(std::move(grads));
    }
  }
  result.dx_before = result.dx;
  result.before = result.grads;
  ThreadPool pool(threads);
  CpuContext context{pool, {}};
  const std::vector<Projection> projections = setup.projections();
  std::vector<ConstTensorView> dys;
  for (Matrix& m : dy) dys.push_back(m.view());
  std::vector<ProjectionGrads> views;
  for (Grads& grads : result.grads) {
    ProjectionGrads view;
    if (grads.da.rows > 0) view.da = grads.da.view();
    if (grads.db.rows > 0) view.db = grads.db.view();
    if (full) view.dweight = grads.dweight.view();
    if (full) view.dbias = grads.dbias.view();
    views.push_back(view);
  }
  ProjectBackward op;
  op.dy = dys;
  op.x = setup.x.view();
  op.projections = projections;
  if (setup.ranks > 0) op.t = t.view();
  op.dropout = setup.dropout();
  op.accumulate_dx = accumulate;
  if (with_dx) op.dx = result.dx.view();
  op.grads = views;
  project_backward(context, op);
  return result;
}

const Sizes kCases[] = {
    {1, 64, {33}, {4}},
    {5, 30, {20, 7}, {3, 2}},
    {7, 129, {65, 1, 40}, {8, 0, 16}, 0.0f, true},
    {61, 97, {48, 16, 16}, {5, 6, 7}, 0.0f, true},
    {130, 67, {101}, {0}, 0.0f, true},
    {200, 288, {96, 48, 48}, {16, 16, 16}},
    {97, 96, {131, 17}, {64, 40}},
    {1, 40, {24}, {3}, 0.25f},
    {103, 70, {41, 30}, {5, 9}, 0.1f, true},
    {33, 193, {20, 20, 9}, {4, 0, 2}, 0.5f},
};

TEST(Project, ForwardIsTheFormula) {
  for (const Sizes& sizes : kCases) {
    for (const bool accumulate : {false, true}) {
      CallInputs setup(sizes);
      const Exact exact(setup);
      const Forward got = forward(setup, 2, accumulate);
      std::int64_t column = 0;
      for (std::size_t p = 0; p < setup.layers.size(); ++p) {
        const double off = error(got.y[p], exact.output(setup, p), accumulate ? &got.before[p] : nullptr);
        EXPECT_TRUE(off <= 2e-6) << "y " << p << ": " << off << ", rows " << sizes.rows;
        const Doubles low = exact.low(setup, p);
        Matrix part(sizes.rows, setup.layers[p].rank);
        for (std::int64_t n = 0; n < part.rows; ++n) {
          for (std::int64_t r = 0; r < part.cols; ++r) {
            part.values[static_cast<std::size_t>(n * part.stride + r)] = got.t.at(n, column + r);
          }
        }
        EXPECT_TRUE(error(part, low) <= 2e-6) << "t " << p;
        column += setup.layers[p].rank;
      }
    }
  }
}

TEST(Project, BackwardIsTheFormula) {
  for (const Sizes& sizes : kCases) {
    for (const bool accumulate : {false, true}) {
      CallInputs setup(sizes);
      const Exact exact(setup);
      Forward fwd = forward(setup, 1, false);
      std::vector<Matrix> dy;
      for (const std::int64_t outputs : sizes.outputs) dy.emplace_back(sizes.rows, outputs);
      const Backward got = backward(setup, fwd.t, dy, 2, accumulate, true, true);
      Doubles dx = zeros(sizes.rows, sizes.inputs);
      for (std::size_t p = 0; p < setup.layers.size(); ++p) {
        const Layer& layer = setup.layers[p];
        const auto& l = exact.layers[p];
        const Doubles g = Exact::of(dy[p]);
        const Doubles t = exact.low(setup, p);
        Doubles dt = zeros(sizes.rows, layer.rank), da = zeros(layer.rank, sizes.inputs);
        Doubles db = zeros(layer.weight.rows, layer.rank), dweight = zeros(layer.weight.rows, sizes.inputs);
        Doubles dbias = zeros(1, layer.weight.rows);
        for (std::size_t n = 0; n < g.size(); ++n) {
          for (std::size_t o = 0; o < g[n].size(); ++o) {
            dbias[0][o] += g[n][o];
            for (std::size_t r = 0; r < t[n].size(); ++r) {
              dt[n][r] += layer.scale * g[n][o] * l.b[o][r];
              db[o][r] += layer.scale * g[n][o] * t[n][r];
            }
            for (std::size_t i = 0; i < exact.x[n].size(); ++i) {
              dweight[o][i] += g[n][o] * exact.x[n][i];
              dx[n][i] += g[n][o] * l.weight[o][i];
            }
          }
          for (std::size_t i = 0; i < exact.x[n].size(); ++i) {
            const double mask = setup.mask(p, static_cast<std::int64_t>(n), static_cast<std::int64_t>(i));
            for (std::size_t r = 0; r < t[n].size(); ++r) {
              da[r][i] += dt[n][r] * mask * exact.x[n][i];
              dx[n][i] += mask * dt[n][r] * l.a[r][i];
            }
          }
        }
        EXPECT_TRUE(error(got.grads[p].da, da, &got.before[p].da) <= 3e-6) << p;
        EXPECT_TRUE(error(got.grads[p].db, db, &got.before[p].db) <= 3e-6) << p;
        EXPECT_TRUE(error(got.grads[p].dweight, dweight, &got.before[p].dweight) <= 3e-6) << p;
        EXPECT_TRUE(error(got.grads[p].dbias, dbias, &got.before[p].dbias) <= 3e-6) << p;
      }
      const double off = error(got.dx, dx, accumulate ? &got.dx_before : nullptr);
      EXPECT_TRUE(off <= 3e-6) << "dx: " << off << ", rows " << sizes.rows;
    }
  }
}

// The gradients against central differences of the float64 forward pass, which shares nothing with the formulas above.
TEST(Project, BackwardIsTheDerivative) {
  for (const float dropout : {0.0f, 0.3f}) {
    CallInputs setup({6, 9, {5, 4}, {3, 2}, dropout, true});
    Exact exact(setup);
    Forward fwd = forward(setup, 1, false);
    std::vector<Matrix> dy;
    for (const std::int64_t outputs : setup.sizes.outputs) dy.emplace_back(setup.sizes.rows, outputs);
    const Backward got = backward(setup, fwd.t, dy, 1, false, true, true);
    const auto loss = [&] {
      double sum = 0.0;
      for (std::size_t p = 0; p < dy.size(); ++p) {
        const Doubles y = exact.output(setup, p);
        for (std::size_t n = 0; n < y.size(); ++n) {
          for (std::size_t o = 0; o < y[n].size(); ++o) {
            sum += y[n][o] * dy[p].at(static_cast<std::int64_t>(n), static_cast<std::int64_t>(o));
          }
        }
      }
      return sum;
    };
    const auto differences = [&](Doubles& values) {
      Doubles result = values;
      for (std::size_t r = 0; r < values.size(); ++r) {
        for (std::size_t c = 0; c < values[r].size(); ++c) {
          const double middle = values[r][c], step = 1e-4;
          values[r][c] = middle + step;
          const double above = loss();
          values[r][c] = middle - step;
          result[r][c] = (above - loss()) / (2 * step);
          values[r][c] = middle;
        }
      }
      return result;
    };
    EXPECT_TRUE(error(got.dx, differences(exact.x)) <= 3e-6);
    for (std::size_t p = 0; p < dy.size(); ++p) {
      EXPECT_TRUE(error(got.grads[p].da, differences(exact.layers[p].a), &got.before[p].da) <= 3e-6);
      EXPECT_TRUE(error(got.grads[p].db, differences(exact.layers[p].b), &got.before[p].db) <= 3e-6);
      EXPECT_TRUE(error(got.grads[p].dweight, differences(exact.layers[p].weight), &got.before[p].dweight) <= 3e-6);
      EXPECT_TRUE(error(got.grads[p].dbias, differences(exact.layers[p].bias), &got.before[p].dbias) <= 3e-6);
    }
  }
}

TEST(Project, GradientsNobodyAskedForStayOut) {
  CallInputs setup({50, 40, {30, 20}, {4, 4}});
  Forward fwd = forward(setup, 1, false);
  std::vector<Matrix> dy;
  for (const std::int64_t outputs : setup.sizes.outputs) dy.emplace_back(setup.sizes.rows, outputs);
  const Backward all = backward(setup, fwd.t, dy, 2, true, true, true);
  const Backward some = backward(setup, fwd.t, dy, 2, true, false, false, &all);
  EXPECT_TRUE(same_bits(some.dx, all.dx_before));
  for (std::size_t p = 0; p < dy.size(); ++p) {
    EXPECT_TRUE(same_bits(some.grads[p].dweight, all.before[p].dweight));
    EXPECT_TRUE(same_bits(some.grads[p].dbias, all.before[p].dbias));
    EXPECT_TRUE(same_bits(some.grads[p].da, all.grads[p].da));
    EXPECT_TRUE(same_bits(some.grads[p].db, all.grads[p].db));
  }
}

TEST(Project, ThreadCountDoesNotChangeBits) {
  for (const float dropout : {0.0f, 0.2f}) {
    CallInputs setup({301, 288, {288, 96, 96}, {16, 16, 8}, dropout, true});
    const Forward fwd = forward(setup, 1, true);
    std::vector<Matrix> dy;
    for (const std::int64_t outputs : setup.sizes.outputs) dy.emplace_back(setup.sizes.rows, outputs);
    Matrix t = fwd.t;
    const Backward bwd = backward(setup, t, dy, 1, true, true, true);
    for (const int threads : {2, 3, 4}) {
      const Forward other = forward(setup, threads, true, &fwd);
      EXPECT_TRUE(same_bits(other.t, fwd.t));
      for (std::size_t p = 0; p < dy.size(); ++p) EXPECT_TRUE(same_bits(other.y[p], fwd.y[p]));
      const Backward back = backward(setup, t, dy, threads, true, true, true, &bwd);
      EXPECT_TRUE(same_bits(back.dx, bwd.dx));
      for (std::size_t p = 0; p < dy.size(); ++p) {
        EXPECT_TRUE(same_bits(back.grads[p].da, bwd.grads[p].da));
        EXPECT_TRUE(same_bits(back.grads[p].db, bwd.grads[p].db));
        EXPECT_TRUE(same_bits(back.grads[p].dweight, bwd.grads[p].dweight));
        EXPECT_TRUE(same_bits(back.grads[p].dbias, bwd.grads[p].dbias));
      }
    }
  }
}

}  // namespace
}  // namespace vernier::cpu
