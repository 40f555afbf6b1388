// Reading a run folder: `run.json`, `run.db`, captures. Works while a run is writing, and after a crash.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "vernier/events.h"
#include "vernier/parity.h"
#include "vernier/step_signals.h"

namespace vernier {

struct RunInfo {
  std::string run_dir;
  std::string model_path;
  std::string device;
  std::string state;            // RunState's name; "interrupted" where its process died
  std::string message;          // of the end, where there is one
  std::int64_t first_step = 0;  // 0: no step yet
  std::int64_t last_step = 0;
  std::int64_t total_steps = 0;
  std::int64_t last_saved_step = 0;
  std::int64_t started_unix_ms = 0;
  std::int64_t vocab_size = 0;
  std::int64_t hidden_size = 0;
};

// One token of one sequence in one step. loss, entropy and rank speak of predicting THIS token from those before it.
struct TokenRecord {
  std::int32_t position = 0;
  std::int32_t input_id = 0;
  bool is_target = false;  // it has a label: its loss counts
  float loss = 0.0f;       // nats; stored with 11 bits of mantissa
  float entropy = 0.0f;
  std::int32_t argmax = -1;  // what the model would have said instead
  std::int32_t rank = 0;     // ids that scored higher than this token
};

// One point of the curves: less to read than a StepEvent where a run has a million steps.
struct SeriesPoint {
  std::int64_t step = 0;
  double loss_per_token = 0.0;
  double loss_per_sequence = 0.0;
  double learning_rate = 0.0;
  double grad_norm = 0.0;
  double step_ms = 0.0;
  double tokens_per_second = 0.0;
  double peak_memory_bytes = 0.0;
  std::int64_t num_tokens = 0;
  std::int64_t num_items_in_batch = 0;
};

// What a paused run found of its state: the weights that are trained, the optimizer's moments, sampler and random
// state. Looking at a paused run must change none of it.
struct PauseRecord {
  std::int64_t step = 0;
  std::string state_hash;        // at the pause
  std::string state_hash_after;  // before going on; "" where it has not gone on
};

struct SequenceRecord {
  std::int64_t step = 0;
  SequenceLoss loss;
};

struct StepTokens {
  std::int64_t step = 0;
  SequenceLoss sequence;
  std::vector<TokenRecord> tokens;
};

struct CaptureRecord {
  std::int64_t step = 0;
  std::int64_t index = 0;  // the sequence's index in its step
  std::int64_t row = 0;
  std::string file;  // relative to the run folder
  std::int64_t num_positions = 0;
  std::uint64_t bytes = 0;
};

// The logits of one captured row. logits [positions.size(), vocab_size], float32; the distribution at positions[i]
// predicts targets[i], the token at positions[i] + 1.
struct Capture {
  std::int64_t step = 0;
  std::int64_t vocab_size = 0;
  std::vector<std::int32_t> input_ids;  // the whole row
  std::vector<std::int32_t> positions;
  std::vector<std::int32_t> targets;  // -100 where there is none
  std::vector<float> logits;
};

// Thread: an object belongs to one thread at a time; several may read one folder. Errors: Error, one sentence.
class RunReader {
 public:
  // Throws Error{kNotFound} where the folder holds no run, kInvalidInput where its store is damaged.
  explicit RunReader(const std::string& run_dir);
  ~RunReader();
  RunReader(RunReader&&) noexcept;
  RunReader& operator=(RunReader&&) noexcept;

  RunInfo info() const;
  // The complete configuration, as run.json holds it.
  nlohmann::json config() const;
  // Steps in [first, last], in order; sequences are left empty. last < 0: to the end.
  std::vector<StepEvent> steps(std::int64_t first = 0, std::int64_t last = -1) const;
  // The same steps, for plotting.
  std::vector<SeriesPoint> series(std::int64_t first = 0, std::int64_t last = -1) const;
  // What the steps in [first, last] told of their insides, in order; a step that failed on NaN is among them. Empty
  // where the run was recorded by a version that kept none: gradient_groups() is empty then too.
  std::vector<StepSignals> step_signals(std::int64_t first = 0, std::int64_t last = -1) const;
  // Calls `each` for them one by one, which spares the memory of a long run; false from it ends.
  void for_each_signal(std::int64_t first, std::int64_t last,
                       const std::function<bool(const StepSignals&)>& each) const;
  // Whose norms StepSignals::gradient_norms holds.
  std::vector<GradientGroup> gradient_groups() const;
  std::vector<PauseRecord> pauses() const;
  std::vector<EvalEvent> evals() const;
  std::vector<ParityReport> parity_reports() const;
  std::vector<MessageEvent> messages() const;
  // A step's sequences in the step's order. They alone tell micro_batch and packed_row; the other lists leave them -1.
  std::vector<SequenceRecord> sequences(std::int64_t step) const;
  // The n sequences with the highest loss of one step, or (step < 0) of the whole run: highest first, NaN before all,
  // sequences without targets never.
  std::vector<SequenceRecord> worst(std::int64_t n, std::int64_t step = -1) const;
  // The same of the steps in [first, last]; last < 0: to the end.
  std::vector<SequenceRecord> worst_between(std::int64_t n, std::int64_t first, std::int64_t last) const;
  // All tokens of a step, one entry a sequence; or those of one sequence. Empty where the step, or the tokens of a
  // sequence, were not recorded; Error{kNotFound} for a sequence that is not there.
  std::vector<StepTokens> tokens(std::int64_t step) const;
  StepTokens tokens(std::int64_t step, std::int64_t index) const;
  // One sequence's history: its mean loss whenever its data row came up.
  std::vector<SequenceRecord> history_of_row(std::int64_t row) const;
  // The text of a token as the run's tokenizer shows it ("\u2581the"); "" where the run does not know it.
  std::string piece(std::int32_t id) const;
  std::vector<CaptureRecord> captures() const;
  Capture load_capture(const CaptureRecord& record) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One line of a list of runs.
struct RunSummary {
  std::string run_dir;
  std::string name;
  std::string state;  // as RunInfo's, or "damaged" where the store cannot be read
  std::int64_t last_step = 0;
  std::int64_t total_steps = 0;
  std::int64_t started_unix_ms = 0;
  double last_loss = 0.0;
};
// The runs directly under `folder`, newest first; folders that hold none are passed over. Never throws for one bad run.
std::vector<RunSummary> list_runs(const std::string& folder);

}  // namespace vernier
