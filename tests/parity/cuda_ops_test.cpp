// The CUDA backend's operations against the CPU's, which have float64 oracles of their own: fresh inputs that both can
// hold exactly, odd sizes and whole vectors, outputs that start as NaN.
#include <algorithm>

#include "tests/parity/cuda_support.h"
#include "vernier/error.h"

namespace vernier::test {
namespace {

INSTANTIATE_TEST_SUITE_P(Types, CudaOps, testing::Values(DType::kF32, DType::kBF16),
                         [](const auto& test) { return std::string(to_string(test.param)); });

std::vector<std::int32_t> random_ids(std::int64_t count, std::int64_t limit) {
  std::vector<std::int32_t> ids;
  for (std::int64_t i = 0; i < count; ++i) ids.push_back(static_cast<std::int32_t>(uniform_int(0, limit - 1)));
  return ids;
}

TEST_P(CudaOps, Norm) {
  struct Shape {
    std::int64_t rows, groups, width;
  };
  const Shape shapes[] = {{1, 1, 1}, {5, 1, 37}, {9, 3, 13}, {33, 4, 64}, {7, 1, 250}, {66, 1, 1024}, {3, 1, 4104}};
  for (const bool vectors : {false, true}) {
    whole_vectors_ = vectors;
    for (const Shape& s : shapes) {
      for (const bool accumulate : {false, true}) {
        SCOPED_TRACE(testing::Message() << s.rows << " x " << s.groups << " x " << s.width << " += " << accumulate);
        const std::int64_t cols = s.groups * s.width;
        const float offset = accumulate ? 1.0f : 0.0f;
        Both x = in(s.rows, cols), weight = in(1, s.width), inv = out32(s.rows, s.groups);
        Both y = accumulate ? in(s.rows, cols) : out(s.rows, cols);
        cpu().rms_norm_forward({x.host(), weight.host(), s.groups, 1e-3f, offset, accumulate, y.host(), inv.host()});
        gpu().rms_norm_forward(
            {x.device(), weight.device(), s.groups, 1e-3f, offset, accumulate, y.device(), inv.device()});
        EXPECT_WITHIN(y, tolerance());
        EXPECT_WITHIN(inv, 1e-5);

        Both dy = in(s.rows, cols), dweight = in32(1, s.width);
        Both dx = accumulate ? in(s.rows, cols) : out(s.rows, cols);
        cpu().rms_norm_backward(
            {dy.host(), x.host(), weight.host(), inv.host(), s.groups, offset, accumulate, dx.host(), dweight.host()});
        gpu().rms_norm_backward({dy.device(), x.device(), weight.device(), inv.device(), s.groups, offset, accumulate,
                                 dx.device(), dweight.device()});
        if (s.width > 1) EXPECT_WITHIN(dx, tolerance());  // a single value's gradient is all cancellation
        EXPECT_WITHIN(dweight, 1e-5);
        if (accumulate || s.width == 1) continue;
        // In place of dy, and of x.
        gpu().rms_norm_backward(
            {dy.device(), x.device(), weight.device(), inv.device(), s.groups, offset, false, dy.device(), {}});
        cpu().copy(dx.host(), dy.host());
        EXPECT_WITHIN(dy, tolerance());
        gpu().rms_norm_forward({x.device(), weight.device(), s.groups, 1e-3f, offset, false, x.device(), inv.device()});
        cpu().copy(y.host(), x.host());
        EXPECT_WITHIN(x, tolerance());
      }
    }
  }
}

TEST_P(CudaOps, Rotary) {
  struct Shape {
    std::int64_t heads, kv_heads, head_dim, rotary;
  };
  const Shape shapes[] = {{3, 1, 8, 8}, {4, 2, 48, 48},    {2, 2, 26, 10},
                          {1, 1, 5, 2}, {32, 8, 128, 128}, {2, 1, 80, 32}};
  for (const bool vectors : {false, true}) {
    whole_vectors_ = vectors;
    for (const Shape& s : shapes) {
      for (const bool inverse : {false, true}) {
        SCOPED_TRACE(testing::Message() << s.heads << " heads of " << s.head_dim << ", " << s.rotary << " turn");
        Both q = in(29, s.heads * s.head_dim), k = in(29, s.kv_heads * s.head_dim), table = in32(50, s.rotary);
        const std::vector<std::int32_t> positions = random_ids(29, 50);
        cpu().rope({q.host(), k.host(), positions, table.host(), s.head_dim, s.rotary, inverse});
        gpu().rope({q.device(), k.device(), positions, table.device(), s.head_dim, s.rotary, inverse});
        EXPECT_WITHIN(q, tolerance());
        EXPECT_WITHIN(k, tolerance());
        cpu().rope({q.host(), {}, positions, table.host(), s.head_dim, s.rotary, !inverse});
        gpu().rope({q.device(), {}, positions, table.device(), s.head_dim, s.rotary, !inverse});
        EXPECT_WITHIN(q, tolerance(6e-3));
        EXPECT_WITHIN(k, tolerance());
      }
    }
  }
}

TEST_P(CudaOps, GatedActivations) {
  for (const bool vectors : {false, true}) {
    whole_vectors_ = vectors;
    for (const Activation activation : {Activation::kSilu, Activation::kGelu, Activation::kGeluTanh}) {
      for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>{13, 67}, {3, 2056}, {131, 8}}) {
        SCOPED_TRACE(testing::Message() << static_cast<int>(activation) << ": " << rows << " x " << cols);
        Both gate = in(rows, cols, 3.0f), up = in(rows, cols), product = out(rows, cols), dout = in(rows, cols);
        Both dgate = out(rows, cols), dup = out(rows, cols);
        cpu().gated_forward({gate.host(), up.host(), activation, product.host()});
        gpu().gated_forward({gate.device(), up.device(), activation, product.device()});
        EXPECT_WITHIN(product, tolerance());
        cpu().gated_backward({dout.host(), gate.host(), up.host(), activation, dgate.host(), dup.host()});
        gpu().gated_backward({dout.device(), gate.device(), up.device(), activation, dgate.device(), dup.device()});
        EXPECT_WITHIN(dgate, tolerance());
        EXPECT_WITHIN(dup, tolerance());
        gpu().gated_backward({dout.device(), gate.device(), up.device(), activation, gate.device(), up.device()});
        cpu().copy(dgate.host(), gate.host());
        cpu().copy(dup.host(), up.host());
        EXPECT_WITHIN(gate, tolerance());
        EXPECT_WITHIN(up, tolerance());
      }
    }
  }
}

