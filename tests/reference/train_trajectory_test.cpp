// Whole training runs against Transformers + PEFT + torch.optim.AdamW.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/io/atomic_file.h"
#include "tests/golden/golden_case.h"
#include "tests/unit/train_support.h"

namespace vernier {
namespace {

class Trajectory : public testing::TestWithParam<std::tuple<const char*, bool>> {
 protected:
  void SetUp() override {
    folder_ = golden::find_case(std::get<0>(GetParam()));
    if (folder_.empty()) GTEST_SKIP() << "no reference case " << std::get<0>(GetParam());
    expected_ = std::make_unique<SafetensorsFile>(folder_ / "expected.safetensors");
    const nlohmann::json settings = read_json_file(folder_ / "batch.json").at("train");
    config_.model_name_or_path = folder_.string();
    config_.adapter_name_or_path = (folder_ / "adapter").string();
    config_.batch = (folder_ / "batch.json").string();
    config_.packing = std::get<1>(GetParam()) ? Packing::kBfd : Packing::kNone;
    config_.max_steps = settings.at("steps");
    config_.learning_rate = settings.at("learning_rate");
    config_.adam_beta1 = settings.at("adam_beta1");
    config_.adam_beta2 = settings.at("adam_beta2");
    config_.adam_epsilon = settings.at("adam_epsilon");
    config_.weight_decay = settings.at("weight_decay");
    config_.max_grad_norm = settings.at("max_grad_norm").is_null() ? 0.0 : settings.at("max_grad_norm").get<double>();
    config_.lr_scheduler_type = SchedulerType::kConstant;
  }

  std::filesystem::path folder_;
  std::unique_ptr<SafetensorsFile> expected_;
  RunConfig config_;
  test::TemporaryFolder scratch_;
};

TEST_P(Trajectory, LossAndGradientNormOfEveryStep) {
  const std::vector<float> losses = golden::values_of(*expected_, "train_loss");
  const std::vector<float> norms = golden::values_of(*expected_, "train_grad_norm");
  test::Recorder events;
  const RunResult result = test::train(config_, scratch_ / "run", events);
  ASSERT_EQ(result.status, RunStatus::kFinished) << result.message;
  ASSERT_EQ(events.steps.size(), losses.size());
  double worst_loss = 0.0, worst_norm = 0.0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double loss_error = std::abs(events.steps[i].loss - losses[i]) / losses[i];
    const double norm_error = std::abs(events.steps[i].grad_norm - norms[i]) / norms[i];
    EXPECT_FALSE(!(loss_error <= 1e-3)) << "step " << i + 1 << ": " << events.steps[i].loss << ", " << losses[i];
    EXPECT_FALSE(!(norm_error <= 1e-2)) << "step " << i + 1 << ": " << events.steps[i].grad_norm << ", " << norms[i];
    worst_loss = std::max(worst_loss, loss_error);
    worst_norm = std::max(worst_norm, norm_error);
  }
  EXPECT_LT(losses.back(), losses.front());
  std::cout << "largest relative error: loss " << worst_loss << ", gradient norm " << worst_norm << "\n";
}

TEST_P(Trajectory, BothLossesOfTheFirstStep) {
  config_.max_steps = 1;
  for (const LossNormalization normalization : {LossNormalization::kPerToken, LossNormalization::kPerSequence}) {
    const bool per_token = normalization == LossNormalization::kPerToken;
    config_.loss_normalization = normalization;
    test::Recorder events;
    const RunResult result = test::train(config_, scratch_ / (per_token ? "token" : "sequence"), events);
    ASSERT_EQ(result.status, RunStatus::kFinished) << result.message;
    const StepEvent& step = events.steps.front();
    EXPECT_NEAR(step.loss_per_token, golden::values_of(*expected_, "loss_per_token")[0], 1e-5);
    EXPECT_NEAR(step.loss_per_sequence, golden::values_of(*expected_, "loss_per_sequence")[0], 1e-5);
    EXPECT_EQ(step.loss, per_token ? step.loss_per_token : step.loss_per_sequence);
    // The norm of the reference's gradients of the same loss.
    const std::string prefix = per_token ? "grad.per_token." : "grad.per_sequence.";
    double squares = 0.0;
    for (const TensorInfo& tensor : expected_->tensors()) {
      if (!tensor.name.starts_with(prefix)) continue;
      for (const float value : golden::values_of(*expected_, tensor.name)) squares += double{value} * value;
    }
    EXPECT_FALSE(!(std::abs(step.grad_norm - std::sqrt(squares)) <= 1e-4 * std::sqrt(squares))) << step.grad_norm;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Trajectory,
                         testing::Combine(testing::Values("llama", "llama-dora", "llama-bf16-sharded", "stories260k",
                                                          "llama31", "mistral", "qwen2", "qwen3", "gemma", "gemma2",
                                                          "gemma3", "granite", "olmo2", "longrope", "dynamic", "olmo3",
                                                          "exaone4", "seed_oss"),
                                          testing::Bool()),
                         [](const auto& test) {
                           std::string name = std::get<0>(test.param);
                           std::erase(name, '-');
                           return name + (std::get<1>(test.param) ? "_packed" : "_row_by_row");
                         });

}  // namespace
}  // namespace vernier
