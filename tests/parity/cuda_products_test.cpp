// Projections and the loss head on a CUDA device against the CPU's.
#include <algorithm>

#include "tests/parity/cuda_support.h"

namespace vernier::test {
namespace {

class CudaProducts : public CudaOps {};

INSTANTIATE_TEST_SUITE_P(Types, CudaProducts, testing::Values(DType::kF32, DType::kBF16),
                         [](const auto& test) { return std::string(to_string(test.param)); });

struct Sizes {
  std::int64_t rows, inputs;
  std::vector<std::int64_t> outputs, ranks;
  float dropout = 0.0f;
  bool bias = false;
};

const Sizes kOdd[] = {
    {1, 64, {33}, {4}},
    {5, 30, {20, 7}, {3, 2}},
    {7, 129, {65, 1, 40}, {8, 0, 16}, 0.0f, true},
    {130, 67, {101}, {0}, 0.0f, true},
    {97, 96, {131, 17}, {64, 40}},
    {103, 70, {41, 30}, {5, 9}, 0.1f, true},
    {33, 193, {20, 20, 9}, {4, 0, 2}, 0.5f},
};
const Sizes kWhole[] = {
    {200, 288, {96, 48, 48}, {16, 16, 16}},
    {1, 256, {512, 128, 128}, {16, 16, 16}, 0.0f, true},
    {515, 512, {1032}, {16}},
    {1000, 264, {520, 520}, {8, 8}},
    {640, 1032, {264}, {32}, 0.25f},
    {300, 256, {256, 64, 64}, {64, 64, 64}},
};

// Weights in one matrix and outputs in another, as the decoder has them; the A matrices in one, or apart.
struct Layers {
  Both weight, bias, y, dy, all_a;
  bool a_is_one = false;
  std::vector<Both> a, b, da, db, dbias, dweight;
  std::vector<std::int64_t> ranks;
  std::int64_t total = 0;
  bool with_bias = false;