TEST_P(CudaOps, ActivationsAtTheEnds) {
  for (const Activation activation : {Activation::kSilu, Activation::kGelu, Activation::kGeluTanh}) {
    Both gate = in(1, 11), up = in(1, 11), product = out(1, 11), dgate = out(1, 11), dup = out(1, 11);
    gate.at(0, 0) = -1e4f;
    gate.at(0, 1) = 1e4f;
    gate.at(0, 10) = kPoison;
    gate.send();
    gpu().gated_forward({gate.device(), up.device(), activation, product.device()});
    gpu().gated_backward({up.device(), gate.device(), up.device(), activation, dgate.device(), dup.device()});
    for (std::size_t c = 0; c < 11; ++c) {
      EXPECT_EQ(std::isfinite(product.fetch()[c]), c != 10) << c;
      EXPECT_EQ(std::isfinite(dgate.fetch()[c]), c != 10) << c;
      EXPECT_EQ(std::isfinite(dup.fetch()[c]), c != 10) << c;
    }
    EXPECT_EQ(product.fetch()[0], 0.0f);
  }
}

TEST_P(CudaOps, Embedding) {
  for (const bool vectors : {false, true}) {
    whole_vectors_ = vectors;
    for (const std::int64_t width : {19, 264, 1032}) {
      Both table = in(71, width), rows = out(157, width), drows = in(157, width), dtable = in32(71, width);
      const std::vector<std::int32_t> ids = random_ids(157, 71);
      cpu().embedding_forward({ids, table.host(), 1.5f, rows.host()});
      gpu().embedding_forward({ids, table.device(), 1.5f, rows.device()});
      EXPECT_WITHIN(rows, tolerance());
      cpu().embedding_backward({ids, drows.host(), 1.5f, dtable.host()});
      gpu().embedding_backward({ids, drows.device(), 1.5f, dtable.device()});
      EXPECT_WITHIN(dtable, 1e-5);
    }
  }
}

