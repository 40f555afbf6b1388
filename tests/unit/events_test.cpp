#include "vernier/events.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>

#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::json;

ErrorCode code_of(const std::function<void()>& call, std::string* message = nullptr) {
  try {
    call();
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::kInternal;
}

StepEvent step_event(std::mt19937_64& random) {
  std::uniform_real_distribution<double> real(0.0, 20.0);
  StepEvent event;
  event.step = static_cast<std::int64_t>(random() >> 1);
  event.loss = real(random);
  event.loss_per_token = real(random);
  event.loss_per_sequence = real(random);
  event.grad_norm = real(random);
  event.learning_rate = real(random) * 1e-5;
  event.num_tokens = static_cast<std::int64_t>(random() % 100000);
  event.num_items_in_batch = static_cast<std::int64_t>(random() % 100000);
  event.mean_token_accuracy = real(random);
  event.entropy = real(random);
  event.tokens_per_second = real(random);
  event.step_ms = real(random);
  event.peak_memory_bytes = random();
  event.epoch = real(random);
  return event;
}

TEST(Events, NamesAreDistinct) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(RunState::kFailed); ++i) names.insert(to_string(static_cast<RunState>(i)));
  EXPECT_EQ(names,
            (std::set<std::string>{"loading", "running", "paused", "stopping", "finished", "stopped", "failed"}));
  EXPECT_EQ(to_string(ParityPath::kDecode), "decode");
  EXPECT_EQ(to_string(ParityVerdict::kDrifting), "drifting");
  EXPECT_EQ(to_string(MessageLevel::kWarning), "warning");
}

TEST(Events, StepHasTheContractsFields) {
  std::set<std::string> keys;
  const json object = StepEvent{}.to_json();
  for (const auto& [key, value] : object.items()) keys.insert(key);
  for (const char* key :
       {"step", "loss", "loss_per_token", "loss_per_sequence", "grad_norm", "learning_rate", "num_tokens",
        "num_items_in_batch", "mean_token_accuracy", "entropy", "tokens_per_second", "step_ms", "peak_memory_bytes"}) {
    EXPECT_EQ(keys.erase(key), 1u) << key;
  }
  EXPECT_EQ(keys, std::set<std::string>{"epoch"});
}

TEST(Events, StepsGoThroughTextAndBack) {
  const auto seed = std::random_device{}();
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200; ++i) {
    StepEvent event = step_event(random);
    if (i % 3 == 0) event.skipped = true;
    if (i % 5 == 0) {
      event.capture_ms = 1.25;
      event.capture_bytes = random() | 1;
    }
    const json object = event.to_json();
    const StepEvent back = StepEvent::from_json(json::parse(object.dump()));
    EXPECT_EQ(back.to_json(), object) << "seed " << seed;
    EXPECT_EQ(back.skipped, event.skipped);
    EXPECT_EQ(back.capture_bytes, event.capture_bytes);
    EXPECT_EQ(back.peak_memory_bytes, event.peak_memory_bytes);
    EXPECT_EQ(back.loss, event.loss);
  }
}

TEST(Events, NumbersThatAreNotFiniteAreNull) {
  StepEvent event;
  event.loss = std::numeric_limits<double>::quiet_NaN();
  event.grad_norm = std::numeric_limits<double>::infinity();
  const json object = json::parse(event.to_json().dump());
  EXPECT_TRUE(object.at("loss").is_null());
  EXPECT_TRUE(object.at("grad_norm").is_null());
  EXPECT_TRUE(std::isnan(StepEvent::from_json(object).loss));
}

TEST(Events, EvaluationsGoThroughTextAndBack) {
  EvalEvent event{.run_id = 0,
                  .step = 70,
                  .eval_loss_per_token = 0.1,
                  .eval_loss_per_sequence = 1.0 / 3,
                  .eval_mean_token_accuracy = 0.7,
                  .num_items = 12345,
                  .milliseconds = 17.5};
  const EvalEvent back = EvalEvent::from_json(json::parse(event.to_json().dump()));
  EXPECT_EQ(back.to_json(), event.to_json());
  EXPECT_EQ(back.eval_loss_per_sequence, event.eval_loss_per_sequence);
  EXPECT_EQ(back.num_items, 12345);
}

