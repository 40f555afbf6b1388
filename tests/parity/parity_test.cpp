// The parity check: silent on a hundred clean models, and right about every planted fault on every path.
#include "engine/inspect/parity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "engine/inspect/parity_causes.h"
#include "engine/inspect/pass.h"
#include "engine/model/targets.h"
#include "tests/golden/golden_case.h"
#include "tests/parity/random_model.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using test::RandomModel;

constexpr std::array kPaths = {ParityPath::kTrain, ParityPath::kEval, ParityPath::kDecode};

// A fault and a word of the sentence that names it.
constexpr std::array kFaults = {
    std::pair(FaultKind::kRopeOffByOne, "RoPE"),        std::pair(FaultKind::kNormEpsilon, "epsilon"),
    std::pair(FaultKind::kDroppedMask, "mask"),         std::pair(FaultKind::kDropoutInEval, "dropout"),
    std::pair(FaultKind::kArgmaxCollapse, "collapsed"), std::pair(FaultKind::kLogitsOffByOne, "off by one")};

std::string name_of(ParityPath path) {
  return path == ParityPath::kTrain ? "training path" : path == ParityPath::kEval ? "evaluation path" : "KV-cache path";
}

void expect_clean(const ParityReport& report) {
  EXPECT_EQ(report.verdict, ParityVerdict::kAgrees) << report.summary;
  ASSERT_EQ(report.paths.size(), 3u);
  for (const ParityPathReport& path : report.paths) {
    EXPECT_EQ(path.verdict, ParityVerdict::kAgrees) << to_string(path.path);
    EXPECT_EQ(path.argmax_agreement, 1.0) << to_string(path.path);
    EXPECT_TRUE(path.loss_difference <= 1e-4) << path.loss_difference;
    EXPECT_TRUE(path.mean_kl <= 1e-7) << path.mean_kl;
    EXPECT_TRUE(path.likely_causes.empty());
    EXPECT_TRUE(path.deviation <= report.thresholds.agrees) << path.deviation;
    EXPECT_TRUE(path.evidence.empty() && path.state_deviations.empty());
  }
}

// The faulty path differs, names its cause first, and the summary says which it is; the others agree.
void expect_found(const ParityReport& report, const Fault& fault, const std::string& word) {
  SCOPED_TRACE(to_string(fault.path) + ", " + word + ": " + report.to_json().dump());
  EXPECT_EQ(report.verdict, ParityVerdict::kDiffers);
  EXPECT_NE(report.summary.find(name_of(fault.path)), std::string::npos) << report.summary;
  for (const ParityPathReport& path : report.paths) {
    if (path.path != fault.path) {
      EXPECT_EQ(path.verdict, ParityVerdict::kAgrees) << to_string(path.path);
      EXPECT_EQ(report.summary.find(name_of(path.path)), std::string::npos) << report.summary;
      continue;
    }
    EXPECT_EQ(path.verdict, ParityVerdict::kDiffers);
    ASSERT_FALSE(path.likely_causes.empty());
    EXPECT_EQ(path.evidence.size(), path.likely_causes.size());
    EXPECT_TRUE(path.deviation > report.thresholds.differs || path.argmax_agreement < 1.0) << path.deviation;
    // Only what happens to the logits leaves the states alone.
    const auto& states = path.state_deviations;
    ASSERT_GE(states.size(), 2u);
    EXPECT_EQ(*std::max_element(states.begin(), states.end()) <= report.thresholds.state_differs,
              fault.kind == FaultKind::kArgmaxCollapse || fault.kind == FaultKind::kLogitsOffByOne);
    EXPECT_NE(path.likely_causes.front().find(word), std::string::npos) << path.likely_causes.front();
    EXPECT_NE(report.summary.find(path.likely_causes.front()), std::string::npos) << report.summary;
  }
}

TEST(Parity, NeverSpeaksUpOnAHundredCleanModels) {
  for (int i = 0; i < 100; ++i) {
    SCOPED_TRACE("model " + std::to_string(i));
    const RandomModel model(test::coin());
    const MicroBatch batch = model.random_batch();
    const ParityReport report = check_parity(*model.decoder, batch);
    expect_clean(report);
    EXPECT_EQ(report.num_tokens, static_cast<std::int64_t>(batch.input_ids.size()));
    EXPECT_NE(report.summary.find("agree"), std::string::npos);
    if (testing::Test::HasFailure()) break;
  }
}

