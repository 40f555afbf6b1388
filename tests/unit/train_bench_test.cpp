#include <gtest/gtest.h>

#include <cmath>

#include "engine/io/tensor_names.h"
#include "engine/train/bench_shapes.h"
#include "tests/unit/io_test_support.h"
#include "vernier/bench.h"

namespace vernier {
namespace {

// As the model cards give them.
TEST(BenchShapes, HaveTheirPublishedSizes) {
  EXPECT_EQ(parameter_count(find_bench_shape("llama-3.2-1b").config), 1'235'814'400);
  EXPECT_EQ(parameter_count(find_bench_shape("llama-3.1-8b").config), 8'030'261'248);
  EXPECT_EQ(parameter_count(find_bench_shape("qwen2.5-7b").config), 7'615'616'512);
  EXPECT_EQ(parameter_count(find_bench_shape("gemma-2-2b").config), 2'614'341'888);
  EXPECT_EQ(bench_shapes().size(), 6u);
  for (const std::string& name : bench_shapes()) EXPECT_EQ(find_bench_shape(name).name, name);
  test::expect_error([] { find_bench_shape("lama-110m"); }, ErrorCode::kInvalidInput, {"llama-110m"});
}

// 4 (L (2DQ + 2D KV + 3DF) + DV) + 7LQT operations a token, by hand for 4 x 256 tokens of stories-15m.
TEST(Bench, CountsUsefulWorkAndMemory) {
  BenchOptions options;
  options.shape = "stories-15m";
  options.steps = 1;
  options.threads = 2;
  const BenchResult result = run_bench(options);
  EXPECT_EQ(result.batch * result.length, 1024);
  EXPECT_NEAR(result.useful_gflops * result.step_ms * 1e6, 65380810752.0, 1.0);
  EXPECT_NEAR(result.tokens_per_second * result.step_ms * 1e-3, 1024.0, 1e-6);
  EXPECT_NEAR(result.share_of_peak, result.useful_gflops / result.peak_gflops, 1e-12);
  EXPECT_EQ(result.trainable_parameters, 6 * 16 * (4 * (288 + 288) + 3 * (288 + 768)));
  // Random tokens and small random weights: nearly uniform.
  EXPECT_NEAR(result.loss, std::log(32000.0), 0.5);
  const double ratio = static_cast<double>(result.predicted_bytes) / static_cast<double>(result.peak_bytes);
  EXPECT_FALSE(!(ratio > 0.9 && ratio <= 1.001)) << result.predicted_bytes << " " << result.peak_bytes;
}

TEST(Bench, LearnsOverMatricesIn4Bits) {
  BenchOptions options;
  options.shape = "stories-15m";
  options.batch = 1;
  options.length = 32;
  options.steps = 1;
  options.quantization = "nf4";
  const BenchResult result = run_bench(options);
  EXPECT_EQ(result.quantization, "nf4");
  EXPECT_NEAR(result.loss, std::log(32000.0), 0.5);
  const double ratio = static_cast<double>(result.predicted_bytes) / static_cast<double>(result.peak_bytes);
  EXPECT_FALSE(!(ratio > 0.9 && ratio <= 1.001)) << result.predicted_bytes << " " << result.peak_bytes;
}

TEST(Bench, CapturesLogitsAndTakesThemAwayAgain) {
  const test::TemporaryFolder folder;
  BenchOptions options;
  options.shape = "stories-15m";
  options.batch = 2;
  options.length = 16;
  options.steps = 2;
  options.captures = folder / "captures";
  const BenchResult result = run_bench(options);
  EXPECT_NEAR(static_cast<double>(result.capture_bytes), 16 * 32000 * 4, 1000);
  EXPECT_GT(result.capture_ms, 0.0);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "captures"));
}

TEST(Bench, RefusesWhatItCannotMeasure) {
  const auto refused = [](auto change, ErrorCode code, const char* part) {
    BenchOptions options;
    options.shape = "stories-15m";
    change(options);
    test::expect_error([&] { run_bench(options); }, code, {part});
  };
  refused([](BenchOptions& o) { o.quantization = "nf5"; }, ErrorCode::kInvalidInput, "nf5");
  refused([](BenchOptions& o) { o.batch = 0; }, ErrorCode::kInvalidInput, "batch");
  refused([](BenchOptions& o) { o.length = 1; }, ErrorCode::kInvalidInput, "length");
  refused([](BenchOptions& o) { o.steps = 0; }, ErrorCode::kInvalidInput, "steps");
}

}  // namespace
}  // namespace vernier
