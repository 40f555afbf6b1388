// Alarms: each is raised by what it speaks of, and none by healthy runs, noisy ones too.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "vernier/alarms.h"

namespace vernier {
namespace {

struct MadeRun {
  std::vector<SeriesPoint> series;
  std::vector<EvalEvent> evals;
  std::vector<StepSignals> signals;

  std::vector<Alarm> alarms() const { return find_alarms(series, evals, signals); }
};

// Falls and flattens; losses, norms, speeds, labels and arg-maxima scatter as those of small batches do.
MadeRun healthy(std::mt19937_64& random, std::int64_t steps, double noise) {
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  MadeRun run;
  const double floor = 0.2 + 2.0 * uniform(random), height = 0.3 + 6.0 * uniform(random);
  const double speed = 500 + 1e5 * uniform(random), labels = 0.03 + 0.97 * uniform(random);
  for (std::int64_t step = 1; step <= steps; ++step) {
    const double t = static_cast<double>(step) / static_cast<double>(steps);
    SeriesPoint point;
    point.step = step;
    point.loss_per_token = (floor + height * std::exp(-5.0 * t)) * std::exp(noise * normal(random));
    point.loss_per_sequence = point.loss_per_token * std::exp(0.2 * noise * normal(random));
    point.grad_norm = (0.3 + std::exp(-3.0 * t)) * std::exp(2.0 * noise * normal(random));
    point.learning_rate = 1e-4 * (1.0 - t);
    point.tokens_per_second = speed * std::exp(0.5 * noise * normal(random));
    if (random() % 20 == 0) point.tokens_per_second *= 0.2;  // logits were returned, another program ran
    point.num_tokens = 50 + static_cast<std::int64_t>(random() % 2000);
    const double share = std::min(1.0, labels * std::exp(noise * normal(random)));
    point.num_items_in_batch = std::max<std::int64_t>(1, std::llround(share * static_cast<double>(point.num_tokens)));
    run.series.push_back(point);
    StepSignals signals;
    signals.step = step;
    signals.logits.top_target_share = 0.05 + 0.1 * uniform(random);
    // At first a model may say one thing more often than the data does.
    signals.logits.top_argmax_share = std::min(1.0, signals.logits.top_target_share * (1.0 + 2.5 * std::exp(-20 * t)));
    run.signals.push_back(signals);
    if (step % std::max<std::int64_t>(1, steps / 8) != 0) continue;
    EvalEvent eval;
    eval.step = step;
    eval.eval_loss_per_token = (floor + height * std::exp(-5.0 * t) + 0.1) * std::exp(0.01 * normal(random));
    eval.eval_loss_per_sequence = eval.eval_loss_per_token;
    run.evals.push_back(eval);
  }
  return run;
}

std::string names(const std::vector<Alarm>& alarms) {
  std::string text;
  for (const Alarm& alarm : alarms) text += to_string(alarm.kind) + ": " + to_sentence(alarm) + "\n";
  return text;
}

class Alarms : public testing::Test {
 protected:
  Alarms() : random_(std::random_device{}()), run_(healthy(random_, 400, 0.15)) {}
  // Exactly one, of that kind, that speaks of that step.
  void expect(AlarmKind kind, std::int64_t first_step, std::int64_t slack = 0) {
    const std::vector<Alarm> alarms = run_.alarms();
    ASSERT_EQ(alarms.size(), 1u) << names(alarms);
    EXPECT_EQ(to_string(alarms.front().kind), to_string(kind));
    EXPECT_LE(std::abs(alarms.front().first_step - first_step), slack) << alarms.front().first_step;
    EXPECT_GE(alarms.front().step, alarms.front().first_step);
    EXPECT_EQ(to_sentence(alarms.front()).find('\n'), std::string::npos);
  }
  std::mt19937_64 random_;
  MadeRun run_;
};

TEST_F(Alarms, HealthyRunsRaiseNone) {
  for (int round = 0; round < 400; ++round) {
    const std::int64_t steps = 5 + static_cast<std::int64_t>(random_() % 1500);
    const double noise = 0.02 + 0.3 * static_cast<double>(round) / 400.0;
    const std::vector<Alarm> alarms = healthy(random_, steps, noise).alarms();
    ASSERT_TRUE(alarms.empty()) << steps << " steps, noise " << noise << ": " << names(alarms);
  }
}

TEST_F(Alarms, NonFinite) {
  run_.series[122].grad_norm = std::nan("");
  expect(AlarmKind::kNonFinite, 123);
  run_ = healthy(random_, 100, 0.1);
  run_.signals[40].logits.non_finite = 7;
  expect(AlarmKind::kNonFinite, 41);
  EXPECT_NE(to_sentence(run_.alarms().front()).find("7 logits"), std::string::npos);
}

TEST_F(Alarms, Divergence) {
  for (std::size_t i = 4; i < run_.evals.size(); ++i) {
    run_.evals[i].eval_loss_per_token = run_.evals[3].eval_loss_per_token * (1.0 + 0.1 * static_cast<double>(i - 3));
  }
  run_.evals[3].eval_loss_per_token *= 0.98;
  expect(AlarmKind::kDivergence, run_.evals[3].step);
  // The training loss rises with it: the run is worse, but it does not over-fit.
  for (std::size_t i = 200; i < 400; ++i) run_.series[i].loss_per_token *= 3.0;
  EXPECT_TRUE(run_.alarms().empty()) << names(run_.alarms());
}

TEST_F(Alarms, DivergenceFromTheUntrainedModelOn) {
  for (EvalEvent& eval : run_.evals) eval.eval_loss_per_token = 2.0 + 0.002 * static_cast<double>(eval.step);
  EvalEvent first;
  first.eval_loss_per_token = first.eval_loss_per_sequence = 1.9;
  run_.evals.insert(run_.evals.begin(), first);
  for (const Alarm& alarm : run_.alarms()) EXPECT_EQ(alarm.first_step, 0);
  expect(AlarmKind::kDivergence, 0);
}

TEST_F(Alarms, GradientVanished) {
  double first = 0.0;
  for (std::size_t i = 0; i < 20; ++i) first += run_.series[i].loss_per_token / 20.0;
  for (std::size_t i = 150; i < 400; ++i) {
    run_.series[i].grad_norm *= 1e-5;
    run_.series[i].loss_per_token = first;
  }
  expect(AlarmKind::kGradientVanished, 151);
  // With a loss that is low, there is simply nothing left to learn.
  for (std::size_t i = 150; i < 400; ++i) run_.series[i].loss_per_token = 0.01;
  EXPECT_TRUE(run_.alarms().empty()) << names(run_.alarms());
  for (SeriesPoint& point : run_.series) point.grad_norm = 1e-12;
  EXPECT_EQ(run_.alarms().front().kind, AlarmKind::kGradientVanished);
}

// A model that one far too large update has killed: it says the same of everything, and nothing moves it any more.
TEST_F(Alarms, AGradientOfExactlyZeroInAShortRun) {
  run_ = healthy(random_, 9, 0.15);
  run_.evals.clear();
  for (std::size_t i = 3; i < 9; ++i) {
    run_.series[i].grad_norm = 0.0;
    run_.series[i].loss_per_token = run_.series[i].loss_per_sequence = std::log(61.0);
  }
  // The steps on the way there cost far more than the dead model does.
  run_.series[1].loss_per_token = run_.series[2].loss_per_token = 4e5;
  run_.series[2].grad_norm = 3e6;
  expect(AlarmKind::kGradientVanished, 4);
  EXPECT_EQ(run_.alarms().front().step, 6);
  // Two such steps may be chance.
  run_.series[5].grad_norm = run_.series[8].grad_norm = 1e-3;
  EXPECT_TRUE(run_.alarms().empty()) << names(run_.alarms());
  // From the first step on.
  for (SeriesPoint& point : run_.series) point.grad_norm = 0.0;
  expect(AlarmKind::kGradientVanished, 1);
  // Where the loss is zero too, all is learnt; where no token has a label, nothing was asked.
  MadeRun learnt = run_, unlabelled = run_;
  for (SeriesPoint& point : learnt.series) point.loss_per_token = point.loss_per_sequence = 0.0;
  EXPECT_TRUE(learnt.alarms().empty()) << names(learnt.alarms());
  for (SeriesPoint& point : unlabelled.series) point.num_items_in_batch = 0;
  EXPECT_TRUE(unlabelled.alarms().empty()) << names(unlabelled.alarms());
}

TEST_F(Alarms, EvaluationStuck) {
  const std::int64_t before = run_.evals[4].step;
  run_.evals[5].eval_loss_per_token = run_.evals[4].eval_loss_per_token;
  run_.evals[5].eval_loss_per_sequence = run_.evals[4].eval_loss_per_sequence;
  expect(AlarmKind::kEvaluationStuck, before);
  // Without an update between them they have to be equal.
  for (SeriesPoint& point : run_.series) point.learning_rate = 0.0;
  EXPECT_TRUE(run_.alarms().empty()) << names(run_.alarms());
}

TEST_F(Alarms, ArgmaxCollapsed) {
  for (std::size_t i = 250; i < 400; ++i) run_.signals[i].logits.top_argmax_share = 0.9;
  expect(AlarmKind::kArgmaxCollapsed, 251);
  // Where the data itself says one thing most of the time, so may the model.
  for (std::size_t i = 0; i < 400; ++i) run_.signals[i].logits.top_target_share = 0.6;
  EXPECT_TRUE(run_.alarms().empty()) << names(run_.alarms());
}

TEST_F(Alarms, LabelShare) {
  for (std::size_t i = 200; i < 400; ++i) run_.series[i].num_items_in_batch = run_.series[i].num_items_in_batch / 8;
  const std::vector<Alarm> alarms = run_.alarms();
  ASSERT_EQ(alarms.size(), 1u) << names(alarms);
  EXPECT_EQ(alarms.front().kind, AlarmKind::kLabelShare);
  EXPECT_EQ(alarms.front().first_step, 201);
  for (SeriesPoint& point : run_.series) point.num_items_in_batch = point.num_tokens / 500;
  expect(AlarmKind::kLabelShare, 1);
}

TEST_F(Alarms, Throughput) {
  for (std::size_t i = 240; i < 400; ++i) run_.series[i].tokens_per_second *= 0.2;
  expect(AlarmKind::kThroughput, 241);
}

TEST_F(Alarms, DiskLow) {
  const AlarmWatch watch;
  EXPECT_FALSE(watch.disk(3'000'000'000, 1'000'000'000, 7));
  const auto alarm = watch.disk(1'500'000'000, 1'000'000'000, 7);
  ASSERT_TRUE(alarm);
  EXPECT_EQ(alarm->kind, AlarmKind::kDiskLow);
  EXPECT_EQ(alarm->yardstick, 2e9);
  EXPECT_TRUE(watch.disk(400'000'000, 0, 7));
}

}  // namespace
}  // namespace vernier
