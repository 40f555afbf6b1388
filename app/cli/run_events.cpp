#include "app/cli/run_events.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "vernier/error.h"
#include "vernier/resources.h"

namespace vernier::cli {
namespace {

std::string scientific(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

}  // namespace

void ConsoleEvents::write(const std::function<void()>& writing) {
  if (lost_output_) return;
  try {
    progress_.clear();
    writing();
  } catch (...) {
    lost_output_ = std::current_exception();
    stop_.request_stop();
  }
}

void ConsoleEvents::note(const std::string& text) {
  progress_.clear();
  print_note(text);
}

std::int64_t ConsoleEvents::end_of(std::int64_t total_steps) const {
  return std::min(total_steps, last_step_.value_or(total_steps));
}

void ConsoleEvents::on_progress(const ProgressEvent& event) {
  progress_.update(event.stage, event.fraction);
}

void ConsoleEvents::on_started(const StartedEvent& event) {
  if (output_ != RunOutput::kText) return;
  write([&] {
    print(std::to_string(event.trainable_parameters) + " of " + std::to_string(event.total_parameters) +
          " parameters are trained on " + event.device + ", " + std::to_string(event.num_rows) + " rows, " +
          std::to_string(end_of(event.total_steps)) + " steps" +
          (event.first_step > 1 ? ", from step " + std::to_string(event.first_step) : "") + "\n");
  });
}

void ConsoleEvents::on_step(const StepEvent& event) {
  const std::int64_t end = end_of(event.total_steps);
  if (output_ == RunOutput::kJson) {
    write([&] { print_json(event.to_json()); });
  } else if (output_ == RunOutput::kText &&
             (event.step % logging_steps_ == 0 || event.step == 1 || event.step == end)) {
    write([&] {
      print("step " + std::to_string(event.step) + "/" + std::to_string(end) + "  loss per token " +
            fixed(event.loss_per_token, 4) + "  per sequence " + fixed(event.loss_per_sequence, 4) + "  grad norm " +
            scientific(event.grad_norm) + "  learning rate " + scientific(event.learning_rate) + "  " +
            fixed(event.tokens_per_second, 0) + " tokens/s" + (event.skipped ? "  skipped: no targets" : "") + "\n");
    });
  }
  progress_.update("Training", static_cast<double>(event.step) / static_cast<double>(end),
                   "step " + std::to_string(event.step) + "/" + std::to_string(end) + "  loss " + fixed(event.loss, 4) +
                       "  " + duration_text(event.seconds_left) + " left");
}

void ConsoleEvents::on_eval(const EvalEvent& event) {
  if (output_ == RunOutput::kJson) {
    write([&] { print_json(event.to_json()); });
  } else if (output_ == RunOutput::kText) {
    write([&] {
      print("evaluation after step " + std::to_string(event.step) + "  loss per token " +
            fixed(event.eval_loss_per_token, 4) + "  per sequence " + fixed(event.eval_loss_per_sequence, 4) +
            "  accuracy " + fixed(100.0 * event.eval_mean_token_accuracy, 1) + " %\n");
    });
  }
}

void ConsoleEvents::on_parity(const ParityEvent& event) {
  if (event.report.verdict == ParityVerdict::kAgrees) return;
  note("warning: parity after step " + std::to_string(event.report.step) + ": " + to_string(event.report.verdict) +
       ". " + event.report.summary);
}

void ConsoleEvents::on_message(const MessageEvent& event) {
  // Errors end the run and come once more, as its result.
  if (event.level == MessageLevel::kError) return;
  // What a run says of itself is for who watches; a script finds it in the run's log.
  if (event.level == MessageLevel::kInfo && !progress_.terminal()) return;
  note((event.level == MessageLevel::kWarning ? "warning: " : "") + event.text);
}

void ConsoleEvents::finish() {
  progress_.clear();
  if (lost_output_) std::rethrow_exception(lost_output_);
}

int exit_status(const RunResult& result) {
  if (result.status == RunStatus::kFailed) throw Error(result.code, result.message);
  if (result.status == RunStatus::kFinished) return kDone;
  // A run that was stopped while it was loaded has left no folder to go on with.
  print_note(result.message +
             (result.run_dir.empty() ? "" : " Go on with: vernier-cli train --resume " + result.run_dir));
  return kInterrupted;
}

std::string new_run_dir(const std::string& name) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  char time_text[32];
  std::strftime(time_text, sizeof time_text, "%Y%m%d-%H%M%S", &local);
  const std::string base = default_runs_dir() + "/" + name + "-" + time_text;
  std::string path = base;
  std::error_code error;
  for (int n = 2; std::filesystem::exists(path, error); ++n) path = base + "-" + std::to_string(n);
  return path;
}

}  // namespace vernier::cli
