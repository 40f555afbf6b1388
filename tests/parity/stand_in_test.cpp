// Nothing above the operations touches a device's memory: all of it on a stand-in whose memory cannot be touched, equal
// to the CPU to the bit; and in bfloat16, close to float32.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/inspect/parity.h"
#include "engine/model/download.h"
#include "engine/model/generate.h"
#include "engine/model/targets.h"
#include "engine/train/checkpoint.h"
#include "tests/parity/random_model.h"
#include "tests/parity/stand_in_device.h"
#include "tests/unit/train_support.h"
#include "vernier/error.h"
#include "vernier/model.h"
#include "vernier/recompute.h"

namespace vernier {
namespace {

using test::RandomModel;
using test::StandInDevice;

// Loss, logits and adapter gradients of one pass.
struct Outcome {
  std::vector<float> losses, logits;
  std::vector<float> gradients;
};

Outcome pass_over(RandomModel& model, const MicroBatch& batch, Recompute recompute, std::int64_t kept_mlp_layers = 0,
                  std::int64_t kept_attention_layers = 0, std::int64_t waiting_attention_layers = 0) {
  ParameterSet& set = model.adapter->set();
  set.enable_gradients();
  model.backend->zero(TensorView(set.gradients().data(), 1, std::ssize(set.gradients())));
  TargetRows targets;
  find_targets(batch, targets);
  std::vector<float> weights(targets.rows.size(),
                             1.0f / static_cast<float>(std::max<std::size_t>(1, targets.rows.size())));
  PassOptions options;
  options.keep_activations = true;
  options.recompute = recompute;
  options.kept_mlp_layers = kept_mlp_layers;
  options.kept_attention_layers = kept_attention_layers;
  options.waiting_attention_layers = waiting_attention_layers;
  options.lora_dropout = 0.25f;
  options.dropout_seed = 7;
  Outcome out;
  model.decoder->forward(batch, options);
  std::vector<std::int32_t> rows(batch.input_ids.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int32_t>(i);
  out.logits.resize(rows.size() * static_cast<std::size_t>(model.config.vocab_size));
  model.decoder->logits(rows, out.logits.data());
  out.losses.resize(targets.rows.size());
  if (!weights.empty()) {
    model.decoder->loss(targets.rows, targets.targets, weights, {.loss = out.losses});
    model.decoder->backward();
  }
  for (std::size_t i = 0; i < set.parameters().size(); ++i) {
    const std::vector<float> gradient = set.download_gradient(i);
    out.gradients.insert(out.gradients.end(), gradient.begin(), gradient.end());
  }
  return out;
}

double relative(const std::vector<float>& got, const std::vector<float>& expected) {
  double difference = 0.0, size = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(static_cast<double>(got[i]) - static_cast<double>(expected[i]), 2);
    size += std::pow(static_cast<double>(expected[i]), 2);
  }
  return std::sqrt(difference / size);
}

TEST(StandIn, EveryFamilysPassesAreTheCpusToTheBit) {
  for (int round = 0; round < 12; ++round) {
    const auto state = test::rng();
    RandomModel near(true);
    test::rng() = state;
    RandomModel far(true, std::make_unique<StandInDevice>());
    const MicroBatch batch = near.random_batch(5);
    for (const Recompute recompute : {Recompute::kNone, Recompute::kMlp, Recompute::kLayer, Recompute::kOffload}) {
      const Outcome here = pass_over(near, batch, recompute), there = pass_over(far, batch, recompute);
      EXPECT_EQ(here.losses, there.losses);
      EXPECT_EQ(here.logits, there.logits);
      EXPECT_EQ(here.gradients, there.gradients);
    }
    GenerateOptions options;
    options.max_new_tokens = 5;
    options.stop_at_eos = false;
    const auto here = generate_tokens(*near.decoder, batch.input_ids, options);
    const auto there = generate_tokens(*far.decoder, batch.input_ids, options);
    ASSERT_EQ(here.size(), there.size());
    for (std::size_t i = 0; i < here.size(); ++i) {
      EXPECT_EQ(here[i].id, there[i].id);
      EXPECT_EQ(here[i].log_probability, there[i].log_probability);
    }
    const ParityReport report = check_parity(*far.decoder, batch);
    EXPECT_EQ(report.to_json()["paths"], check_parity(*near.decoder, batch).to_json()["paths"]);
  }
}

TEST(StandIn, WhatIsKeptOfSomeLayersChangesNothing) {
  for (int round = 0; round < 24; ++round) {
    RandomModel model(true, std::make_unique<StandInDevice>(), test::coin() ? DType::kF32 : DType::kBF16,
                      round % 2 == 0 ? 6 : 0);
    static_cast<StandInDevice&>(*model.backend).set_late(test::coin());
    const MicroBatch batch = model.random_batch(5);
    const Outcome all = pass_over(model, batch, Recompute::kNone);
    for (const Recompute recompute : {Recompute::kMlp, Recompute::kLayer, Recompute::kOffload}) {
      const std::int64_t mlp = test::uniform_int(0, model.config.num_layers + 1);
      const std::int64_t attention = test::uniform_int(0, model.config.num_layers);
      const std::int64_t waiting = test::uniform_int(0, model.config.num_layers);
      const Outcome some = pass_over(model, batch, recompute, mlp, attention, waiting);
      EXPECT_EQ(some.losses, all.losses);
      EXPECT_EQ(some.gradients, all.gradients)
          << mlp << ", " << attention << " and " << waiting << " of " << model.config.num_layers;
    }
  }
}

// Copies that an exception left under way do not come over the next pass's work.
TEST(StandIn, APassThatWasGivenUpChangesNothingOfTheNext) {
  for (int round = 0; round < 12; ++round) {
    const auto faults = std::make_shared<test::StandInFaults>();
    RandomModel model(true, std::make_unique<StandInDevice>(faults), DType::kBF16, test::uniform_int(3, 7));
    static_cast<StandInDevice&>(*model.backend).set_late(true);
    const MicroBatch batch = model.random_batch(5);
    const auto pass = [&] { return pass_over(model, batch, Recompute::kOffload, 0, 0, 4); };
    const Outcome expected = pass();
    const long long before = faults->operations();
    EXPECT_EQ(pass().gradients, expected.gradients);
    const long long operations = faults->operations() - before;
    faults->plan(test::StandInFaults::Kind::kOutOfMemory,
                 faults->operations() + test::uniform_int(operations / 2, operations - 1));
    EXPECT_THROW(pass(), Error);
    const Outcome again = pass();
    EXPECT_EQ(again.losses, expected.losses);
    EXPECT_EQ(again.gradients, expected.gradients);
  }
}

// Two layers take turns in the places where matrices of 4 bits are put together, one ahead of the other.
TEST(StandIn, MatricesOf4BitsArePutTogetherInTime) {
  for (int round = 0; round < 16; ++round) {
    RandomModel model(true, std::make_unique<StandInDevice>(), DType::kBF16, test::uniform_int(1, 6));
    static_cast<StandInDevice&>(*model.backend).set_late(test::coin());
    const auto packed = ModelWeights::random(*model.backend, model.config, test::rng()(), DType::kBF16,
                                             ParameterUse::kFrozen, Quantization::kNf4);
    for (std::size_t i = 0; i < packed->set().parameters().size(); ++i) {
      model.weights->set().upload(i, packed->download_as_computed(i));
    }
    if (test::coin(0.7)) packed->look_ahead();
    const MicroBatch batch = model.random_batch(5);
    const Outcome full = pass_over(model, batch, Recompute::kNone);
    model.decoder = std::make_unique<Decoder>(*model.backend, model.config, *packed, model.adapter.get());
    for (const Recompute recompute : {Recompute::kNone, Recompute::kLayer, Recompute::kOffload}) {
      const Outcome some = pass_over(model, batch, recompute, test::uniform_int(0, 2), test::uniform_int(0, 2), 2);
      EXPECT_EQ(some.losses, full.losses);
      EXPECT_EQ(some.logits, full.logits);
      EXPECT_EQ(some.gradients, full.gradients) << model.config.num_layers << " layers, " << to_string(recompute);
    }
    // A look at a matrix between passes leaves nothing half made.
    const auto looked = static_cast<std::size_t>(test::uniform_int(0, std::ssize(packed->set().parameters()) - 1));
    EXPECT_EQ(packed->download_as_computed(looked), model.weights->set().download_as_computed(looked));
  }
}

// Some models drawn here amplify what rounding does: each has a wide bound, the middle one that of trained models.
TEST(StandIn, EveryFamilyInBFloat16IsCloseToFloat32) {
  std::vector<double> logit_errors, cosines;
  int agreeing = 0;
  for (int round = 0; round < 12; ++round) {
    const auto state = test::rng();
    RandomModel exact(true);
    test::rng() = state;
    RandomModel rounded(true, std::make_unique<StandInDevice>(), DType::kBF16);
    // The same numbers, which bfloat16 holds exactly: what remains is the passes' rounding.
    for (std::size_t i = 0; i < exact.weights->set().parameters().size(); ++i) {
      exact.weights->set().upload(i, rounded.weights->set().download_as_computed(i));
    }
    for (std::size_t i = 0; i < exact.adapter->set().parameters().size(); ++i) {
      exact.adapter->set().upload(i, rounded.adapter->set().download_as_computed(i));
    }
    const MicroBatch batch = exact.random_batch(5);
    std::vector<std::vector<float>> gradients;
    for (const Recompute recompute : {Recompute::kNone, Recompute::kMlp, Recompute::kLayer}) {
      const Outcome here = pass_over(exact, batch, recompute), there = pass_over(rounded, batch, recompute);
      const double logits = relative(there.logits, here.logits);
      EXPECT_TRUE(logits <= 1e-1) << logits;
      logit_errors.push_back(logits);
      double product = 0.0, here_square = 0.0, there_square = 0.0;
      for (std::size_t i = 0; i < here.gradients.size(); ++i) {
        product += static_cast<double>(here.gradients[i]) * static_cast<double>(there.gradients[i]);
        here_square += std::pow(static_cast<double>(here.gradients[i]), 2);
        there_square += std::pow(static_cast<double>(there.gradients[i]), 2);
      }
      if (here_square > 0.0) {
        cosines.push_back(product / std::sqrt(here_square * there_square));
        EXPECT_TRUE(cosines.back() > 0.9) << cosines.back() << ", " << here.losses.size() << " targets, logits "
                                          << logits << ", gradient " << std::sqrt(here_square);
      }
      gradients.push_back(there.gradients);
    }
    EXPECT_EQ(gradients[0], gradients[1]);  // what is computed again is what it was
    EXPECT_EQ(gradients[0], gradients[2]);
    const ParityReport report = check_parity(*rounded.decoder, batch);
    if (to_string(report.verdict) == "agrees") ++agreeing;
  }
  EXPECT_GE(agreeing, 9);
  std::ranges::sort(logit_errors);
  std::ranges::sort(cosines);
  EXPECT_TRUE(logit_errors[logit_errors.size() / 2] <= 3e-2) << logit_errors[logit_errors.size() / 2];
  ASSERT_FALSE(cosines.empty());
  EXPECT_TRUE(cosines[cosines.size() / 2] > 0.99) << cosines[cosines.size() / 2];
}

// A device multiplies by neighbours as by one matrix; biases and B matrices in between would keep it from that.
TEST(StandIn, MatricesOfOneGroupLieSideBySide) {
  StandInDevice device;
  ModelConfig config = test::random_config();
  config.num_heads = 4, config.num_kv_heads = 2, config.head_dim = config.rotary_dim = 16;
  config.hidden_size = 64, config.intermediate_size = 128;
  config.attention_bias = config.mlp_bias = true;
  config.fused_qkv = config.fused_gate_up = false;
  const auto weights = ModelWeights::random(device, config, 5, DType::kBF16);
  AdapterConfig options;
  options.r = 8;
  options.target_pattern = "all-linear";
  const auto adapter = Adapter::create(device, config, options, 6, DType::kBF16);
  const auto follows = [](const ConstTensorView& a, const ConstTensorView& b) {
    return a.row_range(a.rows, 0).data == b.data && a.stride == b.stride;
  };
  for (std::int64_t layer = 0; layer < config.num_layers; ++layer) {
    const LayerSlices& s = weights->layers()[static_cast<std::size_t>(layer)];
    EXPECT_TRUE(follows(weights->value(s.q), weights->value(s.k)));
    EXPECT_TRUE(follows(weights->value(s.k), weights->value(s.v)));
    EXPECT_TRUE(follows(weights->value(s.gate), weights->value(s.up)));
    const auto a = [&](LinearKind kind) { return adapter->view(layer, kind).a; };
    EXPECT_TRUE(follows(a(LinearKind::kQ), a(LinearKind::kK)));
    EXPECT_TRUE(follows(a(LinearKind::kK), a(LinearKind::kV)));
    EXPECT_TRUE(follows(a(LinearKind::kGate), a(LinearKind::kUp)));
  }
}

class StandInRun : public testing::Test {
 protected:
  void SetUp() override {
    const std::uint64_t seed = test::fresh_seed();
    test::make_model(scratch_ / "model", seed);
    test::make_batch(scratch_ / "batch.json", seed + 1);
    config_ = test::small_config(scratch_ / "model", scratch_ / "batch.json");
    config_.dtype = "float32";
    config_.max_steps = 6;
    config_.save_steps = 3;
    config_.save_total_limit = 5;
    config_.parity_check_every = 3;
    config_.return_logits.every = 2;
    config_.return_logits.rows = {0, 3};
  }

