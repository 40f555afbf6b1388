// The decoder of every family against Transformers + PEFT.
#include "engine/model/decoder.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>

#include "engine/core/micro_batch.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/io/hf_config.h"
#include "engine/io/tensor_names.h"
#include "engine/model/generate.h"
#include "engine/model/targets.h"
#include "tests/golden/golden_case.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using golden::RelativeError;

class GoldenDecoder : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    folder_ = golden::find_case(GetParam());
    if (folder_.empty()) GTEST_SKIP() << "no reference case " << GetParam();
    config_ = read_model_config(folder_);
    const ShardedSafetensors files(folder_);
    config_.tensor_prefix = check_checkpoint(config_, files);
    backend_ = make_cpu_backend();
    weights_ = ModelWeights::load(*backend_, config_, files);
    adapter_ = Adapter::load(*backend_, config_, folder_ / "adapter");
    batch_ = Batch::from_file(folder_ / "batch.json");
    expected_ = std::make_unique<SafetensorsFile>(folder_ / "expected.safetensors");
  }

  // Compares `rows` of a micro-batch's logits with the padded run's.
  void compare_logits(const MicroBatch& micro, const std::vector<float>& got, const std::vector<float>& expected,
                      RelativeError& error) const {
    const auto vocab = static_cast<std::size_t>(config_.vocab_size);
    const auto width = static_cast<std::size_t>(batch_.width());
    for (const SequenceRef& sequence : micro.sequences) {
      error.add(got.data() + static_cast<std::size_t>(sequence.begin) * vocab,
                expected.data() + static_cast<std::size_t>(sequence.row) * width * vocab,
                static_cast<std::size_t>(sequence.length) * vocab);
    }
  }

  std::vector<float> all_logits(Decoder& decoder, std::int64_t tokens) const {
    std::vector<std::int32_t> rows;
    for (std::int32_t i = 0; i < tokens; ++i) rows.push_back(i);
    std::vector<float> logits(static_cast<std::size_t>(tokens * config_.vocab_size));
    decoder.logits(rows, logits.data());
    return logits;
  }

  std::filesystem::path folder_;
  ModelConfig config_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<ModelWeights> weights_;
  std::unique_ptr<Adapter> adapter_;
  Batch batch_;
  std::unique_ptr<SafetensorsFile> expected_;
};

TEST_P(GoldenDecoder, LogitsInEveryMode) {
  const auto base = golden::values_of(*expected_, "base_logits");
  const auto tuned = golden::values_of(*expected_, "adapter_logits");
  for (const bool with_adapter : {false, true}) {
    Decoder decoder(*backend_, config_, *weights_, with_adapter ? adapter_.get() : nullptr);
    for (const bool packed : {false, true}) {
      for (const int recompute : {-1, 0, 1, 2, 3}) {
        PassOptions options;
        options.keep_activations = recompute >= 0;
        options.recompute = std::array{Recompute::kNone, Recompute::kMlp, Recompute::kLayer,
                                       Recompute::kOffload}[static_cast<std::size_t>(std::max(recompute, 0))];
        RelativeError error;
        for (const MicroBatch& micro : micro_batches_of(batch_, packed)) {
          decoder.forward(micro, options);
          compare_logits(micro, all_logits(decoder, static_cast<std::int64_t>(micro.input_ids.size())),
                         with_adapter ? tuned : base, error);
        }
        EXPECT_TRUE(error.value() <= 1e-5) << error.value() << " adapter " << with_adapter << " packed " << packed;
      }
    }
    RelativeError decoded;
    for (const MicroBatch& micro : micro_batches_of(batch_, false)) {
      KvCache cache(*backend_, config_, static_cast<std::int64_t>(micro.input_ids.size()), DType::kF32);
      PassOptions options;
      options.cache = &cache;
      options.row_length = std::ssize(micro.input_ids);
      std::vector<float> logits;
      for (std::size_t t = 0; t < micro.input_ids.size(); ++t) {
        MicroBatch one;
        one.append(micro.sequences[0].row, &micro.input_ids[t], &micro.labels[t], 1);
        one.position_ids[0] = static_cast<std::int32_t>(t);
        decoder.forward(one, options);
        const auto row = all_logits(decoder, 1);
        logits.insert(logits.end(), row.begin(), row.end());
      }
      compare_logits(micro, logits, with_adapter ? tuned : base, decoded);
    }
    EXPECT_TRUE(decoded.value() <= 1e-5) << decoded.value() << " decoding, adapter " << with_adapter;
  }
}