TEST(Parity, NamesEveryFaultOnEveryPathOfRandomModels) {
  for (int i = 0; i < 10; ++i) {
    SCOPED_TRACE("model " + std::to_string(i));
    const RandomModel model(true);
    const MicroBatch batch = model.random_batch(12);
    for (const auto& [kind, word] : kFaults) {
      for (const ParityPath path : kPaths) {
        const Fault fault{kind, path};
        expect_found(check_parity(*model.decoder, batch, {.fault = fault}), fault, word);
      }
    }
    if (testing::Test::HasFailure()) break;
  }
}

// Faults that take a second sequence, or a rank above 1, to show.
TEST(Parity, NamesLostBordersAndAWrongLoraScaleOfRandomModels) {
  int num_scaled = 0;
  for (int i = 0; i < 10 || num_scaled < 3; ++i) {
    SCOPED_TRACE("model " + std::to_string(i));
    const RandomModel model(true);
    MicroBatch batch = model.random_batch(12);
    while (batch.sequences.size() < 2) batch = model.random_batch(12);
    for (const ParityPath path : {ParityPath::kTrain, ParityPath::kEval}) {
      const Fault fault{FaultKind::kLostBorders, path};
      expect_found(check_parity(*model.decoder, batch, {.fault = fault}), fault, "borders");
    }
    // A cache holds one sequence at a time.
    expect_clean(check_parity(*model.decoder, batch, {.fault = {FaultKind::kLostBorders, ParityPath::kDecode}}));
    if (model.adapter->config().r < 2) continue;
    ++num_scaled;
    for (const ParityPath path : kPaths) {
      const Fault fault{FaultKind::kLoraScale, path};
      expect_found(check_parity(*model.decoder, batch, {.fault = fault}), fault, "LoRA scale");
    }
    EXPECT_EQ(model.adapter->strength(), 1.0);
    expect_clean(check_parity(*model.decoder, batch));
    if (testing::Test::HasFailure()) break;
  }
}

// What is learnt with a fault is learnt of the pass that it is in: a wrong scale has the gradients of that scale.
TEST(Parity, AWrongLoraScaleHasItsOwnGradients) {
  std::optional<RandomModel> chosen;
  do {
    chosen.emplace(true);
  } while (chosen->adapter->config().r < 2);
  const RandomModel& model = *chosen;
  const MicroBatch batch = model.random_batch(12);
  TargetRows targets;
  find_targets(batch, targets);
  ASSERT_FALSE(targets.rows.empty());
  const std::vector<float> weights(targets.rows.size(), 0.5f);
  model.adapter->set().enable_gradients();
  const std::span<float> gradients = model.adapter->set().gradients();
  const auto gradients_with = [&](FaultKind fault, double strength) {
    std::fill(gradients.begin(), gradients.end(), 0.0f);
    model.adapter->set_strength(strength);
    PassRequest request;
    request.path = ParityPath::kTrain;
    request.row_weights = weights;
    request.fault = fault;
    run_pass(*model.decoder, batch, request);
    model.adapter->set_strength(1.0);
    return std::vector<float>(gradients.begin(), gradients.end());
  };
  const auto rank = static_cast<double>(model.adapter->config().r);
  EXPECT_EQ(gradients_with(FaultKind::kLoraScale, 1.0), gradients_with(FaultKind::kNone, rank));
  EXPECT_NE(gradients_with(FaultKind::kLoraScale, 1.0), gradients_with(FaultKind::kNone, 1.0));
}

class GoldenParity : public testing::TestWithParam<const char*> {};

TEST_P(GoldenParity, CleanAndEveryFaultOnEveryPath) {
  const std::filesystem::path folder = golden::find_case(GetParam());
  if (folder.empty()) GTEST_SKIP() << "no reference case " << GetParam();
  ModelOptions options;
  options.model_dir = folder.string();
  options.adapter_dir = (folder / "adapter").string();
  options.device = "cpu";
  const auto model = LanguageModel::load(options);
  const Batch batch = Batch::from_file((folder / "batch.json").string());
  const SafetensorsFile expected(folder / "expected.safetensors");
  const ParityReport clean = model->parity(batch);
  expect_clean(clean);
  EXPECT_NEAR(clean.reference_loss_per_token, golden::values_of(expected, "loss_per_token")[0], 1e-5);
  EXPECT_EQ(clean.paths[0].top_argmax_share, clean.reference_top_argmax_share);
  for (const auto& [kind, word] : kFaults) {
    for (const ParityPath path : kPaths) {
      const Fault fault{kind, path};
      expect_found(model->parity(batch, fault), fault, word);
    }
  }
  expect_clean(model->parity(batch));
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenParity,
                         testing::Values("llama", "llama-dora", "llama-bf16-sharded", "stories260k", "llama31",
                                         "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3"),
                         [](const auto& case_info) {
                           std::string name = case_info.param;
                           std::erase(name, '-');
                           return name;
                         });

