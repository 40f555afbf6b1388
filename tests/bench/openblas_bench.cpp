// The engine's matrix products beside OpenBLAS's, on the shapes of training, in one process and with as many threads.
//   OPENBLAS_NUM_THREADS=2 VERNIER_NUM_THREADS=2 openblas_bench
#include <cblas.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "engine/cpu/gemm.h"
#include "engine/cpu/peak.h"

namespace vernier::cpu {
namespace {

struct Shape {
  const char* name;
  std::int64_t m, n, k;
  bool trans_a, trans_b;
};
// 1024 tokens. Weights are [outputs, inputs].
constexpr Shape kShapes[] = {
    {"llama-110m  q, k, v       y = x W^T", 1024, 2304, 768, false, true},
    {"llama-110m  gate, up      y = x W^T", 1024, 4096, 768, false, true},
    {"llama-110m  down          y = x W^T", 1024, 768, 2048, false, true},
    {"llama-110m  gate, up      dx = dy W", 1024, 768, 4096, false, false},
    {"llama-110m  head          logits", 512, 32000, 768, false, true},
    {"llama-110m  head          dx", 512, 768, 32000, false, false},
    {"llama-110m  LoRA          t = x A^T", 1024, 48, 768, false, true},
    {"llama-110m  LoRA          dA = t^T x", 48, 768, 1024, true, false},
    {"stories-15m q, k, v       y = x W^T", 1024, 864, 288, false, true},
    {"stories-15m gate, up      y = x W^T", 1024, 1536, 288, false, true},
    {"stories-15m down          y = x W^T", 1024, 288, 768, false, true},
    {"stories-15m head          logits", 512, 32000, 288, false, true},
    {"stories-15m LoRA          t = x A^T", 1024, 48, 288, false, true},
};

template <typename Body>
double best_seconds(const Body& body) {
  using Clock = std::chrono::steady_clock;
  body();
  double best = 1e30, total = 0.0;
  for (int i = 0; i < 5 || (total < 0.3 && i < 300); ++i) {
    const auto start = Clock::now();
    body();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::min(best, seconds);
    total += seconds;
  }
  return best;
}

void run() {
  const int threads = default_thread_count();
  ThreadPool pool(threads);
  openblas_set_num_threads(threads);
  const double peak = measure_fma_peak(threads, 0.5);
  std::printf("%d threads, multiply-add peak %.1f GFLOP/s; %s\n", threads, peak, openblas_get_config());
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (const Shape& s : kShapes) {
    std::vector<float> a(static_cast<std::size_t>(s.m * s.k)), b(static_cast<std::size_t>(s.k * s.n));
    std::vector<float> c(static_cast<std::size_t>(s.m * s.n));
    for (float& value : a) value = normal(random);
    for (float& value : b) value = normal(random);
    const std::int64_t lda = s.trans_a ? s.m : s.k, ldb = s.trans_b ? s.k : s.n;
    const double ours = best_seconds([&] {
      gemm(pool, {s.m, s.n, s.k, s.trans_a, s.trans_b, 1.0f, 0.0f, a.data(), lda, b.data(), ldb, c.data(), s.n});
    });
    const double theirs = best_seconds([&] {
      cblas_sgemm(CblasRowMajor, s.trans_a ? CblasTrans : CblasNoTrans, s.trans_b ? CblasTrans : CblasNoTrans,
                  static_cast<int>(s.m), static_cast<int>(s.n), static_cast<int>(s.k), 1.0f, a.data(),
                  static_cast<int>(lda), b.data(), static_cast<int>(ldb), 0.0f, c.data(), static_cast<int>(s.n));
    });
    const double flops = 2.0 * static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.k) * 1e-9;
    std::printf("%-38s Vernier %6.1f GFLOP/s (%4.1f %%)  OpenBLAS %6.1f (%4.1f %%)  %.2f x\n", s.name, flops / ours,
                100.0 * flops / ours / peak, flops / theirs, 100.0 * flops / theirs / peak, theirs / ours);
  }
}

}  // namespace
}  // namespace vernier::cpu

int main() {
  vernier::cpu::run();
  return 0;
}
