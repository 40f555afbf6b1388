#include "engine/cpu/peak.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "engine/cpu/thread_pool.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/peak.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "engine/cpu/unroll-inl.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Chains enough to hide the latency of four cycles on two ports, few enough for 16 registers.
constexpr int kChains = 12;
constexpr hn::CappedTag<float, 16> kFloats;

// Runs `rounds` rounds, each one multiply-add on each chain; returns the operations done. The factors come from memory
// and the sums go to `values`, so nothing can be left out.
double multiply_add(std::int64_t rounds, float* values) {
  const auto factor = hn::Set(kFloats, values[0]);
  const auto term = hn::Set(kFloats, values[1]);
  hn::Vec<decltype(kFloats)> sums[kChains];
  unroll<kChains>([&](auto i) VERNIER_INLINE_LAMBDA { sums[i] = hn::Set(kFloats, values[2] + static_cast<float>(i)); });
  for (std::int64_t round = 0; round < rounds; ++round) {
    unroll<kChains>([&](auto i) VERNIER_INLINE_LAMBDA { sums[i] = hn::MulAdd(sums[i], factor, term); });
  }
  auto total = sums[0];
  unroll<kChains - 1>([&](auto i) VERNIER_INLINE_LAMBDA { total = hn::Add(total, sums[i + 1]); });
  values[2] = hn::GetLane(hn::SumOfLanes(kFloats, total));
  return 2.0 * kChains * static_cast<double>(hn::Lanes(kFloats)) * static_cast<double>(rounds);
}

}  // namespace

double run_multiply_adds(std::int64_t rounds, float* values) {
  return multiply_add(rounds, values);
}

}  // namespace HWY_NAMESPACE
}  // namespace vernier::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::cpu {
namespace {

HWY_EXPORT(run_multiply_adds);

struct alignas(64) Lane {
  float values[3] = {0.999f, 0.001f, 0.0f};
  double operations = 0.0;
};

}  // namespace

double measure_fma_peak(int threads, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto elapsed = [](Clock::time_point since) {
    return std::chrono::duration<double>(Clock::now() - since).count();
  };
  ThreadPool pool(threads);
  std::vector<Lane> lanes(static_cast<std::size_t>(threads));
  // Windows of about 3 ms: long beside waking the workers, short beside a time slice.
  std::int64_t rounds = 1000;
  double best = 0.0;
  const auto start = Clock::now();
  do {
    const auto window = Clock::now();
    pool.parallel_for(threads, [&](std::int64_t task, int) {
      Lane& lane = lanes[static_cast<std::size_t>(task)];
      lane.operations = HWY_DYNAMIC_DISPATCH(run_multiply_adds)(rounds, lane.values);
    });
    const double took = elapsed(window);
    if (took < 0.002) {
      rounds *= 2;
      continue;
    }
    double operations = 0.0;
    for (const Lane& lane : lanes) operations += lane.operations;
    best = std::max(best, operations / took * 1e-9);
  } while (best == 0.0 || elapsed(start) < seconds);
  return best;
}

}  // namespace vernier::cpu
#endif
