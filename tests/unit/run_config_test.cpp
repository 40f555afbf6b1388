#include "vernier/run_config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/core/nearest_name.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::json;

json minimal() {
  return {{"model_name_or_path", "model"}, {"dataset", {{"path", "rows.jsonl"}}}};
}

// The message of the Error that from_json throws; "" where it throws none.
std::string refusal(const json& object) {
  try {
    RunConfig::from_json(object, "/base");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
    return error.what();
  }
  return "";
}

std::string refusal_with(const std::string& key, const json& value) {
  json object = minimal();
  object[key] = value;
  return refusal(object);
}

#define EXPECT_CONTAINS(text, part) \
  EXPECT_TRUE((text).find(part) != std::string::npos) << "\"" << (text) << "\" does not hold \"" << (part) << "\""

TEST(RunConfig, DefaultsAndRelativePaths) {
  const RunConfig config = RunConfig::from_json(minimal(), "/base/runs");
  EXPECT_EQ(config.model_name_or_path, "/base/runs/model");
  EXPECT_EQ(config.dataset.path, "/base/runs/rows.jsonl");
  EXPECT_EQ(config.dataset.format, "auto");
  EXPECT_EQ(config.max_length, 1024);
  EXPECT_EQ(config.lora.r, 16);
  EXPECT_EQ(config.max_grad_norm, 1.0);
  EXPECT_FALSE(config.batch.has_value());

  json object = minimal();
  object["dataset"]["path"] = "../data/./rows.jsonl";
  object["model_name_or_path"] = "/models/tiny";
  const RunConfig other = RunConfig::from_json(object, "/base/runs");
  EXPECT_EQ(other.dataset.path, "/base/data/rows.jsonl");
  EXPECT_EQ(other.chat_template, "");
  object["chat_template"] = "chat.jinja";
  EXPECT_EQ(RunConfig::from_json(object, "/base").chat_template, "/base/chat.jinja");
  object["chat_template"] = "llama-3";
  EXPECT_EQ(RunConfig::from_json(object, "/base").chat_template, "llama-3");
  EXPECT_EQ(other.model_name_or_path, "/models/tiny");
}

TEST(RunConfig, EveryKeyRoundTrips) {
  const json object = json::parse(R"({
    "model_name_or_path": "/m", "adapter_name_or_path": "/a",
    "dataset": {"path": "/d.json", "format": "alpaca", "columns": {"instruction": "q"}},
    "eval_dataset": {"path": "/e.csv", "format": "question_answer", "columns": {}},
    "eval_fraction": 0.0, "drop_duplicates": true, "drop_eval_overlap": true, "max_length": 77,
    "packing": "bfd_split", "assistant_only_loss": true,
    "completion_only_loss": true, "chat_template": "/t.jinja", "instruction_part": "U:", "response_part": "A:",
    "method": "lora",
    "lora": {"r": 3, "lora_alpha": 7.5, "lora_dropout": 0.125, "target_modules": ["q_proj", "down_proj"],
             "use_rslora": true, "use_dora": true},
    "loss_normalization": "per_sequence", "per_device_train_batch_size": 5, "gradient_accumulation_steps": 6,
    "learning_rate": 0.00012345678901234567, "lr_scheduler_type": "constant_with_warmup", "warmup_steps": 9,
    "warmup_ratio": 0.25, "num_train_epochs": 1.5, "max_steps": 11, "weight_decay": 0.1, "adam_beta1": 0.8,
    "adam_beta2": 0.95, "adam_epsilon": 1e-6, "max_grad_norm": 0.0, "seed": 18446744073709551615,
    "dtype": "bfloat16", "quantization": "nf4", "recompute": "mlp", "deterministic": true, "save_steps": 12,
    "save_total_limit": 4, "eval_steps": 13, "logging_steps": 14,
    "return_logits": {"every": 15, "rows": [0, 2], "logits_to_keep": [1, 5]}, "parity_check": {"every": 16}})");
  const RunConfig config = RunConfig::from_json(object, "/x");
  EXPECT_EQ(config.seed, 18446744073709551615u);
  EXPECT_EQ(config.lora.target_modules, (std::vector<std::string>{"q_proj", "down_proj"}));
  EXPECT_EQ(config.return_logits.logits_to_keep.positions, (std::vector<std::int64_t>{1, 5}));
  EXPECT_EQ(config.parity_check_every, 16);
  // Numbers survive to the bit; what is written is what was read.
  EXPECT_EQ(config.to_json(), object);
  EXPECT_EQ(RunConfig::from_json(json::parse(config.to_json().dump()), "/elsewhere").to_json(), object);
}

TEST(RunConfig, DefaultsRoundTripForEveryKindOfRun) {
  json full = minimal();
  full["method"] = "full";
  full["init_from_config"] = true;
  json batch = {{"model_name_or_path", "m"}, {"batch", "b.json"}};
  for (const json& object : {minimal(), full, batch}) {
    const RunConfig config = RunConfig::from_json(object, "/base");
    const json written = config.to_json();
    EXPECT_EQ(RunConfig::from_json(written, "/other").to_json(), written);
  }
}

