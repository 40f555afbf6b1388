// What a run tells while it goes. All of it is called on the engine's worker thread.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "vernier/parity.h"

namespace vernier {

// A process-wide number of a run; consumers drop events of runs they no longer show.
using RunId = std::uint64_t;

enum class RunState { kLoading, kRunning, kPaused, kStopping, kFinished, kStopped, kFailed };
// "loading", "running", "paused", "stopping", "finished", "stopped", "failed".
std::string to_string(RunState state);

struct StartedEvent {
  RunId run_id = 0;
  std::string run_dir;
  std::string model_path;
  std::string device;
  std::int64_t total_steps = 0;
  std::int64_t first_step = 1;  // > 1 after a resume
  std::int64_t num_rows = 0;
  std::int64_t num_eval_rows = 0;
  std::int64_t trainable_parameters = 0;
  std::int64_t total_parameters = 0;
  std::int64_t vocab_size = 0;
  std::int64_t hidden_size = 0;
};

// The loss of one sequence (one row of the data set) in one step.
struct SequenceLoss {
  std::int64_t index = 0;  // position in the step
  std::int64_t row = 0;    // row of the data set, from 0
  std::int64_t num_tokens = 0;
  std::int64_t num_targets = 0;
  double loss = 0.0;  // mean over its targets, nats; 0 where it has none
  // Where it was computed: the step's micro-batch, and the row of max_length tokens in that micro-batch; without
  // packing each sequence is a row of its own. Rows hold their sequences in the order of `index`. -1: not recorded.
  std::int32_t micro_batch = -1;
  std::int32_t packed_row = -1;
};

// One optimizer step. Losses are those before the step's update, as Transformers logs them.
struct StepEvent {
  RunId run_id = 0;
  std::int64_t step = 0;  // from 1
  std::int64_t total_steps = 0;
  double epoch = 0.0;
  double loss = 0.0;               // the one that is optimised
  double loss_per_token = 0.0;     // sum of token losses / num_items_in_batch
  double loss_per_sequence = 0.0;  // mean over sequences with targets of their mean
  double grad_norm = 0.0;          // before clipping
  double learning_rate = 0.0;
  std::int64_t num_tokens = 0;
  std::int64_t num_items_in_batch = 0;  // tokens with a target, over all micro-batches
  double mean_token_accuracy = 0.0;
  double entropy = 0.0;  // mean over targets, nats
  double tokens_per_second = 0.0;
  double step_ms = 0.0;
  double capture_ms = 0.0;  // of step_ms, spent on returning logits
  std::uint64_t capture_bytes = 0;
  std::uint64_t peak_memory_bytes = 0;
  double seconds_left = 0.0;
  bool skipped = false;  // no row of the step had a target: nothing was learned
  std::vector<SequenceLoss> sequences;

  // The object of `vernier-cli train --json`: the contract's fields and epoch; capture_ms and capture_bytes only where
  // logits were captured, skipped only where true. Sequences and run_id are left out.
  nlohmann::json to_json() const;
  // The inverse, for those fields. Throws Error{kInvalidInput} naming the field. null is read as NaN.
  static StepEvent from_json(const nlohmann::json& json);
};

struct EvalEvent {
  RunId run_id = 0;
  std::int64_t step = 0;
  double eval_loss_per_token = 0.0;
  double eval_loss_per_sequence = 0.0;
  double eval_mean_token_accuracy = 0.0;
  std::int64_t num_items = 0;
  double milliseconds = 0.0;
  // step, eval_loss_per_token, eval_loss_per_sequence, eval_mean_token_accuracy, eval_num_items, eval_ms.
  nlohmann::json to_json() const;
  // The inverse, without run_id. Throws Error{kInvalidInput} naming the field. null is read as NaN.
  static EvalEvent from_json(const nlohmann::json& json);
};

struct ParityEvent {
  RunId run_id = 0;
  ParityReport report;
};

struct CaptureEvent {
  RunId run_id = 0;
  std::int64_t step = 0;
  std::string file;  // relative to the run folder
  std::int64_t num_positions = 0;
  std::uint64_t bytes = 0;
};

struct SavedEvent {
  RunId run_id = 0;
  std::int64_t step = 0;
  std::string folder;  // relative to the run folder
};

// A pause: sent when it begins, and again before the run goes on.
struct PauseEvent {
  RunId run_id = 0;
  std::int64_t step = 0;
  std::string state_hash;        // of weights that are trained, moments, sampler and random state, at the pause
  std::string state_hash_after;  // the same before going on; "" as long as it pauses
  bool looking_changed_something() const { return !state_hash_after.empty() && state_hash_after != state_hash; }
};

// What a paused run answers to a question, as it comes.
struct AnswerEvent {
  RunId run_id = 0;
  std::int64_t step = 0;
  std::string question;
  std::string text;  // so far
  bool done = false;
  std::string error;  // with done: why there is no answer
};

enum class MessageLevel { kInfo, kWarning, kError };
// "info", "warning", "error".
std::string to_string(MessageLevel level);
struct MessageEvent {
  RunId run_id = 0;
  std::int64_t step = 0;
  MessageLevel level = MessageLevel::kInfo;
  std::string text;
};

// Progress of what happens before the first step and between steps (loading, reading data, evaluation).
struct ProgressEvent {
  RunId run_id = 0;
  std::string stage;      // "Loading weights", ...
  double fraction = 0.0;  // 0 to 1
};

// Receives a run's events. Called on the worker thread, one call at a time; must return quickly and must not throw.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_state(RunId, RunState) {}
  virtual void on_progress(const ProgressEvent&) {}
  virtual void on_started(const StartedEvent&) {}
  virtual void on_step(const StepEvent&) {}
  virtual void on_eval(const EvalEvent&) {}
  virtual void on_parity(const ParityEvent&) {}
  virtual void on_capture(const CaptureEvent&) {}
  virtual void on_saved(const SavedEvent&) {}
  virtual void on_message(const MessageEvent&) {}
  virtual void on_pause(const PauseEvent&) {}
  virtual void on_answer(const AnswerEvent&) {}
};

}  // namespace vernier
