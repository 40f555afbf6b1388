#include <gtest/gtest.h>

#include <cmath>

#include "engine/train/schedule.h"

namespace vernier {
namespace {

RunConfig config_of(SchedulerType type, std::int64_t warmup) {
  RunConfig config;
  config.lr_scheduler_type = type;
  config.warmup_steps = warmup;
  config.learning_rate = 1.0;
  return config;
}

// The lambdas of transformers/optimization.py for 10 steps, 3 of them warm-up, in exact fractions.
TEST(Schedule, AsTransformers) {
  const double kWarm[] = {0.0, 1.0 / 3, 2.0 / 3};
  const double kLinear[] = {1.0, 6.0 / 7, 5.0 / 7, 4.0 / 7, 3.0 / 7, 2.0 / 7, 1.0 / 7};
  // (1 + cos(pi k / 7)) / 2
  const double kCosine[] = {1.0,
                            0.95048443395120957,
                            0.81174490092936676,
                            0.61126046697815717,
                            0.38873953302184283,
                            0.18825509907063327,
                            0.04951556604879043};
  for (int t = 0; t < 10; ++t) {
    const double warm = t < 3 ? kWarm[t] : 1.0;
    EXPECT_DOUBLE_EQ(Schedule(config_of(SchedulerType::kConstant, 3), 10).factor(t), 1.0);
    EXPECT_DOUBLE_EQ(Schedule(config_of(SchedulerType::kConstantWithWarmup, 3), 10).factor(t), warm);
    EXPECT_DOUBLE_EQ(Schedule(config_of(SchedulerType::kLinear, 3), 10).factor(t), t < 3 ? warm : kLinear[t - 3]);
    EXPECT_NEAR(Schedule(config_of(SchedulerType::kCosine, 3), 10).factor(t), t < 3 ? warm : kCosine[t - 3], 1e-15);
  }
}

TEST(Schedule, NothingNegativePastTheEnd) {
  EXPECT_EQ(Schedule(config_of(SchedulerType::kLinear, 0), 10).factor(10), 0.0);
  EXPECT_EQ(Schedule(config_of(SchedulerType::kLinear, 0), 10).factor(15), 0.0);
  EXPECT_GE(Schedule(config_of(SchedulerType::kCosine, 0), 10).factor(15), 0.0);
  // More warm-up than steps: rises all the way.
  EXPECT_DOUBLE_EQ(Schedule(config_of(SchedulerType::kLinear, 20), 10).factor(9), 9.0 / 20);
}

TEST(Schedule, WarmupRatioIsRoundedUpAndStepsComeFirst) {
  RunConfig config = config_of(SchedulerType::kLinear, 0);
  config.warmup_ratio = 0.25;
  EXPECT_EQ(Schedule(config, 10).warmup_steps(), 3);
  EXPECT_EQ(Schedule(config, 8).warmup_steps(), 2);
  config.warmup_steps = 1;
  EXPECT_EQ(Schedule(config, 10).warmup_steps(), 1);
  config.learning_rate = 0.5;
  EXPECT_DOUBLE_EQ(Schedule(config, 10).learning_rate(1), 0.5);
}

}  // namespace
}  // namespace vernier
