// Whole runs on small models: order of things, exactness, steering, and what is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "engine/io/peft_adapter.h"
#include "engine/train/checkpoint.h"
#include "tests/unit/train_support.h"
#include "vernier/non_finite.h"

namespace vernier {
namespace {

using test::Recorder;

class TrainRun : public test::SmallRun {
 protected:
  RunConfig full() const {
    RunConfig config = config_;
    config.method = Method::kFull;
    return config;
  }

  // Everything a run leaves that must not depend on how often it was interrupted.
  static void expect_same_state(const std::filesystem::path& a, const std::filesystem::path& b, std::int64_t step) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(checkpoint_folder(a, step))) {
      const std::string name = entry.path().filename().string();
      EXPECT_EQ(test::get_file(entry.path()), test::get_file(checkpoint_folder(b, step) / name)) << name;
      ++files;
    }
    EXPECT_GE(files, 3u);
  }

  // The configuration is refused with one sentence, and nothing is left.
  void expect_refused(const RunConfig& config, ErrorCode code, const std::vector<std::string>& parts) {
    Recorder events;
    const RunResult result = test::train(config, scratch_ / "refused", events);
    EXPECT_EQ(result.status, RunStatus::kFailed);
    EXPECT_EQ(to_string(result.code), to_string(code)) << result.message;
    EXPECT_TRUE(result.message.starts_with("[")) << result.message;
    EXPECT_EQ(result.message.find('\n'), std::string::npos) << result.message;
    for (const std::string& part : parts) EXPECT_NE(result.message.find(part), std::string::npos) << result.message;
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "refused"));
    ASSERT_FALSE(events.states.empty());
    EXPECT_EQ(events.states.back(), RunState::kFailed);
  }
};

TEST_F(TrainRun, LearnsAndTellsWhatItDid) {
  config_.return_logits.every = 4;
  config_.return_logits.rows = {0, 3};
  config_.return_logits.logits_to_keep.last = 2;
  config_.parity_check_every = 5;
  Recorder events;
  const RunResult result = test::train(config_, scratch_ / "run", events);
  ASSERT_EQ(result.status, RunStatus::kFinished) << result.message;
  EXPECT_EQ(result.last_step, 10);
  EXPECT_EQ(result.last_saved_step, 10);
  ASSERT_EQ(events.steps.size(), 10u);
  EXPECT_LT(events.steps.back().loss, events.steps.front().loss);
  EXPECT_EQ(events.states, (std::vector{RunState::kLoading, RunState::kRunning, RunState::kFinished}));
  EXPECT_EQ(events.started.num_rows, 7);
  EXPECT_EQ(events.started.vocab_size, test::kVocabulary);
  EXPECT_EQ(events.steps.front().learning_rate, 0.0);  // warm-up begins at nothing
  EXPECT_DOUBLE_EQ(events.steps[2].learning_rate, config_.learning_rate);
  ASSERT_EQ(events.captures.size(), 4u);
  EXPECT_EQ(events.captures[0].step, 4);
  EXPECT_EQ(events.captures[0].num_positions, 2);
  EXPECT_GT(events.steps[3].capture_bytes, 0u);
  EXPECT_EQ(events.steps[4].capture_bytes, 0u);
  ASSERT_EQ(events.parity.size(), 2u);
  EXPECT_EQ(events.parity[0].step, 5);
  EXPECT_EQ(events.parity[0].verdict, ParityVerdict::kAgrees) << events.parity[0].summary;

  const RunReader reader((scratch_ / "run").string());
  EXPECT_EQ(reader.info().state, "finished");
  EXPECT_EQ(reader.steps().size(), 10u);
  EXPECT_EQ(reader.steps().back().to_json(), [&] {
    StepEvent last = events.steps.back();
    last.sequences.clear();
    return last.to_json();
  }());
  EXPECT_EQ(reader.sequences(10).size(), 7u);
  EXPECT_EQ(reader.captures().size(), 4u);
  EXPECT_EQ(reader.parity_reports().size(), 2u);
  double sum = 0.0;
  std::int64_t targets = 0;
  for (const StepTokens& sequence : reader.tokens(10)) {
    for (const TokenRecord& token : sequence.tokens) {
      sum += token.is_target ? token.loss : 0.0;
      targets += token.is_target ? 1 : 0;
    }
  }
  EXPECT_EQ(targets, events.steps.back().num_items_in_batch);
  EXPECT_NEAR(sum / static_cast<double>(targets), events.steps.back().loss_per_token, 1e-3);

  const AdapterReader adapter(scratch_ / "run" / "adapter", read_model_config(scratch_ / "model"));
  EXPECT_EQ(adapter.config().r, 3);
  config_.dtype = "float32";  // what auto has come to on the CPU
  EXPECT_EQ(RunConfig::from_file((scratch_ / "run" / "run.json").string()).to_json(), config_.to_json());
}

