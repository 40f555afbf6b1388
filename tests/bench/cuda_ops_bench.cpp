// Times each CUDA operation at the shapes of a training step: ms, and GB/s beside the device's copy rate or TFLOP/s
// beside its rate for a large bf16 product.
//   cuda_ops_bench [part of a name] [--tokens N]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/cuda/context.h"
#include "engine/cuda/cuda_backend.h"
#include "engine/cuda/errors.h"
#include "engine/cuda/gemm.h"
#include "vernier/error.h"

namespace vernier::cuda {
namespace {

struct Model {
  const char* name;
  std::int64_t hidden, intermediate, heads, kv_heads, head_dim, vocabulary;
};
constexpr Model kModels[] = {{"1B", 2048, 8192, 32, 8, 64, 128256}, {"8B", 4096, 14336, 32, 8, 128, 128256}};
constexpr std::int64_t kRank = 16;

class Bench {
 public:
  Bench(std::string filter, std::int64_t tokens_in)
      : tokens(tokens_in), backend(make_backend(0)), filter_(std::move(filter)) {
    peak_ = backend->measure_peak_gflops() * 1e-3;
    const std::int64_t size = std::int64_t{1} << 28;
    const TensorView from = matrix(1, size), to = matrix(1, size);
    copy_ = 2.0 * 2.0 * static_cast<double>(size) / seconds([&] { backend->copy(from, to); }) * 1e-9;
    buffers_.clear();
    std::printf("large bf16 product %.1f TFLOP/s, copy %.0f GB/s, %lld tokens\n", peak_, copy_,
                static_cast<long long>(tokens));
  }

  // Normal values.
  TensorView matrix(std::int64_t rows, std::int64_t cols, DType dtype = DType::kBF16, float deviation = 1.0f) {
    buffers_.push_back(backend->allocate(static_cast<std::size_t>(rows * cols) * size_of(dtype)));
    const TensorView view(buffers_.back()->data(), dtype, rows, cols, cols);
    backend->fill_normal({buffers_.size(), 1, deviation, view});
    return view;
  }
  void free() { buffers_.clear(); }

  template <typename Body>
  void products(const std::string& name, double flops, const Body& body) {
    if (name.find(filter_) == std::string::npos) return;
    const double time = seconds(body);
    std::printf("%-44s %8.3f ms  %7.1f TFLOP/s  %5.1f %%\n", name.c_str(), time * 1e3, flops / time * 1e-12,
                100.0 * flops / time * 1e-12 / peak_);
    std::fflush(stdout);
  }
  // bytes: the least that have to move.
  template <typename Body>
  void traffic(const std::string& name, double bytes, const Body& body) {
    if (name.find(filter_) == std::string::npos) return;
    const double time = seconds(body);
    std::printf("%-44s %8.3f ms  %7.0f GB/s     %5.1f %%\n", name.c_str(), time * 1e3, bytes / time * 1e-9,
                100.0 * bytes / time * 1e-9 / copy_);
    std::fflush(stdout);
  }

  const std::int64_t tokens;
  std::unique_ptr<Backend> backend;

 private:
  // Of one run, the best of five rounds of several.
  template <typename Body>
  double seconds(const Body& body) {
    body();
    backend->synchronize();
    const double once = run(body, 1);
    const int count = std::clamp(static_cast<int>(0.004 / once), 2, 200);
    double best = 1e30;
    for (int round = 0; round < 5; ++round) best = std::min(best, run(body, count));
    return best;
  }
  template <typename Body>
  double run(const Body& body, int count) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) body();
    check(cudaDeviceSynchronize(), "bench");
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / count;
  }

  std::string filter_;
  std::vector<std::unique_ptr<DeviceBuffer>> buffers_;
  double peak_ = 0.0, copy_ = 0.0;
};

double real(std::int64_t x) {
  return static_cast<double>(x);
}

