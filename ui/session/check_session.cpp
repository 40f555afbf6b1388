#include "ui/session/check_session.h"

#include <QDateTime>
#include <QFileInfo>
#include <QStringList>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "ui/session/thread_priority.h"
#include "ui/widgets/engine_text.h"
#include "vernier/error.h"

namespace vernier::ui {
namespace {

// A run that takes no more is loaded and tried in seconds.
constexpr std::uint64_t kSmallRun = 4'000'000'000;

// What the second stage does not read.
constexpr std::array kNotForWeights = {"learning_rate",    "lr_scheduler_type", "warmup_steps",  "warmup_ratio",
                                       "num_train_epochs", "max_steps",         "weight_decay",  "adam_beta1",
                                       "adam_beta2",       "adam_epsilon",      "save_steps",    "save_total_limit",
                                       "eval_steps",       "logging_steps",     "return_logits", "parity_check"};

}  // namespace

CheckSession::CheckSession(RunDraft& draft, CheckFunction check, QString out_dir, QObject* parent)
    : QObject(parent), draft_(draft), check_(std::move(check)), out_dir_(std::move(out_dir)) {
  connect(&draft_, &RunDraft::changed, this, &CheckSession::when_draft_changed);
}

CheckSession::~CheckSession() {
  stop_.request_stop();
}

void CheckSession::set_out_dir(const QString& out_dir) {
  if (out_dir == out_dir_) return;
  out_dir_ = out_dir;
  if (is_busy_ || has_checks()) end_and_mark();
}

bool CheckSession::can_check() const {
  const RunConfig& config = draft_.config();
  return !config.model_name_or_path.empty() && (config.batch || !config.dataset.path.empty());
}

QString CheckSession::files_stamp() const {
  const RunConfig& config = draft_.config();
  QStringList stamps;
  const auto add = [&stamps](const std::string& path) {
    const QFileInfo file(QString::fromStdString(path));
    stamps << (file.exists() ? QStringLiteral("%1 %2").arg(file.size()).arg(file.lastModified().toMSecsSinceEpoch())
                             : QString());
  };
  if (!config.model_name_or_path.empty()) add(config.model_name_or_path + "/config.json");
  add(config.batch ? *config.batch : config.dataset.path);
  if (config.eval_dataset) add(config.eval_dataset->path);
  return stamps.join(QLatin1Char('|'));
}

QString CheckSession::draft_key() const {
  return QString::fromStdString(draft_.config().to_json().dump()) + files_stamp() + out_dir_;
}

QString CheckSession::weights_key() const {
  nlohmann::json json = draft_.config().to_json();
  for (const char* key : kNotForWeights) json.erase(key);
  return QString::fromStdString(json.dump()) + files_stamp();
}

bool CheckSession::waits_for_weights() const {
  if (is_busy_ || !is_fresh() || are_weights_fresh()) return false;
  return std::none_of(checks_.begin(), checks_.end(), [](const ShownCheck& shown) {
    return shown.check.status == CheckStatus::kFail && !shown.is_stale && shown.check.id != "disk";
  });
}

void CheckSession::when_draft_changed() {
  if (!can_check()) {
    checks_.clear();
    figures_ = {};
    files_key_.clear();
    weights_key_.clear();
  }
  end_and_mark();
}

bool CheckSession::look_at_files() {
  if (!can_check() || (!is_busy_ && !has_checks()) || files_stamp() == seen_files_) return false;
  end_and_mark();
  return true;
}

void CheckSession::end_and_mark() {
  seen_files_ = files_stamp();
  if (is_busy_) cancel();
  problem_.clear();
  mark_stale();
  Q_EMIT changed();
}

void CheckSession::mark_stale() {
  const bool files = !is_fresh(), weights = !are_weights_fresh();
  for (ShownCheck& shown : checks_) {
    shown.is_stale = shown.check.group == CheckGroup::kWeights ? weights : files;
  }
}

void CheckSession::refresh(bool with_weights) {
  if (!can_check() || is_busy_) return;
  if (!is_fresh()) {
    start(false, with_weights);
  } else if (waits_for_weights() && with_weights) {
    start(true, true);
  }
}

void CheckSession::check_again() {
  if (!can_check()) return;
  cancel();
  files_key_.clear();
  weights_key_.clear();
  mark_stale();
  start(false, true);
}

void CheckSession::cancel() {
  if (!is_busy_) return;
  stop_.request_stop();
  ++job_;
  is_busy_ = false;
  problem_ = tr("The check was cancelled before it was done.");
  Q_EMIT changed();
}

void CheckSession::start(bool with_weights, bool is_asked_for) {
  PreflightOptions options;
  options.config = draft_.config();
  options.out_dir = out_dir_.toStdString();
  options.use_weights = with_weights;
  // The real weights tell more than the trial; a change that they do not depend on leaves the step's time as it was.
  options.measure_step = !with_weights && !are_weights_fresh();
  is_busy_ = true;
  next_ = 0;
  fraction_ = 0.0;
  stage_.clear();
  problem_.clear();
  stop_ = std::stop_source();
  seen_files_ = files_stamp();
  // A file may change while it is read: what is found is of the one that was there before.
  const Keys keys{draft_key(), weights_key()};
  const quint64 job = ++job_;
  Q_EMIT changed();
  worker_.run([this, job, options, is_asked_for, keys, stop = stop_](const std::stop_token& closing) mutable {
    yield_to_gui();
    const std::stop_callback closes(closing, [&stop] { stop.request_stop(); });
    const auto post = [this, job](auto letter) {
      mailbox_.post([this, job, letter = std::move(letter)] {
        if (job == job_) letter();
      });
    };
    try {
      PreflightReport report = check_(
          options,
          [&](const std::string& stage, double fraction) {
            post([this, stage = engine_text(stage), fraction] {
              stage_ = stage;
              fraction_ = fraction;
              Q_EMIT progressed();
            });
          },
          stop.get_token(), [&](const PreflightCheck& check) { post([this, check] { arrive(check); }); });
      post([this, report = std::move(report), with_weights = options.use_weights, is_asked_for, keys] {
        finish(with_weights, is_asked_for, keys, report);
      });
    } catch (const std::exception& error) {
      post([this, sentence = engine_text(error.what())] {
        is_busy_ = false;
        problem_ = sentence;
        Q_EMIT changed();
      });
    }
  });
}

void CheckSession::arrive(const PreflightCheck& check) {
  const auto begin = checks_.begin() + static_cast<std::ptrdiff_t>(std::min(next_, checks_.size()));
  const auto old =
      std::find_if(begin, checks_.end(), [&](const ShownCheck& shown) { return shown.check.id == check.id; });
  if (old == checks_.end()) {
    checks_.insert(begin, {check, false});
  } else {
    std::rotate(begin, old, old + 1);
    *begin = {check, false};
  }
  ++next_;
  Q_EMIT changed();
}

void CheckSession::finish(bool with_weights, bool is_asked_for, const Keys& keys, const PreflightReport& report) {
  is_busy_ = false;
  // What was found before and is not there any more.
  const auto rest = std::remove_if(
      checks_.begin() + static_cast<std::ptrdiff_t>(next_), checks_.end(),
      [&](const ShownCheck& shown) { return with_weights || shown.check.group != CheckGroup::kWeights; });
  checks_.erase(rest, checks_.end());

  const PreflightReport before = std::exchange(figures_, report);
  figures_.checks.clear();
  files_key_ = keys.files;
  if (with_weights) {
    weights_key_ = keys.weights;
  } else if (are_weights_fresh()) {
    figures_.measured_peak_memory_bytes = before.measured_peak_memory_bytes;
    figures_.first_loss = before.first_loss;
    figures_.blind_guess = before.blind_guess;
    figures_.predicted_step_ms = before.predicted_step_ms;
  }
  if (with_weights && !figures_.predicted_step_ms) figures_.predicted_step_ms = before.predicted_step_ms;
  mark_stale();
  Q_EMIT changed();
  const bool is_small = report.predicted_peak_memory_bytes && *report.predicted_peak_memory_bytes <= kSmallRun;
  if (waits_for_weights() && (is_small || is_asked_for)) start(true, true);
}

}  // namespace vernier::ui
