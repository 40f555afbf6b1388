#include "engine/train/run_reporter.h"

namespace vernier {

void RunReporter::state(RunState state, const std::string& message) {
  store_.set_state(state, message);
  events_.on_state(run_id_, state);
}

void RunReporter::message(std::int64_t step, MessageLevel level, const std::string& text) {
  const MessageEvent event{run_id_, step, level, text};
  store_.add_message(event);
  events_.on_message(event);
}

void RunReporter::started(const StartedEvent& event) {
  store_.set_info(event);
  events_.on_started(event);
}

void RunReporter::step(const StepEvent& event, std::span<const SequenceTokens> tokens, const StepSignals* signals) {
  store_.add_step(event, tokens, signals);
  events_.on_step(event);
}

void RunReporter::pause(std::int64_t step, const std::string& state_hash, const std::string& state_hash_after) {
  const PauseEvent event{run_id_, step, state_hash, state_hash_after};
  store_.add_pause(event);
  events_.on_pause(event);
}

void RunReporter::eval(const EvalEvent& event) {
  store_.add_eval(event);
  events_.on_eval(event);
}

void RunReporter::parity(const ParityReport& report) {
  store_.add_parity(report);
  events_.on_parity({run_id_, report});
}

void RunReporter::captured(const CaptureRecord& record) {
  store_.add_capture(record);
  events_.on_capture({run_id_, record.step, record.file, record.num_positions, record.bytes});
}

void RunReporter::saved(std::int64_t step, const std::string& folder) {
  const SavedEvent event{run_id_, step, folder};
  store_.add_saved(event);
  events_.on_saved(event);
}

}  // namespace vernier
