// One optimizer step: normalisation, splitting, clipping, and what it must not do.
#include "engine/train/train_step.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/io/tensor_names.h"
#include "tests/unit/allocation_counter.h"
#include "tests/unit/train_support.h"

namespace vernier {
namespace {

class TrainStep : public test::SmallRun {
 protected:
  void SetUp() override {
    SmallRun::SetUp();
    model_ = read_model_config(scratch_ / "model");
    const ShardedSafetensors files(scratch_ / "model");
    model_.tensor_prefix = check_checkpoint(model_, files);
    backend_ = make_cpu_backend(2);
    weights_ = ModelWeights::load(*backend_, model_, files);
    adapter_ = Adapter::create(*backend_, model_, adapter_config_from_options(config_.lora, "m"), seed_ + 2);
    adapter_->set().enable_gradients();
    // B starts at zero, which hides A's gradient.
    std::mt19937_64 random(seed_ + 3);
    std::normal_distribution<float> normal(0.0f, 0.1f);
    for (std::size_t i = 0; i < adapter_->set().parameters().size(); ++i) {
      std::vector<float> values(static_cast<std::size_t>(adapter_->set().parameters()[i].size()));
      for (float& value : values) value = normal(random);
      adapter_->set().upload(i, values);
    }
    decoder_ = std::make_unique<Decoder>(*backend_, model_, *weights_, adapter_.get());
    optimizer_ = std::make_unique<Optimizer>(*backend_, adapter_->set(), config_);
    batch_ = Batch::from_file(scratch_ / "batch.json");
  }

  // Gradients of all parameters.
  std::vector<float> gradients(const std::vector<MicroBatch>& batches, LossNormalization normalization,
                               StepLosses& losses, float dropout = 0.0f) {
    PassOptions pass;
    pass.lora_dropout = dropout;
    pass.dropout_seed = 17;
    losses.begin(batches);
    forward_backward(*decoder_, *optimizer_, batches, normalization, pass, losses);
    std::vector<float> out;
    for (std::size_t i = 0; i < adapter_->set().parameters().size(); ++i) {
      const std::vector<float> values = adapter_->set().download_gradient(i);
      out.insert(out.end(), values.begin(), values.end());
    }
    return out;
  }

  static double relative_error(const std::vector<float>& got, const std::vector<float>& expected) {
    double difference = 0.0, size = 0.0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      difference += std::pow(double{got[i]} - expected[i], 2);
      size += std::pow(double{expected[i]}, 2);
    }
    return std::sqrt(difference / size);
  }

  ModelConfig model_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<ModelWeights> weights_;
  std::unique_ptr<Adapter> adapter_;
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<Optimizer> optimizer_;
  Batch batch_;
};

TEST_F(TrainStep, TheSplitIntoMicroBatchesChangesNothing) {
  const std::vector<MicroBatch> rows = micro_batches_of(batch_, false);
  const std::vector<MicroBatch> packed = micro_batches_of(batch_, true);
  for (const float dropout : {0.0f, 0.3f}) {
    for (const LossNormalization normalization : {LossNormalization::kPerToken, LossNormalization::kPerSequence}) {
      StepLosses one, many;
      const std::vector<float> of_one = gradients(packed, normalization, one, dropout);
      const std::vector<float> of_many = gradients(rows, normalization, many, dropout);
      EXPECT_FALSE(!(relative_error(of_many, of_one) <= 3e-6)) << relative_error(of_many, of_one);
      EXPECT_NEAR(one.loss_per_token(), many.loss_per_token(), 1e-6);
      EXPECT_NEAR(one.loss_per_sequence(), many.loss_per_sequence(), 1e-6);
      EXPECT_EQ(one.num_items(), many.num_items());
      ASSERT_EQ(one.sequences().size(), many.sequences().size());
      for (std::size_t s = 0; s < one.sequences().size(); ++s) {
        EXPECT_EQ(one.sequences()[s].index, many.sequences()[s].index);
        EXPECT_EQ(one.sequences()[s].row, many.sequences()[s].row);
        EXPECT_NEAR(one.sequences()[s].loss, many.sequences()[s].loss, 1e-5);
      }
    }
  }
}

// Central differences of each loss along its own gradient.
TEST_F(TrainStep, GradientsAreThoseOfTheChosenLoss) {
  const std::vector<MicroBatch> rows = micro_batches_of(batch_, false);
  std::vector<float> of_both[2];
  for (const LossNormalization normalization : {LossNormalization::kPerToken, LossNormalization::kPerSequence}) {
    const bool per_token = normalization == LossNormalization::kPerToken;
    StepLosses losses;
    const std::vector<float> gradient = gradients(rows, normalization, losses);
    of_both[per_token ? 0 : 1] = gradient;
    double squares = 0.0;
    for (const float g : gradient) squares += double{g} * g;
    const std::span<float> values = adapter_->set().masters();
    const std::span<float> direction = adapter_->set().gradients();
    const std::vector<float> saved(values.begin(), values.end());
    const double step = 2e-3 / std::sqrt(squares);
    double at[2];
    for (const int side : {0, 1}) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = saved[i] + static_cast<float>((side == 0 ? -step : step) * direction[i]);
      }
      StepLosses moved;
      ASSERT_TRUE(forward_losses(*decoder_, rows, {}, moved));
      at[side] = per_token ? moved.loss_per_token() : moved.loss_per_sequence();
    }
    std::copy(saved.begin(), saved.end(), values.begin());
    const double slope = (at[1] - at[0]) / (2.0 * step);
    EXPECT_FALSE(!(std::abs(slope - squares) <= 2e-2 * squares)) << slope << " " << squares;
  }
  EXPECT_GT(relative_error(of_both[0], of_both[1]), 1e-2);  // rows differ in length, so the losses do too
}

