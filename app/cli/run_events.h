// A run's events and its end on a console.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "app/cli/progress.h"
#include "vernier/events.h"
#include "vernier/run.h"

namespace vernier::cli {

// What stdout gets of a run.
enum class RunOutput {
  kNone,  // nothing
  kText,  // a line every logging_steps steps and for each evaluation
  kJson,  // an object for every step and each evaluation
};

// Progress, warnings and disagreeing parity checks go to stderr. Where stdout takes no more, the run is stopped.
class ConsoleEvents : public EventSink {
 public:
  // last_step: where this call ends the run before its end, as RunOptions::max_steps may have it.
  ConsoleEvents(RunOutput output, std::int64_t logging_steps, std::stop_source stop,
                std::optional<std::int64_t> last_step = {})
      : output_(output), logging_steps_(logging_steps), stop_(std::move(stop)), last_step_(last_step) {}

  void on_progress(const ProgressEvent& event) override;
  void on_started(const StartedEvent& event) override;
  void on_step(const StepEvent& event) override;
  void on_eval(const EvalEvent& event) override;
  void on_parity(const ParityEvent& event) override;
  void on_message(const MessageEvent& event) override;

  // After the run: takes the bar away and throws what writing to stdout threw.
  void finish();

 private:
  // An event must not throw; what writing throws is kept for finish().
  void write(const std::function<void()>& writing);
  void note(const std::string& text);
  // The last step of this call, of a run of so many.
  std::int64_t end_of(std::int64_t total_steps) const;

  RunOutput output_;
  std::int64_t logging_steps_;
  std::stop_source stop_;
  std::optional<std::int64_t> last_step_;
  Progress progress_;
  std::exception_ptr lost_output_;
};

// Exit status of a run that ended. A failed one is thrown as the Error it is; a stopped one says on stderr how to go
// on.
int exit_status(const RunResult& result);

// A path for a new run folder under default_runs_dir(): <name>-<date>-<time>, not created.
std::string new_run_dir(const std::string& name);

}  // namespace vernier::cli
