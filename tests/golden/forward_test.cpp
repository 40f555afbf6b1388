// LanguageModel against Transformers + PEFT: every mode and option of a forward pass, and greedy generation.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/io/atomic_file.h"
#include "engine/io/safetensors.h"
#include "tests/golden/golden_case.h"
#include "tests/unit/io_test_support.h"
#include "vernier/error.h"
#include "vernier/model.h"

namespace vernier {
namespace {

using golden::real_tokens;
using golden::relative_error;
using golden::values_of;
using test::expect_error;
using test::TemporaryFolder;

constexpr double kForward = 1e-5;
constexpr double kGradient = 1e-4;

class GoldenForward : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    folder_ = golden::find_case(GetParam());
    if (folder_.empty()) GTEST_SKIP() << "no reference case " << GetParam();
    batch_ = Batch::from_file((folder_ / "batch.json").string());
    expected_ = std::make_unique<SafetensorsFile>(folder_ / "expected.safetensors");
  }

  std::unique_ptr<LanguageModel> load(bool adapter) const {
    ModelOptions options;
    options.model_dir = folder_.string();
    options.device = "cpu";
    if (adapter) options.adapter_dir = (folder_ / "adapter").string();
    return LanguageModel::load(options);
  }

  void expect_logits(const NamedTensor& logits, const char* name) const {
    const std::int64_t vocab = logits.shape[2];
    ASSERT_EQ(logits.shape, (std::vector<std::int64_t>{rows(), batch_.width(), vocab}));
    const double error = relative_error(real_tokens(logits.values, 0, batch_, vocab),
                                        real_tokens(values_of(*expected_, name), 0, batch_, vocab));
    EXPECT_TRUE(error <= kForward) << name << ": " << error;
    for (std::int64_t b = 0; b < rows(); ++b) {
      for (std::int64_t i = (b * batch_.width() + batch_.lengths[static_cast<std::size_t>(b)]) * vocab;
           i < (b + 1) * batch_.width() * vocab; ++i) {
        ASSERT_EQ(logits.values[static_cast<std::size_t>(i)], 0.0f) << "padding of row " << b;
      }
    }
  }

  void expect_losses(const ForwardResult& result) const {
    const double error = relative_error(result.token_loss.values, values_of(*expected_, "token_loss"));
    EXPECT_TRUE(error <= kForward) << error;
    EXPECT_NEAR(result.loss_per_token, values_of(*expected_, "loss_per_token")[0], 1e-5);
    EXPECT_NEAR(result.loss_per_sequence, values_of(*expected_, "loss_per_sequence")[0], 1e-5);
  }

  std::int64_t rows() const { return static_cast<std::int64_t>(batch_.input_ids.size()); }

  std::filesystem::path folder_;
  Batch batch_;
  std::unique_ptr<SafetensorsFile> expected_;
};

constexpr std::array kModes = {ForwardMode::kTrain, ForwardMode::kEval, ForwardMode::kDecode};

TEST_P(GoldenForward, EveryModeRowByRowAndPacked) {
  const auto model = load(true);
  for (const ForwardMode mode : kModes) {
    for (const bool packed : {false, true}) {
      SCOPED_TRACE("mode " + std::to_string(static_cast<int>(mode)) + (packed ? ", packed" : ""));
      ForwardOptions options;
      options.mode = mode;
      options.packed = packed;
      const ForwardResult result = model->forward(batch_, options);
      expect_logits(result.logits, "adapter_logits");
      expect_losses(result);
      EXPECT_TRUE(result.hidden_states.values.empty());
      EXPECT_TRUE(result.gradients.empty());
    }
  }
}

TEST_P(GoldenForward, StrengthZeroIsTheBaseModel) {
  const auto model = load(true);
  model->set_adapter_strength(0.0);
  expect_logits(model->forward(batch_, {}).logits, "base_logits");
  model->set_adapter_strength(1.0);
  expect_logits(model->forward(batch_, {}).logits, "adapter_logits");
}

