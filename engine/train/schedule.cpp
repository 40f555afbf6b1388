#include "engine/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vernier {

Schedule::Schedule(const RunConfig& config, std::int64_t total_steps)
    : type_(config.lr_scheduler_type),
      learning_rate_(config.learning_rate),
      warmup_steps_(config.warmup_steps > 0
                        ? config.warmup_steps
                        : static_cast<std::int64_t>(std::ceil(static_cast<double>(total_steps) * config.warmup_ratio))),
      total_steps_(total_steps) {}

double Schedule::factor(std::int64_t steps_done) const {
  if (type_ == SchedulerType::kConstant) return 1.0;
  if (steps_done < warmup_steps_) {
    return static_cast<double>(steps_done) / static_cast<double>(std::max<std::int64_t>(1, warmup_steps_));
  }
  if (type_ == SchedulerType::kConstantWithWarmup) return 1.0;
  const auto falling = static_cast<double>(std::max<std::int64_t>(1, total_steps_ - warmup_steps_));
  if (type_ == SchedulerType::kLinear) {
    return std::max(0.0, static_cast<double>(total_steps_ - steps_done) / falling);
  }
  const double progress = static_cast<double>(steps_done - warmup_steps_) / falling;
  return std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * progress)));
}

}  // namespace vernier
