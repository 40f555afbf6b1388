#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>

#include "engine/io/hf_config.h"
#include "engine/io/name_pattern.h"
#include "engine/io/peft_adapter.h"
#include "io_test_support.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using nlohmann::json;
using test::expect_error;
using test::put_file;
using test::TemporaryFolder;
using Strings = std::vector<std::string>;

ModelConfig model_of(const char* family = "llama") {
  json config = {{"model_type", family},           {"hidden_size", 64},        {"intermediate_size", 96},
                 {"num_hidden_layers", 12},        {"num_attention_heads", 4}, {"num_key_value_heads", 2},
                 {"max_position_embeddings", 512}, {"vocab_size", 160},        {"head_dim", 16}};
  if (std::string_view(family) == "gemma3") {
    config = {{"model_type", "gemma3"}, {"text_config", config}};
  }
  return model_config_from_json(config, {});
}

std::string config_text(const char* changes) {
  json config = {{"peft_type", "LORA"}, {"r", 4}, {"lora_alpha", 8}, {"target_modules", {"q_proj", "v_proj"}}};
  config.merge_patch(parse_json(changes, "changes"));
  return config.dump();
}

// Unlike a merge, keeps the order of the patterns.
AdapterConfig read(const std::string& text) {
  return adapter_config_from_text(text);
}
AdapterConfig read_with(const char* changes) {
  return read(config_text(changes));
}

Strings paths(const AdapterConfig& adapter, const ModelConfig& model = model_of()) {
  Strings result;
  for (const AdapterTarget& target : adapter_targets(adapter, model)) result.push_back(target.module.path);
  return result;
}

TEST(AdapterConfig, ReadsPeftsNames) {
  const AdapterConfig config = read_with(R"({"r": 6, "lora_alpha": 12.5, "lora_dropout": 0.1, "use_rslora": true,
      "use_dora": true, "base_model_name_or_path": "some/model", "rank_pattern": {"q_proj": 3},
      "alpha_pattern": {"v_proj": 7}, "inference_mode": true, "loftq_config": {}, "peft_version": "0.21.0"})");
  EXPECT_EQ(config.r, 6);
  EXPECT_EQ(config.lora_alpha, 12.5);
  EXPECT_EQ(config.lora_dropout, 0.1);
  EXPECT_TRUE(config.use_rslora && config.use_dora);
  EXPECT_EQ(config.base_model_name_or_path, "some/model");
  const std::vector<AdapterTarget> targets = adapter_targets(config, model_of());
  ASSERT_EQ(targets.size(), 24u);
  EXPECT_EQ(targets[0].module.path, "model.layers.0.self_attn.q_proj");
  EXPECT_EQ(targets[0].r, 3);
  EXPECT_TRUE(std::abs(targets[0].scale - 12.5 / std::sqrt(3.0)) <= 1e-15);
  EXPECT_EQ(targets[1].r, 6);
  EXPECT_TRUE(std::abs(targets[1].scale - 7.0 / std::sqrt(6.0)) <= 1e-15);
  EXPECT_EQ(adapter_targets(read_with("{}"), model_of())[0].scale, 2.0);
}

