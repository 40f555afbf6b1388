// Writing a run folder: run.json, run.db, captures/, log.txt. vernier/run_store.h reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/token_codec.h"
#include "vernier/events.h"
#include "vernier/run_store.h"

namespace vernier {

// Every add_*() and set_*() is one transaction: after kill -9 the store holds all of it or nothing, and so it does
// where the call throws; the object can be used on. What is written survives a killed process at once, a power cut from
// the next add_saved() on. Thread: the run's worker thread. Readers in other threads and processes disturb nothing.
// Errors: kNoSpace, kIo, and kInvalidInput where the store is damaged; one sentence each.
class RunStoreWriter {
 public:
  // Makes the folder and its store and holds the folder's lock. run_json: the complete configuration, as text.
  // Error{kInvalidInput} where the folder holds a run already or another process trains into it; an error leaves
  // nothing behind. State: loading.
  static RunStoreWriter create(const std::string& run_dir, std::string_view run_json);
  // Takes hold of an existing run, before its checkpoints are looked at; then rewind(). Error{kNotFound} where there is
  // none, kInvalidInput where another process trains into it.
  static RunStoreWriter open(const std::string& run_dir);
  ~RunStoreWriter();
  RunStoreWriter(RunStoreWriter&&) noexcept;
  RunStoreWriter& operator=(RunStoreWriter&&) noexcept;

  // Forgets all that came after `last_step`, the step of the checkpoint that the run goes on from: steps, evaluations,
  // parity reports, captures and their files, messages, saves. Data rows, pieces and log.txt stay.
  void rewind(std::int64_t last_step);

  void set_info(const StartedEvent& event);
  void set_state(RunState state, std::string_view message = "");

  // The text of a token as the tokenizer shows it. Kept with the next transaction; a known id costs nothing. Readers
  // show the pieces of data rows, arg-maxima and captures, so a trainer gives the whole vocabulary.
  void add_piece(std::int32_t id, std::string_view text);

  // event.sequences holds all sequences of the step; `tokens` some or all of them, found by index. A data row's ids and
  // mask are stored when the row is first seen; a sequence that differs from its row brings its own.
  // signals: what the step told of its insides, where it did.
  void add_step(const StepEvent& event, std::span<const SequenceTokens> tokens,
                const StepSignals* step_signals = nullptr);
  // Of a step that failed, which is no step of the run.
  void add_failed_signals(const StepSignals& step_signals);
  void set_gradient_groups(std::span<const GradientGroup> groups);
  // The same step and state_hash again, with state_hash_after: takes the place of the first.
  void add_pause(const PauseEvent& event);
  void add_eval(const EvalEvent& event);
  void add_parity(const ParityReport& report);
  // A capture whose file is still to be written; makes the folder for it. captures/step-N.safetensors, further
  // sequences of the step captures/step-N-sequence-I.safetensors.
  CaptureRecord begin_capture(std::int64_t step, std::int64_t index, std::int64_t row, std::int64_t num_positions);
  // After its file has its name, with the file's size.
  void add_capture(const CaptureRecord& record);
  // All of it: the file, then the record.
  CaptureRecord add_capture(const Capture& capture, std::int64_t index, std::int64_t row);
  void add_message(const MessageEvent& event);
  // After the checkpoint's folder has its final name. Everything written so far is on the disk afterwards.
  void add_saved(const SavedEvent& event);

  const std::string& run_dir() const;
  // The configuration that the run was created with, or what set_run_json() has put in its place; "" where an earlier
  // version did not keep it.
  std::string kept_run_json() const;
  // Of a run that is extended: in run.json and in the store.
  void set_run_json(std::string_view run_json);
  // The last step recorded, 0 for none.
  std::int64_t last_step() const;

 private:
  struct Impl;
  explicit RunStoreWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vernier