TEST(RunConfig, PackingIsAStrategyOrAFlag) {
  const auto packing = [](const json& value) {
    json object = minimal();
    object["packing"] = value;
    return RunConfig::from_json(object, "/base").packing;
  };
  EXPECT_EQ(packing(true), Packing::kBfd);
  EXPECT_EQ(packing("bfd"), Packing::kBfd);
  EXPECT_EQ(packing("bfd_split"), Packing::kBfdSplit);
  EXPECT_EQ(packing("wrapped"), Packing::kWrapped);
  EXPECT_EQ(packing("none"), Packing::kNone);
  EXPECT_EQ(packing(false), Packing::kNone);
  EXPECT_EQ(RunConfig::from_json(minimal(), "/base").packing, Packing::kNone);
}

TEST(RunConfig, UnknownKeysNameTheNearest) {
  EXPECT_CONTAINS(refusal_with("learning_rat", 1), "\"learning_rate\"");
  EXPECT_CONTAINS(refusal_with("gradient_acumulation_steps", 1), "\"gradient_accumulation_steps\"");
  EXPECT_CONTAINS(refusal_with("lora", {{"lora_alhpa", 1}}), "\"lora.lora_alpha\"");
  EXPECT_CONTAINS(refusal_with("lora_alpha", 8), "\"lora.lora_alpha\"");
  EXPECT_CONTAINS(refusal_with("dataset", {{"path", "x"}, {"colums", json::object()}}), "\"dataset.columns\"");
  EXPECT_CONTAINS(refusal_with("return_logits", {{"evry", 1}}), "\"return_logits.every\"");
  EXPECT_CONTAINS(refusal_with("parity_check", {{"interval", 1}}), "\"parity_check.every\"");
  EXPECT_CONTAINS(refusal_with("eval_dataset", {{"path", "x"}, {"fromat", "text"}}), "\"eval_dataset.format\"");
}

TEST(RunConfig, WrongTypesAndRangesNameKeyValueAndRange) {
  const auto holds = [](const std::string& key, const json& value, std::vector<std::string> parts) {
    const std::string message = refusal_with(key, value);
    parts.push_back(key);
    for (const std::string& part : parts) EXPECT_CONTAINS(message, part);
  };
  holds("max_length", 0, {"got 0", "from 1 to"});
  holds("max_length", -5, {"got -5"});
  holds("max_length", 1.5, {"got 1.5", "whole number"});
  holds("max_length", 99999999999, {"2147483647"});
  holds("max_length", "128", {"got \"128\""});
  holds("warmup_ratio", 1.01, {"got 1.01", "from 0 to 1"});
  holds("warmup_ratio", -0.1, {"-0.1"});
  holds("eval_fraction", 1.0, {"not included"});
  holds("learning_rate", "fast", {"\"fast\"", "number"});
  holds("learning_rate", -1e-4, {"-0.0001"});
  // What float32 would take as infinite.
  for (const char* key : {"learning_rate", "weight_decay", "adam_epsilon"}) {
    holds(key, 1e39, {"1e+39", "to 3.40282347e+38"});
    EXPECT_EQ(refusal_with(key, 3e38), "") << key;
  }
  holds("adam_beta1", 1, {"got 1"});
  holds("adam_epsilon", 0, {"got 0", "from 1e-37 to"});
  // What float32 rounds to 1 or to 0, and what no reader of the result takes.
  holds("adam_epsilon", 1e-50, {"got 1e-50"});
  holds("adam_beta1", 0.99999999999, {"got 0.99999999999", "from 0 to 0.9999999"});
  holds("adam_beta2", 0.99999999999, {"got 0.99999999999"});
  holds("lora", {{"lora_dropout", 0.9999999999}}, {"lora.lora_dropout", "got 0.9999999999"});
  holds("lora", {{"lora_alpha", 2e9}}, {"lora.lora_alpha", "got 2000000000.0", "to 1e+09"});
  holds("num_train_epochs", 1e19, {"got 1e+19", "to 1e+09"});
  holds("seed", -1, {"got -1"});
  holds("seed", 1.0, {"got 1.0"});
  holds("packing", 1, {"got 1", "true, false"});
  holds("packing", "ffd", {"got \"ffd\"", "\"bfd_split\""});
  holds("dtype", "float64", {"float32, bfloat16"});
  holds("lr_scheduler_type", "polynomial", {"cosine"});
  holds("recompute", nullptr, {"null", "none, mlp, layer, offload, auto"});
  holds("save_steps", 18446744073709551615u, {"18446744073709551615"});
  holds("lora", 3, {"an object"});
  holds("lora", {{"r", 0}}, {"lora.r", "got 0"});
  holds("lora", {{"target_modules", json::array()}}, {"lora.target_modules"});
  holds("lora", {{"target_modules", {"q_proj", 3}}}, {"lora.target_modules[1]"});
  holds("lora", {{"target_modules", {"q_proj", "all-linear"}}}, {"all-linear"});
  holds("return_logits", {{"rows", {0, -1}}}, {"return_logits.rows[1]"});
  holds("return_logits", {{"logits_to_keep", -1}}, {"return_logits.logits_to_keep", "got -1"});
  holds("dataset", {{"path", "x"}, {"format", "xml"}}, {"dataset.format", "alpaca"});
  holds("dataset", {{"format", "text"}}, {"dataset.path"});
  EXPECT_CONTAINS(refusal(json::array()), "an object");
}