void bench_elementwise(Bench& b, const Model& m) {
  const std::string name = std::string(m.name) + " ";
  Backend& backend = *b.backend;
  const std::int64_t n = b.tokens, d = m.hidden, f = m.intermediate;
  const double row = 2.0 * real(n * d);
  const TensorView x = b.matrix(n, d), y = b.matrix(n, d), dx = b.matrix(n, d), weight = b.matrix(1, d);
  const TensorView inv = b.matrix(n, 1, DType::kF32);
  b.traffic(name + "norm forward", 2 * row, [&] {
    backend.rms_norm_forward({x, weight, 1, 1e-5f, 0.0f, false, y, inv});
  });
  b.traffic(name + "norm backward, accumulating", 4 * row, [&] {
    backend.rms_norm_backward({y, x, weight, inv, 1, 0.0f, true, dx});
  });
  b.traffic(name + "add", 3 * row, [&] { backend.add(x, y); });
  b.traffic(name + "copy", 2 * row, [&] { backend.copy(x, y); });

  const TensorView gate_up = b.matrix(n, 2 * f), product = b.matrix(n, f);
  const double wide = 2.0 * real(n * f);
  const TensorView gate = gate_up.col_range(0, f), up = gate_up.col_range(f, f);
  b.traffic(name + "swiglu forward", 3 * wide, [&] { backend.gated_forward({gate, up, Activation::kSilu, product}); });
  b.traffic(name + "swiglu backward", 5 * wide, [&] {
    backend.gated_backward({product, gate, up, Activation::kSilu, gate, up});
  });

  const std::int64_t q = m.heads * m.head_dim, k = m.kv_heads * m.head_dim;
  const TensorView qkv = b.matrix(n, q + 2 * k), table = b.matrix(n, m.head_dim, DType::kF32);
  std::vector<std::int32_t> positions, ids;
  for (std::int64_t i = 0; i < n; ++i) positions.push_back(static_cast<std::int32_t>(i % 2048));
  for (std::int64_t i = 0; i < n; ++i) ids.push_back(static_cast<std::int32_t>(i * 7919 % m.vocabulary));
  b.traffic(name + "rope", 4.0 * real(n * (q + k)), [&] {
    backend.rope({qkv.col_range(0, q), qkv.col_range(q, k), positions, table, m.head_dim, m.head_dim, false});
  });
  const TensorView vocabulary = b.matrix(m.vocabulary, d);
  b.traffic(name + "embedding", 2 * row, [&] { backend.embedding_forward({ids, vocabulary, 1.0f, x}); });
  b.free();
}

// One group of projections with LoRA: all of its work, and the big product alone.
void bench_projections(Bench& b, const Model& m) {
  Backend& backend = *b.backend;
  const std::int64_t n = b.tokens, q = m.heads * m.head_dim, k = m.kv_heads * m.head_dim;
  struct Group {
    const char* name;
    std::int64_t inputs;
    std::vector<std::int64_t> outputs;
  };
  const Group groups[] = {{"q, k, v", m.hidden, {q, k, k}},
                          {"o", q, {m.hidden}},
                          {"gate, up", m.hidden, {m.intermediate, m.intermediate}},
                          {"down", m.intermediate, {m.hidden}}};
  for (const Group& g : groups) {
    const std::string name = std::string(m.name) + " " + g.name + ": ";
    std::int64_t outputs = 0;
    for (const std::int64_t o : g.outputs) outputs += o;
    const TensorView x = b.matrix(n, g.inputs), y = b.matrix(n, outputs), dx = b.matrix(n, g.inputs);
    const TensorView weight = b.matrix(outputs, g.inputs, DType::kBF16, 0.02f);
    const std::int64_t ranks = kRank * static_cast<std::int64_t>(g.outputs.size());
    const TensorView t = b.matrix(n, ranks);
    std::vector<Projection> plain, adapted;
    std::vector<TensorView> parts;
    std::vector<ConstTensorView> gradients;
    std::vector<ProjectionGrads> none, grads;
    std::int64_t first = 0;
    for (const std::int64_t o : g.outputs) {
      const TensorView a = b.matrix(kRank, g.inputs, DType::kBF16, 0.02f),
                       low = b.matrix(o, kRank, DType::kBF16, 0.02f);
      plain.push_back({weight.row_range(first, o), {}, {}});
      adapted.push_back({weight.row_range(first, o), {}, {a, low, 2.0f}});
      parts.push_back(y.col_range(first, o));
      gradients.push_back(y.col_range(first, o));
      none.push_back({});
      grads.push_back({b.matrix(kRank, g.inputs, DType::kF32), b.matrix(o, kRank, DType::kF32), {}, {}});
      first += o;
    }
    const double flops = 2.0 * real(n) * real(outputs) * real(g.inputs);
    b.products(name + "y = x W^T", flops, [&] { backend.project_forward({x, plain, {}, false, parts}); });
    b.products(name + "forward with LoRA", flops, [&] { backend.project_forward({x, adapted, {}, false, parts, t}); });
    b.products(name + "dx = dy W", flops, [&] {
      backend.project_backward({gradients, x, plain, {}, {}, false, dx, none});
    });
    b.products(name + "backward with LoRA", flops, [&] {
      backend.project_backward({gradients, x, adapted, t, {}, false, dx, grads});
    });
    b.traffic(name + "dt, da, db", 2.0 * real(n * (outputs + g.inputs)), [&] {
      backend.project_backward({gradients, x, adapted, t, {}, false, {}, grads});
    });
    b.free();
  }
}

