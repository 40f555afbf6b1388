// Starting, steering and ending a training run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "vernier/error.h"
#include "vernier/events.h"
#include "vernier/parity.h"
#include "vernier/run_config.h"

namespace vernier {

// kStopped: before the configuration's last step, as it was asked to; resuming goes on.
enum class RunStatus { kFinished, kStopped, kFailed };

// How a run ended. Expected ends are values, never exceptions.
struct RunResult {
  RunStatus status = RunStatus::kFailed;
  ErrorCode code = ErrorCode::kInternal;  // with kFailed
  std::string message;                    // with kFailed: one sentence; with kStopped: what was saved
  std::string run_dir;
  std::int64_t last_step = 0;        // the last completed optimizer step
  std::int64_t last_saved_step = 0;  // the step of the newest checkpoint; 0: none
};

// Steers a run from another thread. All members may be called from any thread at any time.
class RunControl {
 public:
  RunControl();
  ~RunControl();
  RunControl(const RunControl&) = delete;
  RunControl& operator=(const RunControl&) = delete;

  // The run stops before its next step and waits.
  void pause();
  void resume();
  // While paused: do one step, then pause again.
  void single_step();
  bool pause_requested() const;
  // Takes effect from the next step; every == 0 turns captures off.
  void set_return_logits(const ReturnLogits& options);
  // Asks for a checkpoint after the current step.
  void request_save();
  // Asks for a parity check after the current step.
  void request_parity();
  // Asks the model as it stands after the current step, in its chat template where there is one; greedy, at most
  // `max_new_tokens`. A newer question replaces one that waits. The answer comes by EventSink::on_answer.
  void ask(const std::string& question, std::int64_t max_new_tokens = 64);

  // For the worker thread.
  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

struct RunOptions {
  RunId run_id = 1;
  std::string out_dir;     // a new run folder; created; an existing run in it is refused
  std::string resume_dir;  // or: an existing run folder, gone on with from its last checkpoint
  std::string device = "auto";
  // The last step of this call. Fewer than the configuration's: its schedule stays, the run is stopped there and
  // resuming goes on to its end;
  // more: they become the configuration's, in run.json too.
  std::optional<std::int64_t> max_steps;
  Fault fault;  // tests and lessons only
};

// Throws the Error of a new run folder that could not be made there, without making it.
void check_run_dir(const std::string& out_dir);

// Trains until done, stopped or failed; blocks. Stopping (stop_token) ends after the current step, saved. With
// resume_dir the configuration of the folder's run.json stands and `config` is not read.
RunResult run_training(const RunConfig& config, const RunOptions& options, EventSink& events, RunControl& control,
                       std::stop_token stop) noexcept;

}  // namespace vernier