TEST_P(GoldenDecoder, HiddenStates) {
  const auto expected = golden::values_of(*expected_, "hidden_states");
  Decoder decoder(*backend_, config_, *weights_, nullptr);
  PassOptions options;
  options.keep_hidden_states = true;
  const auto d = static_cast<std::size_t>(config_.hidden_size), width = static_cast<std::size_t>(batch_.width());
  const std::size_t rows = batch_.input_ids.size();
  for (const MicroBatch& micro : micro_batches_of(batch_, false)) {
    decoder.forward(micro, options);
    ASSERT_EQ(decoder.hidden_states().size(), static_cast<std::size_t>(config_.num_layers + 1));
    for (std::size_t l = 0; l < decoder.hidden_states().size(); ++l) {
      RelativeError error;
      const std::size_t row = static_cast<std::size_t>(micro.sequences[0].row);
      error.add(decoder.hidden_states()[l].data(), expected.data() + (l * rows + row) * width * d,
                micro.input_ids.size() * d);
      EXPECT_TRUE(error.value() <= 1e-5) << error.value() << " layer " << l;
    }
  }
}

TEST_P(GoldenDecoder, GradientsAndLossesBothWays) {
  adapter_->set().enable_gradients();
  Decoder decoder(*backend_, config_, *weights_, adapter_.get());
  const auto token_loss = golden::values_of(*expected_, "token_loss");
  std::int64_t targets_in_all = 0, sequences_with_targets = 0;
  TargetRows targets;
  for (const MicroBatch& micro : micro_batches_of(batch_, true)) {
    find_targets(micro, targets);
    targets_in_all = static_cast<std::int64_t>(targets.rows.size());
    for (const std::int32_t count : targets.counts) sequences_with_targets += count > 0;
  }
  for (const bool per_token : {true, false}) {
    for (const bool packed : {false, true}) {
      for (const Recompute recompute : {Recompute::kNone, Recompute::kMlp, Recompute::kLayer, Recompute::kOffload}) {
        backend_->zero(TensorView(adapter_->set().gradients().data(), 1, std::ssize(adapter_->set().gradients())));
        double loss = 0.0;
        RelativeError losses;
        for (const MicroBatch& micro : micro_batches_of(batch_, packed)) {
          find_targets(micro, targets);
          std::vector<float> weights, row_loss(targets.rows.size());
          for (std::size_t m = 0; m < targets.rows.size(); ++m) {
            const double count = targets.counts[static_cast<std::size_t>(targets.sequence[m])];
            weights.push_back(static_cast<float>(per_token
                                                     ? 1.0 / static_cast<double>(targets_in_all)
                                                     : 1.0 / (count * static_cast<double>(sequences_with_targets))));
          }
          if (weights.empty()) continue;
          PassOptions options;
          options.keep_activations = true;
          options.recompute = recompute;
          decoder.forward(micro, options);
          decoder.loss(targets.rows, targets.targets, weights, {.loss = row_loss});
          decoder.backward();
          for (std::size_t m = 0; m < weights.size(); ++m) {
            const SequenceRef& sequence = micro.sequences[static_cast<std::size_t>(targets.sequence[m])];
            loss += static_cast<double>(weights[m]) * static_cast<double>(row_loss[m]);
            losses.add(static_cast<double>(row_loss[m]),
                       static_cast<double>(token_loss[static_cast<std::size_t>(sequence.row * batch_.width() +
                                                                               targets.rows[m] - sequence.begin)]));
          }
        }
        EXPECT_TRUE(losses.value() <= 1e-5) << losses.value();
        const double expected_loss =
            static_cast<double>(golden::values_of(*expected_, per_token ? "loss_per_token" : "loss_per_sequence")[0]);
        EXPECT_TRUE(std::abs(loss - expected_loss) <= 1e-5 * expected_loss) << loss << " " << expected_loss;
        for (std::size_t i = 0; i < adapter_->set().parameters().size(); ++i) {
          const std::string& key = adapter_->set().parameters()[i].name;
          const auto got = adapter_->set().download_gradient(i);
          const auto expected =
              golden::values_of(*expected_, std::string("grad.") + (per_token ? "per_token." : "per_sequence.") + key);
          RelativeError error;
          error.add(got.data(), expected.data(), got.size());
          EXPECT_TRUE(error.value() <= 1e-4) << error.value() << " " << key << " packed " << packed;
        }
      }
    }
  }
}

TEST_P(GoldenDecoder, GreedyContinuation) {
  const TensorInfo& expected = expected_->at("greedy");
  ASSERT_EQ(expected.dtype, DType::kI32);
  std::vector<std::int32_t> ids(static_cast<std::size_t>(expected.size()));
  std::memcpy(ids.data(), expected.bytes.data(), expected.bytes.size());
  const std::vector<std::int32_t> prompt(ids.begin(), ids.end() - 16);
  Decoder decoder(*backend_, config_, *weights_, nullptr);
  GenerateOptions options;
  options.max_new_tokens = 16;
  options.stop_at_eos = false;
  const auto got = generate_tokens(decoder, prompt, options);
  ASSERT_EQ(got.size(), 16u);
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(got[i].id, ids[prompt.size() + i]) << i;
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenDecoder,
                         testing::Values("llama", "llama-dora", "llama-bf16-sharded", "stories260k", "llama31",
                                         "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "granite", "olmo2",
                                         "longrope", "dynamic", "olmo3", "exaone4", "seed_oss"),
                         [](const auto& golden_case) {
                           std::string name = golden_case.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace vernier
