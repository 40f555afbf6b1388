// export through the command line, and what it wrote through the other commands.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/io/gguf_reader.h"
#include "tests/golden/golden_case.h"
#include "tests/golden/program.h"

namespace vernier::golden {
namespace {

using nlohmann::json;

Outcome run_export(const std::filesystem::path& model, const std::string& format, const std::string& out,
                   std::vector<std::string> more = {}) {
  more.insert(more.begin(),
              {"export", "--device", "cpu", "--model", model.string(), "--format", format, "--out", out, "--json"});
  return run_cli(more);
}

class CliExport : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    case_ = find_case(GetParam());
    if (case_.empty()) GTEST_SKIP() << "no reference case " << GetParam();
  }

  json exported(const std::string& format, const std::string& out, std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--adapter", (case_ / "adapter").string()});
    const Outcome outcome = run_export(case_, format, out, more);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return outcome.status == 0 ? json::parse(outcome.out) : json();
  }

  // Relative error of adapter_logits on the case's batch.
  double error_of(const std::string& model, const std::string& adapter) {
    std::vector<std::string> arguments = {"forward",
                                          "--device",
                                          "cpu",
                                          "--model",
                                          model,
                                          "--batch",
                                          (case_ / "batch.json").string(),
                                          "--out",
                                          folder_ / "out.safetensors"};
    if (!adapter.empty()) arguments.insert(arguments.end(), {"--adapter", adapter});
    const Outcome outcome = run_cli(arguments);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const Batch batch = Batch::from_file((case_ / "batch.json").string());
    const SafetensorsFile got(folder_ / "out.safetensors");
    const SafetensorsFile expected(case_ / "expected.safetensors");
    const std::int64_t vocab = expected.at("adapter_logits").shape.back();
    return relative_error(real_tokens(values_of(got, "logits"), 0, batch, vocab),
                          real_tokens(values_of(expected, "adapter_logits"), 0, batch, vocab));
  }

  std::filesystem::path case_;
  TempFolder folder_;
};

TEST_P(CliExport, AdapterAndMergedComputeTheReference) {
  const json adapter = exported("adapter", folder_ / "adapter");
  EXPECT_EQ(adapter.at("check").at("verdict"), "agrees");
  const double adapter_error = error_of(case_.string(), folder_ / "adapter");
  EXPECT_TRUE(adapter_error <= 1e-5) << adapter_error;

  const json merged = exported("merged", folder_ / "merged", {"--dtype", "float32"});
  EXPECT_EQ(merged.at("check").at("verdict"), "agrees");
  EXPECT_GT(merged.at("check").at("adapter_effect").get<double>(), 1e-3);
  const double merged_error = error_of(folder_ / "merged", "");
  EXPECT_TRUE(merged_error <= 1e-5) << merged_error;
  const json config = json::parse(read_all(folder_.path() / "merged" / "config.json"));
  EXPECT_EQ(config.value("torch_dtype", config.value("dtype", "")), "float32");
  // Only what was asked for has appeared.
  EXPECT_FALSE(listing(folder_.path()).contains(".merged"));
  for (const std::string& path : listing(folder_.path())) EXPECT_EQ(path.find("tmp-"), std::string::npos) << path;
}

TEST_P(CliExport, KeepsTheDtype) {
  const json merged = exported("merged", folder_ / "merged");
  const json config = json::parse(read_all(case_ / "config.json"));
  EXPECT_EQ(merged.at("dtype"), config.value("torch_dtype", config.value("dtype", "")));
  EXPECT_EQ(merged.at("check").at("verdict"), "agrees");
}

