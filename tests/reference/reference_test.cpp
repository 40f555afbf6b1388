// The unfused reference against Transformers and PEFT, for every family there is a case of.
#include "engine/inspect/reference.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "engine/core/micro_batch.h"
#include "engine/io/hf_config.h"
#include "engine/io/tensor_names.h"
#include "tests/golden/golden_case.h"

namespace vernier {
namespace {

using golden::real_tokens;
using golden::relative_error;
using golden::values_of;

class ReferenceCase : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::filesystem::path folder = golden::find_case(GetParam());
    if (folder.empty()) GTEST_SKIP() << "no reference case " << GetParam();
    config_ = read_model_config(folder);
    weights_ = std::make_unique<ShardedSafetensors>(folder);
    config_.tensor_prefix = check_checkpoint(config_, *weights_);
    adapter_ = std::make_unique<AdapterReader>(folder / "adapter", config_);
    expected_ = std::make_unique<SafetensorsFile>(folder / "expected.safetensors");
    batch_ = Batch::from_file((folder / "batch.json").string());
  }

  TensorValues weights() const {
    return [this](const std::string& name) {
      const TensorInfo* tensor = weights_->find(name);
      EXPECT_NE(tensor, nullptr) << name;
      std::vector<float> values(static_cast<std::size_t>(tensor->size()));
      convert_to_f32(*tensor, values.data());
      return values;
    };
  }

  ReferenceLora lora() const {
    const auto values = [this](const std::string& name) {
      for (std::size_t i = 0; i < adapter_->targets().size(); ++i) {
        const AdapterTarget& target = adapter_->targets()[i];
        const AdapterKeys keys = adapter_keys(target.module.path);
        if (name != keys.a && name != keys.b && name != keys.magnitude + ".weight") continue;
        std::vector<float> a(static_cast<std::size_t>(target.r * target.module.in));
        std::vector<float> b(static_cast<std::size_t>(target.module.out * target.r));
        std::vector<float> magnitude(static_cast<std::size_t>(target.module.out));
        adapter_->read(i, a.data(), b.data(), magnitude.data());
        return name == keys.a ? a : name == keys.b ? b : magnitude;
      }
      ADD_FAILURE() << name;
      return std::vector<float>();
    };
    return {adapter_->targets(), values, 1.0, adapter_->config().use_dora};
  }

  ModelConfig config_;
  std::unique_ptr<ShardedSafetensors> weights_;
  std::unique_ptr<AdapterReader> adapter_;
  std::unique_ptr<SafetensorsFile> expected_;
  Batch batch_;
};

// Transformers computes in float32; what differs is its rounding.
constexpr double kTolerance = 2e-6;

TEST_P(ReferenceCase, LogitsAndHiddenStatesOfTheBaseModel) {
  const MicroBatch batch = micro_batches_of(batch_, true).front();
  const ReferenceResult result = reference_forward(config_, weights(), nullptr, batch);
  const double logits_error =
      relative_error(result.logits, real_tokens(values_of(*expected_, "base_logits"), 0, batch_, config_.vocab_size));
  EXPECT_TRUE(logits_error <= kTolerance) << logits_error;
  const std::vector<float> states = values_of(*expected_, "hidden_states");
  const std::size_t state_size =
      batch_.input_ids.size() * static_cast<std::size_t>(batch_.width() * config_.hidden_size);
  ASSERT_EQ(result.hidden_states.size(), static_cast<std::size_t>(config_.num_layers + 1));
  for (std::size_t i = 0; i < result.hidden_states.size(); ++i) {
    const double error =
        relative_error(result.hidden_states[i], real_tokens(states, i * state_size, batch_, config_.hidden_size));
    EXPECT_TRUE(error <= kTolerance) << "hidden state " << i << ": " << error;
  }
}

