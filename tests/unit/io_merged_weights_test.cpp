// W + scale B A, and DoRA's scaling, against float64.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/io/checkpoint_writer.h"
#include "engine/io/hf_config.h"
#include "engine/io/merged_weights.h"
#include "io_test_support.h"

namespace vernier {
namespace {

using nlohmann::json;

struct Made {
  std::vector<std::vector<float>> weights;  // in the order of checkpoint_tensors
  std::vector<std::vector<float>> a, b, magnitude;
};

class MergedWeightsTest : public testing::TestWithParam<std::tuple<const char*, bool, bool>> {
 protected:
  std::vector<float> random_values(std::int64_t count) {
    std::normal_distribution<float> normal(0.0f, 0.5f);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = normal(rng_);
    return values;
  }
  std::int64_t any(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(rng_);
  }

  std::mt19937_64 rng_{test::fresh_seed()};
  test::TemporaryFolder folder_;
};

TEST_P(MergedWeightsTest, IsTheSumInFloat64) {
  const auto& [family, dora, rslora] = GetParam();
  for (int round = 0; round < 5; ++round) {
    const std::int64_t kv_heads = any(1, 3);
    const std::int64_t heads = kv_heads * any(1, 3);
    const json raw = {{"model_type", family},
                      {"hidden_size", heads * 2 * any(1, 9)},
                      {"intermediate_size", any(3, 71)},
                      {"num_hidden_layers", any(1, 3)},
                      {"num_attention_heads", heads},
                      {"num_key_value_heads", kv_heads},
                      {"vocab_size", any(3, 50)},
                      {"pad_token_id", 0},
                      {"tie_word_embeddings", false},
                      {"torch_dtype", "float32"}};
    const ModelConfig config = model_config_from_json(raw, {});
    Made made;
    std::vector<CheckpointTensor> tensors;
    for (const WeightRef& ref : checkpoint_tensors(config)) {
      std::int64_t count = 1;
      for (const std::int64_t size : ref.shape) count *= size;
      made.weights.push_back(random_values(count));
    }
    std::size_t index = 0;
    for (const WeightRef& ref : checkpoint_tensors(config)) {
      tensors.push_back({ref.name, ref.shape, DType::kF32, {}, std::as_bytes(std::span(made.weights[index++]))});
    }
    const auto model_dir = folder_ / ("model" + std::to_string(round));
    CheckpointOptions to;
    to.config = raw;
    to.dtype = DType::kF32;
    ASSERT_TRUE(write_checkpoint(model_dir, tensors, to));

    AdapterConfig options;
    options.r = any(1, 7);
    options.lora_alpha = static_cast<double>(any(1, 30));
    options.use_dora = dora;
    options.use_rslora = rslora;
    options.target_pattern = "all-linear";
    const std::vector<AdapterTarget> targets = adapter_targets(options, config);
    std::vector<AdapterValues> values;
    for (const AdapterTarget& target : targets) {
      made.a.push_back(random_values(target.r * target.module.in));
      made.b.push_back(random_values(target.module.out * target.r));
      made.magnitude.push_back(random_values(target.module.out));
    }
    for (std::size_t i = 0; i < targets.size(); ++i) {
      values.push_back(
          {made.a[i], made.b[i], dora ? std::span<const float>(made.magnitude[i]) : std::span<const float>()});
    }
    const auto adapter_dir = folder_ / ("adapter" + std::to_string(round));
    write_adapter(adapter_dir, ExistingFolder::kRefuse, options, config, targets, values);

    MergedWeights merged(model_dir, config, adapter_dir);
    std::size_t changed = 0;
    index = 0;
    for (const WeightRef& ref : checkpoint_tensors(config)) {
      const std::vector<float>& w = made.weights[index++];
      const std::int64_t rows = ref.shape[0];
      const std::int64_t width = ref.shape.size() == 2 ? ref.shape[1] : 1;
      // In two pieces, so that rows are told from each other.
      const std::int64_t first = any(0, rows - 1);
      std::vector<float> got(w.size());
      merged.read(ref.name, ref.shape, first, rows - first, got.data() + first * width);
      merged.read(ref.name, ref.shape, 0, first, got.data());
      const auto target = std::find_if(targets.begin(), targets.end(), [&](const AdapterTarget& candidate) {
        return ref.name == candidate.module.path + ".weight";
      });
      EXPECT_EQ(merged.changes(ref.name), target != targets.end()) << ref.name;
      if (target == targets.end()) {
        EXPECT_EQ(got, w) << ref.name;
        continue;
      }
      ++changed;
      const auto t = static_cast<std::size_t>(target - targets.begin());
      const double r = static_cast<double>(target->r);
      const double scale = options.lora_alpha / (rslora ? std::sqrt(r) : r);
      for (std::int64_t row = 0; row < rows; ++row) {
        std::vector<double> expected(static_cast<std::size_t>(width));
        double square = 0.0;
        double largest = 0.0;
        for (std::int64_t i = 0; i < width; ++i) {
          double sum = 0.0;
          for (std::int64_t k = 0; k < target->r; ++k) {
            sum += double{made.b[t][static_cast<std::size_t>(row * target->r + k)]} *
                   double{made.a[t][static_cast<std::size_t>(k * width + i)]};
          }
          double& value = expected[static_cast<std::size_t>(i)];
          value = double{w[static_cast<std::size_t>(row * width + i)]} + scale * sum;
          square += value * value;
          largest = std::max(largest, scale * 10.0);
        }
        const double factor = dora ? double{made.magnitude[t][static_cast<std::size_t>(row)]} / std::sqrt(square) : 1.0;
        for (std::int64_t i = 0; i < width; ++i) {
          const double value = factor * expected[static_cast<std::size_t>(i)];
          const double error = std::abs(double{got[static_cast<std::size_t>(row * width + i)]} - value);
          ASSERT_TRUE(error <= 2e-6 * (std::abs(value) + std::abs(factor) * (1.0 + largest))) << ref.name << " " << row;
        }
      }
    }
    EXPECT_EQ(changed, targets.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, MergedWeightsTest,
                         testing::Combine(testing::Values("llama", "phi3"), testing::Bool(), testing::Bool()),
                         [](const auto& test) {
                           return std::string(std::get<0>(test.param)) + (std::get<1>(test.param) ? "_dora" : "_lora") +
                                  (std::get<2>(test.param) ? "_rs" : "");
                         });

}  // namespace
}  // namespace vernier