// A forward pass can be given the same faults, for lessons.
TEST(Parity, FaultsReachAForwardPassOfTheirPathOnly) {
  const std::filesystem::path folder = golden::find_case("llama");
  if (folder.empty()) GTEST_SKIP() << "no reference case llama";
  ModelOptions options;
  options.model_dir = folder.string();
  options.adapter_dir = (folder / "adapter").string();
  options.device = "cpu";
  const auto model = LanguageModel::load(options);
  const Batch batch = Batch::from_file((folder / "batch.json").string());
  const std::vector<float> clean = model->forward(batch, {}).logits.values;
  for (const auto& [kind, word] : kFaults) {
    ForwardOptions forward;
    forward.fault = {kind, ParityPath::kTrain};
    EXPECT_EQ(model->forward(batch, forward).logits.values, clean) << word;
    forward.fault.path = ParityPath::kEval;
    EXPECT_FALSE(golden::relative_error(model->forward(batch, forward).logits.values, clean) <= 1e-4) << word;
  }
}

TEST(Parity, DropoutWithoutAnAdapterIsSaidToDoNothing) {
  const RandomModel model(false);
  const ParityReport report =
      check_parity(*model.decoder, model.random_batch(), {.fault = {FaultKind::kDropoutInEval, ParityPath::kEval}});
  expect_clean(report);
  EXPECT_NE(report.summary.find("dropout has nothing to act on"), std::string::npos) << report.summary;
}

TEST(Parity, AdaptersOfAnyStrengthAgree) {
  const RandomModel model(true);
  const MicroBatch batch = model.random_batch();
  for (const double strength : {0.0, 0.5, 1.0, -2.0}) {
    model.adapter->set_strength(strength);
    expect_clean(check_parity(*model.decoder, batch));
  }
}

TEST(Parity, TiesAreNoDisagreement) {
  RandomModel model(false);
  // Every token's head row comes twice: the arg-max is always one of two equal logits.
  const std::int64_t head = model.weights->head().index;
  std::vector<float> values = model.weights->set().download(static_cast<std::size_t>(head));
  const std::int64_t d = model.config.hidden_size;
  for (std::int64_t v = 0; v + 1 < model.config.vocab_size; v += 2) {
    std::copy_n(values.begin() + v * d, d, values.begin() + (v + 1) * d);
    values[static_cast<std::size_t>((v + 1) * d)] *= 1.0f + 1e-7f;
  }
  model.weights->set().upload(static_cast<std::size_t>(head), values);
  expect_clean(check_parity(*model.decoder, model.random_batch()));
}

TEST(Parity, NanIsNeverAgreement) {
  RandomModel model(false);
  std::vector<float> values =
      model.weights->set().download(static_cast<std::size_t>(model.weights->final_norm().index));
  values[0] = std::nanf("");
  model.weights->set().upload(static_cast<std::size_t>(model.weights->final_norm().index), values);
  const ParityReport report = check_parity(*model.decoder, model.random_batch());
  EXPECT_EQ(report.verdict, ParityVerdict::kDiffers);
  EXPECT_NE(report.summary.find("NaN"), std::string::npos) << report.summary;
}

TEST(Parity, LeavesGradientsAloneAndSaysWhatItCost) {
  const RandomModel model(true);
  model.adapter->set().enable_gradients();
  const std::span<float> gradients = model.adapter->set().gradients();
  std::fill(gradients.begin(), gradients.end(), 0.25f);
  const ParityReport report = check_parity(*model.decoder, model.random_batch());
  EXPECT_TRUE(std::all_of(gradients.begin(), gradients.end(), [](float value) { return value == 0.25f; }));
  EXPECT_GT(report.milliseconds, 0.0);
}