TEST_P(ReferenceCase, LogitsAndLossWithTheAdapter) {
  const MicroBatch batch = micro_batches_of(batch_, true).front();
  const ReferenceLora adapter = lora();
  const ReferenceResult result = reference_forward(config_, weights(), &adapter, batch);
  const double logits_error = relative_error(
      result.logits, real_tokens(values_of(*expected_, "adapter_logits"), 0, batch_, config_.vocab_size));
  EXPECT_TRUE(logits_error <= kTolerance) << logits_error;
  const double loss_error =
      relative_error(result.token_loss, real_tokens(values_of(*expected_, "token_loss"), 0, batch_, 1));
  EXPECT_TRUE(loss_error <= kTolerance) << loss_error;
  const double mean = values_of(*expected_, "loss_per_token").front();
  EXPECT_TRUE(std::abs(result.loss_per_token - mean) <= 2e-6 * mean) << result.loss_per_token << " " << mean;
}

TEST_P(ReferenceCase, StrengthScalesTheAdapter) {
  const MicroBatch batch = micro_batches_of(batch_, true).front();
  ReferenceLora adapter = lora();
  adapter.strength = 0.0;
  EXPECT_EQ(reference_forward(config_, weights(), &adapter, batch).logits,
            reference_forward(config_, weights(), nullptr, batch).logits);
}

TEST_P(ReferenceCase, RowsDoNotSeeEachOther) {
  std::vector<double> alone;
  for (const MicroBatch& row : micro_batches_of(batch_, false)) {
    const std::vector<double> logits = reference_forward(config_, weights(), nullptr, row).logits;
    alone.insert(alone.end(), logits.begin(), logits.end());
  }
  const MicroBatch packed = micro_batches_of(batch_, true).front();
  const double error = relative_error(reference_forward(config_, weights(), nullptr, packed).logits, alone);
  EXPECT_TRUE(error <= 1e-14) << error;
}

INSTANTIATE_TEST_SUITE_P(Golden, ReferenceCase,
                         testing::Values("llama", "llama-dora", "llama-bf16-sharded", "stories260k", "llama31",
                                         "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "granite", "olmo2",
                                         "longrope", "dynamic", "olmo3", "exaone4", "seed_oss"),
                         [](const auto& case_info) {
                           std::string name = case_info.param;
                           std::erase(name, '-');
                           return name;
                         });

// A model as large as the bundled one: what the parity check costs each time.
TEST(Reference, ThreeMillionParametersTakeLessThanASecond) {
  ModelConfig config;
  config.vocab_size = 1024;
  config.hidden_size = 224;
  config.intermediate_size = 608;
  config.num_layers = 5;
  config.num_heads = 7;
  config.num_kv_heads = 7;
  config.head_dim = 32;
  config.rotary_dim = 32;
  config.max_position_embeddings = 512;
  config.attention_scale = 1.0 / std::sqrt(32.0);
  config.ropes.resize(1);
  config.layer_rope.assign(5, 0);
  config.layer_window.assign(5, 0);
  ASSERT_NEAR(static_cast<double>(parameter_count(config)), 3.3e6, 0.4e6);

  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0f, 0.05f);
  std::map<std::string, std::vector<float>> tensors;
  for (const WeightRef& ref : checkpoint_tensors(config)) {
    std::vector<float>& values = tensors[ref.name];
    values.resize(static_cast<std::size_t>(ref.shape[0] * (ref.shape.size() == 2 ? ref.shape[1] : 1)));
    for (float& value : values) value = normal(random);
  }
  std::vector<std::int32_t> ids(128);
  for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random() % 1024);
  MicroBatch batch;
  batch.append(0, ids.data(), ids.data(), 128);
  const auto start = std::chrono::steady_clock::now();
  const ReferenceResult result = reference_forward(
      config, [&](const std::string& name) { return tensors.at(name); }, nullptr, batch);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  RecordProperty("seconds", std::to_string(seconds.count()));
  EXPECT_EQ(result.num_targets, 127);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's time means nothing";
#endif
  EXPECT_LT(seconds.count(), 5.0);  // generous: other work may share the machine
}

}  // namespace
}  // namespace vernier