TEST_P(CliExport, GgufHoldsTheMergedModel) {
  for (const std::string dtype : {"float32", "float16", "bfloat16", "q8_0"}) {
    const std::string out = folder_ / (dtype + ".gguf");
    const json gguf = exported("gguf", out, {"--dtype", dtype});
    ASSERT_TRUE(gguf.is_object()) << dtype;
    EXPECT_EQ(gguf.at("check").at("verdict"), "agrees") << dtype << gguf.dump(1);
    GgufReader reader(out);
    EXPECT_EQ(static_cast<std::int64_t>(reader.tensors().size()), gguf.at("num_tensors").get<std::int64_t>());
    EXPECT_EQ(std::filesystem::file_size(out), gguf.at("bytes").get<std::uint64_t>());
  }
}

// llama.cpp's layout told apart from the exporter's code: reshape(heads, 2, E / 2, D).swapaxes(1, 2) of q and k.
TEST(CliExportGguf, LaysRowsAsLlamaCppReadsThem) {
  const std::filesystem::path model = find_case("llama-bf16-sharded");
  ASSERT_FALSE(model.empty());
  const TempFolder folder;
  ASSERT_EQ(run_export(model, "gguf", folder / "a.gguf", {"--dtype", "float32"}).status, 0);
  GgufReader reader(folder / "a.gguf");
  const json config = json::parse(read_all(model / "config.json"));
  const auto width = config.at("hidden_size").get<std::size_t>();
  const auto head_size = config.at("head_dim").get<std::size_t>();
  const ShardedSafetensors file(model);
  for (const auto& [short_name, key] : {std::pair("q", "num_attention_heads"), std::pair("k", "num_key_value_heads")}) {
    const auto heads = config.at(key).get<std::size_t>();
    const TensorInfo& tensor = *file.find(std::string("model.layers.1.self_attn.") + short_name + "_proj.weight");
    std::vector<float> from(static_cast<std::size_t>(tensor.size()));
    convert_to_f32(tensor, from.data());
    std::vector<float> got(from.size());
    reader.read(std::string("blk.1.attn_") + short_name + ".weight", 0, static_cast<std::int64_t>(heads * head_size),
                got.data());
    for (std::size_t head = 0; head < heads; ++head) {
      for (std::size_t half = 0; half < 2; ++half) {
        for (std::size_t i = 0; i < head_size / 2; ++i) {
          for (std::size_t d = 0; d < width; ++d) {
            ASSERT_EQ(got[((head * head_size / 2 + i) * 2 + half) * width + d],
                      from[((head * 2 + half) * head_size / 2 + i) * width + d]);
          }
        }
      }
    }
  }
  EXPECT_EQ(reader.metadata().at("general.architecture"), GgufValue(std::string("llama")));
  EXPECT_EQ(reader.metadata().at("llama.attention.head_count_kv"),
            GgufValue(config.at("num_key_value_heads").get<std::uint32_t>()));
}

// Gemma's norms multiply by 1 + weight, llama.cpp's by what the file holds.
TEST(CliExportGguf, AddsOneToGemmasNorms) {
  const std::filesystem::path model = find_case("gemma3");
  if (model.empty()) GTEST_SKIP() << "no reference case gemma3";
  const TempFolder folder;
  ASSERT_EQ(run_export(model, "gguf", folder / "a.gguf", {"--dtype", "bfloat16"}).status, 0);
  GgufReader reader(folder / "a.gguf");
  const ShardedSafetensors file(model);
  for (const auto& [to, from] :
       {std::pair("blk.1.attn_q_norm.weight", "model.layers.1.self_attn.q_norm.weight"),
        std::pair("blk.0.post_ffw_norm.weight", "model.layers.0.post_feedforward_layernorm.weight"),
        std::pair("output_norm.weight", "model.norm.weight")}) {
    const TensorInfo& tensor = *file.find(from);
    std::vector<float> weight(static_cast<std::size_t>(tensor.size()));
    convert_to_f32(tensor, weight.data());
    std::vector<float> got(weight.size());
    reader.read(to, 0, tensor.size(), got.data());
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], weight[i] + 1.0f) << to;
  }
  EXPECT_EQ(reader.metadata().at("gemma3.attention.sliding_window_pattern"), GgufValue(std::uint32_t{3}));
}