TEST_P(GoldenForward, HiddenStates) {
  const auto model = load(false);
  const std::vector<float> expected = values_of(*expected_, "hidden_states");
  const std::int64_t d = model->info().hidden_size;
  const std::int64_t states = model->info().num_layers + 1;
  for (const ForwardMode mode : kModes) {
    for (const bool packed : {false, true}) {
      ForwardOptions options;
      options.mode = mode;
      options.packed = packed;
      options.hidden_states = true;
      const ForwardResult result = model->forward(batch_, options);
      expect_logits(result.logits, "base_logits");
      ASSERT_EQ(result.hidden_states.shape, (std::vector<std::int64_t>{states, rows(), batch_.width(), d}));
      for (std::int64_t i = 0; i < states; ++i) {
        const auto first = static_cast<std::size_t>(i * rows() * batch_.width() * d);
        const double error = relative_error(real_tokens(result.hidden_states.values, first, batch_, d),
                                            real_tokens(expected, first, batch_, d));
        EXPECT_TRUE(error <= kForward) << "state " << i << ": " << error;
      }
    }
  }
}

TEST_P(GoldenForward, GradientsBothWays) {
  const auto model = load(true);
  for (const auto& [normalization, name] : {std::pair(LossNormalization::kPerToken, "per_token"),
                                            std::pair(LossNormalization::kPerSequence, "per_sequence")}) {
    for (const ForwardMode mode : {ForwardMode::kTrain, ForwardMode::kEval}) {
      for (const bool packed : {false, true}) {
        ForwardOptions options;
        options.mode = mode;
        options.packed = packed;
        options.gradients = normalization;
        const ForwardResult result = model->forward(batch_, options);
        expect_losses(result);
        const std::string prefix = std::string("grad.") + name + ".";
        std::size_t count = 0;
        for (const TensorInfo& tensor : expected_->tensors()) count += tensor.name.starts_with(prefix);
        ASSERT_EQ(result.gradients.size(), count);
        for (const NamedTensor& gradient : result.gradients) {
          ASSERT_TRUE(gradient.name.starts_with("grad."));
          const std::string key = prefix + gradient.name.substr(5);
          EXPECT_EQ(gradient.shape, expected_->at(key).shape);
          const double error = relative_error(gradient.values, values_of(*expected_, key));
          EXPECT_TRUE(error <= kGradient) << key << ": " << error;
        }
      }
    }
  }
}

// Without an adapter the gradients are the weights', all of them, and each call has its own.
TEST_P(GoldenForward, GradientsOfTheWeights) {
  const auto model = load(false);
  ForwardOptions options;
  options.gradients = LossNormalization::kPerToken;
  const ForwardResult result = model->forward(batch_, options);
  std::int64_t values = 0;
  double square = 0.0;
  for (const NamedTensor& gradient : result.gradients) {
    EXPECT_TRUE(gradient.name.starts_with("grad.model.") || gradient.name == "grad.lm_head.weight") << gradient.name;
    values += static_cast<std::int64_t>(gradient.values.size());
    for (const float value : gradient.values) square += static_cast<double>(value) * value;
  }
  EXPECT_EQ(values, model->info().parameters);
  EXPECT_GT(square, 0.0);
  const ForwardResult again = model->forward(batch_, options);
  for (std::size_t i = 0; i < result.gradients.size(); ++i) {
    EXPECT_EQ(result.gradients[i].values, again.gradients[i].values) << "gradients are not added to those before";
  }
}

