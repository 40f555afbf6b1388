// forward and parity through the command line, against Transformers + PEFT.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/golden/golden_case.h"
#include "tests/golden/program.h"
#include "vernier/model.h"

namespace vernier::golden {
namespace {

constexpr double kLogitsTolerance = 1e-5;
constexpr double kGradientTolerance = 1e-4;

class CliForward : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    folder_ = find_case(GetParam());
    if (folder_.empty()) GTEST_SKIP() << "no reference case " << GetParam();
    batch_ = Batch::from_file(folder_ / "batch.json");
    expected_.emplace(folder_ / "expected.safetensors");
  }

  // Runs forward with the case's batch.
  SafetensorsFile forward(std::vector<std::string> more, bool with_adapter) {
    const std::string out = temp_ / "out.safetensors";
    std::vector<std::string> arguments = {
        "forward", "--model", folder_.string(), "--batch", (folder_ / "batch.json").string(),
        "--out",   out,       "--device",       "cpu"};
    if (with_adapter) more.insert(more.end(), {"--adapter", (folder_ / "adapter").string()});
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run_cli(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    return SafetensorsFile(out);
  }

  std::size_t rows() const { return batch_.input_ids.size(); }
  std::size_t width() const { return static_cast<std::size_t>(batch_.width()); }
  std::size_t length(std::size_t row) const { return static_cast<std::size_t>(batch_.lengths[row]); }

  // Compares [outer, B, T, inner] values within the rows' lengths, and demands 0 past them.
  void expect_rows(const std::vector<float>& got, const std::vector<float>& expected, std::size_t outer,
                   double tolerance, const std::string& what) const {
    ASSERT_EQ(got.size(), expected.size()) << what;
    const std::size_t inner = got.size() / (outer * rows() * width());
    RelativeError error;
    for (std::size_t i = 0; i < outer * rows(); ++i) {
      const std::size_t begin = i * width() * inner;
      const std::size_t real = length(i % rows()) * inner;
      error.add(got.data() + begin, expected.data() + begin, real);
      for (std::size_t k = real; k < width() * inner; ++k)
        ASSERT_EQ(got[begin + k], 0.0F) << what << ", past row " << i;
    }
    if (!(error.value() <= tolerance)) ADD_FAILURE() << what << ": relative error " << error.value();
  }

  void expect_losses(const SafetensorsFile& got, const std::string& what) const {
    expect_rows(values_of(got, "token_loss"), values_of(*expected_, "token_loss"), 1, kLogitsTolerance,
                what + ", token_loss");
    for (const char* name : {"loss_per_token", "loss_per_sequence"}) {
      const double value = static_cast<double>(values_of(got, name).at(0));
      const double expected = static_cast<double>(values_of(*expected_, name).at(0));
      if (!(std::abs(value - expected) <= kLogitsTolerance * expected)) {
        ADD_FAILURE() << what << ", " << name << ": " << value << " against " << expected;
      }
    }
  }

  std::filesystem::path folder_;
  Batch batch_;
  std::optional<SafetensorsFile> expected_;
  TempFolder temp_;
};

TEST_P(CliForward, LogitsLossesAndHiddenStatesInEveryMode) {
  const std::vector<float> base = values_of(*expected_, "base_logits");
  const std::vector<float> adapted = values_of(*expected_, "adapter_logits");
  const std::vector<float> hidden = values_of(*expected_, "hidden_states");
  const auto layers = static_cast<std::size_t>(expected_->at("hidden_states").shape.at(0));
  for (const char* mode : {"train", "eval", "decode"}) {
    for (const bool packed : {false, true}) {
      std::vector<std::string> flags = {"--mode", mode};
      if (packed) flags.emplace_back("--packed");
      const std::string what = std::string(mode) + (packed ? " packed" : "");
      {
        const SafetensorsFile got = forward(flags, true);
        EXPECT_EQ(got.at("logits").shape, expected_->at("adapter_logits").shape);
        expect_rows(values_of(got, "logits"), adapted, 1, kLogitsTolerance, what + ", adapter");
        expect_losses(got, what);
        EXPECT_EQ(got.find("hidden_states"), nullptr);
      }
      flags.emplace_back("--hidden-states");
      const SafetensorsFile got = forward(flags, false);
      expect_rows(values_of(got, "logits"), base, 1, kLogitsTolerance, what + ", base");
      EXPECT_EQ(got.at("hidden_states").shape, expected_->at("hidden_states").shape);
      expect_rows(values_of(got, "hidden_states"), hidden, layers, kLogitsTolerance, what + ", hidden states");
    }
  }
}

TEST_P(CliForward, GradientsOfBothLosses) {
  for (const std::string loss : {"per_token", "per_sequence"}) {
    for (const bool packed : {false, true}) {
      std::vector<std::string> flags = {"--mode", "train", "--gradients", loss};
      if (packed) flags.emplace_back("--packed");
      const SafetensorsFile got = forward(flags, true);
      const std::string prefix = "grad." + loss + ".";
      std::size_t compared = 0;
      for (const TensorInfo& tensor : expected_->tensors()) {
        if (!tensor.name.starts_with(prefix)) continue;
        const std::string name = "grad." + tensor.name.substr(prefix.size());
        ASSERT_NE(got.find(name), nullptr) << name;
        ASSERT_EQ(got.at(name).shape, tensor.shape) << name;
        const std::vector<float> values = values_of(got, name);
        const std::vector<float> expected = values_of(*expected_, tensor.name);
        RelativeError error;
        error.add(values.data(), expected.data(), values.size());
        if (!(error.value() <= kGradientTolerance)) ADD_FAILURE() << name << ": relative error " << error.value();
        ++compared;
      }
      EXPECT_GE(compared, 4U);
    }
  }
}

TEST_P(CliForward, KeepsTheLogitsAskedForAndTheSameLosses) {
  const std::vector<float> all = values_of(*expected_, "adapter_logits");
  const auto vocab = static_cast<std::size_t>(expected_->at("adapter_logits").shape.at(2));
  const auto row_logits = [&](std::size_t row, std::size_t position) {
    return all.data() + (row * width() + position) * vocab;
  };
  // More than the shortest row has; positions out of order, of which some rows have only a few.
  const std::size_t last = *std::min_element(batch_.lengths.begin(), batch_.lengths.end()) + 3U;
  const std::vector<std::size_t> positions = {1, 0, width() - 1, 8};
  const std::string list = "1,0," + std::to_string(width() - 1) + ",8";
  for (const char* mode : {"train", "eval", "decode"}) {
    for (const bool packed : {false, true}) {
      for (const bool by_position : {false, true}) {
        std::vector<std::string> flags = {"--mode", mode, "--logits-to-keep",
                                          by_position ? list : std::to_string(last)};
        if (packed) flags.emplace_back("--packed");
        const std::string what = std::string(mode) + (packed ? " packed" : "") + (by_position ? " positions" : " last");
        const SafetensorsFile got = forward(flags, true);
        const std::size_t kept = by_position ? positions.size() : last;
        ASSERT_EQ(got.at("logits").shape,
                  (std::vector<std::int64_t>{static_cast<std::int64_t>(rows()), static_cast<std::int64_t>(kept),
                                             static_cast<std::int64_t>(vocab)}));
        const std::vector<float> logits = values_of(got, "logits");
        RelativeError error;
        for (std::size_t row = 0; row < rows(); ++row) {
          for (std::size_t k = 0; k < kept; ++k) {
            const float* values = logits.data() + (row * kept + k) * vocab;
            const std::size_t length_here = length(row);
            const bool real = by_position ? positions[k] < length_here : k + length_here >= kept;
            const std::size_t position = by_position ? positions[k] : length_here + k - kept;
            if (real) {
              error.add(values, row_logits(row, position), vocab);
            } else {
              for (std::size_t v = 0; v < vocab; ++v) ASSERT_EQ(values[v], 0.0F) << what;
            }
          }
        }
        if (!(error.value() <= kLogitsTolerance)) ADD_FAILURE() << what << ": relative error " << error.value();
        expect_losses(got, what);
      }
    }
  }
}

TEST_P(CliForward, ParityAgrees) {
  const Outcome outcome = run_cli({"parity", "--model", folder_.string(), "--adapter", (folder_ / "adapter").string(),
                                   "--batch", (folder_ / "batch.json").string(), "--device", "cpu", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const nlohmann::json report = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(report.at("verdict"), "agrees") << report.dump(1);
  EXPECT_EQ(report.at("paths").size(), 3U);
  const double expected = static_cast<double>(values_of(*expected_, "loss_per_token").at(0));
  const auto loss = report.at("reference_loss_per_token").get<double>();
  if (!(std::abs(loss - expected) <= 1e-5 * expected)) ADD_FAILURE() << loss << " against " << expected;
}

INSTANTIATE_TEST_SUITE_P(Cases, CliForward, testing::Values("llama", "llama-bf16-sharded", "stories260k"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace vernier::golden
