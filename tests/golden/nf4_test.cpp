// Models in 4 bits on the CPU and on a device: what bitsandbytes stored, what is quantized here, and adapters over
// both.
#include "engine/core/nf4.h"

#include <cmath>
#include <memory>
#include <vector>

#include "engine/io/hf_config.h"
#include "engine/io/nf4_tensor.h"
#include "engine/io/tensor_names.h"
#include "engine/model/decoder.h"
#include "engine/model/targets.h"
#include "engine/ops/make_backend.h"
#include "tests/golden/golden_case.h"
#include "vernier/devices.h"
#include "vernier/error.h"
#include "vernier/model.h"

namespace vernier {
namespace {

using golden::RelativeError;

class Nf4 : public testing::Test {
 protected:
  void SetUp() override {
    try {
      resolve_device(VERNIER_TEST_DEVICE);
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
    folder_ = golden::find_case("llama-nf4");
    config_ = read_model_config(folder_);
    files_ = std::make_unique<ShardedSafetensors>(folder_);
    config_.tensor_prefix = check_checkpoint(config_, *files_);
    batch_ = Batch::from_file(folder_ / "batch.json");
  }

  std::unique_ptr<ModelWeights> load(Backend& backend, const ShardedSafetensors& files, DType dtype,
                                     Quantization quantization) const {
    return ModelWeights::load(backend, config_, files, dtype, ParameterUse::kFrozen, {}, {}, quantization);
  }

  // Of all rows, in the layout of the case's.
  double logits_error(Backend& backend, ModelWeights& weights, const std::vector<float>& expected) const {
    Decoder decoder(backend, config_, weights, nullptr);
    RelativeError error;
    const auto vocab = static_cast<std::size_t>(config_.vocab_size);
    const std::size_t length = batch_.input_ids.front().size();
    for (const MicroBatch& micro : micro_batches_of(batch_, false)) {
      decoder.forward(micro, {});
      std::vector<std::int32_t> rows(micro.input_ids.size());
      for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int32_t>(i);
      std::vector<float> logits(rows.size() * vocab);
      decoder.logits(rows, logits.data());
      const auto row = static_cast<std::size_t>(micro.sequences.front().row);
      error.add(logits.data(), expected.data() + row * length * vocab, logits.size());
    }
    return error.value();
  }

  std::filesystem::path folder_;
  ModelConfig config_;
  std::unique_ptr<ShardedSafetensors> files_;
  Batch batch_;
};

TEST_F(Nf4, LogitsAreThoseOfBitsandbytes) {
  const SafetensorsFile file(folder_ / "expected.safetensors");
  const std::vector<float> expected = golden::values_of(file, "base_logits");
  for (const char* device : {"cpu", VERNIER_TEST_DEVICE}) {
    const auto backend = make_backend(device);
    for (const DType dtype : {DType::kF32, DType::kBF16}) {
      if (!backend->computes(dtype)) continue;
      for (const Quantization quantization : {Quantization::kNone, Quantization::kNf4}) {
        const auto weights = load(*backend, *files_, dtype, quantization);
        const double error = logits_error(*backend, *weights, expected);
        EXPECT_TRUE(error <= (dtype == DType::kF32 ? 1e-5 : 3e-2))
            << error << " " << device << " " << to_string(dtype) << " in memory "
            << (quantization == Quantization::kNf4 ? "in 4 bits" : "in full");
      }
    }
  }
}

// The same numbers are rounded the same way but where two are as near.
TEST_F(Nf4, QuantizesAsBitsandbytesDoes) {
  const ShardedSafetensors full(golden::find_case("llama"));
  std::size_t codes = 0, other_codes = 0, scales = 0, other_scales = 0;
  for (const WeightRef& ref : checkpoint_tensors(config_)) {
    if (!is_stored_nf4(*files_, ref.name)) continue;
    std::vector<float> values(static_cast<std::size_t>(ref.shape[0] * ref.shape[1]));
    full.read_f32(ref.name, ref.shape, values.data());
    const Nf4Values ours = quantize_nf4(values), theirs = read_nf4(*files_, ref.name, ref.shape);
    ASSERT_EQ(ours.codes.size(), theirs.codes.size());
    ASSERT_EQ(ours.absmax.size(), theirs.absmax.size());
    codes += ours.codes.size();
    scales += ours.absmax.size();
    for (std::size_t i = 0; i < ours.codes.size(); ++i) other_codes += ours.codes[i] != theirs.codes[i] ? 1 : 0;
    for (std::size_t i = 0; i < ours.absmax.size(); ++i) {
      other_scales += ours.absmax[i] != theirs.absmax[i] ? 1 : 0;
      EXPECT_LE(std::abs(int{ours.absmax[i]} - int{theirs.absmax[i]}), 1);
    }
    EXPECT_EQ(ours.absmax_table, theirs.absmax_table);
    EXPECT_NEAR(ours.offset, theirs.offset, 1e-6);
    ASSERT_EQ(ours.nested_absmax.size(), theirs.nested_absmax.size());
  }
  EXPECT_GT(codes, 10000u);
  EXPECT_LE(other_codes, codes / 1000);
  EXPECT_LE(other_scales, scales / 50);
}

// Asked as a whole, a model in 4 bits gives the answers and the logits of the same numbers in full.
TEST_F(Nf4, AnswersAreThoseOverTheSameNumbers) {
  for (const char* device : {"cpu", VERNIER_TEST_DEVICE}) {
    ModelOptions options;
    options.model_dir = folder_;
    options.device = device;
    options.dtype = "float32";
    const auto whole = LanguageModel::load(options);
    options.quantization = "nf4";
    const auto packed = LanguageModel::load(options);
    GenerateOptions generate;
    generate.max_new_tokens = 9;
    generate.stop_at_eos = false;
    const std::vector<std::int32_t> prompt(batch_.input_ids.front().begin(), batch_.input_ids.front().begin() + 3);
    const auto expected = whole->generate(prompt, generate), got = packed->generate(prompt, generate);
    ASSERT_EQ(got.size(), 9u);
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].id, expected[i].id) << device << " " << i;
      EXPECT_TRUE(std::abs(got[i].log_probability - expected[i].log_probability) <= 1e-5f) << device << " " << i;
    }
    ForwardOptions forward;
    forward.gradients = LossNormalization::kPerToken;
    try {
      packed->forward(batch_, forward);
      ADD_FAILURE() << "weights in 4 bits were trained";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported) << error.what();
    }
  }
}