// A row that has nothing to predict counts for nothing, in both reductions and their gradients.
TEST_P(GoldenForward, RowsWithoutTargetsChangeNothing) {
  const auto model = load(true);
  Batch longer = batch_;
  longer.input_ids.push_back(longer.input_ids[0]);
  longer.labels.emplace_back(longer.labels[0].size(), -100);
  longer.lengths.push_back(longer.lengths[0]);
  for (const LossNormalization normalization : {LossNormalization::kPerToken, LossNormalization::kPerSequence}) {
    for (const bool packed : {false, true}) {
      ForwardOptions options;
      options.packed = packed;
      options.gradients = normalization;
      const ForwardResult without = model->forward(batch_, options);
      const ForwardResult with = model->forward(longer, options);
      EXPECT_NEAR(with.loss_per_token, without.loss_per_token, 1e-6);
      EXPECT_NEAR(with.loss_per_sequence, without.loss_per_sequence, 1e-6);
      for (std::size_t i = 0; i < with.gradients.size(); ++i) {
        const double error = relative_error(with.gradients[i].values, without.gradients[i].values);
        EXPECT_TRUE(error <= 1e-5) << with.gradients[i].name << ": " << error;
      }
    }
  }
}

TEST_P(GoldenForward, LogitsToKeep) {
  const auto model = load(true);
  const ForwardResult all = model->forward(batch_, {});
  const std::int64_t vocab = model->info().vocab_size;
  const auto row_of = [&](const NamedTensor& logits, std::int64_t b, std::int64_t k) {
    const auto first = logits.values.begin() + (b * logits.shape[1] + k) * vocab;
    return std::vector<float>(first, first + vocab);
  };
  const std::vector<float> zeros(static_cast<std::size_t>(vocab));
  for (const ForwardMode mode : kModes) {
    for (const bool packed : {false, true}) {
      SCOPED_TRACE("mode " + std::to_string(static_cast<int>(mode)) + (packed ? ", packed" : ""));
      ForwardOptions options;
      options.mode = mode;
      options.packed = packed;
      const std::int64_t last = *std::min_element(batch_.lengths.begin(), batch_.lengths.end()) + 2;
      options.logits_to_keep = LogitsToKeep{last, {}};
      const ForwardResult tail = model->forward(batch_, options);
      EXPECT_EQ(tail.token_loss.values.size(), all.token_loss.values.size());
      expect_losses(tail);
      ASSERT_EQ(tail.logits.shape, (std::vector<std::int64_t>{rows(), last, vocab}));
      for (std::int64_t b = 0; b < rows(); ++b) {
        const std::int64_t length = batch_.lengths[static_cast<std::size_t>(b)];
        for (std::int64_t k = 0; k < last; ++k) {
          const std::int64_t position = length - last + k;
          if (position < 0) {
            EXPECT_EQ(row_of(tail.logits, b, k), zeros);
          } else {
            const double error = relative_error(row_of(tail.logits, b, k), row_of(all.logits, b, position));
            EXPECT_TRUE(error <= kForward) << b << " " << k << ": " << error;
          }
        }
      }

      const std::int64_t end = batch_.width() - 1;
      const std::vector<std::int64_t> positions = {end, 0, 3, 3};
      options.logits_to_keep = LogitsToKeep{0, positions};
      const ForwardResult listed = model->forward(batch_, options);
      ASSERT_EQ(listed.logits.shape, (std::vector<std::int64_t>{rows(), 4, vocab}));
      for (std::int64_t b = 0; b < rows(); ++b) {
        for (std::int64_t k = 0; k < 4; ++k) {
          const std::int64_t position = positions[static_cast<std::size_t>(k)];
          if (position >= batch_.lengths[static_cast<std::size_t>(b)]) {
            EXPECT_EQ(row_of(listed.logits, b, k), zeros);
          } else {
            const double error = relative_error(row_of(listed.logits, b, k), row_of(all.logits, b, position));
            EXPECT_TRUE(error <= kForward) << b << " " << k << ": " << error;
          }
        }
      }
    }
  }
}

TEST_P(GoldenForward, TheLossIsTheSameToTheBitWithoutLogits) {
  const auto model = load(true);
  ForwardOptions options;
  const ForwardResult with = model->forward(batch_, options);
  options.logits = false;
  const ForwardResult without = model->forward(batch_, options);
  EXPECT_TRUE(without.logits.values.empty());
  EXPECT_EQ(with.token_loss.values, without.token_loss.values);
  EXPECT_EQ(with.loss_per_token, without.loss_per_token);
}