TEST_F(TrainRun, ReturningLogitsChangesNoBit) {
  Recorder without, with;
  test::train(config_, scratch_ / "without", without);
  config_.return_logits.every = 1;
  config_.return_logits.rows = {0, 1, 2, 3, 4, 5, 6};
  test::train(config_, scratch_ / "with", with);
  EXPECT_EQ(with.captures.size(), 70u);
  EXPECT_EQ(with.losses(), without.losses());
  expect_same_state(scratch_ / "with", scratch_ / "without", 10);

  // The captured logits give the recorded loss.
  const RunReader reader((scratch_ / "with").string());
  const Capture capture = reader.load_capture(reader.captures().front());
  const StepTokens tokens = reader.tokens(1, 0);
  std::size_t compared = 0;
  for (std::size_t k = 0; k < capture.positions.size(); ++k) {
    if (capture.targets[k] < 0) continue;
    const float* logits = capture.logits.data() + static_cast<std::ptrdiff_t>(k) * capture.vocab_size;
    double total = 0.0;
    for (std::int64_t v = 0; v < capture.vocab_size; ++v) total += std::exp(double{logits[v]});
    const double loss = std::log(total) - logits[capture.targets[k]];
    EXPECT_NEAR(loss, tokens.tokens[static_cast<std::size_t>(capture.positions[k]) + 1].loss, 2e-3 * loss);
    ++compared;
  }
  EXPECT_GT(compared, 0u);
}

TEST_F(TrainRun, PackedAndRowByRowAreTheSame) {
  for (const LossNormalization normalization : {LossNormalization::kPerToken, LossNormalization::kPerSequence}) {
    const std::string name = normalization == LossNormalization::kPerToken ? "token" : "sequence";
    config_.loss_normalization = normalization;
    config_.lora.lora_dropout = 0.2;
    Recorder rows, packed;
    config_.packing = Packing::kNone;
    test::train(config_, scratch_ / (name + "-rows"), rows);
    config_.packing = Packing::kBfd;
    test::train(config_, scratch_ / (name + "-packed"), packed);
    ASSERT_EQ(rows.steps.size(), packed.steps.size());
    for (std::size_t i = 0; i < rows.steps.size(); ++i) {
      EXPECT_FALSE(!(std::abs(rows.steps[i].loss - packed.steps[i].loss) <= 1e-4 * packed.steps[i].loss)) << i;
      EXPECT_FALSE(
          !(std::abs(rows.steps[i].grad_norm - packed.steps[i].grad_norm) <= 1e-3 * packed.steps[i].grad_norm));
    }
  }
}

TEST_F(TrainRun, TenStepsAreFiveAndFive) {
  for (const std::string name : {"lora", "dora", "full"}) {
    RunConfig config = name == "full" ? full() : config_;
    if (name == "lora") config.lora.lora_dropout = 0.25;
    config.lora.use_dora = name == "dora";
    Recorder whole, first, second;
    ASSERT_EQ(test::train(config, scratch_ / (name + "-whole"), whole).status, RunStatus::kFinished);
    const RunResult half =
        test::train(config, scratch_ / (name + "-parts"), first, [](RunOptions& options) { options.max_steps = 5; });
    ASSERT_EQ(half.last_saved_step, 5) << half.message;
    // Not at its end: it says so, and every reader of the folder can see that it goes on.
    EXPECT_EQ(half.status, RunStatus::kStopped);
    EXPECT_TRUE(half.message.starts_with("Stopped after step 5 of 10. Saved: checkpoints/step-5")) << half.message;
    EXPECT_EQ(first.states.back(), RunState::kStopped);
    const RunInfo stopped = RunReader((scratch_ / (name + "-parts")).string()).info();
    EXPECT_EQ(stopped.state, "stopped");
    EXPECT_EQ(stopped.total_steps, 10);
    const auto no_further = [](RunOptions& options) { options.max_steps = 5; };
    Recorder nothing;
    EXPECT_EQ(test::resume(scratch_ / (name + "-parts"), nothing, no_further).status, RunStatus::kStopped);
    EXPECT_TRUE(nothing.steps.empty());
    const RunResult rest = test::resume(scratch_ / (name + "-parts"), second);
    ASSERT_EQ(rest.status, RunStatus::kFinished) << rest.message;
    EXPECT_EQ(rest.last_step, 10);
    EXPECT_EQ(second.started.first_step, 6);
    std::vector<double> losses = first.losses();
    for (const double loss : second.losses()) losses.push_back(loss);
    EXPECT_EQ(losses, whole.losses());
    expect_same_state(scratch_ / (name + "-whole"), scratch_ / (name + "-parts"), 10);
    const RunReader reader((scratch_ / (name + "-parts")).string());
    EXPECT_EQ(reader.steps().size(), 10u);
  }
}

