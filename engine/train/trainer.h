// The training loop.
#pragma once

#include <cstdint>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/train/capture_queue.h"
#include "engine/train/planted_fault.h"
#include "engine/train/recorded_passes.h"
#include "engine/train/run_reporter.h"
#include "engine/train/run_setup.h"
#include "engine/train/schedule.h"
#include "engine/train/step_losses.h"
#include "engine/train/step_signals.h"
#include "vernier/run.h"

namespace vernier {

// From a step done to the last one. One object trains once. Thread: the run's.
class Trainer {
 public:
  // done: the steps behind the checkpoint that was loaded. last_step: where this call ends, which may be before the
  // run does. `result` is kept up to
  // date, so that it is true wherever an Error ends the run.
  Trainer(RunSetup& run, const RunConfig& config, const RunOptions& options, std::int64_t done, std::int64_t last_step,
          RunReporter& reporter, RunControl& control, std::stop_token stop, RunResult& result);

  // Errors: kNonFinite naming step and sequence (the step's update is not applied), or step and
  // parameter (nothing of it is saved); kNoSpace, kIo, kOutOfMemory.
  void train();

 private:
  // Waits while paused, doing what is asked for. False: stop.
  bool wait_for_turn();
  void begin_pause();
  // Says so where looking at the paused run has changed it.
  void end_pause();
  std::string state_hash();
  TrainerState trainer_state() const;
  void serve_requests();
  void do_step(std::int64_t step);
  void learn(std::int64_t step, const std::vector<MicroBatch>& batches, StepEvent& event);
  void capture(const MicroBatch& batch, std::int64_t first_sequence, std::int64_t step, StepEvent& event);
  // Tells of captures that are written.
  void collect_captures(CaptureQueue::Wait wait);
  // Of a run that fails: the captures of steps that are done are told of, no other leaves a file.
  void settle_captures() noexcept;
  void tell_of_a_slow_disk(const StepEvent& event);
  // Says which of return_logits.rows no step had.
  void tell_of_missing_rows();
  void train_steps();
  void after_step(std::int64_t step);
  // Says once that the run's folder was removed under it.
  void look_for_record(std::int64_t step);
  void evaluate(std::int64_t step);
  void check_parity_now();
  // A result or a checkpoint never holds NaN or infinity: the losses of a step say nothing of what its update made.
  void require_finite();
  void save();
  std::string last_good() const;
  std::string last_saved() const;
  // Where a checkpoint could not be written: what that leaves, and what to do. Saves the result where nothing else is.
  std::string what_to_do_then();

  RunSetup& run_;
  const RunConfig& config_;
  const RunOptions& options_;
  std::int64_t done_;
  // The step whose result this process has written; a process killed after its last checkpoint may have left an older.
  std::int64_t result_step_ = -1;
  std::int64_t last_step_;
  std::int64_t total_steps_;  // of the whole run
  RunReporter& reporter_;
  RunControl& control_;
  std::stop_token stop_;
  RunResult& result_;

  PlantedFault planted_;
  Schedule schedule_;
  StepLosses losses_, eval_losses_;
  RecordedPasses recorded_;
  GradientProbe gradient_probe_;
  StepSignals signals_;
  std::string paused_state_;  // its hash; "" while the run goes on
  ReturnLogits return_logits_;
  CaptureQueue captures_;
  std::int64_t capture_steps_ = 0;        // with this return_logits_
  std::set<std::int64_t> captured_rows_;  // of return_logits_.rows
  bool told_of_a_slow_disk_ = false;
  bool told_of_a_lost_record_ = false;
  std::int64_t last_evaluated_ = -1;
  std::int64_t skipped_steps_ = 0;
  double seconds_a_step_ = 0.0;  // all that a step brings with it, a moving mean
};

}  // namespace vernier