// Causes beyond the planted ones: a path that is the reference of a changed configuration.
class Causes : public testing::Test {
 protected:
  Causes() : batch_(model_.random_batch(20)) {
    model_.config.layer_window.assign(static_cast<std::size_t>(model_.config.num_layers), 0);
  }

  ReferenceResult reference_of(const ModelConfig& config, const MicroBatch& batch) const {
    return reference_forward(config, *model_.weights, model_.adapter.get(), batch);
  }
  static PassResult run_of(const ReferenceResult& reference) {
    PassResult run;
    run.logits.assign(reference.logits.begin(), reference.logits.end());
    for (const auto& state : reference.hidden_states) run.hidden_states.emplace_back(state.begin(), state.end());
    return run;
  }

  std::string first_cause(const ModelConfig& changed, double deviation = 1.0) const {
    const ReferenceResult reference = reference_of(model_.config, batch_);
    const PassResult run = run_of(reference_of(changed, batch_));
    return likely_causes({.path = ParityPath::kTrain,
                          .batch = batch_,
                          .config = model_.config,
                          .reference = reference,
                          .run = run,
                          .logit_deviation = deviation,
                          .tolerance = parity_tolerance(DType::kF32),
                          .run_again = [&](const MicroBatch& tokens) { return run_of(reference_of(changed, tokens)); },
                          .reference_of = [&](const ModelConfig& config,
                                              const MicroBatch& tokens) { return reference_of(config, tokens); }})
        .front()
        .cause;
  }
  static void expect_cause(const std::string& cause, const char* word) {
    EXPECT_NE(cause.find(word), std::string::npos) << cause << " lacks: " << word;
  }

  RandomModel model_{true};
  MicroBatch batch_;
};

TEST_F(Causes, OfOtherKinds) {
  ModelConfig changed = model_.config;
  changed.embedding_scale *= 1.5;
  expect_cause(first_cause(changed), "embeddings");
  changed = model_.config;
  changed.logit_scale *= 1.5;
  expect_cause(first_cause(changed), "head");
  changed = model_.config;
  changed.residual_scale = 0.5;
  expect_cause(first_cause(changed), "From layer 1 on every token differs, even alone");
  expect_cause(first_cause(model_.config, 0.0), "loss head");
  // A window that the path does not have, and one that only the path has.
  changed = model_.config;
  model_.config.layer_window[0] = 5;
  expect_cause(first_cause(changed), "5 or more before them");
  std::swap(changed, model_.config);
  expect_cause(first_cause(changed), "first of every sequence agrees");
}

TEST_F(Causes, ReadTheAdaptersScaleOff) {
  const auto at = [&](const ModelConfig& config, const MicroBatch& batch, double factor) {
    model_.adapter->set_strength(factor);
    ReferenceResult result = reference_of(config, batch);
    model_.adapter->set_strength(1.0);
    return result;
  };
  const auto cause_at = [&](double strength) {
    const ReferenceResult reference = reference_of(model_.config, batch_);
    const PassResult run = run_of(at(model_.config, batch_, strength));
    return likely_causes(
               {.path = ParityPath::kEval,
                .batch = batch_,
                .config = model_.config,
                .reference = reference,
                .run = run,
                .logit_deviation = 1.0,
                .tolerance = parity_tolerance(DType::kF32),
                .run_again = [&](const MicroBatch& tokens) { return run_of(at(model_.config, tokens, strength)); },
                .reference_of = [&](const ModelConfig& config,
                                    const MicroBatch& tokens) { return reference_of(config, tokens); },
                .reference_scaled = at,
                .lora_rank = model_.adapter->config().r})
        .front()
        .cause;
  };
  expect_cause(cause_at(0.0), "without the adapter");
  const auto r = static_cast<double>(model_.adapter->config().r);
  if (r > 1.0) expect_cause(cause_at(std::sqrt(r)), "another LoRA scale");
  // No mistake that is known.
  expect_cause(cause_at(-1.37), "even alone");
}

TEST_F(Causes, ReadTheEpsilonOff) {
  ModelConfig changed = model_.config;
  changed.rms_norm_eps = 0.03;
  expect_cause(first_cause(changed), "epsilon seems to be 0.03");
}

TEST(Parity, AnEmptyBatchIsRefused) {
  const RandomModel model(false);
  EXPECT_THROW(check_parity(*model.decoder, MicroBatch{}), Error);
}

}  // namespace
}  // namespace vernier