// Ways to add the low-rank part to a big product.
void bench_low_rank_ways(Bench& b, const Model& m) {
  CudaContext context(0, std::make_shared<Usage>());
  const std::int64_t n = b.tokens, in = m.hidden, out = 2 * m.intermediate, longer = in + 128;
  const TensorView x = b.matrix(n, longer), weight = b.matrix(out, longer, DType::kBF16, 0.02f);
  const TensorView t = b.matrix(n, kRank), low = b.matrix(out, kRank), y = b.matrix(n, out);
  const TensorView packed_x = b.matrix(n, in), packed = b.matrix(out, in, DType::kBF16, 0.02f);
  const std::string name = std::string(m.name) + " low rank: ";
  const double flops = 2.0 * real(n) * real(out) * real(in);
  Gemm big = times_transposed(packed_x, packed, y), small = times_transposed(t, low, y);
  const auto run = [&](Gemm product, float beta) {
    product.beta = beta;
    context.gemms.run(product);
  };
  const auto timed = [&](const char* what, const auto& body) { b.products(name + what, flops, body); };
  timed("none", [&] { run(big, 0.0f); });
  timed("first, the big product added", [&] {
    run(small, 0.0f);
    run(big, 1.0f);
  });
  timed("after, added to the big product", [&] {
    run(big, 0.0f);
    run(small, 1.0f);
  });
  // Rows that do not lie a power of two apart.
  const ConstTensorView apart_x = x.col_range(0, in), apart_weight = weight.col_range(0, in);
  timed("none, rows of x further apart", [&] { run(times_transposed(apart_x, packed, y), 0.0f); });
  timed("none, rows of W further apart", [&] { run(times_transposed(packed_x, apart_weight, y), 0.0f); });
  timed("none, both further apart", [&] { run(times_transposed(apart_x, apart_weight, y), 0.0f); });
  for (const std::int64_t more : {kRank, std::int64_t{64}, std::int64_t{128}}) {
    const Gemm folded = times_transposed(x.col_range(0, in + more), weight.col_range(0, in + more), y);
    timed(("folded into K + " + std::to_string(more)).c_str(), [&] { run(folded, 0.0f); });
  }
  // dx = [dy, dt] [W; a].
  const TensorView dy = b.matrix(n, out + 128), tall = b.matrix(out + 128, in, DType::kBF16, 0.02f);
  const TensorView dx = b.matrix(n, in);
  for (const std::int64_t more : {std::int64_t{0}, kRank, std::int64_t{64}, std::int64_t{128}}) {
    const Gemm folded = times(dy.col_range(0, out + more), tall.row_range(0, out + more), dx);
    timed(("dx folded into K + " + std::to_string(more)).c_str(), [&] { run(folded, 0.0f); });
  }
  b.free();
}

void bench_attention(Bench& b, const Model& m) {
  Backend& backend = *b.backend;
  const std::int64_t n = b.tokens, q = m.heads * m.head_dim, k = m.kv_heads * m.head_dim, length = 2048;
  const TensorView qkv = b.matrix(n, q + 2 * k), out = b.matrix(n, q), dout = b.matrix(n, q);
  const TensorView dqkv = b.matrix(n, q + 2 * k), lse = b.matrix(n, m.heads, DType::kF32);
  std::vector<std::int32_t> bounds;
  for (std::int64_t at = 0; at <= n; at += length) bounds.push_back(static_cast<std::int32_t>(at));
  if (bounds.back() != n) bounds.push_back(static_cast<std::int32_t>(n));
  AttentionShape shape;
  shape.heads = m.heads;
  shape.kv_heads = m.kv_heads;
  shape.head_dim = m.head_dim;
  shape.scale = 1.0f / static_cast<float>(m.head_dim);
  double flops = 0.0;
  for (std::size_t s = 0; s + 1 < bounds.size(); ++s) {
    const double t = bounds[s + 1] - bounds[s];
    flops += 2.0 * t * t * real(q);
  }
  const std::string name = m.name;
  const TensorView query = qkv.col_range(0, q), key = qkv.col_range(q, k), value = qkv.col_range(q + k, k);
  b.products(name + " attention forward", flops, [&] {
    backend.attention_forward({query, key, value, bounds, bounds, shape, out, lse});
  });
  b.products(name + " attention backward", 2.5 * flops, [&] {
    backend.attention_backward({dout, query, key, value, out, lse, bounds, shape, dqkv.col_range(0, q),
                                dqkv.col_range(q, k), dqkv.col_range(q + k, k)});
  });
  b.free();
}

