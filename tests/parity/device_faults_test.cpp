// Runs on a device that fails: lost in the middle, out of memory, its driver too old. One sentence each, and the run
// folder as good as before.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/train/checkpoint.h"
#include "tests/parity/stand_in_cuda.h"
#include "tests/unit/train_support.h"
#include "vernier/devices.h"

namespace vernier {
namespace {

using test::Recorder;
using test::stand_in_cuda;
using Kind = test::StandInFaults::Kind;

class DeviceFaults : public test::SmallRun {
 protected:
  void SetUp() override {
    SmallRun::SetUp();
    stand_in_cuda().reset();
    config_.save_steps = 2;
    config_.save_total_limit = 10;
    config_.return_logits.every = 2;
  }
  void TearDown() override { stand_in_cuda().reset(); }

  RunResult train(const std::string& name, Recorder& events, const std::string& device = "auto") {
    return test::train(config_, scratch_ / name, events, [&](RunOptions& options) { options.device = device; });
  }
  RunResult resume(const std::string& name, Recorder& events) {
    return test::resume(scratch_ / name, events, [](RunOptions& options) { options.device = "auto"; });
  }

  // A whole run, and the operations that it takes.
  long long operations_of_whole_run() {
    const long long before = stand_in_cuda().faults->operations();
    EXPECT_EQ(train("whole", whole_).status, RunStatus::kFinished);
    EXPECT_EQ(read_json_file(scratch_ / "whole" / "run.json")["dtype"], "bfloat16");  // on the device
    return stand_in_cuda().faults->operations() - before;
  }

  // Of a run that broke: all of it can be read, and each checkpoint is whole.
  void expect_intact(const std::string& name, const RunResult& broken) {
    const RunReader reader((scratch_ / name).string());
    EXPECT_EQ(reader.info().state, "failed");
    EXPECT_EQ(reader.info().message, broken.message);
    const std::vector<StepEvent> steps = reader.steps();
    EXPECT_EQ(static_cast<std::int64_t>(steps.size()), broken.last_step);
    for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i].loss, whole_.steps[i].loss) << i;
    for (const CaptureRecord& capture : reader.captures()) EXPECT_NO_THROW(reader.load_capture(capture));
    const std::vector<std::int64_t> saved = list_checkpoints(scratch_ / name);
    EXPECT_EQ(saved.empty() ? 0 : saved.front(), broken.last_saved_step);
    for (const std::int64_t step : saved) {
      EXPECT_NO_THROW(check_checkpoint_files(checkpoint_folder(scratch_ / name, step)));
    }
  }

  // With the device whole again it ends where the other ended, to the bit.
  void expect_same_end(const std::string& name) {
    Recorder rest;
    const RunResult resumed = resume(name, rest);
    ASSERT_EQ(resumed.status, RunStatus::kFinished) << resumed.message;
    const RunReader reader((scratch_ / name).string());
    const std::vector<StepEvent> steps = reader.steps();
    ASSERT_EQ(steps.size(), whole_.steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i].loss, whole_.steps[i].loss) << i;
    EXPECT_EQ(reader.captures().size(), whole_.captures.size());
    for (const char* file : {"adapter_model.safetensors", "optimizer.safetensors"}) {
      EXPECT_TRUE(test::get_file(checkpoint_folder(scratch_ / name, config_.max_steps) / file) ==
                  test::get_file(checkpoint_folder(scratch_ / "whole", config_.max_steps) / file))
          << file;
    }
  }

  // Breaks runs at any of their operations; between: what is done while the device is as it broke.
  void break_runs(Kind kind, ErrorCode code, const std::string& sentence,
                  const std::function<void(const std::string&, const RunResult&)>& between = {}) {
    const long long all = operations_of_whole_run();
    const auto& faults = stand_in_cuda().faults;
    std::mt19937_64 random(seed_);
    for (int round = 0; round < 8; ++round) {
      SCOPED_TRACE("round " + std::to_string(round));
      const std::string name = "run" + std::to_string(round);
      faults->plan(kind, faults->operations() + 1 + static_cast<long long>(random() % static_cast<unsigned>(all)));
      Recorder events;
      const RunResult broken = train(name, events);
      ASSERT_EQ(broken.status, RunStatus::kFailed);
      EXPECT_EQ(broken.code, code) << broken.message;
      EXPECT_NE(broken.message.find(sentence), std::string::npos) << broken.message;
      EXPECT_EQ(broken.message.find('\n'), std::string::npos) << broken.message;
      ASSERT_FALSE(events.messages.empty());
      EXPECT_EQ(events.messages.back(), broken.message);
      EXPECT_EQ(events.states.back(), RunState::kFailed);
      if (!std::filesystem::exists(scratch_ / name)) {  // it broke while it was loaded: the folder may be used again
        faults->forget();
        EXPECT_EQ(train(name, events).status, RunStatus::kFinished);
        continue;
      }
      expect_intact(name, broken);
      if (between) between(name, broken);
      faults->forget();
      expect_same_end(name);
    }
  }

  Recorder whole_;
};