ParityReport parity_report() {
  ParityReport report;
  report.step = 20;
  report.num_tokens = 512;
  report.reference_loss_per_token = 2.5;
  report.reference_top_argmax_share = 0.1;
  report.verdict = ParityVerdict::kDiffers;
  report.summary = "The decoding path differs.";
  report.milliseconds = 12.0;
  for (const ParityPath path : {ParityPath::kTrain, ParityPath::kEval, ParityPath::kDecode}) {
    ParityPathReport entry;
    entry.path = path;
    entry.loss_per_token = 2.5 + static_cast<double>(path);
    entry.max_abs_logit_difference = 1e-7;
    entry.argmax_agreement = 0.99;
    entry.mean_kl = 1e-9;
    if (path == ParityPath::kDecode) {
      entry.verdict = ParityVerdict::kDiffers;
      entry.likely_causes = {"RoPE positions are off by one.", "\u2581 and \"quotes\""};
    }
    report.paths.push_back(entry);
  }
  return report;
}

TEST(Events, ParityReportsGoThroughTextAndBack) {
  const ParityReport report = parity_report();
  const ParityReport back = ParityReport::from_json(json::parse(report.to_json().dump()));
  EXPECT_EQ(back.to_json(), report.to_json());
  ASSERT_EQ(back.paths.size(), 3u);
  EXPECT_EQ(back.paths[2].path, ParityPath::kDecode);
  EXPECT_EQ(back.paths[2].likely_causes, report.paths[2].likely_causes);
  EXPECT_EQ(back.verdict, ParityVerdict::kDiffers);
}

TEST(Events, ParityReportsTellEvidenceWhereThereIsSome) {
  ParityReport report = parity_report();
  EXPECT_FALSE(report.to_json().contains("thresholds"));  // as earlier versions wrote it
  report.thresholds = {1e-4, 1e-3, 3e-5};
  report.paths[0].deviation = 2e-6;
  report.paths[1].deviation = std::numeric_limits<double>::quiet_NaN();
  report.paths[2].deviation = 0.5;
  report.paths[2].evidence = {"Layer 3 deviates by 0.5.", "The same figures."};
  report.paths[2].state_deviations = {0.0, 0.25, std::numeric_limits<double>::infinity()};
  const ParityReport back = ParityReport::from_json(json::parse(report.to_json().dump()));
  EXPECT_EQ(back.thresholds.agrees, 1e-4);
  EXPECT_EQ(back.thresholds.differs, 1e-3);
  EXPECT_EQ(back.thresholds.state_differs, 3e-5);
  EXPECT_EQ(back.paths[0].deviation, 2e-6);
  EXPECT_TRUE(std::isnan(back.paths[1].deviation));
  EXPECT_EQ(back.paths[2].evidence, report.paths[2].evidence);
  ASSERT_EQ(back.paths[2].state_deviations.size(), 3u);
  EXPECT_EQ(back.paths[2].state_deviations[1], 0.25);
  EXPECT_TRUE(std::isnan(back.paths[2].state_deviations[2]));  // no JSON number is infinite
  std::string message;
  json damaged = report.to_json();
  damaged["paths"][2]["state_deviations"][1] = "far";
  EXPECT_EQ(code_of([&] { ParityReport::from_json(damaged); }, &message), ErrorCode::kInvalidInput);
  EXPECT_EQ(message, "[parity report] state_deviations: expected a list of numbers.");
}

TEST(Events, DamagedJsonIsASentence) {
  std::string message;
  EXPECT_EQ(code_of([] { StepEvent::from_json(json::array()); }), ErrorCode::kInvalidInput);
  json step = StepEvent{}.to_json();
  step.erase("grad_norm");
  EXPECT_EQ(code_of([&] { StepEvent::from_json(step); }, &message), ErrorCode::kInvalidInput);
  EXPECT_EQ(message, "[step] grad_norm: got nothing, expected a number.");
  step = StepEvent{}.to_json();
  step["step"] = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(code_of([&] { StepEvent::from_json(step); }), ErrorCode::kInvalidInput);
  step["step"] = 1.5;
  EXPECT_EQ(code_of([&] { StepEvent::from_json(step); }), ErrorCode::kInvalidInput);

  // Every key of the report, removed or of a wrong type, is named.
  const json report = parity_report().to_json();
  for (const auto& [key, value] : report.items()) {
    for (int kind = 0; kind < 2; ++kind) {
      json damaged = report;
      if (kind == 0) {
        damaged.erase(key);
      } else {
        damaged[key] = json::object();
      }
      EXPECT_EQ(code_of([&] { ParityReport::from_json(damaged); }, &message), ErrorCode::kInvalidInput);
      EXPECT_NE(message.find(key), std::string::npos) << message;
    }
  }
  json damaged = report;
  damaged["verdict"] = "fine";
  EXPECT_EQ(code_of([&] { ParityReport::from_json(damaged); }), ErrorCode::kInvalidInput);
  damaged = report;
  damaged["paths"][1]["likely_causes"] = {1, 2};
  EXPECT_EQ(code_of([&] { ParityReport::from_json(damaged); }), ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace vernier