TEST_P(CudaOps, ZeroCopyAdd) {
  for (const bool vectors : {false, true}) {
    whole_vectors_ = vectors;
    for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>{1, 1}, {7, 33}, {300, 128}, {2, 40001}}) {
      Both x = in(rows, cols), y = in(rows, cols);
      cpu().add(x.host(), y.host());
      gpu().add(x.device(), y.device());
      EXPECT_WITHIN(y, tolerance());
      cpu().copy(x.host(), y.host());
      gpu().copy(x.device(), y.device());
      EXPECT_WITHIN(y, 0.0);
      cpu().zero(y.host());
      gpu().zero(y.device());
      EXPECT_WITHIN(y, 0.0);
    }
  }
}

TEST_P(CudaOps, FillNormal) {
  for (const std::int64_t count : {1, 6, 4099}) {
    std::vector<float> expected(static_cast<std::size_t>(count));
    const FillNormal op{0x123456789abcdefULL, 7, 0.5f, TensorView(expected.data(), 1, count)};
    cpu().fill_normal(op);
    Both values(dtype(), 1, count, kPoison, false);
    FillNormal other = op;
    other.out = values.device();
    gpu().fill_normal(other);
    cpu().copy(op.out, values.host());
    EXPECT_WITHIN(values, tolerance());
  }
}

TEST_P(CudaOps, Dora) {
  for (int round = 0; round < 12; ++round) {
    whole_vectors_ = round % 2 == 0;
    const std::int64_t outputs = uniform_int(1, 70), inputs = uniform_int(1, 600), rank = uniform_int(0, 9);
    Both weight = in(outputs, inputs), a = in(std::max<std::int64_t>(rank, 1), inputs);
    Both b = in(outputs, std::max<std::int64_t>(rank, 1)), norms = out32(1, outputs);
    AdaptedRowNorms op{{weight.host(), {}, {}}, norms.host()}, on_gpu{{weight.device(), {}, {}}, norms.device()};
    if (rank > 0) op.projection.lora = {a.host(), b.host(), 0.7f};
    if (rank > 0) on_gpu.projection.lora = {a.device(), b.device(), 0.7f};
    cpu().adapted_row_norms(op);
    gpu().adapted_row_norms(on_gpu);
    EXPECT_WITHIN(norms, 1e-5);

    const std::int64_t rows = uniform_int(1, 90);
    const bool accumulate = round % 3 == 0;
    Both x = in(rows, outputs), magnitude = in32(1, outputs), bias = in(1, outputs), dy = in(rows, outputs);
    Both y = accumulate ? in(rows, outputs) : out(rows, outputs), dx = out(rows, outputs);
    Both dmagnitude = in32(1, outputs), dbias = in32(1, outputs);
    cpu().column_scale_forward({x.host(), magnitude.host(), norms.host(), bias.host(), accumulate, y.host()});
    gpu().column_scale_forward({x.device(), magnitude.device(), norms.device(), bias.device(), accumulate, y.device()});
    EXPECT_WITHIN(y, tolerance());
    cpu().column_scale_backward(
        {dy.host(), x.host(), magnitude.host(), norms.host(), dx.host(), dmagnitude.host(), dbias.host()});
    gpu().column_scale_backward({dy.device(), x.device(), magnitude.device(), norms.device(), dx.device(),
                                 dmagnitude.device(), dbias.device()});
    EXPECT_WITHIN(dx, tolerance());
    EXPECT_WITHIN(dmagnitude, 1e-5);
    EXPECT_WITHIN(dbias, 1e-5);
  }
}