// What peft.tuners.tuners_utils.check_target_module_exists (0.21) chooses among a 12-layer Llama's linear layers.
TEST(AdapterTargets, AreMatchedAsPeftMatches) {
  const auto count = [](const char* changes, const ModelConfig& model = model_of()) {
    return paths(read_with(changes), model).size();
  };
  EXPECT_EQ(count(R"({"target_modules": "all-linear"})"), 84u);
  EXPECT_EQ(count(R"({"target_modules": "ALL-Linear"})"), 84u);
  EXPECT_EQ(count(R"({"target_modules": "all-linear"})", model_of("phi3")), 48u);
  EXPECT_EQ(paths(read_with(R"({"target_modules": ["layers.1.self_attn.q_proj"]})")),
            Strings{"model.layers.1.self_attn.q_proj"});
  EXPECT_EQ(paths(read_with(R"({"target_modules": ["1.self_attn.q_proj"]})")),
            Strings{"model.layers.1.self_attn.q_proj"});
  EXPECT_EQ(paths(read_with(R"({"target_modules": ["model.layers.0.mlp.up_proj", "proj", "eight_proj"]})")),
            Strings{"model.layers.0.mlp.up_proj"});
  // A pattern must match the whole path.
  EXPECT_EQ(count(R"({"target_modules": ".*\\.(q|v)_proj"})"), 24u);
  EXPECT_EQ(count(R"({"target_modules": ".*\\.[0-4]\\.mlp\\.(gate|up)_proj$"})"), 10u);
  expect_error([] { paths(read_with(R"({"target_modules": "q_proj"})")); }, ErrorCode::kInvalidInput,
               {"no module matches", "q_proj"});
  EXPECT_EQ(count(R"({"exclude_modules": ["v_proj", "layers.0.self_attn.q_proj"]})"), 11u);
  EXPECT_EQ(count(R"({"exclude_modules": ".*\\.1\\d?\\..*"})"), 18u);  // layers 1, 10, 11 are left out
  EXPECT_EQ(count(R"({"layers_to_transform": [0, 11]})"), 4u);
  EXPECT_EQ(count(R"({"layers_to_transform": 3})"), 2u);
  EXPECT_EQ(count(R"({"layers_to_transform": 3, "layers_pattern": "layers"})"), 2u);
  EXPECT_EQ(count(R"({"layers_to_transform": [3], "layers_pattern": ["blocks", "layers"]})"), 2u);
  expect_error([] { paths(read_with(R"({"layers_to_transform": [3], "layers_pattern": "blocks"})")); },
               ErrorCode::kInvalidInput, {"no module matches"});
  EXPECT_EQ(unmatched_target_modules(read_with(R"({"target_modules": ["q_proj", "qproj", "w1"]})"), model_of()),
            (Strings{"qproj", "w1"}));
}

TEST(AdapterTargets, TakeRankAndAlphaFromTheFirstPatternThatMatches) {
  // The file's order decides, not the alphabet's.
  const AdapterConfig config = read(R"({"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"],
      "rank_pattern": {"layers.1.self_attn.q_proj": 2, "1[01]\\..*": 5, ".*q_proj": 9},
      "alpha_pattern": {"^model.layers.0.self_attn.q_proj": 3, "proj": 99, "self_attn.q_proj": 16}})");
  const std::vector<AdapterTarget> targets = adapter_targets(config, model_of());
  ASSERT_EQ(targets.size(), 12u);
  EXPECT_EQ(targets[0].r, 9);
  EXPECT_EQ(targets[1].r, 2);
  EXPECT_EQ(targets[2].r, 9);
  EXPECT_EQ(targets[10].r, 5);
  EXPECT_EQ(targets[11].r, 5);
  EXPECT_EQ(targets[0].alpha, 3.0);
  EXPECT_EQ(targets[1].alpha, 16.0);  // "proj" is no whole part of the path
}

TEST(AdapterConfig, RefusesWhatItCannotDo) {
  const auto unsupported = [](const char* changes, const char* part) {
    expect_error([&] { read_with(changes); }, ErrorCode::kUnsupported, {"[adapter_config.json]", part}, changes);
  };
  unsupported(R"({"peft_type": "IA3"})", "peft_type: got \"IA3\"");
  unsupported(R"({"task_type": "SEQ_CLS"})", "task_type");
  unsupported(R"({"bias": "all"})", "bias");
  unsupported(R"({"modules_to_save": ["embed_tokens"]})", "modules_to_save");
  unsupported(R"({"init_lora_weights": "pissa_niter_4"})", "init_lora_weights");
  unsupported(R"({"fan_in_fan_out": true})", "fan_in_fan_out");
  unsupported(R"({"lora_bias": true})", "lora_bias");
  unsupported(R"({"layer_replication": [[0, 2]]})", "layer_replication");
  unsupported(R"({"trainable_token_indices": [1]})", "trainable_token_indices");
  unsupported(R"({"target_parameters": ["x"]})", "target_parameters");
  unsupported(R"({"use_qalora": true})", "use_qalora");
  unsupported(R"({"something_new": 1})", "something_new: got 1");
  EXPECT_NO_THROW(read_with(R"({"something_new": null, "modules_to_save": [], "init_lora_weights": "gaussian"})"));
  for (const char* target : {"lm_head", "embed_tokens", "model.embed_tokens"}) {
    const AdapterConfig config =
        read_with((std::string(R"({"target_modules": ["q_proj", ")") + target + "\"]}").c_str());
    expect_error([&] { paths(config); }, ErrorCode::kUnsupported, {target});
  }
}