void bench_loss_head(Bench& b, const Model& m) {
  Backend& backend = *b.backend;
  const std::int64_t n = b.tokens;
  const TensorView hidden = b.matrix(n, m.hidden), weight = b.matrix(m.vocabulary, m.hidden, DType::kBF16, 0.02f);
  const TensorView dhidden = b.matrix(n, m.hidden);
  const auto count = static_cast<std::size_t>(n);
  std::vector<std::int32_t> rows(count), targets(count), argmax(count), rank(count);
  std::vector<float> weights(count, 1.0f / static_cast<float>(n)), loss(count), entropy(count);
  for (std::size_t i = 0; i < count; ++i) {
    rows[i] = static_cast<std::int32_t>(i);
    targets[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(i) * 6007 % m.vocabulary);
  }
  LossHead op;
  op.hidden = hidden;
  op.rows = rows;
  op.weight = weight;
  op.targets = targets;
  op.row_weights = weights;
  op.out.loss = loss;
  const double flops = 2.0 * real(n) * real(m.vocabulary) * real(m.hidden);
  const std::string name = std::string(m.name) + " loss head: ";
  b.products(name + "loss", flops, [&] { backend.loss_head(op); });
  op.dhidden = dhidden;
  b.products(name + "loss and gradient", 2 * flops, [&] { backend.loss_head(op); });
  op.out.entropy = entropy;
  op.out.argmax = argmax;
  op.out.rank = rank;
  b.products(name + "and entropy, arg-max, rank", 2 * flops, [&] { backend.loss_head(op); });
  std::vector<LogitSummary> summaries(count);
  op.out.logits = summaries;
  b.products(name + "and the rows' summaries", 2 * flops, [&] { backend.loss_head(op); });
  b.free();
}

// The loss head's two products alone, for chunks of rows.
void bench_head_products(Bench& b, const Model& m) {
  CudaContext context(0, std::make_shared<Usage>());
  const std::int64_t most = 2048, v = m.vocabulary;
  const TensorView x = b.matrix(most, m.hidden), dx = b.matrix(most, m.hidden);
  const TensorView weight = b.matrix(v, m.hidden, DType::kBF16, 0.02f);
  const TensorView logits = b.matrix(most, v, DType::kF32);
  for (const std::int64_t rows : {std::int64_t{512}, std::int64_t{1024}, std::int64_t{1536}, most}) {
    const double flops = 2.0 * real(rows) * real(v) * real(m.hidden);
    const std::string name = std::string(m.name) + " head, " + std::to_string(rows) + " rows: ";
    const Gemm forward = times_transposed(x.row_range(0, rows), weight, logits.row_range(0, rows));
    b.products(name + "float32 logits", flops, [&] { context.gemms.run(forward); });
    const ConstTensorView gradient(logits.data, DType::kBF16, rows, v, 2 * v);
    const Gemm backward = times(gradient, weight, dx.row_range(0, rows));
    b.products(name + "gradient", flops, [&] { context.gemms.run(backward); });
  }
  b.free();
}

void bench_optimizer(Bench& b) {
  Backend& backend = *b.backend;
  const std::int64_t n = 41'943'040;  // r = 16 on all seven projections of an 8B
  const auto flat = [&] {
    const TensorView view = b.matrix(1, n, DType::kF32, 0.01f);
    return std::span(static_cast<float*>(view.data), static_cast<std::size_t>(n));
  };
  const auto w = flat(), g = flat(), m = flat(), v = flat();
  const TensorView copy = b.matrix(1, n);
  AdamW op{w, g, m, v};
  op.bf16_copy = std::span(static_cast<std::uint16_t*>(copy.data), static_cast<std::size_t>(n));
  b.traffic("adamw, 42 M values", 30.0 * real(n), [&] { backend.adamw(op); });
  b.traffic("squared norm, 42 M values", 4.0 * real(n), [&] { backend.squared_norm(g); });
  // As many parts as LoRA has matrices on 32 layers.
  std::vector<std::int64_t> bounds;
  for (std::int64_t part = 0; part <= 448; ++part) bounds.push_back(n * part / 448);
  std::vector<double> norms(448);
  b.traffic("squared norms of 448 parts, 42 M values", 4.0 * real(n), [&] { backend.squared_norms(g, bounds, norms); });
  b.free();
}

int run(int argc, char** argv) {
  std::string filter;
  std::int64_t tokens = 8192;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--tokens") == 0 && i + 1 < argc) {
      tokens = std::stoll(argv[++i]);
    } else {
      filter = argv[i];
    }
  }
  Bench bench(filter, tokens);
  for (const Model& model : kModels) {
    bench_elementwise(bench, model);
    bench_projections(bench, model);
    bench_low_rank_ways(bench, model);
    bench_attention(bench, model);
    bench_loss_head(bench, model);
    bench_head_products(bench, model);
  }
  bench_optimizer(bench);
  return 0;
}

}  // namespace
}  // namespace vernier::cuda

int main(int argc, char** argv) {
  try {
    return vernier::cuda::run(argc, argv);
  } catch (const vernier::Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
