// Normal random numbers by Box-Muller.
#include <cmath>
#include <numbers>

#include "engine/core/philox.h"
#include "engine/cpu/blocks.h"
#include "engine/cpu/ops.h"

namespace vernier::cpu {

void fill_normal(CpuContext& context, const FillNormal& op) {
  constexpr float kUnit = 0x1p-32f;
  constexpr std::int64_t kBlock = 4096;  // philox calls
  const PhiloxKey key = {static_cast<std::uint32_t>(op.seed), static_cast<std::uint32_t>(op.seed >> 32)};
  const std::int64_t count = op.out.size();
  float* values = op.out.f32();
  parallel_blocks(context.pool, (count + 3) / 4, kBlock, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t call = first; call < last; ++call) {
      const auto index = static_cast<std::uint64_t>(call);
      const PhiloxCounter words = philox4x32_10(
          {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), op.stream, 0}, key);
      for (std::int64_t pair = 0; pair < 2; ++pair) {
        const auto word = static_cast<std::size_t>(2 * pair);
        const float u = (static_cast<float>(words[word]) + 0.5f) * kUnit;
        const float angle = static_cast<float>(words[word + 1]) * kUnit * (2.0f * std::numbers::pi_v<float>);
        const float radius = op.deviation * std::sqrt(-2.0f * std::log(u));
        const std::int64_t i = 4 * call + 2 * pair;
        if (i < count) values[i] = radius * std::cos(angle);
        if (i + 1 < count) values[i + 1] = radius * std::sin(angle);
      }
    }
  });
}

}  // namespace vernier::cpu
