#include "ui/models/run_model.h"

#include <QDir>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <type_traits>
#include <utility>

namespace vernier::ui {
namespace {

template <typename Entry>
void forget_after(std::vector<Entry>& entries, qint64 last_step) {
  std::erase_if(entries, [last_step](const Entry& entry) { return entry.step > last_step; });
}

}  // namespace

void StepTotals::add(const SeriesPoint& point) {
  if (!std::isfinite(point.step_ms)) return;
  milliseconds += point.step_ms;
  tokens += static_cast<double>(point.num_tokens);
}

StepTotals totals_of(const std::vector<SeriesPoint>& series) {
  StepTotals totals;
  for (const SeriesPoint& point : series) totals.add(point);
  return totals;
}

void RunModel::show(RunOverview overview) {
  run_ = std::move(overview);
  progress_ = {};
  total_parameters_ = 0;
  parity_before_.clear();
  activity_ = activity_of_name(run_.info.state);
  Q_EMIT wasReset();
  // They do not grow with the run.
  run_.curves.reset();
  run_.watch.reset();
  Q_EMIT activityChanged(activity_);
}

void RunModel::add_news(const RunOverview& news) {
  const std::size_t first = run_.series.size();
  const bool has_started =
      run_.info.total_steps != news.info.total_steps || run_.info.vocab_size != news.info.vocab_size;
  run_.info = news.info;
  run_.series.insert(run_.series.end(), news.series.begin(), news.series.end());
  run_.totals.milliseconds += news.totals.milliseconds;
  run_.totals.tokens += news.totals.tokens;
  if (news.latest.step > 0) run_.latest = news.latest;
  run_.latest_capture = news.latest_capture;
  run_.messages = news.messages;
  if (has_started) Q_EMIT startedChanged();
  if (run_.series.size() > first) Q_EMIT stepsAppended(first);
  if (std::exchange(run_.evals, news.evals).size() != news.evals.size()) Q_EMIT evalsChanged();
  if (std::exchange(run_.parity, news.parity).size() != news.parity.size()) Q_EMIT parityChanged();
  if (std::exchange(run_.captures, news.captures).size() != news.captures.size()) Q_EMIT capturesChanged();
  set_activity(activity_of_name(run_.info.state));
}

void RunModel::fill_gaps(const RunOverview& news) {
  // What this window's own run makes comes by its events.
  const auto merge = [first = first_own_step_](auto& own, const auto& read) {
    auto merged = read;
    std::erase_if(merged, [first](const auto& entry) { return entry.step >= first; });
    const auto earlier = [](const auto& a, const auto& b) { return a.step < b.step; };
    std::vector<typename std::decay_t<decltype(own)>::value_type> all;
    std::set_union(own.begin(), own.end(), merged.begin(), merged.end(), std::back_inserter(all), earlier);
    own = std::move(all);
  };
  merge(run_.series, news.series);
  run_.totals = totals_of(run_.series);
  merge(run_.evals, news.evals);
  merge(run_.parity, news.parity);
  if (news.captures.size() > run_.captures.size()) run_.captures = news.captures;  // these are always read
  if (news.latest.step > run_.latest.step && news.latest.step < first_own_step_) run_.latest = news.latest;
  if (!run_.series.empty()) run_.info.last_step = run_.series.back().step;
  Q_EMIT wasReset();
}

void RunModel::show_ready(RunConfig config, const QString& run_dir) {
  run_ = {};
  run_.config = std::move(config);
  run_.info.run_dir = run_dir.toStdString();
  run_.info.model_path = run_.config.model_name_or_path;
  progress_ = {};
  total_parameters_ = 0;
  parity_before_.clear();
  activity_ = Activity::kReady;
  Q_EMIT wasReset();
  Q_EMIT activityChanged(activity_);
}

void RunModel::rewind(qint64 last_step) {
  forget_after(run_.series, last_step);
  run_.totals = totals_of(run_.series);
  forget_after(run_.evals, last_step);
  forget_after(run_.parity, last_step);
  forget_after(run_.captures, last_step);
  if (run_.latest.step > last_step) run_.latest = {};
  if (run_.latest_capture.step > last_step) run_.latest_capture = {};
  Q_EMIT wasReset();
}

void RunModel::tell_again() {
  Q_EMIT wasReset();
  Q_EMIT activityChanged(activity_);
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
  run_.series.reserve(room_for(event.total_steps));  // so that it is not moved while it grows
  total_parameters_ = event.total_parameters;
  first_own_step_ = event.first_step;
  if (event.first_step <= run_.info.last_step) rewind(event.first_step - 1);
  Q_EMIT startedChanged();
}

void RunModel::set_message(const std::string& message) {
  run_.info.message = message;
  Q_EMIT messageChanged();
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
                           .grad_norm = step.grad_norm,
                           .step_ms = step.step_ms,
                           .tokens_per_second = step.tokens_per_second,
                           .peak_memory_bytes = static_cast<double>(step.peak_memory_bytes),
                           .num_tokens = step.num_tokens,
                           .num_items_in_batch = step.num_items_in_batch});
    run_.totals.add(run_.series.back());
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

void RunModel::set_parity_before(const QString& found) {
  parity_before_ = found;
  Q_EMIT parityChanged();
}

void RunModel::set_saved_step(qint64 step) {
  run_.info.last_saved_step = step;
  Q_EMIT savedStepChanged(step);
}

QString RunModel::name() const {
  return run_dir().isEmpty() ? QString() : QDir(run_dir()).dirName();
}

qint64 RunModel::captured_sequence(qint64 step) const {
  const auto found = std::find_if(run_.captures.begin(), run_.captures.end(),
                                  [step](const CaptureRecord& record) { return record.step == step; });
  return found == run_.captures.end() ? -1 : found->index;
}

double RunModel::training_speed() const {
  return run_.totals.milliseconds > 0.0 ? run_.totals.tokens / training_seconds() : 0.0;
}

double RunModel::blind_guess() const {
  return run_.info.vocab_size > 0 ? std::log(static_cast<double>(run_.info.vocab_size)) : 0.0;
}

}  // namespace vernier::ui