TEST_P(GoldenForward, GreedyTokens) {
  const auto model = load(false);
  const auto json = read_json_file(folder_ / "batch.json");
  const auto prompt_length = json["prompt_length"].get<std::ptrdiff_t>();
  const TensorInfo& tensor = expected_->at("greedy");
  std::vector<std::int64_t> expected(static_cast<std::size_t>(tensor.size()));
  if (tensor.dtype == DType::kI64) {
    std::memcpy(expected.data(), tensor.bytes.data(), tensor.bytes.size());
  } else {
    ASSERT_EQ(tensor.dtype, DType::kI32);
    std::vector<std::int32_t> narrow(expected.size());
    std::memcpy(narrow.data(), tensor.bytes.data(), tensor.bytes.size());
    std::copy(narrow.begin(), narrow.end(), expected.begin());
  }
  std::vector<std::int32_t> ids(batch_.input_ids[0].begin(), batch_.input_ids[0].begin() + prompt_length);
  GenerateOptions options;
  options.max_new_tokens = static_cast<std::int64_t>(expected.size()) - prompt_length;
  options.stop_at_eos = false;
  for (const GeneratedToken& token : model->generate(ids, options)) ids.push_back(token.id);
  EXPECT_EQ(std::vector<std::int64_t>(ids.begin(), ids.end()), expected);
}

TEST_P(GoldenForward, Info) {
  const auto config = read_json_file(folder_ / "config.json");
  const auto generation = read_json_file(folder_ / "generation_config.json");
  const auto model = load(true);
  const ModelInfo& info = model->info();
  EXPECT_EQ(info.family, config["model_type"].get<std::string>());
  EXPECT_EQ(info.device, "cpu");
  EXPECT_EQ(info.vocab_size, config["vocab_size"].get<std::int64_t>());
  EXPECT_EQ(info.num_layers, config["num_hidden_layers"].get<std::int64_t>());
  EXPECT_EQ(info.eos_token_ids, std::vector<std::int32_t>{generation["eos_token_id"].get<std::int32_t>()});
  EXPECT_GT(info.adapter_parameters, 0);
  EXPECT_EQ(model->tokenizer() != nullptr, std::filesystem::exists(folder_ / "tokenizer.model"));
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenForward, testing::Values("llama", "llama-bf16-sharded", "stories260k"),
                         [](const auto& case_info) {
                           std::string name = case_info.param;
                           std::erase(name, '-');
                           return name;
                         });

// What a person may hand in that cannot be, each with its sentence.
class BadInput : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = golden::find_case("llama");
    if (folder_.empty()) GTEST_SKIP() << "no reference case llama";
    options_.model_dir = folder_.string();
    options_.device = "cpu";
  }
  std::filesystem::path folder_;
  ModelOptions options_;
  TemporaryFolder aside_;
};

