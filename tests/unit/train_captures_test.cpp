// Captures are written beside the steps: in what order they are told of, and how they end.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/train/checkpoint.h"
#include "tests/unit/train_support.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;

// What is told of a capture can be read, and everything before it was told before.
class Watcher : public test::Recorder {
 public:
  explicit Watcher(std::string run_dir) : run_dir_(std::move(run_dir)) {}

  void on_capture(const CaptureEvent& event) override {
    EXPECT_FALSE(steps.empty());
    EXPECT_LE(event.step, steps.back().step);
    EXPECT_GT(event.step, captures.empty() ? 0 : captures.back().step);
    const RunReader reader(run_dir_);
    const std::vector<CaptureRecord> records = reader.captures();
    ASSERT_FALSE(records.empty());
    EXPECT_EQ(records.back().file, event.file);
    EXPECT_EQ(fs::file_size(fs::path(run_dir_) / event.file), event.bytes);
    EXPECT_NO_THROW(reader.load_capture(records.back()));
    Recorder::on_capture(event);
  }
  // A run that goes on from a checkpoint has all captures before it; one that pauses shows them.
  void on_saved(const SavedEvent& event) override {
    EXPECT_EQ(captures.size(), static_cast<std::size_t>(event.step));
    Recorder::on_saved(event);
  }
  void on_pause(const PauseEvent& event) override {
    EXPECT_EQ(captures.size(), static_cast<std::size_t>(event.step));
    ++pauses;
    if (in_pause) in_pause();
  }

  std::function<void()> in_pause;
  int pauses = 0;

 private:
  std::string run_dir_;
};

class TrainCaptures : public test::SmallRun {
 protected:
  void SetUp() override {
    SmallRun::SetUp();
    config_.save_steps = 4;
    config_.return_logits.every = 1;
  }

  std::vector<std::string> files(const fs::path& run) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(run / "captures")) names.push_back(entry.path().filename());
    return names;
  }
};

TEST_F(TrainCaptures, AreToldOfInOrderAndBeforeWhatStandsOnThem) {
  Watcher events(scratch_ / "run");
  RunOptions options;
  options.out_dir = scratch_ / "run";
  options.device = "cpu";
  RunControl control;
  events.after_step = [&](const StepEvent& event) {
    if (event.step == 3) control.pause();
  };
  events.in_pause = [&] { control.resume(); };
  ASSERT_EQ(run_training(config_, options, events, control, {}).status, RunStatus::kFinished);
  EXPECT_EQ(events.pauses, 2);  // at its beginning and at its end
  EXPECT_EQ(events.captures.size(), 10u);
  EXPECT_EQ(files(scratch_ / "run").size(), 10u);
  for (const StepEvent& step : events.steps) {
    EXPECT_GT(step.capture_ms, 0.0);
    const auto bytes = static_cast<double>(events.captures[static_cast<std::size_t>(step.step) - 1].bytes);
    EXPECT_NEAR(static_cast<double>(step.capture_bytes), bytes, 64.0);
  }
}

// The step that made it is long done when the thread that writes it cannot.
TEST_F(TrainCaptures, SequencesThatNoStepHasAreNamed) {
  const auto told = [&](const std::vector<std::int64_t>& rows, const char* name) {
    config_.return_logits.rows = rows;
    test::Recorder events;
    EXPECT_EQ(test::train(config_, scratch_ / name, events).status, RunStatus::kFinished);
    std::string out;
    for (const std::string& message : events.messages) {
      if (message.find("return_logits.rows") != std::string::npos) out += message;
    }
    return out;
  };
  EXPECT_EQ(told({0, 1}, "all"), "");
  EXPECT_TRUE(told({97, 0, 99}, "some").starts_with("No step had the sequences 97, 99 of return_logits.rows"));
  config_.return_logits.every = 1000;
  EXPECT_EQ(told({99}, "never"), "");
}

TEST_F(TrainCaptures, OneThatCannotBeWrittenEndsTheRunWithAWord) {
  config_.max_steps = 60;
  config_.save_steps = 0;
  Watcher events(scratch_ / "run");
  events.after_step = [&](const StepEvent& event) {
    if (event.step == 1) fs::create_directories(scratch_ / "run" / "captures" / "step-3.safetensors");
  };
  const RunResult result = test::train(config_, scratch_ / "run", events);
  ASSERT_EQ(result.status, RunStatus::kFailed);
  EXPECT_EQ(result.code, ErrorCode::kIo);
  EXPECT_NE(result.message.find("step-3.safetensors] cannot write: got a folder"), std::string::npos) << result.message;
  EXPECT_GE(result.last_step, 2);
  EXPECT_LE(result.last_step, 3 + 4);
  // The others of steps that are done are there.
  EXPECT_EQ(events.captures.size(), static_cast<std::size_t>(result.last_step) - 1);
  for (const CaptureEvent& capture : events.captures) EXPECT_NE(capture.step, 3);
  EXPECT_EQ(RunReader(scratch_ / "run").info().state, "failed");
  for (const std::string& name : files(scratch_ / "run")) EXPECT_TRUE(name.starts_with("step-")) << name;
  fs::remove(scratch_ / "run" / "captures" / "step-3.safetensors");
  test::Recorder rest;
  EXPECT_EQ(test::resume(scratch_ / "run", rest).status, RunStatus::kFinished);
  EXPECT_EQ(RunReader(scratch_ / "run").captures().size(), 60u);
}

TEST_F(TrainCaptures, AFullDiskLeavesTheRunAsItWasAndNoHalfFile) {
  // Captures larger than everything else that a run writes.
  fs::remove_all(scratch_ / "model");
  test::make_model(scratch_ / "model", seed_, false, 9000);
  test::make_batch(scratch_ / "batch.json", seed_ + 1, 3, 100);
  config_.return_logits.every = 3;
  config_.save_steps = 1;
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit bound{3 << 20, 3 << 20};
    ::setrlimit(RLIMIT_FSIZE, &bound);
    test::Recorder events;
    const RunResult result = test::train(config_, scratch_ / "run", events);
    std::ofstream(scratch_ / "result") << to_string(result.code) << "\n" << result.message;
    ::_exit(result.status == RunStatus::kFailed ? 7 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  const std::string result = test::get_file(scratch_ / "result");
  EXPECT_EQ(WEXITSTATUS(status), 7) << result;
  EXPECT_TRUE(result.starts_with("no_space\n[")) << result;
  EXPECT_TRUE(files(scratch_ / "run").empty());
  EXPECT_EQ(RunReader(scratch_ / "run").info().state, "failed");
  EXPECT_EQ(RunReader(scratch_ / "run").captures().size(), 0u);
  ASSERT_FALSE(list_checkpoints(scratch_ / "run").empty());
  test::Recorder rest;
  EXPECT_EQ(test::resume(scratch_ / "run", rest).status, RunStatus::kFinished);
}

// A step that fails is none of the run's: its logits do not stay behind.
TEST_F(TrainCaptures, AFailedStepLeavesNone) {
  config_.max_steps = 50;
  config_.warmup_steps = 0;
  config_.learning_rate = 1e20;
  config_.max_grad_norm = 0.0;
  config_.save_steps = 0;
  test::Recorder events;
  const RunResult result = test::train(config_, scratch_ / "run", events);
  ASSERT_EQ(result.code, ErrorCode::kNonFinite) << result.message;
  EXPECT_EQ(events.captures.size(), static_cast<std::size_t>(result.last_step));
  EXPECT_EQ(files(scratch_ / "run").size(), static_cast<std::size_t>(result.last_step));
}

}  // namespace
}  // namespace vernier
