// Runs that end badly: killed at any moment, the disk full.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "engine/train/checkpoint.h"
#include "tests/unit/train_support.h"

namespace vernier {
namespace {

using test::Recorder;

class TrainCrash : public test::SmallRun {
 protected:
  void SetUp() override {
    SmallRun::SetUp();
    config_.max_steps = 40;
    config_.save_steps = 3;
    config_.return_logits.every = 2;
  }

  // Trains or resumes in a process of its own that does not come back; `limit` is its largest file.
  pid_t start(const std::filesystem::path& run, bool resumes, rlim_t limit = RLIM_INFINITY) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (limit != RLIM_INFINITY) {
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit bound{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &bound);
    }
    Recorder events;
    const RunResult result = resumes ? test::resume(run, events) : test::train(config_, run, events);
    std::ofstream(scratch_ / "result") << to_string(result.code) << "\n" << result.message;
    ::_exit(result.status == RunStatus::kFinished ? 0 : 1);
  }
};

TEST_F(TrainCrash, KilledAtAnyMomentItOpensAndGoesOnToTheSameEnd) {
  Recorder whole;
  ASSERT_EQ(test::train(config_, scratch_ / "whole", whole).status, RunStatus::kFinished);
  std::mt19937_64 random(seed_);
  const std::filesystem::path run = scratch_ / "run";
  int kills = 0;
  for (bool finished = false; !finished;) {
    const bool resumes = std::filesystem::exists(run / "run.db");
    // The last rounds are left alone, so that a slow machine gets to the end.
    const pid_t child = start(run, resumes);
    ASSERT_GT(child, 0);
    if (kills < 12) {
      // Half of them while the run comes to be.
      const auto moment = std::chrono::microseconds(kills % 2 == 0 ? random() % 30000 : 10000 + random() % 250000);
      std::this_thread::sleep_for(moment);
      ::kill(child, SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
      ++kills;
      // Killed before there was a run: nothing to resume, the folder may be used again.
      if (!std::filesystem::exists(run / "run.db")) continue;
      const std::string state = RunReader(run.string()).info().state;
      finished = state == "finished";  // killed on its way out, after the last word was written
      EXPECT_TRUE(finished || state == "interrupted") << state;
      for (const std::int64_t step : list_checkpoints(run)) {
        EXPECT_NO_THROW(check_checkpoint_files(checkpoint_folder(run, step))) << step;
      }
    } else {
      ASSERT_EQ(WEXITSTATUS(status), 0) << test::get_file(scratch_ / "result");
      finished = true;
    }
  }
  EXPECT_GT(kills, 0);
  for (const char* name : {"adapter_model.safetensors", "optimizer.safetensors", "trainer_state.json"}) {
    EXPECT_TRUE(test::get_file(checkpoint_folder(run, 40) / name) ==
                test::get_file(checkpoint_folder(scratch_ / "whole", 40) / name))
        << name;
  }
  const RunReader reader(run.string());
  const std::vector<StepEvent> steps = reader.steps();
  ASSERT_EQ(steps.size(), 40u);
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(steps[i].loss, whole.steps[i].loss) << i;
  for (const CaptureRecord& capture : reader.captures()) EXPECT_NO_THROW(reader.load_capture(capture));
  for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints")) {
    EXPECT_TRUE(entry.path().filename().string().starts_with("step-")) << entry.path();
  }
  EXPECT_TRUE(test::get_file(run / "adapter" / "adapter_model.safetensors") ==
              test::get_file(scratch_ / "whole" / "adapter" / "adapter_model.safetensors"));
}

TEST_F(TrainCrash, AFullDiskEndsTheRunWithTheLastGoodCheckpointWhole) {
  Recorder events;
  test::train(config_, scratch_ / "run", events, [](RunOptions& options) { options.max_steps = 4; });
  const std::string before = test::get_file(checkpoint_folder(scratch_ / "run", 4) / "optimizer.safetensors");
  // Smaller than the optimizer's state, larger than everything written before it.
  const pid_t child = start(scratch_ / "run", true, before.size() - 1000);
  ASSERT_GT(child, 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
  const std::string result = test::get_file(scratch_ / "result");
  EXPECT_TRUE(result.starts_with("no_space\n[")) << result;
  EXPECT_EQ(std::count(result.begin(), result.end(), '\n'), 1) << result;
  EXPECT_EQ(test::get_file(checkpoint_folder(scratch_ / "run", 4) / "optimizer.safetensors"), before);
  EXPECT_NO_THROW(check_checkpoint_files(checkpoint_folder(scratch_ / "run", list_checkpoints(scratch_ / "run")[0])));
  // With room again it goes on.
  Recorder resumed;
  const RunResult rest = test::resume(scratch_ / "run", resumed);
  EXPECT_EQ(rest.status, RunStatus::kFinished) << rest.message;
}

}  // namespace
}  // namespace vernier
