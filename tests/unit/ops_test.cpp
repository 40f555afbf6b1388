// The checks in front of every operation: what is well-formed reaches the backend, what is not never does.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "engine/ops/backend.h"
#include "vernier/error.h"

namespace vernier {
namespace {

class NoBuffer : public DeviceBuffer {
 public:
  void* data() override { return nullptr; }
  std::size_t bytes() const override { return 0; }
};

// Counts what got through.
class CountingBackend : public Backend {
 public:
  std::string name() const override { return "counting"; }
  std::unique_ptr<DeviceBuffer> allocate(std::size_t) override { return std::make_unique<NoBuffer>(); }
  std::size_t allocated_bytes() const override { return 0; }
  std::size_t peak_bytes() const override { return 0; }
  std::size_t free_bytes() const override { return 0; }
  std::size_t scratch_bytes(const WorkShape&) const override { return 0; }
  bool computes(DType dtype) const override { return dtype != DType::kF16; }
  void set_deterministic(bool) override {}
  void upload(void*, const void*, std::size_t) override {}
  void download(void*, const void*, std::size_t) override {}
  void synchronize() override {}
  double measure_peak_gflops() override { return 0.0; }
  bool records() const override { return false; }
  std::unique_ptr<Recording> record(const std::function<void()>&) override { return nullptr; }
  bool replay(Recording&) override { return false; }

  int calls = 0;

 protected:
  void do_zero(const TensorView&) override { ++calls; }
  void do_fill_normal(const FillNormal&) override { ++calls; }
  void do_copy(const ConstTensorView&, const TensorView&) override { ++calls; }
  void do_add(const ConstTensorView&, const TensorView&) override { ++calls; }
  void do_embedding_forward(const EmbeddingForward&) override { ++calls; }
  void do_embedding_backward(const EmbeddingBackward&) override { ++calls; }
  void do_rms_norm_forward(const RmsNormForward&) override { ++calls; }
  void do_rms_norm_backward(const RmsNormBackward&) override { ++calls; }
  void do_rope(const Rope&) override { ++calls; }
  void do_gated_forward(const GatedForward&) override { ++calls; }
  void do_gated_backward(const GatedBackward&) override { ++calls; }
  void do_project_forward(const ProjectForward&) override { ++calls; }
  void do_project_backward(const ProjectBackward&) override { ++calls; }
  void do_dequantize_nf4(const DequantizeNf4&) override { ++calls; }
  void do_adapted_row_norms(const AdaptedRowNorms&) override { ++calls; }
  void do_column_scale_forward(const ColumnScaleForward&) override { ++calls; }
  void do_column_scale_backward(const ColumnScaleBackward&) override { ++calls; }
  void do_attention_forward(const AttentionForward&) override { ++calls; }
  void do_attention_backward(const AttentionBackward&) override { ++calls; }
  void do_loss_head(const LossHead&) override { ++calls; }
  void do_logits_forward(const LogitsForward&) override { ++calls; }
  void do_adamw(const AdamW&) override { ++calls; }
  double do_squared_norm(std::span<const float>) override {
    ++calls;
    return 0.0;
  }
  void do_squared_norms(std::span<const float>, std::span<const std::int64_t>, std::span<double>) override { ++calls; }
};

class OpsTest : public testing::Test {
 protected:
  // A fresh [rows, cols] matrix that lives as long as the test.
  TensorView make(std::int64_t rows, std::int64_t cols) {
    storage_.emplace_back(static_cast<std::size_t>(rows * cols));
    return {storage_.back().data(), rows, cols};
  }

  // Runs and expects Error{kInternal} whose message holds `text`, and that the backend saw nothing.
  template <typename Run>
  void refuses(const std::string& text, Run&& run) {
    const int before = backend_.calls;
    try {
      run();
      ADD_FAILURE() << "went through; expected a refusal that says " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInternal);
      EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    }
    EXPECT_EQ(backend_.calls, before);
  }

  template <typename Run>
  void accepts(Run&& run) {
    const int before = backend_.calls;
    EXPECT_NO_THROW(run());
    EXPECT_EQ(backend_.calls, before + 1);
  }