  std::vector<Projection> projections(const Sizes& s, bool device) {
    std::vector<Projection> all;
    std::int64_t first = 0, first_rank = 0;
    for (std::size_t p = 0; p < s.outputs.size(); ++p) {
      Projection projection;
      projection.weight = (device ? weight.device() : weight.host()).row_range(first, s.outputs[p]);
      if (with_bias) projection.bias = (device ? bias.device() : bias.host()).col_range(first, s.outputs[p]);
      if (s.ranks[p] > 0) {
        const TensorView one = device ? all_a.device() : all_a.host();
        const TensorView own = device ? a[p].device() : a[p].host();
        projection.lora = {a_is_one ? one.row_range(first_rank, s.ranks[p]) : own, device ? b[p].device() : b[p].host(),
                           0.5f + static_cast<float>(p)};
      }
      first_rank += s.ranks[p];
      all.push_back(projection);
      first += s.outputs[p];
    }
    return all;
  }
  template <typename View>
  static std::vector<View> parts(const Sizes& s, const TensorView& whole) {
    std::vector<View> views;
    std::int64_t first = 0;
    for (const std::int64_t outputs : s.outputs) {
      views.push_back(whole.col_range(first, outputs));
      first += outputs;
    }
    return views;
  }
};

TEST_P(CudaProducts, Project) {
  for (const bool vectors : {false, true}) {
    whole_vectors_ = vectors;
    for (const Sizes& s : vectors ? std::span<const Sizes>(kWhole) : std::span<const Sizes>(kOdd)) {
      for (const bool accumulate : {false, true}) {
        SCOPED_TRACE(testing::Message() << s.rows << " x " << s.inputs << ", dropout " << s.dropout
                                        << ", += " << accumulate);
        std::int64_t outputs = 0, ranks = 0;
        for (const std::int64_t o : s.outputs) outputs += o;
        for (const std::int64_t r : s.ranks) ranks += r;
        Layers l;
        l.with_bias = s.bias;
        const float deviation = 1.0f / std::sqrt(static_cast<float>(s.inputs));
        l.weight = in(outputs, s.inputs, deviation);
        l.bias = in(1, outputs);
        l.a_is_one = accumulate;
        l.all_a = in(std::max<std::int64_t>(ranks, 1), s.inputs, deviation);
        l.dy = in(s.rows, outputs);
        l.y = accumulate ? in(s.rows, outputs) : out(s.rows, outputs);
        for (std::size_t p = 0; p < s.outputs.size(); ++p) {
          const std::int64_t rank = std::max<std::int64_t>(s.ranks[p], 1);
          l.a.push_back(in(rank, s.inputs, deviation));
          l.b.push_back(in(s.outputs[p], rank, 0.3f));
          l.da.push_back(in32(rank, s.inputs));
          l.db.push_back(in32(s.outputs[p], rank));
          l.dbias.push_back(in32(1, s.outputs[p]));
          l.dweight.push_back(in32(s.outputs[p], s.inputs));
        }
        Both x = in(s.rows, s.inputs), t = out(s.rows, std::max<std::int64_t>(ranks, 1));
        Both dx = accumulate ? in(s.rows, s.inputs) : out(s.rows, s.inputs);
        std::vector<std::uint64_t> keys;
        for (std::int64_t n = 0; n < s.rows; ++n) keys.push_back(rng()());
        const Dropout dropout{s.dropout, rng()(), 7, keys};
        // What is accumulated into, or has a low-rank part, is rounded twice.
        const double product_tolerance = tolerance(accumulate || ranks > 0 ? 5e-3 : 3e-3);

        const std::vector<Projection> on_cpu = l.projections(s, false), on_gpu = l.projections(s, true);
        const std::vector<TensorView> y_cpu = Layers::parts<TensorView>(s, l.y.host());
        const std::vector<TensorView> y_gpu = Layers::parts<TensorView>(s, l.y.device());
        cpu().project_forward({x.host(), on_cpu, dropout, accumulate, y_cpu, ranks > 0 ? t.host() : TensorView()});
        gpu().project_forward({x.device(), on_gpu, dropout, accumulate, y_gpu, ranks > 0 ? t.device() : TensorView()});
        EXPECT_WITHIN(l.y, product_tolerance);
        if (ranks == 0) {
          t = in(s.rows, 1);
        } else {
          EXPECT_WITHIN(t, tolerance());
          t = in(s.rows, ranks);  // the backward pass from the same t
        }

        std::vector<ProjectionGrads> grads_cpu, grads_gpu;
        for (std::size_t p = 0; p < s.outputs.size(); ++p) {
          ProjectionGrads host{{}, {}, l.dweight[p].host(), l.dbias[p].host()};
          ProjectionGrads device{{}, {}, l.dweight[p].device(), l.dbias[p].device()};
          if (s.ranks[p] > 0) {
            host.da = l.da[p].host(), host.db = l.db[p].host();
            device.da = l.da[p].device(), device.db = l.db[p].device();
          }
          grads_cpu.push_back(host);
          grads_gpu.push_back(device);
        }
        cpu().project_backward({Layers::parts<ConstTensorView>(s, l.dy.host()), x.host(), on_cpu,
                                ranks > 0 ? t.host() : TensorView(), dropout, accumulate, dx.host(), grads_cpu});
        gpu().project_backward({Layers::parts<ConstTensorView>(s, l.dy.device()), x.device(), on_gpu,
                                ranks > 0 ? t.device() : TensorView(), dropout, accumulate, dx.device(), grads_gpu});
        EXPECT_WITHIN(dx, product_tolerance);
        for (std::size_t p = 0; p < s.outputs.size(); ++p) {
          SCOPED_TRACE(testing::Message() << "projection " << p);
          if (s.ranks[p] > 0) EXPECT_WITHIN(l.da[p], tolerance(5e-3));
          if (s.ranks[p] > 0) EXPECT_WITHIN(l.db[p], tolerance(5e-3));
          EXPECT_WITHIN(l.dweight[p], 1e-5);
          EXPECT_WITHIN(l.dbias[p], 1e-5);
        }
      }
    }
  }
}

// Kernels chosen for one number of rows serve its neighbours, and none at all.
TEST_P(CudaProducts, NumbersOfRowsThatShareAKernel) {
  whole_vectors_ = true;
  Both weight = in(136, 72, 0.12f);
  for (const std::int64_t rows : {1023, 898, 1024, 897, 961, 1000, 7, 8, 0}) {
    SCOPED_TRACE(testing::Message() << rows << " rows");
    Both x = in(rows, 72), y = out(rows, 136);
    const std::vector<Projection> on_cpu = {{weight.host(), {}, {}}}, on_gpu = {{weight.device(), {}, {}}};
    const std::vector<TensorView> y_cpu = {y.host()}, y_gpu = {y.device()};
    cpu().project_forward({x.host(), on_cpu, {}, false, y_cpu});
    gpu().project_forward({x.device(), on_gpu, {}, false, y_gpu});
    EXPECT_WITHIN(y, tolerance());
    const std::vector<ConstTensorView> dy_cpu = {x.host()}, dy_gpu = {x.device()};
    Both square = in(72, 72);
    const std::vector<Projection> square_cpu = {{square.host(), {}, {}}}, square_gpu = {{square.device(), {}, {}}};
    Both dsquare = in32(72, 72), input = in(rows, 72);
    const std::vector<ProjectionGrads> grads_cpu = {{{}, {}, dsquare.host(), {}}};
    const std::vector<ProjectionGrads> grads_gpu = {{{}, {}, dsquare.device(), {}}};
    cpu().project_backward({dy_cpu, input.host(), square_cpu, {}, {}, false, {}, grads_cpu});
    gpu().project_backward({dy_gpu, input.device(), square_gpu, {}, {}, false, {}, grads_gpu});
    EXPECT_WITHIN(dsquare, 1e-5);
  }
}

// Two passes with timing off, which is what a run promises with deterministic: true.
TEST_P(CudaProducts, DeterministicIsTheSameTwice) {
  whole_vectors_ = true;
  gpu().set_deterministic(true);
  Both x = in(700, 264), weight = in(520, 264, 0.06f), a = in(16, 264, 0.06f), b = in(520, 16), t = out(700, 16);
  Both dy = in(700, 520);
  const std::vector<Projection> projections = {{weight.device(), {}, {a.device(), b.device(), 2.0f}}};
  std::vector<std::vector<float>> seen;
  for (int run = 0; run < 2; ++run) {
    Both y = out(700, 520), dx = out(700, 264), da = in32(16, 264, 0.0f), db = in32(520, 16, 0.0f);
    const std::vector<TensorView> ys = {y.device()};
    const std::vector<ConstTensorView> dys = {dy.device()};
    const std::vector<ProjectionGrads> grads = {{da.device(), db.device(), {}, {}}};
    gpu().project_forward({x.device(), projections, {}, false, ys, t.device()});
    gpu().project_backward({dys, x.device(), projections, t.device(), {}, false, dx.device(), grads});
    const Both* results[] = {&y, &dx, &da, &db, &t};
    for (std::size_t i = 0; i < 5; ++i) {
      if (run == 0) {
        seen.push_back(results[i]->values());
      } else {
        EXPECT_EQ(results[i]->values(), seen[i]) << i;
      }
    }
  }
  gpu().set_deterministic(false);
}

// What nobody asked for stays as it is.
TEST_P(CudaProducts, OnlyWhatIsAskedFor) {
  Both weight = in(40, 24), a = in(8, 24), b = in(40, 8), x = in(9, 24), dy = in(9, 40), t = in(9, 8);
  Both da = in32(8, 24), db = in32(40, 8);
  const std::vector<Projection> on_gpu = {{weight.device(), {}, {a.device(), b.device(), 2.0f}}};
  const std::vector<ConstTensorView> dys = {dy.device()};
  const std::vector<ProjectionGrads> only_db = {{{}, db.device(), {}, {}}};
  gpu().project_backward({dys, x.device(), on_gpu, t.device(), {}, false, {}, only_db});
  EXPECT_WITHIN(da, 0.0);
  const std::vector<Projection> on_cpu = {{weight.host(), {}, {a.host(), b.host(), 2.0f}}};
  const std::vector<ConstTensorView> dys_cpu = {dy.host()};
  const std::vector<ProjectionGrads> only_db_cpu = {{{}, db.host(), {}, {}}};
  cpu().project_backward({dys_cpu, x.host(), on_cpu, t.host(), {}, false, {}, only_db_cpu});
  EXPECT_WITHIN(db, tolerance(5e-3));
}

struct Head {
  Both hidden, weight, dhidden, dweight;
  std::vector<std::int32_t> rows, targets;
  std::vector<float> row_weights;
  float scale = 1.0f, softcap = 0.0f;
};

struct Told {
  std::vector<float> loss, log_sum_exp, entropy;
  std::vector<std::int32_t> argmax, rank;
  std::vector<LogitSummary> logits;

