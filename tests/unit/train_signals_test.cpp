// What a run records of gradients and logits, against the gradients and the captured logits themselves.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "engine/train/step_signals.h"
#include "tests/unit/train_support.h"
#include "vernier/alarms.h"

namespace vernier {
namespace {

using test::Recorder;

class TrainSignals : public test::SmallRun {
 protected:
  RunReader reader() const { return RunReader((scratch_ / "run").string()); }
};

TEST(GradientGroupOf, KnowsLayersAndProjections) {
  const auto is = [](const char* name, std::int64_t layer, const char* module) {
    EXPECT_EQ(gradient_group_of(name), (GradientGroup{layer, module})) << name;
  };
  is("base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight", 3, "self_attn.q_proj");
  is("base_model.model.model.layers.12.mlp.down_proj.lora_magnitude_vector.weight", 12, "mlp.down_proj");
  is("model.layers.0.input_layernorm.weight", 0, "input_layernorm");
  is("model.layers.7.self_attn.k_proj.bias", 7, "self_attn.k_proj");
  is("model.embed_tokens.weight", -1, "embed_tokens");
  is("lm_head.weight", -1, "lm_head");
}

TEST_F(TrainSignals, GradientNormsAddUpToTheStepsOwn) {
  for (const Method method : {Method::kLora, Method::kFull}) {
    config_.method = method;
    config_.lora.use_dora = method == Method::kLora;
    Recorder events;
    const std::string name = method == Method::kLora ? "lora" : "full";
    ASSERT_EQ(test::train(config_, scratch_ / name, events).status, RunStatus::kFinished);
    const RunReader reader((scratch_ / name).string());
    const std::vector<GradientGroup> groups = reader.gradient_groups();
    // Seven projections of two layers; with all weights, norms, embedding and head as well.
    EXPECT_EQ(groups.size(), method == Method::kLora ? 14u : 14u + 4u + 3u);
    EXPECT_EQ(groups.front().layer, 0);
    const std::vector<StepSignals> signals = reader.step_signals();
    ASSERT_EQ(signals.size(), events.steps.size());
    for (std::size_t i = 0; i < signals.size(); ++i) {
      ASSERT_EQ(signals[i].gradient_norms.size(), groups.size());
      double squares = 0.0;
      for (const float norm : signals[i].gradient_norms) squares += std::pow(static_cast<double>(norm), 2.0);
      const double norm = events.steps[i].grad_norm;
      EXPECT_TRUE(std::abs(std::sqrt(squares) - norm) <= norm * 0x1p-9) << std::sqrt(squares) << " " << norm;
    }
  }
}

TEST_F(TrainSignals, AGroupsNormIsThatOfItsTensors) {
  const std::unique_ptr<Backend> backend = make_cpu_backend(2);
  const ModelConfig model = read_model_config(scratch_ / "model");
  const auto weights = ModelWeights::random(*backend, model, seed_, DType::kF32, ParameterUse::kTrained);
  ParameterSet& set = weights->set();
  set.enable_gradients();
  std::mt19937_64 random(seed_);
  std::normal_distribution<float> normal;
  std::map<std::pair<std::int64_t, std::string>, double> want;
  for (std::size_t i = 0; i < set.parameters().size(); ++i) {
    const TensorView gradient = set.gradient(i);
    const GradientGroup group = gradient_group_of(set.parameters()[i].name);
    for (std::int64_t k = 0; k < gradient.size(); ++k) {
      gradient.f32()[k] = normal(random);
      want[{group.layer, group.module}] += std::pow(static_cast<double>(gradient.f32()[k]), 2.0);
    }
  }
  GradientProbe probe(*backend, set);
  std::vector<float> norms;
  const double norm_of_all = std::sqrt(backend->squared_norm(set.gradients()));
  const double measured = probe.measure();
  EXPECT_TRUE(std::abs(measured - norm_of_all) <= 1e-7 * norm_of_all) << measured << " " << norm_of_all;
  probe.norms(norms);
  ASSERT_EQ(norms.size(), want.size());
  for (std::size_t g = 0; g < norms.size(); ++g) {
    const double norm = std::sqrt(want.at({probe.groups()[g].layer, probe.groups()[g].module}));
    EXPECT_TRUE(std::abs(static_cast<double>(norms[g]) - norm) <= 1e-6 * norm) << probe.groups()[g].module;
  }
}

TEST_F(TrainSignals, LogitsAreThoseOfTheLabelledPositions) {
  config_.return_logits.every = 1;
  config_.return_logits.rows = {0, 1, 2, 3, 4, 5, 6};
  config_.max_steps = 3;
  Recorder events;
  test::train(config_, scratch_ / "run", events);
  std::map<std::int64_t, std::vector<Capture>> captures;
  for (const CaptureRecord& record : reader().captures())
    captures[record.step].push_back(reader().load_capture(record));
  const std::vector<StepSignals> signals = reader().step_signals();
  ASSERT_EQ(signals.size(), 3u);
  for (const StepSignals& one : signals) {
    double sum = 0.0, variances = 0.0, low = HUGE_VAL, high = -HUGE_VAL;
    std::int64_t positions = 0;
    std::map<std::int32_t, int> argmaxes, targets;
    for (const Capture& capture : captures.at(one.step)) {
      for (std::size_t k = 0; k < capture.positions.size(); ++k) {
        if (capture.targets[k] < 0) continue;
        const float* logits = capture.logits.data() + static_cast<std::ptrdiff_t>(k) * capture.vocab_size;
        double mean = 0.0, squares = 0.0;
        std::int32_t best = 0;
        for (std::int32_t v = 0; v < capture.vocab_size; ++v) {
          mean += static_cast<double>(logits[v]) / static_cast<double>(capture.vocab_size);
          if (logits[v] > logits[best]) best = v;
          low = std::min(low, static_cast<double>(logits[v]));
          high = std::max(high, static_cast<double>(logits[v]));
        }
        for (std::int32_t v = 0; v < capture.vocab_size; ++v)
          squares += std::pow(static_cast<double>(logits[v]) - mean, 2.0);
        sum += mean;
        variances += squares / static_cast<double>(capture.vocab_size);
        ++positions;
        ++argmaxes[best];
        ++targets[capture.targets[k]];
      }
    }
    const auto count = static_cast<double>(positions);
    const auto most = [&](const std::map<std::int32_t, int>& counts) {
      int found = 0;
      for (const auto& [id, times] : counts) found = std::max(found, times);
      return static_cast<double>(found) / count;
    };
    EXPECT_TRUE(std::abs(one.logits.mean - sum / count) <= 1e-5) << one.logits.mean;
    EXPECT_TRUE(std::abs(one.logits.spread - std::sqrt(variances / count)) <= 1e-5) << one.logits.spread;
    EXPECT_TRUE(std::abs(one.logits.min - low) <= 1e-6 && std::abs(one.logits.max - high) <= 1e-6);
    EXPECT_EQ(one.logits.non_finite, 0);
    EXPECT_DOUBLE_EQ(one.logits.top_argmax_share, most(argmaxes));
    EXPECT_DOUBLE_EQ(one.logits.top_target_share, most(targets));
    EXPECT_EQ(static_cast<double>(argmaxes[one.logits.top_argmax]) / count, most(argmaxes));
  }
}

TEST_F(TrainSignals, TheStepThatFailedTellsWhereItBroke) {
  config_.max_steps = 50;
  config_.warmup_steps = 0;
  config_.learning_rate = 1e20;
  config_.max_grad_norm = 0.0;
  Recorder events;
  const RunResult result = test::train(config_, scratch_ / "run", events);
  ASSERT_EQ(result.status, RunStatus::kFailed);
  const std::vector<StepSignals> signals = reader().step_signals();
  ASSERT_EQ(signals.back().step, result.last_step + 1);
  EXPECT_GT(signals.back().logits.non_finite, 0);
  const std::vector<Alarm> alarms = find_alarms(reader().series(), reader().evals(), signals);
  ASSERT_FALSE(alarms.empty());
  EXPECT_EQ(alarms.back().kind, AlarmKind::kNonFinite);
  EXPECT_EQ(alarms.back().first_step, result.last_step + 1);
}

}  // namespace
}  // namespace vernier
