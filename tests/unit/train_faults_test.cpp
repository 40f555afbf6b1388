// Faults planted in a run: each does what it is called, where it is planted, and nothing elsewhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/train/planted_fault.h"
#include "tests/unit/train_support.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::array kKinds = {FaultKind::kLostBorders,   FaultKind::kLoraScale,   FaultKind::kLogitsOffByOne,
                               FaultKind::kLostLabelMask, FaultKind::kMeanOfMeans, FaultKind::kScaledRate};

class TrainFaults : public test::SmallRun {
 protected:
  std::vector<StepEvent> steps_of(const RunConfig& config, const Fault& fault = {}) {
    test::Recorder events;
    const RunResult result = test::train(config, scratch_ / ("run" + std::to_string(++runs_)), events,
                                         [&](RunOptions& options) { options.fault = fault; });
    EXPECT_EQ(result.status, RunStatus::kFinished) << result.message;
    run_dir_ = result.run_dir;
    // Its record says so, wherever it may come to lie.
    const bool is_told = std::ranges::any_of(RunReader(run_dir_).messages(), [](const MessageEvent& message) {
      return message.text.find("defect is planted") != std::string::npos;
    });
    EXPECT_EQ(is_told, fault.kind != FaultKind::kNone);
    return events.steps;
  }
  static Fault in_training(FaultKind kind) { return {kind, ParityPath::kTrain}; }

  // What tells one training from another, to the last bit.
  static std::vector<double> curve(const std::vector<StepEvent>& steps) {
    std::vector<double> out;
    for (const StepEvent& step : steps) {
      out.insert(out.end(), {step.loss_per_token, step.loss_per_sequence, step.grad_norm});
    }
    return out;
  }
  std::vector<Capture> captures() const {
    const RunReader reader(run_dir_);
    std::vector<Capture> out;
    for (const CaptureRecord& record : reader.captures()) out.push_back(reader.load_capture(record));
    return out;
  }

  std::string run_dir_;  // of the run before
  int runs_ = 0;
};

TEST_F(TrainFaults, LeaveOtherPathsAlone) {
  const std::vector<double> clean = curve(steps_of(config_));
  ASSERT_EQ(clean.size(), 30u);
  for (const FaultKind kind : kKinds) {
    for (const ParityPath path : {ParityPath::kEval, ParityPath::kDecode}) {
      EXPECT_EQ(curve(steps_of(config_, {kind, path})), clean) << static_cast<int>(kind);
    }
  }
}

// Tests and lessons plant faults; no run file can.
TEST_F(TrainFaults, AreNotOfARunFile) {
  for (const char* key : {"fault", "faults", "planted_fault"}) {
    nlohmann::json json = config_.to_json();
    EXPECT_NO_THROW(RunConfig::from_json(json, ""));
    json[key] = "lost_label_mask";
    EXPECT_THROW(RunConfig::from_json(json, ""), Error) << key;
  }
}

TEST_F(TrainFaults, ALostLabelMaskLearnsEveryToken) {
  const std::vector<StepEvent> clean = steps_of(config_);
  const std::vector<StepEvent> planted = steps_of(config_, in_training(FaultKind::kLostLabelMask));
  nlohmann::json batch = read_json_file(scratch_ / "batch.json");
  batch["labels"] = batch["input_ids"];
  write_json_file(scratch_ / "unmasked.json", batch);
  RunConfig unmasked = config_;
  unmasked.batch = scratch_ / "unmasked.json";
  EXPECT_EQ(curve(planted), curve(steps_of(unmasked)));
  for (const StepEvent& step : planted) {
    EXPECT_EQ(step.num_items_in_batch, step.num_tokens - static_cast<std::int64_t>(step.sequences.size()));
    EXPECT_LT(clean.front().num_items_in_batch, step.num_items_in_batch);
  }
}

TEST_F(TrainFaults, ALostLabelMaskInEvaluationIsLostThereAlone) {
  const std::vector<MicroBatch> batches = micro_batches_of(Batch::from_file(scratch_ / "batch.json"), false);
  PlantedFault planted({FaultKind::kLostLabelMask, ParityPath::kEval});
  EXPECT_EQ(&planted.rows(batches, ParityPath::kTrain), &batches);
  const std::vector<MicroBatch>& rows = planted.rows(batches, ParityPath::kEval);
  ASSERT_EQ(rows.size(), batches.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i].labels, batches[i].input_ids);
  PlantedFault none{Fault{}};
  EXPECT_EQ(&none.rows(batches, ParityPath::kEval), &batches);
}