  void expect_same_runs() {
    test::Recorder here, there;
    const RunResult cpu = test::train(config_, scratch_ / "cpu", here);
    ASSERT_EQ(cpu.status, RunStatus::kFinished) << cpu.message;
    // Stopped and resumed on the way.
    const auto far = [](RunOptions& options) { options.device = "stand-in"; };
    const RunResult begun = test::train(config_, scratch_ / "far", there, [&](RunOptions& options) {
      far(options);
      options.max_steps = 3;
    });
    ASSERT_EQ(begun.status, RunStatus::kStopped) << begun.message;
    const RunResult resumed = test::resume(scratch_ / "far", there, far);
    ASSERT_EQ(resumed.status, RunStatus::kFinished) << resumed.message;
    EXPECT_EQ(here.losses(), there.losses());
    ASSERT_EQ(here.parity.size(), there.parity.size());
    for (std::size_t i = 0; i < here.parity.size(); ++i) {
      EXPECT_EQ(here.parity[i].to_json()["paths"], there.parity[i].to_json()["paths"]);
    }
    std::size_t files = 0;
    for (const std::string folder : {"checkpoints/step-3", "checkpoints/step-6", "captures"}) {
      for (const auto& entry : std::filesystem::directory_iterator(scratch_ / "cpu" / folder)) {
        const std::string name = entry.path().filename().string();
        EXPECT_TRUE(test::get_file(entry.path()) == test::get_file(scratch_ / "far" / folder / name)) << name;
        ++files;
      }
    }
    EXPECT_GE(files, 9u);
  }

