#include "ui/models/run_model.h"

#include <QDir>
#include <cmath>
#include <utility>

namespace vernier::ui {
namespace {

template <typename Entry>
void forget_after(std::vector<Entry>& entries, qint64 last_step) {
  std::erase_if(entries, [last_step](const Entry& entry) { return entry.step > last_step; });
}

}  // namespace

void RunModel::show(RunOverview overview) {
  run_ = std::move(overview);
  progress_ = {};
  total_parameters_ = 0;
  activity_ = activity_of_name(run_.info.state);
  Q_EMIT wasReset();
  Q_EMIT activityChanged(activity_);
}

void RunModel::show_ready(RunConfig config, const QString& run_dir) {
  run_ = {};
  run_.config = std::move(config);
  run_.info.run_dir = run_dir.toStdString();
  run_.info.model_path = run_.config.model_name_or_path;
  progress_ = {};
  total_parameters_ = 0;
  activity_ = Activity::kReady;
  Q_EMIT wasReset();
  Q_EMIT activityChanged(activity_);
}

void RunModel::rewind(qint64 last_step) {
  forget_after(run_.series, last_step);
  forget_after(run_.evals, last_step);
  forget_after(run_.parity, last_step);
  forget_after(run_.captures, last_step);
  if (run_.latest.step > last_step) run_.latest = {};
  if (run_.latest_capture.step > last_step) run_.latest_capture = {};
  Q_EMIT wasReset();
}

void RunModel::set_activity(Activity activity) {
  if (activity == activity_) return;
  activity_ = activity;
  Q_EMIT activityChanged(activity);
}

void RunModel::set_started(const StartedEvent& event) {
  run_.info.run_dir = event.run_dir;
  run_.info.model_path = event.model_path;
  run_.info.device = event.device;
  run_.info.total_steps = event.total_steps;
  run_.info.vocab_size = event.vocab_size;
  run_.info.hidden_size = event.hidden_size;
  total_parameters_ = event.total_parameters;
  if (event.first_step <= run_.info.last_step) rewind(event.first_step - 1);
  Q_EMIT startedChanged();
}

void RunModel::set_progress(const ProgressEvent& event) {
  progress_ = event;
  Q_EMIT progressChanged();
}

void RunModel::set_return_logits(const ReturnLogits& options) {
  run_.config.return_logits = options;
  Q_EMIT returnLogitsChanged();
}

void RunModel::set_captures(std::vector<CaptureRecord> captures) {
  run_.captures = std::move(captures);
  Q_EMIT capturesChanged();
}

void RunModel::append_steps(const std::vector<StepEvent>& steps) {
  if (steps.empty()) return;
  const std::size_t first = run_.series.size();
  for (const StepEvent& step : steps) {
    run_.series.push_back({.step = step.step,
                           .loss_per_token = step.loss_per_token,
                           .loss_per_sequence = step.loss_per_sequence,
                           .learning_rate = step.learning_rate,
                           .grad_norm = step.grad_norm});
    if (step.capture_bytes > 0) run_.latest_capture = step;
  }
  run_.latest = steps.back();
  run_.info.last_step = run_.latest.step;
  if (run_.info.first_step == 0) run_.info.first_step = steps.front().step;
  Q_EMIT stepsAppended(first);
}

void RunModel::append_eval(const EvalEvent& event) {
  run_.evals.push_back(event);
  Q_EMIT evalsChanged();
}

void RunModel::append_parity(const ParityReport& report) {
  run_.parity.push_back(report);
  Q_EMIT parityChanged();
}

void RunModel::set_saved_step(qint64 step) {
  run_.info.last_saved_step = step;
  Q_EMIT savedStepChanged(step);
}

QString RunModel::name() const {
  return QDir(run_dir()).dirName();
}

double RunModel::blind_guess() const {
  return run_.info.vocab_size > 0 ? std::log(static_cast<double>(run_.info.vocab_size)) : 0.0;
}

}  // namespace vernier::ui
