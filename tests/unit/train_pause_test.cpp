// Pausing is honest: looking at a paused run changes nothing, and what changes something is noticed.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/train/run_control.h"
#include "engine/train/state_hash.h"
#include "engine/train/trainer.h"
#include "tests/unit/train_support.h"

namespace vernier {
namespace {

// Does something on the run's thread whenever it has paused, then lets it go on.
struct Visitor : test::Recorder {
  void on_state(RunId id, RunState state) override {
    Recorder::on_state(id, state);
    if (state != RunState::kPaused) return;
    if (visit) visit();
    control.resume();
  }
  void on_pause(const PauseEvent& event) override { pauses.push_back(event); }
  void on_answer(const AnswerEvent& event) override { answers.push_back(event); }
  void on_message(const MessageEvent& event) override {
    Recorder::on_message(event);
    if (event.level == MessageLevel::kError) errors.push_back(event.text);
  }

  RunControl control;
  std::function<void()> visit;
  std::vector<PauseEvent> pauses;
  std::vector<AnswerEvent> answers;
  std::vector<std::string> errors;
};

class TrainPause : public test::SmallRun {
 protected:
  void SetUp() override {
    SmallRun::SetUp();
    config_.max_steps = 4;
  }

  RunOptions options(const char* name) const {
    RunOptions options;
    options.out_dir = (scratch_ / name).string();
    options.device = "cpu";
    return options;
  }
};

TEST_F(TrainPause, LookingChangesNothing) {
  config_.lora.lora_dropout = 0.1;
  Visitor plain, visited;
  run_training(config_, options("plain"), plain, plain.control, {});
  EXPECT_TRUE(plain.pauses.empty());
  visited.after_step = [&](const StepEvent& event) {
    if (event.step < 4) visited.control.pause();
  };
  visited.visit = [&] {
    visited.control.request_parity();
    visited.control.request_save();
    visited.control.ask("What is it?", 3);
  };
  run_training(config_, options("visited"), visited, visited.control, {});
  ASSERT_EQ(visited.pauses.size(), 6u);
  for (std::size_t i = 0; i < 6; i += 2) {
    const PauseEvent &begin = visited.pauses[i], &end = visited.pauses[i + 1];
    EXPECT_EQ(begin.step, static_cast<std::int64_t>(i / 2 + 1));
    EXPECT_EQ(begin.state_hash.size(), 16u);
    EXPECT_EQ(begin.state_hash_after, "");
    EXPECT_FALSE(begin.looking_changed_something());
    EXPECT_EQ(end.state_hash, begin.state_hash);
    EXPECT_EQ(end.state_hash_after, begin.state_hash);
    EXPECT_FALSE(end.looking_changed_something());
    if (i > 0) {
      EXPECT_NE(begin.state_hash, visited.pauses[i - 2].state_hash);  // a step changes it
    }
  }
  EXPECT_EQ(visited.losses(), plain.losses());
  EXPECT_TRUE(visited.errors.empty());
  const std::vector<PauseRecord> kept = RunReader((scratch_ / "visited").string()).pauses();
  ASSERT_EQ(kept.size(), 3u);
  EXPECT_EQ(kept[2].state_hash_after, visited.pauses[5].state_hash);
  // A batch file comes without a tokenizer: the question is answered by a sentence that says so.
  ASSERT_FALSE(visited.answers.empty());
  EXPECT_TRUE(visited.answers.back().done);
  EXPECT_NE(visited.answers.back().error.find("tokenizer"), std::string::npos);
}

TEST_F(TrainPause, APlantedChangeIsNoticed) {
  const auto run_with = [&](const char* name, const std::function<void(RunSetup&)>& plant, bool is_noticed) {
    SCOPED_TRACE(name);
    const auto run = load_run(config_, "cpu", {}, [](const std::string&, double) {}, {});
    RunStoreWriter store = RunStoreWriter::create((scratch_ / name).string(), config_.to_json().dump());
    Visitor events;
    RunReporter reporter(1, events, store);
    RunResult result;
    result.run_dir = (scratch_ / name).string();
    const RunOptions given = options(name);
    events.visit = [&] { plant(*run); };
    events.after_step = [&](const StepEvent& event) {
      if (event.step == 2) events.control.pause();
    };
    Trainer trainer(*run, config_, given, 0, 4, reporter, events.control, {}, result);
    trainer.train();
    ASSERT_EQ(events.pauses.size(), 2u);
    EXPECT_EQ(events.pauses.back().looking_changed_something(), is_noticed);
    EXPECT_EQ(events.errors.size(), is_noticed ? 1u : 0u);
    if (is_noticed) {
      EXPECT_TRUE(events.errors.front().starts_with("[pause] training state: got "));
    }
  };
  run_with(
      "nothing", [](RunSetup&) {}, false);
  run_with(
      "weight", [](RunSetup& run) { run.parameters().masters()[5] += 1e-6f; }, true);
  run_with(
      "first moment", [](RunSetup& run) { *run.optimizer->first_moment(3).f32() += 1e-9f; }, true);
  run_with(
      "second moment", [](RunSetup& run) { *run.optimizer->second_moment(0).f32() += 1e-9f; }, true);
  run_with(
      "count", [](RunSetup& run) { run.optimizer->set_updates(run.optimizer->updates() + 1); }, true);
}

TEST_F(TrainPause, StoppingWhilePausedEndsThePauseAndSaves) {
  std::stop_source stop;
  Visitor events;
  events.after_step = [&](const StepEvent& event) {
    if (event.step == 2) events.control.pause();
  };
  events.visit = [&] { stop.request_stop(); };
  const RunResult result = run_training(config_, options("run"), events, events.control, stop.get_token());
  EXPECT_EQ(result.status, RunStatus::kStopped);
  EXPECT_EQ(result.last_saved_step, 2);
  EXPECT_NE(
      result.message.find("step 2 of 4. Saved: checkpoints/step-2 (weights, optimizer and random state) and adapter/."),
      std::string::npos)
      << result.message;
  ASSERT_EQ(events.pauses.size(), 2u);
  EXPECT_FALSE(events.pauses.back().looking_changed_something());
}

}  // namespace
}  // namespace vernier