// The paths agree with the reference on the same 4-bit numbers, and a run that was interrupted with one that was not.
TEST_F(TrainRun, LearnsOverWeightsIn4Bits) {
  config_.quantization = "nf4";
  config_.parity_check_every = 5;
  Recorder whole, first, second;
  const RunResult result = test::train(config_, scratch_ / "whole", whole);
  ASSERT_EQ(result.status, RunStatus::kFinished) << result.message;
  EXPECT_LT(whole.steps.back().loss, whole.steps.front().loss);
  ASSERT_FALSE(whole.parity.empty());
  for (const ParityReport& report : whole.parity) EXPECT_EQ(to_string(report.verdict), "agrees") << report.summary;
  ASSERT_EQ(test::train(config_, scratch_ / "run", first, [](RunOptions& o) { o.max_steps = 5; }).status,
            RunStatus::kStopped);
  ASSERT_EQ(test::resume(scratch_ / "run", second).status, RunStatus::kFinished);
  expect_same_state(scratch_ / "whole", scratch_ / "run", 10);
  RunConfig plain = config_;
  plain.quantization = "none";
  Recorder in_full;
  ASSERT_EQ(test::train(plain, scratch_ / "plain", in_full).status, RunStatus::kFinished);
  EXPECT_EQ(whole.started.total_parameters, in_full.started.total_parameters);
  EXPECT_NE(whole.steps.front().loss, in_full.steps.front().loss);
}

TEST_F(TrainRun, FullTrainingLeavesAModelThatLoads) {
  RunConfig config = full();
  config.init_from_config = true;
  config.max_steps = 30;
  config.warmup_steps = 0;
  Recorder events;
  const RunResult result = test::train(config, scratch_ / "run", events);
  ASSERT_EQ(result.status, RunStatus::kFinished) << result.message;
  EXPECT_LT(events.steps.back().loss, 0.8 * events.steps.front().loss);
  RunConfig again = config_;
  again.model_name_or_path = (scratch_ / "run" / "model").string();
  again.max_steps = 1;
  Recorder after;
  ASSERT_EQ(test::train(again, scratch_ / "again", after).status, RunStatus::kFinished);
  EXPECT_LT(after.steps.front().loss, events.steps[28].loss + 0.05);  // bfloat16 costs a little
}

TEST_F(TrainRun, FullTrainingKeepsTheCheckpointsElementType) {
  const auto expect_result = [&](const RunConfig& config, const std::string& name, DType dtype,
                                 const char* torch_name) {
    Recorder events;
    const RunResult result = test::train(config, scratch_ / name, events);
    ASSERT_EQ(result.status, RunStatus::kFinished) << result.message;
    const SafetensorsFile file(scratch_ / name / "model" / "model.safetensors");
    for (const TensorInfo& tensor : file.tensors()) EXPECT_EQ(to_string(tensor.dtype), to_string(dtype)) << tensor.name;
    EXPECT_EQ(read_json_file(scratch_ / name / "model" / "config.json")["torch_dtype"], torch_name);
  };
  RunConfig config = full();
  config.max_steps = 1;
  expect_result(config, "kept", DType::kF32, "float32");
  config.init_from_config = true;
  expect_result(config, "unsaid", DType::kBF16, "bfloat16");
  nlohmann::json model = read_json_file(scratch_ / "model" / "config.json");
  model["torch_dtype"] = "float32";
  write_json_file(scratch_ / "model" / "config.json", model);
  expect_result(config, "said", DType::kF32, "float32");
}