  test::TemporaryFolder scratch_;
  RunConfig config_;
};

TEST_F(StandInRun, LoraWithDropoutIsTheCpusToTheBit) {
  config_.lora.lora_dropout = 0.2;
  config_.gradient_accumulation_steps = 2;
  expect_same_runs();
}

TEST_F(StandInRun, DoraIsTheCpusToTheBit) {
  config_.lora.use_dora = true;
  config_.packing = Packing::kBfd;
  expect_same_runs();
}

TEST_F(StandInRun, FullTrainingIsTheCpusToTheBit) {
  config_.method = Method::kFull;
  expect_same_runs();
}

TEST_F(StandInRun, AutoMeansBFloat16WhereTheDeviceHasIt) {
  config_.dtype = "auto";
  test::Recorder here, there;
  ASSERT_EQ(test::train(config_, scratch_ / "cpu", here).status, RunStatus::kFinished);
  ASSERT_EQ(test::train(config_, scratch_ / "far", there, [](RunOptions& o) { o.device = "stand-in"; }).status,
            RunStatus::kFinished);
  EXPECT_EQ(read_json_file(scratch_ / "cpu" / "run.json")["dtype"], "float32");
  EXPECT_EQ(read_json_file(scratch_ / "far" / "run.json")["dtype"], "bfloat16");
  ModelOptions options;
  options.model_dir = (scratch_ / "model").string();
  for (const auto& [device, dtype] : {std::pair("cpu", "float32"), std::pair("stand-in", "bfloat16")}) {
    options.device = device;
    EXPECT_EQ(LanguageModel::load(options)->info().dtype, dtype);
  }
  options.device = "cpu";
  options.dtype = "bfloat16";
  test::expect_error([&] { LanguageModel::load(options); }, ErrorCode::kUnsupported, {"dtype", "bfloat16", "cpu"});
}

// bfloat16 runs keep logits as float16: to half an ulp those of the pass, and the losses are the same without them.
TEST_F(StandInRun, CapturesInBFloat16AreTheLogitsInFloat16) {
  config_.dtype = "bfloat16";
  test::Recorder with, without;
  const auto far = [](RunOptions& o) { o.device = "stand-in"; };
  ASSERT_EQ(test::train(config_, scratch_ / "without", without, far).status, RunStatus::kFinished);
  config_.return_logits.every = 1;
  config_.return_logits.rows = {0, 2, 3};
  ASSERT_EQ(test::train(config_, scratch_ / "with", with, far).status, RunStatus::kFinished);
  EXPECT_EQ(with.losses(), without.losses());
  ASSERT_EQ(with.captures.size(), 3 * with.steps.size());
  const RunReader reader((scratch_ / "with").string());
  for (const CaptureRecord& record : reader.captures()) {
    EXPECT_EQ(SafetensorsFile(scratch_ / "with" / record.file).at("logits").dtype, DType::kF16);
    const Capture capture = reader.load_capture(record);
    const StepTokens tokens = reader.tokens(record.step, record.index);
    for (std::size_t k = 0; k < capture.positions.size(); ++k) {
      if (capture.targets[k] < 0) continue;
      const float* logits = capture.logits.data() + static_cast<std::ptrdiff_t>(k) * capture.vocab_size;
      double total = 0.0, largest = 0.0;
      for (std::int64_t v = 0; v < capture.vocab_size; ++v) {
        total += std::exp(double{logits[v]});
        largest = std::max(largest, std::abs(double{logits[v]}));
      }
      const double loss = std::log(total) - logits[capture.targets[k]];
      const double kept = tokens.tokens[static_cast<std::size_t>(capture.positions[k]) + 1].loss;  // in 11 bits
      EXPECT_NEAR(loss, kept, 1e-3 * largest + 1e-3 * kept);
    }
  }
}

TEST(StandIn, LogitsBeyondFloat16StayFinite) {
  StandInDevice device;
  const auto memory = device.allocate(64);
  const float values[] = {1.0f, 65536.0f, -3e30f, 0.33333334f};
  device.upload(memory->data(), values, sizeof values);
  const std::vector<std::int32_t> rows = {0};
  std::uint16_t out[3] = {};
  auto* at = static_cast<float*>(memory->data());
  device
      .begin_logits({.hidden = TensorView(at, 1, 1),
                     .rows = rows,
                     .weight = TensorView(at + 1, 3, 1),
                     .logits = {out, DType::kF16, 1, 3, 3}})
      ->wait();
  EXPECT_EQ(f16_to_f32(out[0]), 65504.0f);
  EXPECT_EQ(f16_to_f32(out[1]), -65504.0f);
  EXPECT_EQ(out[2], f32_to_f16(values[3]));
}

TEST_F(StandInRun, ForwardOfEveryModeIsTheCpusToTheBit) {
  const Batch batch = Batch::from_file((scratch_ / "batch.json").string());
  ModelOptions model;
  model.model_dir = (scratch_ / "model").string();
  model.dtype = "float32";
  model.device = "cpu";
  const auto near = LanguageModel::load(model);
  model.device = "stand-in";
  const auto far = LanguageModel::load(model);
  for (const ForwardMode mode : {ForwardMode::kTrain, ForwardMode::kEval, ForwardMode::kDecode}) {
    ForwardOptions options;
    options.mode = mode;
    options.hidden_states = true;
    if (mode != ForwardMode::kDecode) options.gradients = LossNormalization::kPerToken;
    const ForwardResult here = near->forward(batch, options), there = far->forward(batch, options);
    EXPECT_EQ(here.logits.values, there.logits.values);
    EXPECT_EQ(here.token_loss.values, there.token_loss.values);
    EXPECT_EQ(here.hidden_states.values, there.hidden_states.values);
    ASSERT_EQ(here.gradients.size(), there.gradients.size());
    for (std::size_t i = 0; i < here.gradients.size(); ++i) {
      EXPECT_EQ(here.gradients[i].values, there.gradients[i].values);
    }
  }
}

}  // namespace
}  // namespace vernier