TEST(AdapterConfig, ChecksEveryValue) {
  const auto refused = [](const char* changes, const char* part) {
    expect_error([&] { paths(read_with(changes)); }, ErrorCode::kInvalidInput, {"[adapter_config.json]", part},
                 changes);
  };
  refused(R"({"peft_type": null})", "peft_type");
  refused(R"({"r": 0})", "r: got 0");
  refused(R"({"r": -4})", "r: got -4");
  refused(R"({"r": "8"})", "r: got \"8\"");
  refused(R"({"r": 1e12})", "r: got 1");
  refused(R"({"lora_alpha": 0})", "lora_alpha");
  refused(R"({"lora_dropout": 1.0})", "lora_dropout");
  refused(R"({"lora_dropout": -0.1})", "lora_dropout");
  refused(R"({"use_dora": 1})", "use_dora");
  refused(R"({"target_modules": null})", "target_modules");
  refused(R"({"target_modules": []})", "target_modules");
  refused(R"({"target_modules": [1]})", "target_modules");
  refused(R"({"target_modules": {"q": 1}})", "target_modules");
  refused(R"({"target_modules": "(q_proj"})", "not a valid pattern");
  refused(R"({"target_modules": "(\\w*\\.?)*(\\w*\\.?)*(\\w*\\.?)*_"})", "cannot be matched");
  refused(R"({"rank_pattern": {"q_proj": 0}})", "rank_pattern.q_proj");
  refused(R"({"rank_pattern": {"q_proj": "2"}})", "rank_pattern.q_proj");
  refused(R"({"rank_pattern": {"(": 1}})", "rank_pattern");
  refused(R"({"rank_pattern": [1]})", "rank_pattern");
  refused(R"({"alpha_pattern": {"q_proj": "x"}})", "alpha_pattern.q_proj");
  refused(R"({"layers_to_transform": [-1]})", "layers_to_transform");
  refused(R"({"layers_to_transform": "0"})", "layers_to_transform");
  refused(R"({"exclude_modules": 3})", "exclude_modules");
  expect_error([] { read("{}x"); }, ErrorCode::kInvalidInput, {"not valid JSON"});
  expect_error([] { read("[]"); }, ErrorCode::kInvalidInput, {"expected an object"});
  const TemporaryFolder folder;
  expect_error([&] { read_adapter_config(folder.path()); }, ErrorCode::kNotFound, {"no adapter_config.json"});
  fs::create_symlink("adapter_config.json", folder / "adapter_config.json");  // there, but out of reach
  expect_error([&] { read_adapter_config(folder.path()); }, ErrorCode::kIo, {"adapter_config.json] cannot read: "});
  fs::remove(folder / "adapter_config.json");
}

TEST(NamePattern, BoundsPatternsFromStrangers) {
  std::string nested(20'000, '(');
  expect_error([&] { NamePattern(nested, "p", "w"); }, ErrorCode::kInvalidInput, {"[p] w: got a pattern of 20000"});
  expect_error([&] { NamePattern(nested.substr(0, 10'000), "p", "w"); }, ErrorCode::kInvalidInput, {"not a valid"});
  expect_error([] { NamePattern("\xff", "p", "w"); }, ErrorCode::kInvalidInput, {"not a valid"});
  EXPECT_TRUE(NamePattern("a(?P<n>b)+", "p", "w").matches("abb"));
  EXPECT_FALSE(NamePattern("a|ab", "p", "w").matches("abc"));
  EXPECT_TRUE(NamePattern("a|ab", "p", "w").matches("ab"));  // as fullmatch, not as the first alternative
}

class AdapterFolder : public ::testing::Test {
 protected:
  // Random values for every target, kept in values_.
  void write(const fs::path& folder, const AdapterConfig& adapter, const ModelConfig& model,
             DType dtype = DType::kF32) {
    std::mt19937_64 random(test::fresh_seed());
    const std::vector<AdapterTarget> targets = adapter_targets(adapter, model);
    values_.clear();
    const auto fill = [&](std::int64_t size) {
      std::vector<float> tensor(static_cast<std::size_t>(size));
      for (float& value : tensor) value = static_cast<float>(random() % 201) / 64.0f - 1.0f;  // exact in f16 too
      return tensor;
    };
    for (const AdapterTarget& target : targets) {
      values_.push_back({fill(target.r * target.module.in), fill(target.module.out * target.r),
                         fill(adapter.use_dora ? target.module.out : 0)});
    }
    std::vector<AdapterValues> views;
    for (const auto& tensors : values_) views.push_back({tensors[0], tensors[1], tensors[2]});
    write_adapter(folder, ExistingFolder::kReplace, adapter, model, targets, views, dtype);
  }
  void expect_same(const AdapterReader& reader) const {
    ASSERT_EQ(reader.targets().size(), values_.size());
    for (std::size_t i = 0; i < values_.size(); ++i) {
      std::array<std::vector<float>, 3> read = values_[i];
      for (auto& tensor : read) std::fill(tensor.begin(), tensor.end(), -9.0f);
      reader.read(i, read[0].data(), read[1].data(), read[2].data());
      EXPECT_EQ(read, values_[i]) << reader.targets()[i].module.path;
    }
  }

  TemporaryFolder folder_;
  std::vector<std::array<std::vector<float>, 3>> values_;
};

TEST_F(AdapterFolder, ReadsWhatItWrote) {
  for (const char* changes :
       {"{}", R"({"target_modules": "all-linear", "use_dora": true})",
        R"x({"target_modules": ".*\\.[02]\\.(self_attn\\.q_proj|mlp\\.down_proj)", "use_rslora": true})x",
        R"({"layers_to_transform": [1, 3], "rank_pattern": {"layers.3.self_attn.v_proj": 2}})",
        R"({"exclude_modules": ["layers.2.self_attn.q_proj"], "alpha_pattern": {"v_proj": 3.5}})"}) {
    for (const char* family : {"llama", "phi3", "gemma3"}) {
      if (std::string_view(family) == "phi3" &&
          std::string_view(changes).find("all-linear") == std::string_view::npos) {
        continue;
      }
      SCOPED_TRACE(std::string(family) + changes);
      const ModelConfig model = model_of(family);
      const AdapterConfig adapter = read_with(changes);
      write(folder_ / "adapter", adapter, model, DType::kF16);
      const AdapterReader reader(folder_ / "adapter", model);
      expect_same(reader);
      const std::vector<AdapterTarget> expected = adapter_targets(adapter, model);
      for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(reader.targets()[i].module.path, expected[i].module.path);
        EXPECT_EQ(reader.targets()[i].scale, expected[i].scale);
      }
    }
  }
}

TEST_F(AdapterFolder, KeepsTheMeaningOfOrderedPatterns) {
  const AdapterConfig adapter = read(R"({"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"],
      "rank_pattern": {"layers.1.self_attn.q_proj": 2, ".*q_proj": 9}})");
  write(folder_ / "adapter", adapter, model_of());
  const AdapterReader reader(folder_ / "adapter", model_of());
  EXPECT_EQ(reader.targets()[0].r, 9);
  EXPECT_EQ(reader.targets()[1].r, 2);
  expect_same(reader);
}

TEST_F(AdapterFolder, NamesEveryModuleOfAMultimodalModel) {
  write(folder_ / "adapter", read_with("{}"), model_of("gemma3"));
  const json config = read_json_file(folder_ / "adapter/adapter_config.json");
  EXPECT_EQ(config["target_modules"].size(), 24u);
  EXPECT_EQ(config["target_modules"][0], "model.language_model.layers.0.self_attn.q_proj");
  const SafetensorsFile file(folder_ / "adapter/adapter_model.safetensors");
  EXPECT_NE(file.find("base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_A.weight"), nullptr);
}

TEST_F(AdapterFolder, ListsMissingAndUnexpectedKeys) {
  const ModelConfig model = model_of();
  const fs::path path = folder_ / "adapter";
  write(path, read_with("{}"), model);
  const auto refused = [&](const char* changes, std::initializer_list<const char*> parts) {
    put_file(path / "adapter_config.json", config_text(changes));
    expect_error([&] { AdapterReader reader(path, model); }, ErrorCode::kInvalidInput, parts, changes);
  };
  refused(R"({"target_modules": ["q_proj", "v_proj", "o_proj"]})",
          {"[adapter_model.safetensors]", "24 keys missing (base_model.model.model.layers.0.self_attn.o_proj.lora_A",
           "and 18 more"});
  refused(R"({"target_modules": ["q_proj"]})", {"24 keys unexpected", "layers.0.self_attn.v_proj.lora_A.weight"});
  refused(R"({"target_modules": ["q_proj", "o_proj"]})", {"24 keys missing", "24 keys unexpected"});
  refused(R"({"use_dora": true})", {"24 keys missing", "lora_magnitude_vector"});
  refused(R"({"r": 5})", {"got shape [4, 64], expected [5, 64]"});
  fs::rename(path / "adapter_model.safetensors", path / "adapter_model.bin");
  expect_error([&] { AdapterReader reader(path, model); }, ErrorCode::kUnsupported, {"adapter_model.bin"});
  fs::remove(path / "adapter_model.bin");
  expect_error([&] { AdapterReader reader(path, model); }, ErrorCode::kNotFound, {"no adapter_model.safetensors"});
}

// Adapters written by other versions of Transformers and PEFT have other names for the same tensors.
TEST_F(AdapterFolder, ReadsOldNames) {
  const ModelConfig model = model_of("gemma3");
  const AdapterConfig adapter = read_with(R"({"use_dora": true})");
  write(folder_ / "adapter", adapter, model);
  const SafetensorsFile file(folder_ / "adapter/adapter_model.safetensors");
  std::vector<TensorToWrite> renamed;
  for (const TensorInfo& tensor : file.tensors()) {
    std::string name = tensor.name;
    name.replace(name.find("model.language_model."), 21, "language_model.model.");
    if (name.ends_with("vector")) name += ".weight";
    renamed.push_back({name, tensor.dtype, tensor.shape, tensor.bytes});
  }
  fs::create_directory(folder_ / "old");
  write_safetensors(folder_ / "old/adapter_model.safetensors", renamed);
  put_file(folder_ / "old/adapter_config.json", config_text(R"({"use_dora": true})"));
  expect_same(AdapterReader(folder_ / "old", model));
}

TEST(AdapterGolden, EveryAdapterFitsItsModel) {
  const fs::path golden = fs::path(VERNIER_SHARED_DIR) / "golden";
  if (!fs::exists(golden)) GTEST_SKIP() << "missing: golden";
  int folders = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(golden)) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    const ModelConfig model = read_model_config(entry.path());
    const AdapterReader reader(entry.path() / "adapter", model);
    EXPECT_EQ(reader.targets().size(), static_cast<std::size_t>(model.num_layers * (name == "mistral" ? 2 : 7)));
    EXPECT_EQ(reader.targets()[0].scale, name == "qwen2" ? 4.0 : 2.0) << name;
    EXPECT_EQ(reader.config().use_dora, name == "llama-dora");
    ++folders;
  }
  EXPECT_GE(folders, 11);
}

}  // namespace
}  // namespace vernier