TEST_F(TrainRun, ACheckpointOfMoreLayersThanItsConfigIsRefused) {
  nlohmann::json model = read_json_file(scratch_ / "model" / "config.json");
  model["num_hidden_layers"] = 1;
  write_json_file(scratch_ / "model" / "config.json", model);
  expect_refused(config_, ErrorCode::kInvalidInput,
                 {"num_hidden_layers: got 1", "9 tensors of further layers, such as model.layers.1."});
}

TEST_F(TrainRun, WarnsOfRowsLongerThanTheModelsPositions) {
  config_.max_steps = 1;
  const auto warned = [&](const std::string& name, int longest) {
    test::make_batch(scratch_ / "batch.json", seed_ + 1, 3, longest);
    Recorder events;
    EXPECT_EQ(test::train(config_, scratch_ / name, events).status, RunStatus::kFinished);
    return std::ranges::any_of(events.messages, [](const std::string& message) {
      return message.find("The longest row has 129 tokens, more than the 128 positions") != std::string::npos;
    });
  };
  EXPECT_FALSE(warned("fits", 128));
  EXPECT_TRUE(warned("longer", 129));
}

TEST_F(TrainRun, WarnsOfLoraSettingsThatAnAdapterGoneOnFromOverrules) {
  config_.max_steps = 1;
  config_.lora.target_modules = {"v_proj", "q_proj"};
  Recorder first;
  ASSERT_EQ(test::train(config_, scratch_ / "first", first).status, RunStatus::kFinished);
  config_.adapter_name_or_path = scratch_ / "first" / "adapter";
  const auto told = [&](const char* name) {
    Recorder events;
    EXPECT_EQ(test::train(config_, scratch_ / name, events).status, RunStatus::kFinished);
    std::string out;
    for (const std::string& message : events.messages) {
      if (message.find("keeps its own") != std::string::npos) out += message;
    }
    return out;
  };
  config_.lora.target_modules = {"q_proj", "v_proj"};
  EXPECT_EQ(told("same"), "");
  config_.lora.lora_alpha = 5.0;
  config_.lora.use_dora = true;
  EXPECT_EQ(told("other"),
            "The adapter that training goes on from keeps its own lora.lora_alpha, lora.use_dora, whatever the run "
            "file says.");
  config_.lora = LoraOptions();
  EXPECT_EQ(told("unsaid"), "");
}

TEST_F(TrainRun, KeepsTheNewestCheckpointsAndFallsBackFromADamagedOne) {
  config_.save_steps = 2;
  config_.save_total_limit = 2;
  Recorder events;
  test::train(config_, scratch_ / "run", events, [](RunOptions& options) { options.max_steps = 7; });
  EXPECT_EQ(events.saved, (std::vector<std::int64_t>{2, 4, 6, 7}));
  EXPECT_EQ(list_checkpoints(scratch_ / "run"), (std::vector<std::int64_t>{7, 6}));
  // One byte of the optimizer's state.
  const std::filesystem::path file = checkpoint_folder(scratch_ / "run", 7) / "optimizer.safetensors";
  std::string bytes = test::get_file(file);
  bytes[bytes.size() - 5] = static_cast<char>(bytes[bytes.size() - 5] ^ 1);
  test::put_file(file, bytes);
  Recorder resumed;
  const RunResult result = test::resume(scratch_ / "run", resumed);
  ASSERT_EQ(result.status, RunStatus::kFinished) << result.message;
  EXPECT_EQ(resumed.started.first_step, 7);
  ASSERT_FALSE(resumed.messages.empty());
  EXPECT_NE(resumed.messages.front().find("step-7"), std::string::npos) << resumed.messages.front();
  Recorder whole;
  test::train(config_, scratch_ / "whole", whole);
  expect_same_state(scratch_ / "run", scratch_ / "whole", 10);
}

TEST_F(TrainRun, RefusesWhereNoCheckpointIsGood) {
  Recorder events, resumed;
  test::train(config_, scratch_ / "run", events, [](RunOptions& options) { options.max_steps = 2; });
  test::put_file(checkpoint_folder(scratch_ / "run", 2) / "trainer_state.json", "{");
  const RunResult result = test::resume(scratch_ / "run", resumed);
  EXPECT_EQ(result.status, RunStatus::kFailed);
  EXPECT_NE(result.message.find("none of the checkpoints"), std::string::npos) << result.message;
  EXPECT_EQ(RunReader((scratch_ / "run").string()).steps().size(), 2u);  // nothing is forgotten
}

