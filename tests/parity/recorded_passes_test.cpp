// Steps whose passes are recorded, beside the same steps operation by operation.
#include "engine/train/recorded_passes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/train/train_step.h"
#include "tests/parity/random_model.h"
#include "tests/parity/stand_in_device.h"

namespace vernier {
namespace {

using test::RandomModel;
using test::StandInDevice;

double relative(const std::vector<float>& got, const std::vector<float>& expected) {
  double difference = 0.0, size = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(static_cast<double>(got[i]) - static_cast<double>(expected[i]), 2);
    size += std::pow(static_cast<double>(expected[i]), 2);
  }
  return std::sqrt(difference / std::max(size, 1e-30));
}

class RecordedSteps : public testing::Test {
 protected:
  RecordedSteps() : state_(test::rng()), plain_(true, std::make_unique<StandInDevice>()), recorded_(twin()) {
    config_.learning_rate = 1e-3;
    for (RandomModel* model : {&plain_, &recorded_}) model->adapter->set().enable_gradients();
    plain_optimizer_ = std::make_unique<Optimizer>(*plain_.backend, plain_.adapter->set(), config_);
    recorded_optimizer_ = std::make_unique<Optimizer>(*recorded_.backend, recorded_.adapter->set(), config_);
    passes_ = std::make_unique<RecordedPasses>(*recorded_.decoder, 300);
  }

  RandomModel twin() {
    test::rng() = state_;
    return RandomModel(true, std::make_unique<StandInDevice>());
  }

  static std::vector<float> gradients(const RandomModel& model) {
    std::vector<float> all;
    for (std::size_t i = 0; i < model.adapter->set().parameters().size(); ++i) {
      const std::vector<float> one = model.adapter->set().download_gradient(i);
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  }

  // One step of both, with all that it tells.
  void step(const std::vector<MicroBatch>& batches, PassOptions pass = {}) {
    StepLosses expected, got;
    const double expected_norm =
        forward_backward(*plain_.decoder, *plain_optimizer_, batches, LossNormalization::kPerSequence, pass, expected);
    const double norm = forward_backward(*recorded_.decoder, *recorded_optimizer_, batches,
                                         LossNormalization::kPerSequence, pass, got, {}, passes_.get());
    EXPECT_FALSE(!(std::abs(norm - expected_norm) <= 1e-5 * expected_norm)) << norm << " " << expected_norm;
    const double error = relative(gradients(recorded_), gradients(plain_));
    EXPECT_FALSE(!(error <= 1e-5)) << error;
    ASSERT_EQ(got.tokens().size(), expected.tokens().size());
    for (std::size_t s = 0; s < got.tokens().size(); ++s) {
      const auto values = [](std::span<const float> of) { return std::vector<float>(of.begin(), of.end()); };
      ASSERT_EQ(got.tokens()[s].loss.size(), expected.tokens()[s].loss.size());
      EXPECT_FALSE(!(relative(values(got.tokens()[s].loss), values(expected.tokens()[s].loss)) <= 1e-5));
      EXPECT_FALSE(!(relative(values(got.tokens()[s].entropy), values(expected.tokens()[s].entropy)) <= 1e-4));
    }
    EXPECT_NEAR(got.loss_per_sequence(), expected.loss_per_sequence(), 1e-5);
    plain_optimizer_->update(expected_norm, config_.learning_rate);
    recorded_optimizer_->update(norm, config_.learning_rate);
  }

  std::vector<MicroBatch> random_step(std::int64_t most = 2) {
    std::vector<MicroBatch> batches;
    const std::int64_t count = test::uniform_int(1, most);
    for (std::int64_t i = 0; i < count; ++i) batches.push_back(plain_.random_batch(5));
    return batches;
  }

  std::remove_reference_t<decltype(test::rng())> state_;
  RandomModel plain_, recorded_;
  RunConfig config_;
  std::unique_ptr<Optimizer> plain_optimizer_, recorded_optimizer_;
  std::unique_ptr<RecordedPasses> passes_;
};

TEST_F(RecordedSteps, TellAndLearnTheSame) {
  for (int i = 0; i < 30; ++i) step(random_step());
  EXPECT_GT(passes_->replays(), 20);
}

TEST_F(RecordedSteps, GoOnWhereMemoryHasMoved) {
  const std::vector<MicroBatch> batches = random_step(1);
  for (int i = 0; i < 3; ++i) step(batches);
  const std::int64_t before = passes_->replays();
  EXPECT_EQ(before, 4);  // forward and backward of two steps
  recorded_.backend->allocate(1 << 20).reset();
  step(batches);
  EXPECT_EQ(passes_->replays(), before);
  for (int i = 0; i < 2; ++i) step(batches);
  EXPECT_EQ(passes_->replays(), before + 4);
  // What others compute between two steps leaves its traces in the decoder's memory only.
  StepLosses losses;
  const std::vector<MicroBatch> others = random_step();
  ASSERT_TRUE(forward_losses(*recorded_.decoder, others, {}, losses));
  step(batches);
}

TEST_F(RecordedSteps, AreNotMadeOfWhatCannotBeRecorded) {
  const MicroBatch batch = plain_.random_batch(5);
  PassOptions pass;
  EXPECT_TRUE(passes_->takes(batch, pass));
  pass.lora_dropout = 0.1f;
  EXPECT_FALSE(passes_->takes(batch, pass));
  pass = {};
  pass.fault = FaultKind::kDroppedMask;
  EXPECT_FALSE(passes_->takes(batch, pass));
  EXPECT_FALSE(RecordedPasses(*recorded_.decoder, 3).takes(batch, {}));
  const RandomModel on_cpu(true);
  EXPECT_FALSE(RecordedPasses(*on_cpu.decoder, 300).takes(on_cpu.random_batch(5), {}));
}

}  // namespace
}  // namespace vernier