TEST_P(CudaOps, OptimizerAndNorm) {
  const std::int64_t n = 40003;
  Both w = in32(1, n), m = in32(1, n, 0.01f), v = in32(1, n, 0.01f), g = in32(1, n, 0.1f);
  for (std::int64_t i = 0; i < n; ++i) v.at(0, i) = std::abs(v.at(0, i));
  v.send();
  Both copied(DType::kBF16, 1, n, kPoison, false);
  const auto flat = [](const TensorView& view) { return std::span(static_cast<float*>(view.data), 40003); };
  for (std::int64_t step = 1; step <= 3; ++step) {
    AdamW op{flat(w.host()), flat(g.host()), flat(m.host()), flat(v.host()), 0.5f, 0.01f,
             0.9f,           0.95f,          1e-6f,          0.1f,           step};
    cpu().adamw(op);
    op.weight = flat(w.device());
    op.grad = flat(g.device());
    op.m = flat(m.device());
    op.v = flat(v.device());
    op.bf16_copy = std::span(static_cast<std::uint16_t*>(copied.device().data), 40003);
    gpu().adamw(op);
  }
  EXPECT_WITHIN(w, 1e-5);
  EXPECT_WITHIN(m, 1e-5);
  EXPECT_WITHIN(v, 1e-5);
  const std::vector<float> updated = w.fetch(), halves = copied.fetch();
  for (std::size_t i = 0; i < 40003; ++i) ASSERT_EQ(halves[i], bf16_to_f32(f32_to_bf16(updated[i])));

  const double expected = cpu().squared_norm(flat(g.host()));
  EXPECT_TRUE(std::abs(gpu().squared_norm(flat(g.device())) - expected) <= 1e-12 * expected);
  const std::vector<std::int64_t> bounds = {0, 1, 1, 30000, 40003};
  std::vector<double> parts(4, -1.0), expected_parts(4, -1.0);
  cpu().squared_norms(flat(g.host()), bounds, expected_parts);
  gpu().squared_norms(flat(g.device()), bounds, parts);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_TRUE(std::abs(parts[i] - expected_parts[i]) <= 1e-12 * expected_parts[i]) << i;
  }
  g.at(0, 77) = std::numeric_limits<float>::infinity();
  g.send();
  EXPECT_TRUE(std::isinf(gpu().squared_norm(flat(g.device()))));
  g.at(0, n - 1) = kPoison;
  g.send();
  EXPECT_TRUE(std::isnan(gpu().squared_norm(flat(g.device()))));
}

TEST_P(CudaOps, MemoryIsCountedAndItsEndIsTold) {
  const std::size_t before = gpu().allocated_bytes();
  {
    const auto buffer = gpu().allocate(1000);
    EXPECT_EQ(gpu().allocated_bytes(), before + 1000);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer->data()) % 64, 0u);
  }
  EXPECT_EQ(gpu().allocated_bytes(), before);
  try {
    gpu().allocate(std::size_t{1} << 46);
    FAIL() << "allocated 64 TiB";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
    EXPECT_EQ(error.needed_bytes, std::size_t{1} << 46);
    EXPECT_GT(error.free_bytes, 0u);
  }
  Both x = in(3, 5), y = in(3, 5);  // works on after that
  cpu().add(x.host(), y.host());
  gpu().add(x.device(), y.device());
  EXPECT_WITHIN(y, tolerance());
}

}  // namespace
}  // namespace vernier::test
