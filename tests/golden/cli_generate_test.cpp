// generate through the command line.
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/io/atomic_file.h"
#include "tests/golden/golden_case.h"
#include "tests/golden/program.h"

namespace vernier::golden {
namespace {

using nlohmann::json;

class CliGenerate : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    folder_ = find_case(GetParam());
    if (folder_.empty()) GTEST_SKIP() << "no reference case " << GetParam();
  }

  Outcome generate(std::vector<std::string> more) const {
    more.insert(more.begin(), {"generate", "--device", "cpu", "--model", folder_.string()});
    return run_cli(more);
  }
  json generate_json(std::vector<std::string> more) const {
    more.emplace_back("--json");
    const Outcome outcome = generate(more);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.status == 0 ? json::parse(outcome.out) : json();
  }

  std::filesystem::path folder_;
};

TEST_P(CliGenerate, GeneratesTheGreedyTokens) {
  const SafetensorsFile expected(folder_ / "expected.safetensors");
  const TensorInfo& tensor = expected.at("greedy");
  std::vector<std::int32_t> greedy(static_cast<std::size_t>(tensor.size()));
  std::memcpy(greedy.data(), tensor.bytes.data(), tensor.bytes.size());
  const auto batch_file = json::parse(read_all(folder_ / "batch.json"));
  const auto prompt_length = batch_file.at("prompt_length").get<std::size_t>();
  const json prompt(std::vector<std::int32_t>(greedy.begin(), greedy.begin() + static_cast<long>(prompt_length)));
  const json result =
      generate_json({"--input-ids", prompt.dump(), "--max-new-tokens", std::to_string(greedy.size() - prompt_length)});
  ASSERT_TRUE(result.is_object());
  EXPECT_EQ(result.at("input_ids"), prompt);
  EXPECT_EQ(result.at("output_ids"),
            json(std::vector<std::int32_t>(greedy.begin() + static_cast<long>(prompt_length), greedy.end())));
  ASSERT_EQ(result.at("tokens").size(), greedy.size() - prompt_length);
  for (const json& token : result.at("tokens")) {
    // Greedy: the token taken is the likeliest of the alternatives.
    EXPECT_EQ(token.at("top").size(), 5U);
    EXPECT_EQ(token.at("id"), token.at("top").at(0).at("id"));
    EXPECT_EQ(token.at("log_probability"), token.at("top").at(0).at("log_probability"));
    EXPECT_LE(token.at("log_probability").get<double>(), 0.0);
  }
}

TEST_P(CliGenerate, DrawsTheSameBySeed) {
  const std::vector<std::string> sampled = {"--input-ids", "[1, 5, 9]",     "--max-new-tokens",
                                            "24",          "--temperature", "1.0"};
  const auto with_seed = [&](const std::string& seed) {
    std::vector<std::string> arguments = sampled;
    arguments.insert(arguments.end(), {"--seed", seed});
    return generate_json(arguments).at("output_ids");
  };
  EXPECT_EQ(with_seed("7"), with_seed("7"));
  EXPECT_NE(with_seed("7"), with_seed("8"));
}

INSTANTIATE_TEST_SUITE_P(Cases, CliGenerate, testing::Values("llama", "llama-bf16-sharded", "stories260k"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(CliGenerateText, WarnsWhereTokensPassTheModelsPositions) {
  const std::filesystem::path folder = find_case("stories260k");
  if (folder.empty()) GTEST_SKIP() << "no reference case stories260k";
  const auto positions = read_json_file(folder / "config.json").at("max_position_embeddings").get<std::int64_t>();
  const auto said = [&](std::int64_t count) {
    const Outcome outcome = run_cli({"generate", "--device", "cpu", "--model", folder.string(), "--input-ids",
                                     "[1, 403]", "--max-new-tokens", std::to_string(count)});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.err;
  };
  EXPECT_EQ(said(positions - 2).find("max_position_embeddings"), std::string::npos);
  EXPECT_NE(said(positions - 1).find(std::to_string(positions) + " positions (max_position_embeddings)"),
            std::string::npos);
}

TEST(CliGenerateText, StreamsWhatJsonHolds) {
  const std::filesystem::path folder = find_case("stories260k");
  if (folder.empty()) GTEST_SKIP() << "no reference case stories260k";
  const std::vector<std::string> arguments = {"generate",         "--device",         "cpu",
                                              "--model",          folder.string(),    "--prompt",
                                              "Once upon a time", "--max-new-tokens", "40"};
  const Outcome streamed = run_cli(arguments);
  ASSERT_EQ(streamed.status, 0) << streamed.err;
  std::vector<std::string> as_json = arguments;
  as_json.emplace_back("--json");
  const json result = json::parse(run_cli(as_json).out);
  EXPECT_EQ(streamed.out, result.at("text").get<std::string>() + "\n");
  EXPECT_EQ(result.at("input_ids"), json({1, 403, 407, 261, 378}));
  EXPECT_EQ(result.at("output_ids").size(), 40U);
}

}  // namespace
}  // namespace vernier::golden