// An adapter's gradients over 4 bits are those over the same numbers in full, whatever is computed again.
TEST_F(Nf4, GradientsAreThoseOverTheSameNumbers) {
  const MicroBatch micro = micro_batches_of(batch_, true).front();
  TargetRows targets;
  find_targets(micro, targets);
  const std::vector<float> row_weights(targets.rows.size(), 1.0f / static_cast<float>(targets.rows.size()));
  for (const char* device : {"cpu", VERNIER_TEST_DEVICE}) {
    const auto backend = make_backend(device);
    backend->set_deterministic(true);
    for (const Recompute recompute : {Recompute::kNone, Recompute::kMlp, Recompute::kLayer, Recompute::kOffload}) {
      std::vector<float> seen[2];
      for (const Quantization quantization : {Quantization::kNone, Quantization::kNf4}) {
        const auto weights = load(*backend, *files_, DType::kF32, quantization);
        AdapterConfig options;
        options.r = 8;
        options.target_pattern = "all-linear";
        const auto adapter = Adapter::create(*backend, config_, options, 3);
        adapter->set().enable_gradients();
        for (std::size_t i = 1; i < adapter->set().parameters().size(); i += 2) {
          std::vector<float> b(static_cast<std::size_t>(adapter->set().parameters()[i].size()));
          for (std::size_t n = 0; n < b.size(); ++n) b[n] = 0.1f * std::sin(static_cast<float>(n + i));
          adapter->set().upload(i, b);
        }
        Decoder decoder(*backend, config_, *weights, adapter.get());
        PassOptions pass;
        pass.keep_activations = true;
        pass.recompute = recompute;
        decoder.forward(micro, pass);
        decoder.loss(targets.rows, targets.targets, row_weights, {});
        decoder.backward();
        std::vector<float>& all = seen[quantization == Quantization::kNf4 ? 1 : 0];
        for (std::size_t i = 0; i < adapter->set().parameters().size(); ++i) {
          const std::vector<float> one = adapter->set().download_gradient(i);
          all.insert(all.end(), one.begin(), one.end());
        }
      }
      // A device may multiply by q, k and v as one.
      if (backend->name() == "cpu") {
        EXPECT_EQ(seen[0], seen[1]);
      }
      EXPECT_TRUE(golden::relative_error(seen[1], seen[0]) <= 1e-5) << golden::relative_error(seen[1], seen[0]);
    }
  }
}

TEST_F(Nf4, TakesLittleMemory) {
  ModelConfig large = config_;
  large.hidden_size = 1024;
  large.intermediate_size = 4096;
  large.num_heads = large.num_kv_heads = 16;
  large.head_dim = large.rotary_dim = 64;
  large.num_layers = 24;
  const double full = static_cast<double>(ModelWeights::bytes_of(large, DType::kBF16, ParameterUse::kFrozen));
  const double small =
      static_cast<double>(ModelWeights::bytes_of(large, DType::kBF16, ParameterUse::kFrozen, Quantization::kNf4));
  EXPECT_LT(small, 0.32 * full);  // 0.26, and one layer in full
  const auto backend = make_backend("cpu");
  const auto weights = load(*backend, *files_, DType::kF32, Quantization::kNf4);
  const std::uint64_t predicted =
      ModelWeights::bytes_of(config_, DType::kF32, ParameterUse::kFrozen, Quantization::kNf4);
  EXPECT_EQ(backend->allocated_bytes(), predicted);
}

TEST_F(Nf4, DamagedPartsAreRefused) {
  const ShardedSafetensors files(folder_);
  const std::string name = "model.layers.0.mlp.down_proj.weight";
  EXPECT_NO_THROW(check_nf4(files, name, std::vector<std::int64_t>{64, 96}));
  EXPECT_THROW(check_nf4(files, name, std::vector<std::int64_t>{96, 64}), Error);
  EXPECT_THROW(check_nf4(files, "model.norm.weight", std::vector<std::int64_t>{64}), Error);
  EXPECT_TRUE(is_part_of_nf4(files, name + ".absmax"));
  EXPECT_FALSE(is_part_of_nf4(files, "model.norm.weight.absmax"));
  EXPECT_TRUE(unexpected_tensors(config_, files).empty());
}

}  // namespace
}  // namespace vernier
