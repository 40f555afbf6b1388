// The logit lens and the cells of a model asked now, of every family, from the states and logits that Transformers
// wrote: their final norm and head in plain float64 loops.
#include "vernier/lens.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/io/hf_config.h"
#include "engine/io/tensor_names.h"
#include "tests/golden/golden_case.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr double kClose = 2e-4;

class GoldenLens : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    folder_ = golden::find_case(GetParam());
    if (folder_.empty()) GTEST_SKIP() << "no reference case " << GetParam();
    config_ = read_model_config(folder_);
    const ShardedSafetensors files(folder_);
    config_.tensor_prefix = check_checkpoint(config_, files);
    const auto read = [&files](const std::string& name) {
      const TensorInfo* found = files.find(name);
      if (found == nullptr) throw Error(ErrorCode::kNotFound, name);
      const TensorInfo& tensor = *found;
      std::vector<float> values(static_cast<std::size_t>(tensor.size()));
      convert_to_f32(tensor, values.data());
      return values;
    };
    norm_ = read(config_.tensor_prefix + "norm.weight");
    head_ = read(config_.tie_word_embeddings ? config_.tensor_prefix + "embed_tokens.weight" : "lm_head.weight");
    batch_ = Batch::from_file((folder_ / "batch.json").string());
    expected_ = std::make_unique<SafetensorsFile>(folder_ / "expected.safetensors");
    model_ = LanguageModel::load({.model_dir = folder_.string(),
                                  .adapter_dir = (folder_ / "adapter").string(),
                                  .device = "cpu",
                                  .dtype = "float32"});
  }

  std::vector<double> softmax_of(const float* state, bool is_normed) const {
    const auto width = static_cast<std::size_t>(config_.hidden_size);
    std::vector<double> x(state, state + width);
    if (!is_normed) {
      double squares = 0.0;
      for (const double value : x) squares += value * value;
      const double scale = 1.0 / std::sqrt(squares / static_cast<double>(width) + config_.rms_norm_eps);
      for (std::size_t d = 0; d < width; ++d) {
        x[d] *= scale * (config_.norm_weight_offset + static_cast<double>(norm_[d]));
      }
    }
    std::vector<double> logits;
    for (std::size_t v = 0; v < head_.size() / width; ++v) {
      double sum = 0.0;
      for (std::size_t d = 0; d < width; ++d) sum += x[d] * static_cast<double>(head_[v * width + d]);
      const double cap = config_.final_softcap;
      logits.push_back(cap > 0.0 ? cap * std::tanh(sum / cap) : sum);
    }
    return softmax(logits);
  }

  static std::vector<double> softmax(std::vector<double> logits) {
    const double largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0.0;
    for (double& value : logits) sum += value = std::exp(value - largest);
    for (double& value : logits) value /= sum;
    return logits;
  }

  std::vector<std::int32_t> row(std::size_t b) const {
    return {batch_.input_ids[b].begin(), batch_.input_ids[b].begin() + batch_.lengths[b]};
  }

  std::filesystem::path folder_;
  ModelConfig config_;
  std::vector<float> norm_, head_;
  Batch batch_;
  std::unique_ptr<SafetensorsFile> expected_;
  std::unique_ptr<LanguageModel> model_;
};

TEST_P(GoldenLens, EveryLayerOfTheBaseModel) {
  const std::vector<float> states = golden::values_of(*expected_, "hidden_states");
  const auto rows = static_cast<std::int64_t>(batch_.input_ids.size());
  for (std::size_t b = 0; b < batch_.input_ids.size(); ++b) {
    const LensPair pair = logit_lens({.tuned = model_.get()}, row(b), 4, Asked::kBase);
    ASSERT_EQ(pair.tuned.layers, config_.num_layers + 1);
    for (std::int64_t layer = 0; layer < pair.tuned.layers; ++layer) {
      for (std::int64_t t = 0; t < batch_.lengths[b]; ++t) {
        const std::int64_t at = (layer * rows + static_cast<std::int64_t>(b)) * batch_.width() + t;
        const std::vector<double> p = softmax_of(states.data() + at * config_.hidden_size, layer == config_.num_layers);
        double entropy = 0.0;
        for (const double x : p) entropy -= x > 0.0 ? x * std::log(x) : 0.0;
        const std::size_t cell = pair.tuned.at(layer, t);
        EXPECT_TRUE(std::abs(static_cast<double>(pair.tuned.cells[cell].entropy) - entropy) <= kClose);
        std::vector<double> sorted = p;
        std::sort(sorted.rbegin(), sorted.rend());
        for (std::size_t i = 0; i < 4; ++i) {
          const TopToken& token = pair.tuned.tokens[cell * 4 + i];
          EXPECT_TRUE(std::abs(static_cast<double>(token.probability) - sorted[i]) <= kClose);
          EXPECT_TRUE(std::abs(p[static_cast<std::size_t>(token.id)] - sorted[i]) <= kClose);
        }
      }
    }
  }
}

TEST_P(GoldenLens, CellsOfTunedAgainstBase) {
  const std::vector<float> tuned = golden::values_of(*expected_, "adapter_logits");
  const std::vector<float> base = golden::values_of(*expected_, "base_logits");
  const std::size_t vocab = tuned.size() / (batch_.input_ids.size() * static_cast<std::size_t>(batch_.width()));
  for (std::size_t b = 0; b < batch_.input_ids.size(); ++b) {
    const std::vector<std::int32_t> ids = row(b);
    const std::vector<std::int32_t> labels(batch_.labels[b].begin(), batch_.labels[b].begin() + batch_.lengths[b]);
    const LogitGrid grid = logit_grid({.tuned = model_.get()}, ids, labels, {.top = 5, .tokens = {}, .details = 0},
                                      Asked::kTunedAgainstBase);
    ASSERT_EQ(grid.columns.size(), ids.size());
    ASSERT_EQ(grid.others.size(), grid.cells.size());
    for (std::size_t t = 0; t < ids.size(); ++t) {
      const std::size_t at = (b * static_cast<std::size_t>(batch_.width()) + t) * vocab;
      const auto from = [at, vocab](const std::vector<float>& all) {
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
        return softmax(std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(vocab)));
      };
      const std::vector<double> p = from(tuned);
      const std::vector<double> q = from(base);
      EXPECT_EQ(grid.columns[t].target, t + 1 < ids.size() ? labels[t + 1] : -100);
      for (std::int64_t r = 0; r < grid.rows; ++r) {
        const GridCell& cell = grid.cells[grid.at(static_cast<std::int64_t>(t), r)];
        const GridCell& other = grid.others[grid.at(static_cast<std::int64_t>(t), r)];
        const auto id = static_cast<std::size_t>(cell.id);
        EXPECT_EQ(cell.id, other.id);
        EXPECT_TRUE(std::abs(static_cast<double>(cell.probability) - p[id]) <= kClose);
        EXPECT_TRUE(std::abs(static_cast<double>(other.probability) - q[id]) <= kClose);
        const auto higher = [](const std::vector<double>& all, std::size_t i, double by) {
          return std::count_if(all.begin(), all.end(), [&](double x) { return x > all[i] * by; });
        };
        EXPECT_GE(other.rank, higher(q, id, 1.001));
        EXPECT_LE(other.rank, higher(q, id, 0.999));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenLens,
                         testing::Values("llama", "llama-bf16-sharded", "llama31", "llama-dora", "mistral", "qwen2",
                                         "qwen3", "gemma", "gemma2", "gemma3"),
                         [](const auto& case_info) {
                           std::string name = case_info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace vernier
