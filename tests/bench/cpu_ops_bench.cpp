// Times each CPU operation at the shapes of training: GFLOP/s and share of the multiply-add peak, or GB/s.
//   cpu_ops_bench [part of a name] [--threads N]
// With one thread it counts processor time, which the load of other programs lengthens less.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "engine/cpu/gemm.h"
#include "engine/cpu/ops.h"
#include "engine/cpu/peak.h"

namespace vernier::cpu {
namespace {

class Bench {
 public:
  Bench(std::string filter, int threads) : filter_(std::move(filter)), pool_(threads), context_{pool_, {}} {
    peak_ = measure_fma_peak(threads, 0.5);
    threads_ = threads;
    std::printf("%d threads, multiply-add peak %.1f GFLOP/s\n", threads, peak_);
  }
  CpuContext& context() { return context_; }
  ThreadPool& pool() { return pool_; }

  template <typename Body>
  void products(const std::string& name, double flops, const Body& body) {
    const double seconds = time(name, body);
    if (seconds == 0.0) return;
    const double rate = flops / seconds * 1e-9;
    std::printf("%-44s %9.3f ms  %7.1f GFLOP/s  %5.1f %%\n", name.c_str(), seconds * 1e3, rate, 100.0 * rate / peak_);
  }

  template <typename Body>
  void traffic(const std::string& name, double bytes, const Body& body) {
    const double seconds = time(name, body);
    if (seconds == 0.0) return;
    std::printf("%-44s %9.3f ms  %7.1f GB/s\n", name.c_str(), seconds * 1e3, bytes / seconds * 1e-9);
  }

 private:
  // The best of several runs, or 0 where the name is not asked for.
  template <typename Body>
  double time(const std::string& name, const Body& body) const {
    if (name.find(filter_) == std::string::npos) return 0.0;
    body();
    double best = 1e30, total = 0.0;
    for (int i = 0; i < 4 || (total < 0.5 && i < 200); ++i) {
      const double start = now();
      body();
      const double seconds = now() - start;
      best = std::min(best, seconds);
      total += seconds;
    }
    return best;
  }