TEST_F(BadInput, BatchesThatTheModelCannotTake) {
  const auto model = LanguageModel::load(options_);
  const Batch good{{{1, 2, 3}, {4, 5, 0}}, {{1, 2, 3}, {4, 5, -100}}, {3, 2}};
  const auto forward = [&](const Batch& batch, const ForwardOptions& options = {}) {
    return [&, options] { model->forward(batch, options); };
  };
  EXPECT_NO_THROW(forward(good)());
  Batch bad = good;
  bad.input_ids[1][1] = 160;
  expect_error(forward(bad), ErrorCode::kInvalidInput, {"input_ids", "160", "row 1", "position 1", "0 to 159"});
  expect_error([&] { model->parity(bad); }, ErrorCode::kInvalidInput, {"input_ids", "160"});
  bad = good;
  bad.labels[0][2] = 4711;
  expect_error(forward(bad), ErrorCode::kInvalidInput, {"labels", "4711", "row 0", "position 2"});
  bad = good;
  bad.lengths[0] = 4;
  expect_error(forward(bad), ErrorCode::kInvalidInput, {"lengths", "4", "row 0", "1 to 3"});
  bad = good;
  bad.input_ids[1].pop_back();
  expect_error(forward(bad), ErrorCode::kInvalidInput, {"row 1", "2 ids"});
  expect_error(forward(Batch{}), ErrorCode::kInvalidInput, {"no rows"});
  ForwardOptions options;
  options.mode = ForwardMode::kDecode;
  options.gradients = LossNormalization::kPerToken;
  expect_error(forward(good, options), ErrorCode::kInvalidInput, {"gradients", "decode"});
  options = {};
  options.logits_to_keep = LogitsToKeep{0, {1, 3}};
  expect_error(forward(good, options), ErrorCode::kInvalidInput, {"logits_to_keep", "3", "0 to 2"});
  options.logits_to_keep = LogitsToKeep{-1, {}};
  expect_error(forward(good, options), ErrorCode::kInvalidInput, {"logits_to_keep", "-1"});
  options = {};
  options.gradients = LossNormalization::kPerToken;
  bad = good;
  for (auto& row : bad.labels) std::fill(row.begin(), row.end(), -100);
  EXPECT_EQ(model->forward(bad, {}).loss_per_token, 0.0);
  expect_error(forward(bad, options), ErrorCode::kInvalidInput, {"labels", "no target"});
}

TEST_F(BadInput, DevicesAndTypesThatAreNotThere) {
  options_.dtype = "bfloat16";
  expect_error([&] { LanguageModel::load(options_); }, ErrorCode::kUnsupported, {"bfloat16", "cpu", "float32"});
  options_.dtype = "int3";
  expect_error([&] { LanguageModel::load(options_); }, ErrorCode::kInvalidInput, {"int3", "float32"});
  options_.dtype = "float32";
  options_.device = "abacus";
  expect_error([&] { LanguageModel::load(options_); }, ErrorCode::kUnsupported, {"abacus"});
}

TEST_F(BadInput, FoldersThatHoldNoModelOrNoAdapter) {
  options_.model_dir = (aside_ / "nothing").string();
  expect_error([&] { LanguageModel::load(options_); }, ErrorCode::kNotFound, {"nothing"});
  options_.model_dir = folder_.string();
  options_.adapter_dir = (aside_ / "nothing").string();
  expect_error([&] { LanguageModel::load(options_); }, ErrorCode::kNotFound, {"nothing"});
}

TEST_F(BadInput, LoadingTellsItsProgressAndStops) {
  std::vector<double> fractions;
  LanguageModel::load(options_, [&](double fraction) { fractions.push_back(fraction); });
  ASSERT_FALSE(fractions.empty());
  EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
  EXPECT_EQ(fractions.back(), 1.0);
  std::stop_source stop;
  stop.request_stop();
  expect_error([&] { LanguageModel::load(options_, {}, stop.get_token()); }, ErrorCode::kCancelled, {});
}

TEST_F(BadInput, EveryHostileFileInPlaceOfTheWeights) {
  const std::filesystem::path hostile = std::filesystem::path(VERNIER_SHARED_DIR) / "safetensors";
  if (!std::filesystem::exists(hostile)) GTEST_SKIP() << "missing: safetensors/";
  std::filesystem::copy(folder_ / "config.json", aside_ / "config.json");
  options_.model_dir = aside_.path().string();
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(hostile)) {
    if (entry.path().extension() != ".safetensors") continue;
    std::filesystem::copy_file(entry.path(), aside_ / "model.safetensors",
                               std::filesystem::copy_options::overwrite_existing);
    expect_error([&] { LanguageModel::load(options_); }, ErrorCode::kInvalidInput, {},
                 entry.path().filename().string());
    ++files;
  }
  EXPECT_EQ(files, 18);
}

