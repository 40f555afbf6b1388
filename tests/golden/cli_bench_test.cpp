// bench through the command line.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/golden/golden_case.h"
#include "tests/golden/program.h"

namespace vernier::golden {
namespace {

TEST(CliBench, TimesTheShapeOfAConfiguration) {
  const std::filesystem::path folder = find_case("llama");
  ASSERT_FALSE(folder.empty());
  const Outcome outcome = run_cli({"bench", "--shape", (folder / "config.json").string(), "--batch", "3", "--length",
                                   "17", "--steps", "5", "--device", "cpu", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const nlohmann::json result = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(result.at("batch"), 3);
  EXPECT_EQ(result.at("length"), 17);
  EXPECT_GT(result.at("tokens_per_second").get<double>(), 0.0);
  EXPECT_GT(result.at("peak_bytes").get<double>(), 0.0);
  EXPECT_GT(result.at("predicted_bytes").get<double>(), 0.0);
  // The rate is that of the median step, of 3 x 17 tokens.
  const double tokens = result.at("tokens_per_second").get<double>() * result.at("step_ms").get<double>() / 1e3;
  if (!(std::abs(tokens - 51.0) <= 0.51)) ADD_FAILURE() << tokens << " tokens a step";
  const auto share = result.at("share_of_peak").get<double>();
  if (!(share > 0.0 && share < 1.0)) ADD_FAILURE() << "share of the peak: " << share;
}

}  // namespace
}  // namespace vernier::golden