INSTANTIATE_TEST_SUITE_P(Cases, CliExport,
                         testing::Values("llama", "llama-dora", "llama-bf16-sharded", "llama31", "mistral", "qwen2",
                                         "qwen3", "gemma", "gemma2", "gemma3", "stories260k", "granite", "olmo2",
                                         "longrope", "dynamic"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(CliExportInput, SaysWhatIsWrong) {
  const std::filesystem::path model = find_case("llama");
  ASSERT_FALSE(model.empty());
  const std::string adapter = (model / "adapter").string();
  const TempFolder folder;
  expect_one_error(run_export(model, "adapter", folder / "a"), 2);
  expect_one_error(run_export(model, "merged", folder / "a", {"--dtype", "q8_0"}), 2);
  expect_one_error(run_export(model, "other", folder / "a"), 2);
  expect_one_error(run_export(folder.path() / "none", "merged", folder / "a"));
  expect_one_error(run_export(model, "merged", folder / "a", {"--adapter", folder / "none"}));
  // A folder with something in it is not written over.
  std::filesystem::create_directory(folder.path() / "full");
  write_all(folder.path() / "full" / "mine", "mine");
  expect_one_error(run_export(model, "merged", folder / "full"));
  expect_one_error(run_export(model, "gguf", folder / "full"));
  EXPECT_EQ(listing(folder.path()), (std::set<std::string>{"full", "full/mine"}));
}

TEST(CliExportInput, ARunFolderStandsForItsAdapter) {
  const std::filesystem::path model = find_case("llama");
  const TempFolder folder;
  std::filesystem::create_directory(folder.path() / "run");
  std::filesystem::copy(model / "adapter", folder.path() / "run" / "adapter");
  const Outcome outcome = run_export(model, "adapter", folder / "out", {"--adapter", folder / "run"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(listing(folder.path()).contains("out/adapter_model.safetensors"));
}

TEST(CliExportInput, TellsBeforehandWhatItWouldWrite) {
  const std::filesystem::path model = find_case("llama");
  for (const std::string format : {"adapter", "merged", "gguf"}) {
    const TempFolder folder;
    const std::vector<std::string> arguments = {"--adapter", (model / "adapter").string(), "--json"};
    std::vector<std::string> dry = arguments;
    dry.push_back("--dry-run");
    const Outcome told = run_export(model, format, folder / "out", dry);
    ASSERT_EQ(told.status, 0) << told.err;
    EXPECT_EQ(listing(folder.path()), std::set<std::string>{}) << format;
    const Outcome made = run_export(model, format, folder / "out", arguments);
    ASSERT_EQ(made.status, 0) << made.err;
    const json plan = json::parse(told.out), result = json::parse(made.out);
    EXPECT_EQ(plan.at("num_tensors"), result.at("num_tensors")) << format;
    EXPECT_EQ(plan.at("dtype"), result.at("dtype")) << format;
    EXPECT_LE(plan.at("bytes").get<std::uint64_t>(), result.at("bytes").get<std::uint64_t>()) << format;
    EXPECT_GT(plan.at("free_bytes").get<std::uint64_t>(), 0u);
  }
}

// A file size limit stands for a full disk.
TEST(CliExportInput, AFullDiskLeavesNothing) {
  const std::filesystem::path model = find_case("llama");
  for (const std::string format : {"merged", "gguf", "adapter"}) {
    const TempFolder folder;
    const Outcome outcome =
        Program({"sh", "-c",
                 "ulimit -f 20; trap '' XFSZ; exec \"$0\" export --device cpu --model \"$1\" --adapter \"$1/adapter\" "
                 "--format \"$2\" --out \"$3\"",
                 VERNIER_CLI, model.string(), format, folder / "out"})
            .wait();
    expect_one_error(outcome);
    EXPECT_EQ(listing(folder.path()), std::set<std::string>{}) << format;
  }
}

}  // namespace
}  // namespace vernier::golden