TEST_F(BadInput, TensorsThatNobodyAskedForAreLeftAlone) {
  std::filesystem::copy(folder_ / "config.json", aside_ / "config.json");
  const SafetensorsFile original(folder_ / "model.safetensors");
  std::vector<TensorToWrite> tensors;
  for (const TensorInfo& tensor : original.tensors()) {
    tensors.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.bytes});
  }
  const std::vector<std::byte> extra(16);
  tensors.push_back({"model.layers.0.self_attn.q_proj.bias", DType::kF32, {4}, extra});
  tensors.push_back({"vision.weight", DType::kI8, {4, 4}, extra});
  write_safetensors(aside_ / "model.safetensors", tensors);
  const Batch batch{{{1, 2, 3}}, {{1, 2, 3}}, {3}};
  const std::vector<float> expected = LanguageModel::load(options_)->forward(batch, {}).logits.values;
  options_.model_dir = aside_.path().string();
  EXPECT_EQ(LanguageModel::load(options_)->forward(batch, {}).logits.values, expected);
}

TEST_F(BadInput, BatchFiles) {
  const std::filesystem::path path = aside_ / "batch.json";
  const auto read = [&](const char* text) {
    test::put_file(path, text);
    return Batch::from_file(path.string());
  };
  const auto expect = [&](const char* text, std::initializer_list<const char*> parts) {
    expect_error([&] { read(text); }, ErrorCode::kInvalidInput, parts, text);
  };
  const Batch plain = read(R"({"input_ids": [[5, 6], [7, 8]], "prompt_length": [1, 1]})");
  EXPECT_EQ(plain.labels, plain.input_ids);
  EXPECT_EQ(plain.lengths, (std::vector<std::int64_t>{2, 2}));
  expect(R"({"input_ids": [[5, 6]], "label": [[5, 6]]})", {"\"label\"", "\"labels\""});
  expect(R"({"input_ids": [[5, 6]], "attention_mask": [[1, 0]]})", {"unknown key \"attention_mask\""});
  expect("[1, 2", {"batch.json"});
  expect("[1, 2]", {"object"});
  expect("{}", {"input_ids"});
  expect(R"({"input_ids": []})", {"input_ids", "row"});
  expect(R"({"input_ids": [[]]})", {"input_ids[0]"});
  expect(R"({"input_ids": [1, 2]})", {"input_ids[0]", "1"});
  expect(R"({"input_ids": [[1, 2], [3]]})", {"input_ids[1]", "1 values", "2 of row 0"});
  expect(R"({"input_ids": [[1, 2.5]]})", {"input_ids[0][1]", "2.5"});
  expect(R"({"input_ids": [[1, -3]]})", {"input_ids[0][1]", "-3"});
  expect(R"({"input_ids": [[1, "a"]]})", {"input_ids[0][1]", "a"});
  expect(R"({"input_ids": [[1, 99999999999]]})", {"input_ids[0][1]", "99999999999"});
  expect(R"({"input_ids": [[1, 18446744073709551615]]})", {"input_ids[0][1]"});
  expect(R"({"input_ids": [[1, 2]], "labels": [[1]]})", {"labels", "1 rows of 1", "1 rows of 2"});
  expect(R"({"input_ids": [[1, 2]], "labels": [[1, -7]]})", {"labels[0][1]", "-7"});
  expect(R"({"input_ids": [[1, 2]], "labels": {"a": 1}})", {"labels"});
  expect(R"({"input_ids": [[1, 2]], "lengths": [3]})", {"lengths[0]", "3", "1 to 2"});
  expect(R"({"input_ids": [[1, 2]], "lengths": [0]})", {"lengths[0]", "0"});
  expect(R"({"input_ids": [[1, 2]], "lengths": [1.0]})", {"lengths[0]", "1.0"});
  expect(R"({"input_ids": [[1, 2]], "lengths": [18446744073709551615]})", {"lengths[0]"});
  expect(R"({"input_ids": [[1, 2]], "lengths": [1, 1]})", {"lengths", "1 integers"});
  expect_error([&] { Batch::from_file((aside_ / "none.json").string()); }, ErrorCode::kNotFound, {"none.json"});
}

}  // namespace
}  // namespace vernier
