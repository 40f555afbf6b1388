#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>

#include "engine/io/checkpoint_writer.h"
#include "engine/io/hf_config.h"
#include "engine/io/tensor_names.h"
#include "io_test_support.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using nlohmann::json;
using test::expect_error;
using test::get_file;
using test::put_file;

const char* const kConfig = R"({"model_type": "llama", "hidden_size": 8, "intermediate_size": 12,
    "num_hidden_layers": 3, "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 30, "dtype": "float32"})";

// A value for every element of every tensor, exact in bf16.
float value_of(std::size_t tensor, std::int64_t index) {
  return static_cast<float>((static_cast<std::int64_t>(tensor) * 31 + index * 7) % 255 - 127) / 64.0f;
}

class Checkpoint : public ::testing::Test {
 protected:
  Checkpoint() {
    options_.config = parse_json(kConfig, "config");
    config_ = model_config_from_json(options_.config, {});
    for (const WeightRef& ref : checkpoint_tensors(config_)) {
      const std::size_t index = tensors_.size();
      const std::int64_t row_size = ref.shape.size() == 2 ? ref.shape[1] : 1;
      tensors_.push_back({ref.name,
                          ref.shape,
                          DType::kBF16,
                          [index, row_size](std::int64_t first, std::int64_t rows, float* out) {
                            for (std::int64_t i = 0; i < rows * row_size; ++i) {
                              out[i] = value_of(index, first * row_size + i);
                            }
                          },
                          {}});
    }
  }
  void expect_whole(const fs::path& folder) {
    const ShardedSafetensors weights(folder);
    EXPECT_EQ(check_checkpoint(read_model_config(folder), weights), "model.");
    EXPECT_EQ(weights.names().size(), tensors_.size());
    for (std::size_t t = 0; t < tensors_.size(); ++t) {
      const TensorInfo& tensor = weights.at(tensors_[t].name, tensors_[t].shape);
      EXPECT_EQ(tensor.dtype, DType::kBF16);
      std::vector<float> values(static_cast<std::size_t>(tensor.size()));
      convert_to_f32(tensor, values.data());
      for (std::int64_t i = 0; i < tensor.size(); ++i) {
        ASSERT_EQ(values[static_cast<std::size_t>(i)], value_of(t, i)) << tensor.name << " " << i;
      }
    }
  }

  test::TemporaryFolder folder_;
  CheckpointOptions options_;
  ModelConfig config_;
  std::vector<CheckpointTensor> tensors_;
};

TEST_F(Checkpoint, WritesOneFile) {
  const fs::path out = folder_ / "out";
  fs::create_directories(folder_ / "from/additional_chat_templates");
  put_file(folder_ / "from/tokenizer.model", std::string("t\0k", 3));
  put_file(folder_ / "from/chat_template.jinja", "{{ x }}");
  put_file(folder_ / "from/additional_chat_templates/tool.jinja", "{{ y }}");
  put_file(folder_ / "from/secrets.txt", "no");
  options_.tokenizer_folder = folder_ / "from";
  options_.generation_config = {{"eos_token_id", 7}};
  double last = 0.0;
  EXPECT_TRUE(write_checkpoint(out, tensors_, options_, [&](double fraction) {
    EXPECT_GT(fraction, last);
    last = fraction;
  }));
  EXPECT_EQ(last, 1.0);
  expect_whole(out);
  EXPECT_FALSE(fs::exists(out / "model.safetensors.index.json"));
  EXPECT_EQ(read_json_file(out / "config.json")["dtype"], "bfloat16");
  EXPECT_FALSE(read_json_file(out / "config.json").contains("torch_dtype"));
  EXPECT_EQ(read_model_config(out).eos_token_ids, std::vector<std::int32_t>{7});
  EXPECT_EQ(get_file(out / "tokenizer.model"), std::string("t\0k", 3));
  EXPECT_EQ(get_file(out / "additional_chat_templates/tool.jinja"), "{{ y }}");
  EXPECT_FALSE(fs::exists(out / "secrets.txt"));
}

TEST_F(Checkpoint, WritesShards) {
  const fs::path out = folder_ / "out";
  options_.max_shard_bytes = 700;
  EXPECT_TRUE(write_checkpoint(out, tensors_, options_));
  const json index = read_json_file(out / "model.safetensors.index.json");
  EXPECT_EQ(index["metadata"]["total_size"], parameter_count(config_) * 2);
  EXPECT_EQ(index["weight_map"].size(), tensors_.size());
  const ShardedSafetensors weights(out);
  const std::size_t shards = weights.files().size();
  EXPECT_GT(shards, 3u);
  EXPECT_TRUE(fs::exists(out / ("model-00001-of-0000" + std::to_string(shards) + ".safetensors")));
  for (const SafetensorsFile& file : weights.files()) {
    std::size_t bytes = 0;
    for (const TensorInfo& tensor : file.tensors()) bytes += tensor.bytes.size();
    EXPECT_LE(bytes, 700u);
  }
  expect_whole(out);
}

TEST_F(Checkpoint, RoundsOnceAndKeepsRawBytes) {
  const fs::path out = folder_ / "out";
  const std::vector<std::int64_t> ids = {1, 2, -3};
  const float odd[2] = {1.0f + 1.0f / 512, 0.1f};
  const std::vector<CheckpointTensor> tensors = {
      {"ids", {3}, DType::kI64, {}, std::as_bytes(std::span(ids))},
      {"odd",
       {2},
       DType::kF16,
       [&](std::int64_t row, std::int64_t rows, float* to) { std::copy_n(odd + row, rows, to); },
       {}},
      {"none", {0, 4}, DType::kF32, [](std::int64_t, std::int64_t, float*) { FAIL(); }, {}},
      {"scalar", {}, DType::kF32, [](std::int64_t, std::int64_t, float* to) { *to = 3.0f; }, {}}};
  options_.dtype = DType::kF16;
  EXPECT_TRUE(write_checkpoint(out, tensors, options_));
  const SafetensorsFile file(out / "model.safetensors");
  EXPECT_EQ(std::memcmp(file.at("ids").bytes.data(), ids.data(), 24), 0);
  float values[2];
  convert_to_f32(file.at("odd"), values);
  EXPECT_EQ(values[0], 1.001953125f);
  EXPECT_EQ(values[1], f16_to_f32(f32_to_f16(0.1f)));
  convert_to_f32(file.at("scalar"), values);
  EXPECT_EQ(values[0], 3.0f);
}

TEST_F(Checkpoint, StoppedOrFailedLeavesNothing) {
  const fs::path out = folder_ / "out";
  std::stop_source stop;
  EXPECT_FALSE(write_checkpoint(
      out, tensors_, options_, [&](double) { stop.request_stop(); }, stop.get_token()));
  EXPECT_EQ(test::entries(folder_.path()), 0u);
  tensors_.back().read = [](std::int64_t, std::int64_t, float*) { fail(ErrorCode::kIo, "x", "y."); };
  expect_error([&] { write_checkpoint(out, tensors_, options_); }, ErrorCode::kIo, {"[x] y"});
  EXPECT_EQ(test::entries(folder_.path()), 0u);
  const std::vector<CheckpointTensor> huge = {
      {"huge", {1 << 30, 1 << 20}, DType::kF32, [](std::int64_t, std::int64_t, float*) { FAIL(); }, {}}};
  expect_error([&] { write_checkpoint(out, huge, options_); }, ErrorCode::kNoSpace, {"it needs 4503599627370496"});
  EXPECT_EQ(test::entries(folder_.path()), 0u);
}

}  // namespace
}  // namespace vernier