  CountingBackend backend_;

 private:
  std::vector<std::vector<float>> storage_;
};

TEST_F(OpsTest, CopyAndAdd) {
  const TensorView a = make(3, 4);
  const TensorView b = make(3, 4);
  accepts([&] { backend_.copy(a, b); });
  accepts([&] { backend_.add(a, b); });
  accepts([&] { backend_.zero(a); });
  refuses("[ops.copy] to: got [2, 4], expected [3, 4]", [&] { backend_.copy(a, b.row_range(0, 2)); });
  refuses("shares memory", [&] { backend_.copy(a, a); });
  refuses("no data", [&] { backend_.zero({static_cast<float*>(nullptr), 2, 2}); });
  TensorView narrow = a;
  narrow.stride = 3;
  refuses("row stride 3", [&] { backend_.zero(narrow); });
  TensorView other = b;
  other.dtype = DType::kBF16;
  refuses("dtype", [&] { backend_.copy(a, other); });
}

TEST_F(OpsTest, ColumnRangesOfOneMatrixDoNotOverlap) {
  const TensorView qkv = make(5, 12);
  accepts([&] { backend_.add(qkv.col_range(0, 4), qkv.col_range(4, 4)); });
  accepts([&] { backend_.add(qkv.col_range(8, 4), qkv.col_range(0, 4)); });
  refuses("shares memory", [&] { backend_.add(qkv.col_range(0, 4), qkv.col_range(3, 4)); });
  refuses("shares memory", [&] { backend_.add(qkv.col_range(9, 3), qkv.col_range(7, 3)); });
  accepts([&] { backend_.add(qkv.row_range(0, 2), qkv.row_range(2, 2)); });
  refuses("shares memory", [&] { backend_.add(qkv.row_range(0, 2), qkv.row_range(1, 2)); });
}

TEST_F(OpsTest, NothingToDoNeverReachesTheBackend) {
  backend_.zero({});
  backend_.embedding_forward({.ids = {}, .table = make(3, 4), .out = {nullptr, DType::kF32, 0, 4, 4}});
  EXPECT_EQ(backend_.squared_norm({}), 0.0);
  EXPECT_EQ(backend_.calls, 0);
}

TEST_F(OpsTest, ElementTypes) {
  const auto typed = [&](std::int64_t rows, std::int64_t cols, DType dtype) {
    TensorView view = make(rows, cols);
    view.dtype = dtype;
    return view;
  };
  const TensorView x = typed(3, 8, DType::kBF16), y = typed(3, 8, DType::kBF16);
  accepts([&] { backend_.add(x, y); });
  accepts([&] { backend_.fill_normal({.out = x}); });
  refuses("got BF16 beside F32", [&] { backend_.add(x, make(3, 8)); });
  refuses("does not compute in F16", [&] { backend_.add(typed(3, 8, DType::kF16), typed(3, 8, DType::kF16)); });
  RmsNormForward norm{.x = x, .weight = typed(1, 8, DType::kBF16), .y = y, .inv_rms = make(3, 1)};
  accepts([&] { backend_.rms_norm_forward(norm); });
  norm.inv_rms = typed(3, 1, DType::kBF16);
  refuses("inv_rms: got BF16, expected F32", [&] { backend_.rms_norm_forward(norm); });
  const std::array<Projection, 1> projections{Projection{.weight = make(5, 8), .bias = {}, .lora = {}}};
  const std::array<TensorView, 1> ys = {typed(3, 5, DType::kBF16)};
  refuses("beside", [&] { backend_.project_forward({.x = x, .projections = projections, .y = ys}); });
  refuses("rows without gaps", [&] { backend_.fill_normal({.out = x.col_range(0, 4)}); });
}

TEST_F(OpsTest, Embedding) {
  const TensorView table = make(7, 4);
  const std::array<std::int32_t, 3> ids = {0, 6, 2};
  const std::array<std::int32_t, 3> high = {0, 7, 2};
  const std::array<std::int32_t, 3> low = {0, -1, 2};
  const TensorView out = make(3, 4);
  accepts([&] { backend_.embedding_forward({.ids = ids, .table = table, .out = out}); });
  accepts([&] { backend_.embedding_backward({.ids = ids, .dout = out, .dtable = table}); });
  refuses("got 7, expected a value in [0, 7)",
          [&] { backend_.embedding_forward({.ids = high, .table = table, .out = out}); });
  refuses("got -1", [&] { backend_.embedding_backward({.ids = low, .dout = out, .dtable = table}); });
  refuses("out: got [2, 4]",
          [&] { backend_.embedding_forward({.ids = ids, .table = table, .out = out.row_range(0, 2)}); });
}

TEST_F(OpsTest, RmsNorm) {
  const TensorView x = make(3, 8);
  const TensorView y = make(3, 8);
  const TensorView weight = make(1, 8);
  const TensorView inv_rms = make(3, 1);
  RmsNormForward op{.x = x, .weight = weight, .y = y, .inv_rms = inv_rms};
  accepts([&] { backend_.rms_norm_forward(op); });
  op.y = x;
  accepts([&] { backend_.rms_norm_forward(op); });
  op.accumulate = true;
  refuses("y: shares memory with x", [&] { backend_.rms_norm_forward(op); });
  op = {.x = x, .weight = weight, .groups = 3, .y = y, .inv_rms = inv_rms};
  refuses("groups", [&] { backend_.rms_norm_forward(op); });
  op.groups = 2;
  refuses("weight: got [1, 8], expected [1, 4]", [&] { backend_.rms_norm_forward(op); });
  RmsNormBackward back{.dy = y, .x = x, .weight = weight, .inv_rms = inv_rms, .dx = y};
  accepts([&] { backend_.rms_norm_backward(back); });
  back.dx = x;
  refuses("dx: shares memory with x", [&] { backend_.rms_norm_backward(back); });
}

TEST_F(OpsTest, Rope) {
  const std::array<std::int32_t, 3> positions = {0, 1, 4};
  const TensorView q = make(3, 16);
  const TensorView k = make(3, 8);
  const TensorView table = make(5, 6);
  Rope op{.q = q, .k = k, .position_ids = positions, .table = table, .head_dim = 8, .rotary_dim = 6};
  accepts([&] { backend_.rope(op); });
  op.k = {};
  accepts([&] { backend_.rope(op); });
  op.rotary_dim = 5;
  refuses("rotary_dim", [&] { backend_.rope(op); });
  op.rotary_dim = 4;
  refuses("table: got [5, 6], expected [5, 4]", [&] { backend_.rope(op); });
  op.rotary_dim = 6;
  op.table = table.row_range(0, 4);
  refuses("position_ids: got 4", [&] { backend_.rope(op); });
  op.table = table;
  op.head_dim = 7;
  refuses("whole heads", [&] { backend_.rope(op); });
}

TEST_F(OpsTest, Gated) {
  const TensorView gate = make(3, 5);
  const TensorView up = make(3, 5);
  const TensorView dout = make(3, 5);
  accepts([&] { backend_.gated_forward({.gate = gate, .up = up, .out = gate}); });
  accepts([&] { backend_.gated_backward({.dout = dout, .gate = gate, .up = up, .dgate = gate, .dup = up}); });
  refuses("dgate: shares memory with dup",
          [&] { backend_.gated_backward({.dout = dout, .gate = gate, .up = up, .dgate = gate, .dup = gate}); });
}

TEST_F(OpsTest, Project) {
  const TensorView x = make(4, 6);
  const TensorView y = make(4, 3);
  const TensorView t = make(4, 2);
  std::array<Projection, 1> projections{
      Projection{.weight = make(3, 6), .bias = {}, .lora = {make(2, 6), make(3, 2), 1.0f}}};
  const std::array<TensorView, 1> ys = {y};
  ProjectForward op{.x = x, .projections = projections, .dropout = {}, .y = ys, .t = t};
  accepts([&] { backend_.project_forward(op); });
  op.t = {};
  refuses("t: got [0, 0], expected [4, 2]", [&] { backend_.project_forward(op); });
  op.t = t;
  op.dropout.p = 0.5f;
  refuses("row_keys: got 0, expected 4", [&] { backend_.project_forward(op); });
  op.dropout.p = 1.0f;
  refuses("dropout", [&] { backend_.project_forward(op); });
  op.dropout.p = 0.0f;
  projections[0].lora.b = make(3, 1);
  refuses("lora b: got [3, 1], expected [3, 2]", [&] { backend_.project_forward(op); });
  projections[0].lora = {};
  op.t = {};
  accepts([&] { backend_.project_forward(op); });

  const std::array<ConstTensorView, 1> dys = {y};
  std::array<ProjectionGrads, 1> grads;
  ProjectBackward back{
      .dy = dys, .x = x, .projections = projections, .t = {}, .dropout = {}, .dx = make(4, 6), .grads = grads};
  accepts([&] { backend_.project_backward(back); });
  grads[0].da = make(2, 6);
  refuses("without LoRA", [&] { backend_.project_backward(back); });
  grads[0] = {};
  back.dx = x;
  refuses("dx: shares memory with x", [&] { backend_.project_backward(back); });
}

TEST_F(OpsTest, Attention) {
  const TensorView q = make(5, 8);
  const TensorView k = make(6, 4);
  const TensorView v = make(6, 4);
  const std::array<std::int32_t, 3> cu_q = {0, 2, 5};
  const std::array<std::int32_t, 3> cu_k = {0, 2, 6};
  AttentionForward op{.q = q,
                      .k = k,
                      .v = v,
                      .cu_seqlens_q = cu_q,
                      .cu_seqlens_k = cu_k,
                      .shape = {.heads = 4, .kv_heads = 2, .head_dim = 2, .scale = 1.0f},
                      .out = make(5, 8)};
  accepts([&] { backend_.attention_forward(op); });
  op.lse = make(5, 2);
  refuses("lse: got [5, 2], expected [5, 4]", [&] { backend_.attention_forward(op); });
  op.lse = {};
  const std::array<std::int32_t, 3> fewer = {0, 1, 6};
  op.cu_seqlens_k = fewer;
  refuses("fewer keys than queries", [&] { backend_.attention_forward(op); });
  const std::array<std::int32_t, 3> backwards = {0, 7, 6};
  op.cu_seqlens_k = backwards;
  refuses("never decreases", [&] { backend_.attention_forward(op); });
  const std::array<std::int32_t, 3> shorter = {0, 2, 5};
  op.cu_seqlens_k = shorter;
  refuses("cu_seqlens_k: got 5, expected 6", [&] { backend_.attention_forward(op); });
  op.cu_seqlens_k = cu_k;
  op.shape.kv_heads = 3;
  refuses("kv_heads", [&] { backend_.attention_forward(op); });

  AttentionBackward back{.dout = make(5, 8),
                         .q = q,
                         .k = k.row_range(0, 5),
                         .v = v.row_range(0, 5),
                         .out = make(5, 8),
                         .lse = make(5, 4),
                         .cu_seqlens = cu_q,
                         .shape = {.heads = 4, .kv_heads = 2, .head_dim = 2, .scale = 1.0f},
                         .dq = make(5, 8),
                         .dk = make(5, 4),
                         .dv = make(5, 4)};
  accepts([&] { backend_.attention_backward(back); });
  back.dq = q;
  refuses("shares memory", [&] { backend_.attention_backward(back); });
}

TEST_F(OpsTest, LossHeadAndLogits) {
  const TensorView hidden = make(5, 4);
  const TensorView weight = make(7, 4);
  const std::array<std::int32_t, 2> rows = {1, 3};
  const std::array<std::int32_t, 2> unsorted = {3, 1};
  const std::array<std::int32_t, 2> targets = {6, 0};
  const std::array<std::int32_t, 2> too_high = {7, 0};
  const std::array<float, 2> weights = {1.0f, 1.0f};
  LossHead op{.hidden = hidden, .rows = rows, .weight = weight, .targets = targets};
  accepts([&] { backend_.loss_head(op); });
  op.dhidden = hidden;
  refuses("row_weights: got 0, expected 2", [&] { backend_.loss_head(op); });
  op.row_weights = weights;
  accepts([&] { backend_.loss_head(op); });
  op.rows = unsorted;
  refuses("strictly increasing", [&] { backend_.loss_head(op); });
  op.rows = rows;
  op.targets = too_high;
  refuses("targets: got 7", [&] { backend_.loss_head(op); });
  op.targets = targets;
  std::array<float, 1> loss{};
  op.out.loss = loss;
  refuses("loss: got 1, expected 2", [&] { backend_.loss_head(op); });

  accepts(
      [&] { backend_.logits_forward({.hidden = hidden, .rows = unsorted, .weight = weight, .logits = make(2, 7)}); });
  refuses("logits: got [2, 6], expected [2, 7]",
          [&] { backend_.logits_forward({.hidden = hidden, .rows = rows, .weight = weight, .logits = make(2, 6)}); });
}

TEST_F(OpsTest, Dora) {
  const TensorView weight = make(7, 4), norms = make(1, 7), a = make(2, 4), b = make(7, 2);
  accepts([&] { backend_.adapted_row_norms({{weight, {}, {a, b, 1.0f}}, norms}); });
  refuses("norms: got [1, 6], expected [1, 7]", [&] { backend_.adapted_row_norms({{weight, {}, {}}, make(1, 6)}); });

  const TensorView x = make(3, 7), y = make(3, 7), magnitude = make(1, 7);
  ColumnScaleForward forward{.x = x, .magnitude = magnitude, .norms = norms, .y = y};
  accepts([&] { backend_.column_scale_forward(forward); });
  forward.y = x;
  accepts([&] { backend_.column_scale_forward(forward); });
  forward.accumulate = true;
  refuses("shares memory", [&] { backend_.column_scale_forward(forward); });
  forward.y = make(3, 6);
  refuses("y: got [3, 6], expected [3, 7]", [&] { backend_.column_scale_forward(forward); });

  ColumnScaleBackward backward{.dy = y, .x = x, .magnitude = magnitude, .norms = norms, .dx = y};
  accepts([&] { backend_.column_scale_backward(backward); });
  backward.dx = x;
  refuses("shares memory", [&] { backend_.column_scale_backward(backward); });
  backward.dx = y;
  backward.dmagnitude = make(1, 3);
  refuses("dmagnitude: got [1, 3], expected [1, 7]", [&] { backend_.column_scale_backward(backward); });
}

TEST_F(OpsTest, AdamWAndNorm) {
  std::vector<float> weight(3), grad(3), m(3), v(3), four(4);
  accepts([&] { backend_.adamw({.weight = weight, .grad = grad, .m = m, .v = v}); });
  refuses("m: got 4, expected 3", [&] { backend_.adamw({.weight = weight, .grad = grad, .m = four, .v = v}); });
  refuses("m: shares memory with v", [&] { backend_.adamw({.weight = weight, .grad = grad, .m = v, .v = v}); });
  refuses("step", [&] { backend_.adamw({.weight = weight, .grad = grad, .m = m, .v = v, .step = 0}); });
  std::vector<std::uint16_t> copy(2);
  refuses("bf16_copy", [&] { backend_.adamw({.weight = weight, .grad = grad, .m = m, .v = v, .bf16_copy = copy}); });
  accepts([&] { backend_.squared_norm(weight); });
  const std::vector<std::int64_t> bounds = {0, 1, 3}, back = {0, 2, 1}, far = {0, 1, 4};
  std::vector<double> parts(2), one(1);
  accepts([&] { backend_.squared_norms(weight, bounds, parts); });
  refuses("bounds: got 3, expected 2", [&] { backend_.squared_norms(weight, bounds, one); });
  refuses("does not decrease", [&] { backend_.squared_norms(weight, back, parts); });
  refuses("places in x", [&] { backend_.squared_norms(weight, far, parts); });
}

}  // namespace
}  // namespace vernier