  explicit Told(std::size_t m) : loss(m), log_sum_exp(m), entropy(m), argmax(m), rank(m), logits(m) {}
  LossRows rows() { return {loss, log_sum_exp, entropy, argmax, rank, logits}; }
};

LossHead operation(Head& h, Told& told, bool device) {
  LossHead op;
  op.hidden = device ? h.hidden.device() : h.hidden.host();
  op.rows = h.rows;
  op.weight = device ? h.weight.device() : h.weight.host();
  op.logit_scale = h.scale;
  op.softcap = h.softcap;
  op.targets = h.targets;
  op.row_weights = h.row_weights;
  op.out = told.rows();
  op.dhidden = device ? h.dhidden.device() : h.dhidden.host();
  op.dweight = device ? h.dweight.device() : h.dweight.host();
  return op;
}

TEST_P(CudaProducts, LossHead) {
  struct Shape {
    std::int64_t rows, vocabulary, width;
    bool all;
    float scale, softcap;
  };
  const Shape shapes[] = {{1, 1, 5, true, 1.0f, 0.0f},       {2, 7, 16, false, 1.0f, 0.0f},
                          {65, 2049, 40, false, 1.0f, 0.0f}, {300, 5003, 24, true, 0.7f, 0.0f},
                          {37, 401, 23, false, 0.37f, 1.3f}, {1100, 67, 8, false, 1.0f, 0.0f},
                          {129, 3000, 64, true, 1.0f, 2.0f}};
  for (const Shape& s : shapes) {
    for (const bool vectors : {false, true}) {
      whole_vectors_ = vectors;
      SCOPED_TRACE(testing::Message() << s.rows << " rows, vocabulary " << s.vocabulary << ", width " << s.width);
      Head h;
      h.hidden = in(s.rows, s.width);
      h.weight = in(s.vocabulary, s.width, 2.0f / std::sqrt(static_cast<float>(s.width)));
      h.dhidden = out(s.rows, s.width);
      h.dweight = in32(s.vocabulary, s.width, 0.01f);
      h.scale = s.scale;
      h.softcap = s.softcap;
      for (std::int32_t row = 0; row < s.rows; ++row) {
        if (!s.all && row % 3 == 1) continue;
        h.rows.push_back(row);
        h.targets.push_back(static_cast<std::int32_t>(uniform_int(0, s.vocabulary - 1)));
      }
      h.row_weights = normal(h.rows.size());
      const std::size_t m = h.rows.size();
      Told cpu_told(m), gpu_told(m);
      std::vector<float> logits(m * static_cast<std::size_t>(s.vocabulary)), gpu_logits(logits.size());
      const auto count = static_cast<std::int64_t>(m);
      cpu().logits_forward({h.hidden.host(), h.rows, h.weight.host(), h.scale, h.softcap,
                            TensorView(logits.data(), count, s.vocabulary)});
      gpu().logits_forward({h.hidden.device(), h.rows, h.weight.device(), h.scale, h.softcap,
                            TensorView(gpu_logits.data(), count, s.vocabulary)});
      cpu().loss_head(operation(h, cpu_told, false));

      // Products are float32 from the same values in either type.
      double size = 1.0;
      for (const float x : cpu_told.log_sum_exp) size = std::max(size, std::abs(static_cast<double>(x)));
      const double slack = 1e-5 * size;
      const auto near = [&](float a, float b) {
        return std::abs(static_cast<double>(a) - static_cast<double>(b)) <= slack;
      };
      for (std::size_t i = 0; i < logits.size(); ++i) ASSERT_TRUE(near(gpu_logits[i], logits[i])) << i;
      // Fetched beside other work, twice at once: the same, and the same rounded.
      const auto wide = gpu().allocate_to_fetch(gpu_logits.size() * sizeof(float));
      const auto half = gpu().allocate_to_fetch(gpu_logits.size() * 2);
      LogitsForward asked{h.hidden.device(), h.rows,
                          h.weight.device(), h.scale,
                          h.softcap,         TensorView(static_cast<float*>(wide->data()), count, s.vocabulary)};
      const auto first = gpu().begin_logits(asked);
      asked.logits = {half->data(), DType::kF16, count, s.vocabulary, s.vocabulary};
      const auto second = gpu().begin_logits(asked);
      gpu().loss_head(operation(h, gpu_told, true));
      second->wait();
      first->wait();
      EXPECT_GT(second->device_milliseconds(), 0.0);
      for (std::size_t i = 0; i < gpu_logits.size(); ++i) {
        ASSERT_EQ(static_cast<const float*>(wide->data())[i], gpu_logits[i]) << i;
        ASSERT_EQ(static_cast<const std::uint16_t*>(half->data())[i], f32_to_f16(gpu_logits[i])) << i;
      }
      for (std::size_t i = 0; i < m; ++i) {
        ASSERT_TRUE(near(gpu_told.loss[i], cpu_told.loss[i])) << i << ": " << gpu_told.loss[i];
        ASSERT_TRUE(near(gpu_told.log_sum_exp[i], cpu_told.log_sum_exp[i])) << i;
        ASSERT_TRUE(near(gpu_told.entropy[i], cpu_told.entropy[i])) << i << ": " << gpu_told.entropy[i];
        const LogitSummary &gpu_summary = gpu_told.logits[i], &cpu_summary = cpu_told.logits[i];
        ASSERT_TRUE(near(gpu_summary.mean, cpu_summary.mean)) << i << ": " << gpu_summary.mean;
        ASSERT_TRUE(near(gpu_summary.min, cpu_summary.min)) << i << ": " << gpu_summary.min;
        ASSERT_TRUE(near(gpu_summary.max, cpu_summary.max)) << i << ": " << gpu_summary.max;
        // The root of what float32 loses of the squares.
        ASSERT_TRUE(std::abs(gpu_summary.deviation - cpu_summary.deviation) <= 1e-3 * size) << i;
        ASSERT_EQ(gpu_summary.non_finite, 0) << i;
        const float* row = logits.data() + i * static_cast<std::size_t>(s.vocabulary);
        ASSERT_TRUE(gpu_told.argmax[i] >= 0 && gpu_told.argmax[i] < s.vocabulary);
        ASSERT_TRUE(near(row[gpu_told.argmax[i]], row[cpu_told.argmax[i]])) << i;
        // Ids whose logits differ by less than float32 resolves may change places.
        std::int32_t least = 0, most = 0;
        for (std::int64_t v = 0; v < s.vocabulary; ++v) {
          const double above = static_cast<double>(row[v]) - static_cast<double>(row[h.targets[i]]);
          least += above > slack ? 1 : 0;
          most += above > -slack ? 1 : 0;
        }
        ASSERT_TRUE(gpu_told.rank[i] >= least && gpu_told.rank[i] <= most) << i;
      }
      if (s.vocabulary > 1) EXPECT_WITHIN(h.dhidden, tolerance());
      EXPECT_WITHIN(h.dweight, tolerance());

      // Without the summaries the losses have the same bits.
      Told without(m);
      LossHead bare = operation(h, without, true);
      bare.dhidden = bare.dweight = {};
      bare.out.logits = {};
      gpu().loss_head(bare);
      EXPECT_EQ(without.loss, gpu_told.loss);
      EXPECT_EQ(without.entropy, gpu_told.entropy);

      // dhidden in the place of hidden; and twice the same bits.
      Told again(m);
      LossHead op = operation(h, again, true);
      op.dweight = {};
      op.dhidden = h.hidden.device();
      gpu().loss_head(op);
      EXPECT_EQ(again.loss, gpu_told.loss);
      cpu().copy(h.dhidden.host(), h.hidden.host());
      if (s.vocabulary > 1) EXPECT_WITHIN(h.hidden, tolerance());
    }
  }
}

TEST_P(CudaProducts, TiesGoToTheLowestIdAndNanComesThrough) {
  Both hidden = in(3, 8), weight = in(4500, 8);
  for (const std::int64_t id : {300, 301, 2047, 2048, 4499}) {
    for (std::int64_t c = 0; c < 8; ++c) weight.at(id, c) = 32.0f * hidden.at(1, c);
  }
  hidden.at(2, 3) = kPoison;
  hidden.send();
  weight.send();
  const std::vector<std::int32_t> rows = {0, 1, 2}, targets = {5, 2048, 7};
  Told told(3);
  LossHead op;
  op.hidden = hidden.device();
  op.rows = rows;
  op.weight = weight.device();
  op.targets = targets;
  op.out = told.rows();
  gpu().loss_head(op);
  EXPECT_EQ(told.argmax[1], 300);
  EXPECT_EQ(told.rank[1], 0);
  EXPECT_TRUE(std::isfinite(told.loss[0]));
  EXPECT_TRUE(std::isnan(told.loss[2]));
  EXPECT_TRUE(told.argmax[2] >= 0 && told.argmax[2] < 4500);
  EXPECT_EQ(told.logits[0].non_finite, 0);
  EXPECT_EQ(told.logits[2].non_finite, 4500);
  EXPECT_TRUE(std::isnan(told.logits[2].mean) && std::isnan(told.logits[2].max));
}

// What no float16 holds stays as near as it can; NaN and infinity stay what they are.
TEST_P(CudaProducts, FetchedLogitsBeyondFloat16) {
  Both hidden = in(4, 8), weight = in(5, 8);
  for (std::int64_t i = 0; i < 8; ++i) {
    for (std::int64_t r = 0; r < 4; ++r) hidden.at(r, i) = i > 0 ? 0.0f : r == 3 ? kPoison : 1.0f;
    const float large[] = {65536.0f, -3e30f, std::numeric_limits<float>::infinity(), 1.0f, -65504.0f};
    for (std::int64_t v = 0; v < 5; ++v) weight.at(v, i) = i > 0 ? 0.0f : rounded_to(dtype(), large[v]);
  }
  hidden.send();
  weight.send();
  const std::vector<std::int32_t> rows = {1, 3};
  const auto memory = gpu().allocate_to_fetch(2 * 5 * 2);
  gpu()
      .begin_logits({hidden.device(), rows, weight.device(), 1.0f, 0.0f, {memory->data(), DType::kF16, 2, 5, 5}})
      ->wait();
  const auto at = [&](int i) { return f16_to_f32(static_cast<const std::uint16_t*>(memory->data())[i]); };
  EXPECT_EQ(at(0), 65504.0f);
  EXPECT_EQ(at(1), -65504.0f);
  EXPECT_FALSE(std::isfinite(at(2)));
  EXPECT_EQ(at(3), 1.0f);
  EXPECT_EQ(at(4), -65504.0f);
  for (int v = 5; v < 10; ++v) EXPECT_TRUE(std::isnan(at(v)));
}

TEST_P(CudaProducts, PeakIsMeasured) {
  EXPECT_GT(gpu().measure_peak_gflops(), 1000.0);
}

}  // namespace
}  // namespace vernier::test