TEST_F(TrainRun, StopsAfterTheStepAndIsSaved) {
  std::stop_source stop;
  Recorder events;
  events.after_step = [&](const StepEvent& event) {
    if (event.step == 3) stop.request_stop();
  };
  const RunResult result = test::train(config_, scratch_ / "run", events, {}, stop.get_token());
  EXPECT_EQ(result.status, RunStatus::kStopped) << result.message;
  EXPECT_EQ(result.last_step, 3);
  EXPECT_EQ(result.last_saved_step, 3);
  EXPECT_EQ(events.states.back(), RunState::kStopped);
  EXPECT_EQ(RunReader((scratch_ / "run").string()).info().state, "stopped");
}

TEST_F(TrainRun, AStopWhileLoadingLeavesNothing) {
  std::stop_source stop;
  stop.request_stop();
  Recorder events;
  const RunResult result = test::train(config_, scratch_ / "run", events, {}, stop.get_token());
  EXPECT_EQ(result.status, RunStatus::kStopped) << result.message;
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "run"));
}

// Steering from another thread, as the window does it.
TEST_F(TrainRun, PausesStepsSavesAndChangesWhileItRuns) {
  config_.max_steps = 60;
  std::atomic<std::int64_t> last{0};
  std::atomic<int> paused{0};
  struct Watch : Recorder {
    std::atomic<int>* paused = nullptr;
    void on_state(RunId id, RunState state) override {
      Recorder::on_state(id, state);
      if (state == RunState::kPaused) ++*paused;
    }
  } events;
  events.paused = &paused;
  events.after_step = [&](const StepEvent& event) { last = event.step; };
  RunControl control;
  control.pause();
  RunOptions options;
  options.out_dir = (scratch_ / "run").string();
  options.device = "cpu";
  RunResult result;
  std::jthread worker([&] { result = run_training(config_, options, events, control, {}); });
  const auto wait_for = [](const auto& condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return condition();
  };
  ASSERT_TRUE(wait_for([&] { return paused == 1; }));
  EXPECT_EQ(last, 0);
  control.single_step();
  ASSERT_TRUE(wait_for([&] { return paused == 2; }));
  EXPECT_EQ(last, 1);
  control.request_save();
  control.request_parity();
  ASSERT_TRUE(wait_for([&] { return std::filesystem::exists(checkpoint_folder(scratch_ / "run", 1)); }));
  ReturnLogits logits;
  logits.every = 1;
  logits.logits_to_keep.last = 1;
  control.set_return_logits(logits);
  EXPECT_TRUE(control.pause_requested());
  control.single_step();
  control.single_step();
  ASSERT_TRUE(wait_for([&] { return last == 3; }));
  control.resume();
  worker.join();
  EXPECT_EQ(result.status, RunStatus::kFinished) << result.message;
  EXPECT_EQ(last, 60);
  EXPECT_EQ(events.parity.size(), 1u);
  EXPECT_EQ(events.captures.size(), 59u);
  EXPECT_EQ(events.captures.front().step, 2);
}

TEST_F(TrainRun, ALossThatIsNoNumberEndsTheRunBeforeItsUpdate) {
  config_.max_steps = 50;
  config_.save_steps = 1;
  config_.warmup_steps = 0;
  config_.learning_rate = 1e20;
  config_.max_grad_norm = 0.0;
  Recorder events;
  const RunResult result = test::train(config_, scratch_ / "run", events);
  ASSERT_EQ(result.status, RunStatus::kFailed);
  EXPECT_EQ(to_string(result.code), "non_finite");
  const std::string here = "[step " + std::to_string(result.last_step + 1) + "]";
  EXPECT_TRUE(result.message.starts_with(here)) << result.message;
  EXPECT_NE(result.message.find("row "), std::string::npos) << result.message;
  EXPECT_EQ(result.last_saved_step, result.last_step);
  // The weights of that checkpoint are those that gave no number: it is not called good.
  EXPECT_NE(result.message.find("Remove the checkpoint of step " + std::to_string(result.last_step) + ","),
            std::string::npos)
      << result.message;
  const std::string older = result.last_step == 1
                                ? "there is no older one"
                                : "the last good checkpoint is that of step " + std::to_string(result.last_step - 1);
  EXPECT_NE(result.message.find(older), std::string::npos) << result.message;
  EXPECT_EQ(list_checkpoints(scratch_ / "run").front(), result.last_step);
  EXPECT_NO_THROW(check_checkpoint_files(checkpoint_folder(scratch_ / "run", result.last_step)));
  EXPECT_EQ(RunReader((scratch_ / "run").string()).info().state, "failed");
}