  double now() const {
    if (threads_ == 1) return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

  std::string filter_;
  int threads_ = 1;
  ThreadPool pool_;
  CpuContext context_;
  double peak_ = 0.0;
};

struct Model {
  const char* name;
  std::int64_t hidden, intermediate, heads, head_dim, vocabulary;
};
constexpr Model kModels[] = {{"stories-15m", 288, 768, 6, 48, 32000}, {"llama-110m", 768, 2048, 12, 64, 32000}};
constexpr std::int64_t kSequences = 4, kLength = 256, kTokens = kSequences * kLength;

struct Data {
  std::int64_t rows, cols;
  std::vector<float> values;
  Data(std::int64_t r, std::int64_t c, float scale = 1.0f) : rows(r), cols(c), values(static_cast<std::size_t>(r * c)) {
    // Uniform with a deviation of `scale`; a vocabulary's worth of normal numbers would take longer than the runs.
    std::uint32_t state = 1;
    for (float& value : values) {
      state = state * 1664525u + 1013904223u;
      value = scale * 1.7320508f * (static_cast<float>(state >> 8) * 0x1p-23f - 1.0f);
    }
  }
  TensorView view() { return {values.data(), rows, cols}; }
};

void bench_gemm(Bench& bench, const Model& model) {
  const std::int64_t shapes[][2] = {
      {model.hidden, model.hidden}, {model.intermediate, model.hidden}, {model.hidden, model.intermediate}};
  for (const auto& shape : shapes) {
    Data x(kTokens, shape[1]), weight(shape[0], shape[1]), y(kTokens, shape[0]);
    const double flops = 2.0 * kTokens * static_cast<double>(shape[0] * shape[1]);
    const std::string size = std::to_string(shape[0]) + "x" + std::to_string(shape[1]);
    Gemm forward;
    forward.m = kTokens;
    forward.n = shape[0];
    forward.k = shape[1];
    forward.trans_b = true;
    forward.a = x.values.data();
    forward.lda = shape[1];
    forward.b = weight.values.data();
    forward.ldb = shape[1];
    forward.c = y.values.data();
    forward.ldc = shape[0];
    bench.products(std::string("gemm forward ") + model.name + " " + size, flops, [&] { gemm(bench.pool(), forward); });
    Gemm backward = forward;
    backward.n = shape[1];
    backward.k = shape[0];
    backward.trans_b = false;
    backward.a = y.values.data();
    backward.lda = shape[0];
    backward.c = x.values.data();
    backward.ldc = shape[1];
    bench.products(std::string("gemm backward ") + model.name + " " + size, flops,
                   [&] { gemm(bench.pool(), backward); });
  }
}

void bench_attention(Bench& bench, const std::string& name, std::int64_t sequences, std::int64_t length,
                     std::int64_t heads, std::int64_t kv_heads, std::int64_t head_dim) {
  const std::int64_t tokens = sequences * length;
  Data q(tokens, heads * head_dim), k(tokens, kv_heads * head_dim), v(tokens, kv_heads * head_dim);
  Data out(tokens, heads * head_dim), dout(tokens, heads * head_dim), lse(tokens, heads);
  Data dq(tokens, heads * head_dim), dk(tokens, kv_heads * head_dim), dv(tokens, kv_heads * head_dim);
  std::vector<std::int32_t> cu;
  for (std::int64_t s = 0; s <= sequences; ++s) cu.push_back(static_cast<std::int32_t>(s * length));
  AttentionForward forward;
  forward.q = q.view();
  forward.k = k.view();
  forward.v = v.view();
  forward.cu_seqlens_q = cu;
  forward.cu_seqlens_k = cu;
  forward.shape.heads = heads;
  forward.shape.kv_heads = kv_heads;
  forward.shape.head_dim = head_dim;
  forward.shape.scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
  forward.out = out.view();
  forward.lse = lse.view();
  // Pairs that attend only; two products forward, five backward.
  const double pairs = static_cast<double>(sequences * heads) * static_cast<double>(length * (length + 1)) / 2.0;
  const double product = 2.0 * pairs * static_cast<double>(head_dim);
  bench.products("attention forward " + name, 2.0 * product, [&] { attention_forward(bench.context(), forward); });
  AttentionBackward backward;
  backward.dout = dout.view();
  backward.q = q.view();
  backward.k = k.view();
  backward.v = v.view();
  backward.out = out.view();
  backward.lse = lse.view();
  backward.cu_seqlens = cu;
  backward.shape = forward.shape;
  backward.dq = dq.view();
  backward.dk = dk.view();
  backward.dv = dv.view();
  attention_forward(bench.context(), forward);
  bench.products("attention backward " + name, 5.0 * product, [&] { attention_backward(bench.context(), backward); });
}

void bench_decode(Bench& bench, std::int64_t heads, std::int64_t kv_heads, std::int64_t head_dim, std::int64_t keys) {
  Data q(1, heads * head_dim), k(keys, kv_heads * head_dim), v(keys, kv_heads * head_dim), out(1, heads * head_dim);
  const std::int32_t cu_q[] = {0, 1}, cu_k[] = {0, static_cast<std::int32_t>(keys)};
  AttentionForward forward;
  forward.q = q.view();
  forward.k = k.view();
  forward.v = v.view();
  forward.cu_seqlens_q = cu_q;
  forward.cu_seqlens_k = cu_k;
  forward.shape.heads = heads;
  forward.shape.kv_heads = kv_heads;
  forward.shape.head_dim = head_dim;
  forward.shape.scale = 0.1f;
  forward.out = out.view();
  bench.traffic("attention decode H=" + std::to_string(heads) + " K=" + std::to_string(kv_heads) + ", " +
                    std::to_string(keys) + " keys",
                8.0 * static_cast<double>(keys * kv_heads * head_dim),
                [&] { attention_forward(bench.context(), forward); });
}

void bench_loss_head(Bench& bench, const Model& model) {
  Data hidden(kTokens, model.hidden), weight(model.vocabulary, model.hidden, 0.05f), dhidden(kTokens, model.hidden);
  std::vector<std::int32_t> rows, targets;
  for (std::int32_t i = 0; i < kTokens; ++i) {
    rows.push_back(i);
    targets.push_back(static_cast<std::int32_t>(i * 7919 % model.vocabulary));
  }
  std::vector<float> loss(rows.size()), log_sum_exp(rows.size()), entropy(rows.size()), weights(rows.size(), 0.001f);
  std::vector<std::int32_t> argmax(rows.size()), rank(rows.size());
  LossHead op;
  op.hidden = hidden.view();
  op.rows = rows;
  op.weight = weight.view();
  op.targets = targets;
  op.row_weights = weights;
  op.out = {loss, log_sum_exp, entropy, argmax, rank};
  const double product = 2.0 * static_cast<double>(kTokens * model.hidden * model.vocabulary);
  bench.products(std::string("loss head, no gradient ") + model.name, product, [&] { loss_head(bench.context(), op); });
  op.dhidden = dhidden.view();
  bench.products(std::string("loss head ") + model.name, 2.0 * product, [&] { loss_head(bench.context(), op); });
}

void bench_rows(Bench& bench, const Model& model) {
  Data x(kTokens, model.hidden), y(kTokens, model.hidden), dx(kTokens, model.hidden), weight(1, model.hidden);
  Data inv_rms(kTokens, 1);
  const double floats = 4.0 * static_cast<double>(kTokens * model.hidden);
  const std::string name = model.name;
  RmsNormForward norm;
  norm.x = x.view();
  norm.weight = weight.view();
  norm.y = y.view();
  norm.inv_rms = inv_rms.view();
  bench.traffic("rms_norm forward " + name, 2.0 * floats, [&] { rms_norm_forward(bench.context(), norm); });
  RmsNormBackward back;
  back.dy = y.view();
  back.x = x.view();
  back.weight = weight.view();
  back.inv_rms = inv_rms.view();
  back.accumulate = true;
  back.dx = dx.view();
  rms_norm_forward(bench.context(), norm);
  bench.traffic("rms_norm backward " + name, 4.0 * floats, [&] { rms_norm_backward(bench.context(), back); });

  Data table(kLength, model.head_dim);
  std::vector<std::int32_t> positions;
  for (std::int32_t i = 0; i < kTokens; ++i) positions.push_back(i % kLength);
  Rope turn;
  turn.q = x.view();
  turn.k = dx.view();
  turn.position_ids = positions;
  turn.table = table.view();
  turn.head_dim = model.head_dim;
  turn.rotary_dim = model.head_dim;
  bench.traffic("rope q, k " + name, 4.0 * floats, [&] { rope(bench.context(), turn); });
  bench.traffic("add " + name, 3.0 * floats, [&] { add(bench.context(), x.view(), y.view()); });

  Data gate(kTokens, model.intermediate), up(kTokens, model.intermediate), out(kTokens, model.intermediate);
  Data dgate(kTokens, model.intermediate), dup(kTokens, model.intermediate);
  const double wide = 4.0 * static_cast<double>(kTokens * model.intermediate);
  for (const auto& [activation, text] :
       {std::pair{Activation::kSilu, "silu "}, {Activation::kGelu, "gelu "}, {Activation::kGeluTanh, "gelu_tanh "}}) {
    const GatedForward forward{gate.view(), up.view(), activation, out.view()};
    bench.traffic("gated forward " + (text + name), 3.0 * wide, [&] { gated_forward(bench.context(), forward); });
    const GatedBackward backward{out.view(), gate.view(), up.view(), activation, dgate.view(), dup.view()};
    bench.traffic("gated backward " + (text + name), 5.0 * wide, [&] { gated_backward(bench.context(), backward); });
  }
}

void bench_adamw(Bench& bench) {
  const std::size_t n = 8 << 20;
  std::vector<float> weight(n, 1.0f), grad(n, 0.1f), m(n, 0.0f), v(n, 0.0f);
  AdamW op;
  op.weight = weight;
  op.grad = grad;
  op.m = m;
  op.v = v;
  op.learning_rate = 1e-3f;
  bench.traffic("adamw", 7.0 * 4.0 * static_cast<double>(n), [&] { adamw(bench.context(), op); });
  double sum = 0.0;
  bench.traffic("squared_norm", 4.0 * static_cast<double>(n), [&] { sum += squared_norm(bench.context(), grad); });
}

void run(const std::string& filter, int threads) {
  Bench bench(filter, threads);
  for (const Model& model : kModels) bench_gemm(bench, model);
  for (const Model& model : kModels) {
    bench_attention(bench, model.name, kSequences, kLength, model.heads, model.heads, model.head_dim);
  }
  bench_attention(bench, "1 x 2048, H=32 K=8 E=64", 1, 2048, 32, 8, 64);
  bench_attention(bench, "4 x 256, H=16 K=8 E=128", 4, 256, 16, 8, 128);
  bench_decode(bench, 12, 12, 64, 2048);
  bench_decode(bench, 32, 8, 64, 8192);
  for (const Model& model : kModels) bench_loss_head(bench, model);
  for (const Model& model : kModels) bench_rows(bench, model);
  bench_adamw(bench);
}

}  // namespace
}  // namespace vernier::cpu

int main(int argc, char** argv) {
  std::string filter;
  int threads = vernier::cpu::default_thread_count();
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--threads") == 0 && i + 1 < argc) {
      threads = std::max(1, std::atoi(argv[++i]));
    } else {
      filter = argv[i];
    }
  }
  vernier::cpu::run(filter, threads);
}