TEST_F(DeviceFaults, ALostGpuEndsTheRunAndANewProgramGoesOn) {
  break_runs(Kind::kLost, ErrorCode::kFatal, "The GPU is lost to this program: restart it.",
             [this](const std::string& name, const RunResult& broken) {
               // In this program nothing computes in bfloat16 any more: it says why, and leaves the run alone.
               Recorder events;
               const RunResult refused = resume(name, events);
               EXPECT_EQ(refused.status, RunStatus::kFailed);
               EXPECT_EQ(refused.code, ErrorCode::kUnsupported) << refused.message;
               EXPECT_NE(refused.message.find("The GPU was lost to this program; restart it"), std::string::npos)
                   << refused.message;
               expect_intact(name, broken);
             });
}

TEST_F(DeviceFaults, AStepWithoutMemoryEndsTheRunAndItCanGoOn) {
  break_runs(Kind::kOutOfMemory, ErrorCode::kOutOfMemory, "Use a smaller micro-batch");
}

// More than the device has, as batch 64 of an 8B model is: said before there is a run.
TEST_F(DeviceFaults, ARunThatCannotFitIsNotBegun) {
  test::make_batch(scratch_ / "batch.json", seed_, 64, 100);
  config_.per_device_train_batch_size = 64;
  stand_in_cuda().set_free_bytes(1 << 16);
  Recorder events;
  const RunResult result = train("run", events);
  EXPECT_EQ(result.status, RunStatus::kFailed);
  EXPECT_EQ(result.code, ErrorCode::kOutOfMemory) << result.message;
  EXPECT_NE(result.message.find("got a need for"), std::string::npos) << result.message;
  EXPECT_NE(result.message.find("which are free. "), std::string::npos) << result.message;
  EXPECT_EQ(result.message.find('\n'), std::string::npos) << result.message;
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "run"));
  stand_in_cuda().set_free_bytes(0);
  EXPECT_EQ(train("run", events).status, RunStatus::kFinished);
}

TEST_F(DeviceFaults, ADriverTooOldIsSaidAndTheCpuComputes) {
  stand_in_cuda().set_problem(test::kDriverTooOld);
  EXPECT_EQ(list_devices().front().problem, test::kDriverTooOld);
  EXPECT_EQ(resolve_device("auto"), "cpu");
  Recorder events;
  const RunResult refused = train("run", events, "cuda");
  EXPECT_EQ(refused.status, RunStatus::kFailed);
  EXPECT_EQ(refused.code, ErrorCode::kUnsupported) << refused.message;
  EXPECT_NE(refused.message.find(test::kDriverTooOld), std::string::npos) << refused.message;
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "run"));
  ASSERT_EQ(train("run", events).status, RunStatus::kFinished);
  EXPECT_EQ(events.started.device, "cpu");
}

}  // namespace
}  // namespace vernier