TEST_F(TrainRun, ARecordThatIsRemovedIsSaidOnce) {
  Recorder events;
  events.after_step = [&](const StepEvent& event) {
    if (event.step == 1) std::filesystem::remove(scratch_ / "run" / "run.db");
  };
  const RunResult result = test::train(config_, scratch_ / "run", events);
  EXPECT_EQ(result.status, RunStatus::kFinished) << result.message;
  EXPECT_EQ(std::ranges::count_if(
                events.messages, [](const std::string& text) { return text.find("was removed") != std::string::npos; }),
            1);
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "run" / "adapter" / "adapter_model.safetensors"));
}

TEST_F(TrainRun, WhatIsLearntIsSavedWhereACheckpointCannotBe) {
  Recorder events;
  events.after_step = [&](const StepEvent& event) {
    if (event.step == 1) test::put_file(scratch_ / "run" / "checkpoints", "in the way");
  };
  const RunResult result = test::train(config_, scratch_ / "run", events);
  EXPECT_EQ(result.status, RunStatus::kFailed);
  EXPECT_NE(result.message.find("What was learnt until step 10 is written, but cannot be resumed from"),
            std::string::npos)
      << result.message;
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "run" / "adapter" / "adapter_model.safetensors"));
}

TEST_F(TrainRun, GoesOnFromACheckpointWhoseResultCouldNotBeWritten) {
  config_.save_steps = 4;
  Recorder events;
  events.after_step = [&](const StepEvent& event) {
    if (event.step == 1) test::put_file(scratch_ / "run" / "adapter", "in the way");
  };
  const RunResult result = test::train(config_, scratch_ / "run", events);
  EXPECT_EQ(result.status, RunStatus::kFailed);
  EXPECT_EQ(RunReader((scratch_ / "run").string()).info().last_saved_step, 4);
  std::filesystem::remove(scratch_ / "run" / "adapter");
  Recorder rest;
  const RunResult resumed = test::resume(scratch_ / "run", rest);
  EXPECT_EQ(resumed.status, RunStatus::kFinished) << resumed.message;
  EXPECT_EQ(resumed.last_step, 10);
}

TEST_F(TrainRun, WeightsThatAnUpdateBrokeAreNotTheResult) {
  config_.max_steps = 1;
  config_.warmup_steps = 0;
  config_.learning_rate = 1e38;  // times Adam's correction it is more than float32 holds
  Recorder events;
  const RunResult result = test::train(config_, scratch_ / "run", events);
  ASSERT_EQ(result.status, RunStatus::kFailed) << "a result of NaN";
  EXPECT_EQ(to_string(result.code), "non_finite");
  EXPECT_TRUE(result.message.starts_with("[step 1] base_model.model.")) << result.message;
  EXPECT_NE(result.message.find(".weight: got NaN or infinity"), std::string::npos) << result.message;
  EXPECT_NE(result.message.find("Nothing was saved before."), std::string::npos) << result.message;
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "run" / "adapter"));
  EXPECT_TRUE(list_checkpoints(scratch_ / "run").empty());
  EXPECT_EQ(RunReader((scratch_ / "run").string()).info().state, "failed");
}

