// From the trainer to whoever follows a run.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/io/run_store_writer.h"
#include "vernier/events.h"

namespace vernier {

// Tells everybody who wants to know: the sink, and the run store with its log. Thread: the run's.
class RunReporter {
 public:
  RunReporter(RunId run_id, EventSink& events, RunStoreWriter& store)
      : run_id_(run_id), events_(events), store_(store) {}

  void state(RunState state, const std::string& message = "");
  void message(std::int64_t step, MessageLevel level, const std::string& text);
  void progress(const std::string& stage, double fraction) { events_.on_progress({run_id_, stage, fraction}); }
  void started(const StartedEvent& event);
  void step(const StepEvent& event, std::span<const SequenceTokens> tokens, const StepSignals* signals);
  // Of a step that is about to fail.
  void failed_signals(const StepSignals& signals) { store_.add_failed_signals(signals); }
  void gradient_groups(std::span<const GradientGroup> groups) { store_.set_gradient_groups(groups); }
  void pause(std::int64_t step, const std::string& state_hash, const std::string& state_hash_after);
  void answer(const AnswerEvent& event) { events_.on_answer(event); }
  void eval(const EvalEvent& event);
  void parity(const ParityReport& report);
  // Names the file of a capture; captured() once it is written, after its step.
  CaptureRecord begin_capture(std::int64_t step, std::int64_t index, std::int64_t row, std::int64_t num_positions) {
    return store_.begin_capture(step, index, row, num_positions);
  }
  void captured(const CaptureRecord& record);
  void saved(std::int64_t step, const std::string& folder);

 private:
  RunId run_id_;
  EventSink& events_;
  RunStoreWriter& store_;
};

}  // namespace vernier