// With one row a micro-batch, a mean of means is the mean over sequences.
TEST_F(TrainFaults, AMeanOfMeansLearnsPerSequenceWhateverTheFileSays) {
  config_.loss_normalization = LossNormalization::kPerToken;
  const std::vector<double> per_token = curve(steps_of(config_));
  const std::vector<double> planted = curve(steps_of(config_, in_training(FaultKind::kMeanOfMeans)));
  config_.loss_normalization = LossNormalization::kPerSequence;
  EXPECT_EQ(planted, curve(steps_of(config_)));
  EXPECT_NE(planted, per_token);
  // All rows in one micro-batch: there is one mean, and it is right but for rounding.
  config_.loss_normalization = LossNormalization::kPerToken;
  config_.packing = Packing::kBfd;
  const double right = steps_of(config_).front().grad_norm;
  const double of_one = steps_of(config_, in_training(FaultKind::kMeanOfMeans)).front().grad_norm;
  EXPECT_TRUE(std::abs(of_one - right) <= 1e-5 * right) << of_one << " " << right;
}

TEST_F(TrainFaults, AScaledRateIsAppliedAndNotTold) {
  constexpr int kRows = 8;  // a power of two, which scales without rounding
  test::make_batch(scratch_ / "batch.json", seed_ + 1, kRows);
  const std::vector<StepEvent> fast = steps_of(config_);
  config_.learning_rate /= kRows;
  const std::vector<StepEvent> slow = steps_of(config_);
  const std::vector<StepEvent> planted = steps_of(config_, in_training(FaultKind::kScaledRate));
  EXPECT_EQ(curve(planted), curve(fast));
  EXPECT_NE(curve(planted), curve(slow));
  for (std::size_t i = 0; i < planted.size(); ++i) EXPECT_EQ(planted[i].learning_rate, slow[i].learning_rate);
}

TEST_F(TrainFaults, ALoraScaleWithoutItsRankIsThatOfAnAlphaTimesR) {
  const std::vector<double> clean = curve(steps_of(config_));
  const std::vector<double> planted = curve(steps_of(config_, in_training(FaultKind::kLoraScale)));
  config_.lora.lora_alpha *= static_cast<double>(config_.lora.r);
  EXPECT_EQ(planted, curve(steps_of(config_)));
  EXPECT_NE(planted, clean);
}

TEST_F(TrainFaults, CapturesOffByOneLeaveTheTrainingAsItIs) {
  config_.max_steps = 3;
  config_.return_logits.every = 1;
  config_.return_logits.rows = {0, 1};
  const std::vector<double> clean = curve(steps_of(config_));
  const std::vector<Capture> right = captures();
  EXPECT_EQ(curve(steps_of(config_, in_training(FaultKind::kLogitsOffByOne))), clean);
  const std::vector<Capture> moved = captures();
  ASSERT_EQ(right.size(), 6u);
  ASSERT_EQ(moved.size(), right.size());
  for (std::size_t c = 0; c < right.size(); ++c) {
    EXPECT_EQ(moved[c].positions, right[c].positions);
    EXPECT_EQ(moved[c].targets, right[c].targets);
    const auto width = static_cast<std::ptrdiff_t>(right[c].vocab_size);
    for (std::ptrdiff_t i = 0; i < std::ssize(right[c].positions); ++i) {
      const auto row = [width](const Capture& capture, std::ptrdiff_t at) {
        return std::vector<float>(capture.logits.begin() + at * width, capture.logits.begin() + (at + 1) * width);
      };
      EXPECT_EQ(row(moved[c], i), row(right[c], std::max<std::ptrdiff_t>(0, i - 1))) << c << ", " << i;
    }
  }
}

TEST_F(TrainFaults, LostBordersLetPackedSequencesSeeThoseBefore) {
  const std::vector<double> apart = curve(steps_of(config_));
  EXPECT_EQ(curve(steps_of(config_, in_training(FaultKind::kLostBorders))), apart)
      << "a row a micro-batch has no others";
  config_.packing = Packing::kBfd;
  const std::vector<StepEvent> clean = steps_of(config_);
  const std::vector<StepEvent> planted = steps_of(config_, in_training(FaultKind::kLostBorders));
  const auto difference = [&](std::size_t sequence) {
    return std::abs(planted.front().sequences[sequence].loss - clean.front().sequences[sequence].loss);
  };
  EXPECT_TRUE(difference(0) <= 1e-5) << difference(0);
  for (std::size_t s = 1; s < clean.front().sequences.size(); ++s) EXPECT_GT(difference(s), 1e-5) << s;
  EXPECT_NE(planted.back().grad_norm, clean.back().grad_norm);
}

}  // namespace
}  // namespace vernier