TEST_F(TrainStep, ClipsAsTorch) {
  const std::vector<MicroBatch> rows = micro_batches_of(batch_, true);
  StepLosses losses;
  gradients(rows, LossNormalization::kPerToken, losses);
  const double norm = optimizer_->gradient_norm();
  RunConfig clipped = config_;
  clipped.max_grad_norm = norm / 3.0;
  clipped.weight_decay = 0.0;
  Optimizer optimizer(*backend_, adapter_->set(), clipped);
  optimizer.update(norm, 0.0);
  // After the first update m = (1 - beta1) g, scaled.
  const double expected = (1.0 - clipped.adam_beta1) * std::min(1.0, clipped.max_grad_norm / (norm + 1e-6));
  for (std::size_t i = 0; i < adapter_->set().parameters().size(); ++i) {
    const std::vector<float> g = adapter_->set().download_gradient(i);
    const TensorView m = optimizer.first_moment(i);
    for (std::int64_t k = 0; k < m.size(); ++k) {
      const double want = expected * g[static_cast<std::size_t>(k)];
      EXPECT_FALSE(!(std::abs(m.f32()[k] - want) <= 1e-6 * std::abs(want) + 1e-12));
    }
  }
}

TEST_F(TrainStep, AllocatesNothingOnceTheShapesWereSeen) {
  const std::vector<MicroBatch> rows = micro_batches_of(batch_, false);
  StepLosses losses;
  const auto step = [&] {
    losses.begin(rows);
    PassOptions pass;
    pass.lora_dropout = 0.1f;
    forward_backward(*decoder_, *optimizer_, rows, LossNormalization::kPerSequence, pass, losses);
    optimizer_->update(optimizer_->gradient_norm(), 1e-3);
  };
  step();
  step();
  const std::size_t bytes = backend_->allocated_bytes();
  const std::int64_t before = test::allocation_count();
  for (int i = 0; i < 3; ++i) step();
  EXPECT_EQ(test::allocation_count() - before, 0);
  EXPECT_EQ(backend_->allocated_bytes(), bytes);
}

TEST_F(TrainStep, TokensForTheStoreAreTheStepsOwn) {
  const std::vector<MicroBatch> rows = micro_batches_of(batch_, true);
  StepLosses losses;
  gradients(rows, LossNormalization::kPerToken, losses);
  double sum = 0.0;
  std::int64_t targets = 0, correct = 0;
  ASSERT_EQ(losses.tokens().size(), batch_.lengths.size());
  for (std::size_t s = 0; s < losses.tokens().size(); ++s) {
    const SequenceTokens& tokens = losses.tokens()[s];
    const auto length = static_cast<std::size_t>(batch_.lengths[s]);
    ASSERT_EQ(tokens.input_ids.size(), length);
    std::size_t m = 0;
    for (std::size_t t = 0; t < length; ++t) {
      EXPECT_EQ(tokens.input_ids[t], batch_.input_ids[s][t]);
      EXPECT_EQ(tokens.is_target[t] != 0, t > 0 && batch_.labels[s][t] != -100);
      if (tokens.is_target[t] == 0) continue;
      EXPECT_EQ(tokens.rank[m] == 0, tokens.argmax[m] == batch_.labels[s][t]);
      correct += tokens.rank[m] == 0 ? 1 : 0;
      sum += tokens.loss[m++];
    }
    EXPECT_EQ(tokens.loss.size(), m);
    targets += static_cast<std::int64_t>(m);
  }
  EXPECT_EQ(targets, losses.num_items());
  EXPECT_NEAR(sum / static_cast<double>(targets), losses.loss_per_token(), 1e-12);
  EXPECT_NEAR(static_cast<double>(correct) / static_cast<double>(targets), losses.accuracy(), 1e-12);
}

TEST(DropoutSeed, DependsOnSeedAndStepAlone) {
  EXPECT_EQ(dropout_seed(3, 7), dropout_seed(3, 7));
  EXPECT_NE(dropout_seed(3, 7), dropout_seed(3, 8));
  EXPECT_NE(dropout_seed(3, 7), dropout_seed(4, 7));
}

}  // namespace
}  // namespace vernier
