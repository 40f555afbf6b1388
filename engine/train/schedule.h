// The learning rate over a run, as transformers.get_scheduler makes it.
#pragma once

#include <cstdint>

#include "vernier/run_config.h"

namespace vernier {

// Thread: any.
class Schedule {
 public:
  // warmup_steps of the configuration, or where it is 0 warmup_ratio of total_steps, rounded up.
  Schedule(const RunConfig& config, std::int64_t total_steps);

  // What multiplies the learning rate in a step that has `steps_done` before it. kConstant knows no warm-up.
  double factor(std::int64_t steps_done) const;
  double learning_rate(std::int64_t steps_done) const { return learning_rate_ * factor(steps_done); }
  std::int64_t warmup_steps() const { return warmup_steps_; }

 private:
  SchedulerType type_;
  double learning_rate_;
  std::int64_t warmup_steps_;
  std::int64_t total_steps_;
};

}  // namespace vernier