TEST(RunConfig, Conflicts) {
  json object = minimal();
  object["batch"] = "b.json";
  EXPECT_CONTAINS(refusal(object), "dataset and batch");
  EXPECT_CONTAINS(refusal({{"model_name_or_path", "m"}}), "neither dataset nor batch");
  EXPECT_CONTAINS(refusal({{"dataset", {{"path", "d"}}}}), "model_name_or_path is missing");

  object = minimal();
  object["method"] = "full";
  EXPECT_EQ(refusal(object), "");
  object["lora"] = json::object();
  EXPECT_CONTAINS(refusal(object), "method is \"full\", but lora");
  object.erase("lora");
  object["adapter_name_or_path"] = "a";
  EXPECT_CONTAINS(refusal(object), "adapter_name_or_path");

  EXPECT_CONTAINS(refusal_with("init_from_config", true), "init_from_config");
  object = minimal();
  object["eval_dataset"] = {{"path", "e"}};
  object["eval_fraction"] = 0.1;
  EXPECT_CONTAINS(refusal(object), "eval_dataset and eval_fraction");
}

TEST(RunConfig, ABatchFileLeavesNothingToWhatReadsText) {
  const json batch = {{"model_name_or_path", "m"}, {"batch", "b.json"}};
  for (const auto& [key, value] :
       {std::pair<std::string, json>("assistant_only_loss", true),
        std::pair<std::string, json>("completion_only_loss", true),
        std::pair<std::string, json>("chat_template", "chatml"), std::pair<std::string, json>("response_part", "A:")}) {
    json object = batch;
    object[key] = value;
    EXPECT_CONTAINS(refusal(object), key + " is given, but batch is too");
    object["eval_dataset"] = {{"path", "e"}};  // which is text
    EXPECT_EQ(refusal(object), "");
  }
}

TEST(RunConfig, TransformersSpellingsOfNothing) {
  json object = minimal();
  object["max_steps"] = -1;
  object["adapter_name_or_path"] = nullptr;
  object["eval_dataset"] = nullptr;
  object["batch"] = nullptr;
  object["lora"] = {{"target_modules", "q_proj"}};
  const RunConfig config = RunConfig::from_json(object, "/base");
  EXPECT_EQ(config.max_steps, 0);
  EXPECT_EQ(config.lora.target_modules, std::vector<std::string>{"q_proj"});
  EXPECT_FALSE(config.adapter_name_or_path || config.eval_dataset || config.batch);
}

TEST(RunConfig, FromFile) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "vernier_run_config";
  std::filesystem::create_directories(folder);
  const auto file_refusal = [&](const std::string& content) {
    const auto path = folder / "run.json";
    std::ofstream(path, std::ios::binary) << content;
    try {
      RunConfig::from_file(path.string());
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(file_refusal(minimal().dump()), "");
  EXPECT_EQ(RunConfig::from_file((folder / "run.json").string()).dataset.path, (folder / "rows.jsonl").string());
  EXPECT_CONTAINS(file_refusal("{\n\"a\": 1,\n\"b\" 2}"), "line 3");
  EXPECT_CONTAINS(file_refusal(""), "is empty");
  EXPECT_CONTAINS(file_refusal("{\"seed\": 1, \"seed\": 2}"), "\"seed\" is there twice");
  EXPECT_CONTAINS(file_refusal("{\n \"learning_rate\": NaN}"), "invalid literal; last read: '\"learning_rate\": N'");
  EXPECT_CONTAINS(file_refusal("{\n \"learning_rate\": NaN}"), "line 2");
  EXPECT_CONTAINS(file_refusal("{\"seed\": 1e999}"), "number overflow");
  EXPECT_CONTAINS(file_refusal("[1]"), "an object");
  EXPECT_CONTAINS(file_refusal(std::string("{\"model_name_or_path\": \"\xff\"}")), "UTF-8");
  try {
    RunConfig::from_file((folder / "none.json").string());
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  }
  std::filesystem::remove_all(folder);
}

TEST(NearestName, CountsEdits) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(edit_distance("same", "same"), 0u);
  EXPECT_EQ(nearest_name("lenght", {"width", "length", "depth"}), "length");
  EXPECT_EQ(nearest_name("x", {}), "");
  EXPECT_EQ(nearest_name("foo", {"width", "length", "for_all"}), "");  // none is near
  EXPECT_EQ(nearest_name("zzz", {"zz", "z"}), "zz");
}

}  // namespace
}  // namespace vernier
