// Real data sets through the command line, on two small models.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <tuple>

#include "program.h"

namespace vernier::golden {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Data file, whether it is learnt by the assistant's turns, packing.
class CliRealData : public testing::TestWithParam<std::tuple<const char*, bool, const char*>> {};

TEST_P(CliRealData, TrainsEndToEnd) {
  const fs::path shared = VERNIER_SHARED_DIR;
  const auto& [name, assistant_only, packing] = GetParam();
  const fs::path data = shared / "datasets" / name;
  if (!fs::exists(data)) GTEST_SKIP() << "missing: datasets/" << name;
  const TempFolder folder;
  std::vector<fs::path> models = {fs::path(VERNIER_SOURCE_DIR) / "resources" / "demo" / "model"};
  if (fs::exists(shared / "golden" / "stories260k")) models.push_back(shared / "golden" / "stories260k");
  for (const fs::path& model : models) {
    SCOPED_TRACE(model.string());
    const json run = {{"model_name_or_path", model.string()},
                      {"dataset", {{"path", data.string()}}},
                      {"eval_fraction", 0.01},
                      {"max_length", 256},
                      {"packing", packing},
                      {"assistant_only_loss", assistant_only},
                      {"per_device_train_batch_size", 2},
                      {"max_steps", 3},
                      {"learning_rate", 1e-3},
                      {"lora", {{"r", 4}}}};
    write_all(folder / "run.json", run.dump());
    const std::string out = folder / model.filename().string();
    const Outcome trained = run_cli({"train", "--config", folder / "run.json", "--out", out, "--json"});
    ASSERT_EQ(trained.status, 0) << trained.err;
    std::vector<double> losses;
    std::vector<json> evals;
    for (const json& line : trained.json_lines()) {
      if (line.contains("eval_loss_per_token")) evals.push_back(line);
      if (!line.contains("grad_norm")) continue;
      losses.push_back(line["loss"]);
      EXPECT_TRUE(std::isfinite(losses.back()));
      EXPECT_GT(line["num_items_in_batch"], 0);
    }
    EXPECT_EQ(losses.size(), 3u);
    ASSERT_EQ(evals.size(), 2u);
    EXPECT_LT(evals.back()["eval_loss_per_token"], evals.front()["eval_loss_per_token"]);
    EXPECT_TRUE(fs::exists(fs::path(out) / "adapter" / "adapter_model.safetensors"));
  }
}

INSTANTIATE_TEST_SUITE_P(Files, CliRealData,
                         testing::Values(std::tuple{"gsm8k_test.jsonl", false, "bfd"},
                                         std::tuple{"gsm8k_test.jsonl", true, "none"},
                                         std::tuple{"fastchat_sharegpt.json", true, "wrapped"},
                                         std::tuple{"fastchat_sharegpt.json", false, "bfd_split"}));

}  // namespace
}  // namespace vernier::golden