TEST_F(TrainRun, TheCheckpointBeforeABrokenUpdateIsKept) {
  for (const Method method : {Method::kLora, Method::kFull}) {
    config_.method = method;
    config_.max_steps = 9;
    config_.save_steps = 1;
    config_.save_total_limit = 1;
    config_.warmup_steps = 2;  // the first step's learning rate is 0
    config_.learning_rate = 3e38;
    const std::filesystem::path run = scratch_ / (method == Method::kLora ? "lora" : "full");
    Recorder events;
    const RunResult result = test::train(config_, run, events);
    ASSERT_EQ(result.status, RunStatus::kFailed);
    EXPECT_TRUE(result.message.starts_with("[step 2] ")) << result.message;
    EXPECT_NE(result.message.find("The last good checkpoint is that of step 1."), std::string::npos) << result.message;
    EXPECT_EQ(result.last_saved_step, 1);
    EXPECT_EQ(list_checkpoints(run), std::vector<std::int64_t>{1});
    const std::string model = method == Method::kLora ? config_.model_name_or_path : (run / "model").string();
    EXPECT_EQ(describe_non_finite_weight(model, method == Method::kLora ? (run / "adapter").string() : ""), "");
  }
}

TEST_F(TrainRun, AResultThatItsElementTypeCannotHoldIsRefused) {
  nlohmann::json model = read_json_file(scratch_ / "model" / "config.json");
  model["dtype"] = "float16";
  write_json_file(scratch_ / "model" / "config.json", model);
  config_.method = Method::kFull;
  config_.init_from_config = true;  // the result's element type is config.json's
  config_.max_steps = 1;
  config_.warmup_steps = 0;
  config_.learning_rate = 7e4;  // more than float16 holds
  Recorder events;
  const RunResult result = test::train(config_, scratch_ / "run", events);
  ASSERT_EQ(result.status, RunStatus::kFailed) << "infinity in the result";
  EXPECT_EQ(to_string(result.code), "non_finite");
  EXPECT_NE(result.message.find("expected one that F16"), std::string::npos) << result.message;
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "run" / "model"));
}

TEST_F(TrainRun, RefusesWhatItCannotDoBeforeAnythingIsWritten) {
  RunConfig bf16 = config_, nf4 = config_, target = config_, missing = config_, unlabelled = config_, range = config_;
  bf16.dtype = "bfloat16";
  expect_refused(bf16, ErrorCode::kUnsupported, {"dtype", "float32"});
  nf4.quantization = "nf4";
  nf4.method = Method::kFull;
  expect_refused(nf4, ErrorCode::kUnsupported, {"quantization", "nf4"});
  target.lora.target_modules = {"q_proj", "query"};
  expect_refused(target, ErrorCode::kInvalidInput, {"query", "v_proj"});
  missing.model_name_or_path = (scratch_ / "nothing").string();
  expect_refused(missing, ErrorCode::kNotFound, {"nothing"});
  test::put_file(scratch_ / "unlabelled.json", R"({"input_ids": [[1, 2, 3]], "labels": [[3, -100, -100]]})");
  unlabelled.batch = (scratch_ / "unlabelled.json").string();
  expect_refused(unlabelled, ErrorCode::kInvalidInput, {"unlabelled.json", "labels: got none to learn", "-100"});
  test::put_file(scratch_ / "range.json", R"({"input_ids": [[1, 2, 3], [4, 61, 5]]})");
  range.batch = (scratch_ / "range.json").string();
  expect_refused(range, ErrorCode::kInvalidInput, {"input_ids[1][1]", "61", "60"});
  std::filesystem::resize_file(scratch_ / "model" / "model.safetensors", 2000);
  expect_refused(config_, ErrorCode::kInvalidInput, {"model.safetensors"});
}

TEST_F(TrainRun, RefusesARunFolderItMayNotWriteOrThatHoldsARun) {
  test::put_file(scratch_ / "file", "x");
  Recorder events;
  RunResult result = test::train(config_, scratch_ / "file" / "run", events);
  EXPECT_EQ(result.status, RunStatus::kFailed);
  EXPECT_EQ(to_string(result.code), "io") << result.message;
  result = test::train(config_, "/proc/vernier-run", events);
  EXPECT_EQ(result.status, RunStatus::kFailed);
  EXPECT_NE(result.message.find("/proc"), std::string::npos) << result.message;
  ASSERT_EQ(test::train(config_, scratch_ / "run", events).status, RunStatus::kFinished);
  result = test::train(config_, scratch_ / "run", events);
  EXPECT_EQ(to_string(result.code), "invalid_input") << result.message;
  EXPECT_EQ(RunReader((scratch_ / "run").string()).steps().size(), 10u);
  result = test::resume(scratch_ / "nothing", events);
  EXPECT_EQ(to_string(result.code), "not_found") << result.message;
}

}  // namespace
}  // namespace vernier
