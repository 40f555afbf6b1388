#include "ui/models/run_alarms.h"

#include <QCoreApplication>
#include <algorithm>
#include <chrono>
#include <cmath>

#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr auto kSlice = std::chrono::milliseconds(8);  // of a frame

struct Words {
  Q_DECLARE_TR_FUNCTIONS(RunAlarms)
};

}  // namespace

QString name_of(AlarmKind kind) {
  switch (kind) {
    case AlarmKind::kNonFinite:
      return Words::tr("Not a number");
    case AlarmKind::kDivergence:
      return Words::tr("Training and evaluation part");
    case AlarmKind::kGradientVanished:
      return Words::tr("The gradient has vanished");
    case AlarmKind::kEvaluationStuck:
      return Words::tr("The evaluation stands still");
    case AlarmKind::kArgmaxCollapsed:
      return Words::tr("One answer to everything");
    case AlarmKind::kLabelShare:
      return Words::tr("Unusual share of labels");
    case AlarmKind::kThroughput:
      return Words::tr("Training has become slow");
    case AlarmKind::kDiskLow:
      break;
  }
  return Words::tr("The disk is nearly full");
}

QString to_words(const Alarm& alarm) {
  const QString first = grouped(alarm.first_step), value = figure(alarm.value), yardstick = figure(alarm.yardstick);
  switch (alarm.kind) {
    case AlarmKind::kNonFinite:
      if (alarm.value > 0.0) {
        return Words::tr(
                   "At step %1, %2 logits were NaN or infinite. Lower learning_rate or raise warmup_steps, and look at "
                   "the step's sequences.")
            .arg(first, grouped(static_cast<qint64>(alarm.value)));
      }
      return Words::tr(
                 "At step %1 the loss or the gradient was NaN or infinite. Lower learning_rate or raise warmup_steps, "
                 "and look at the step's sequences.")
          .arg(first);
    case AlarmKind::kDivergence:
      return Words::tr(
                 "The held-out loss is %1, its best was %2 at step %3, while the training loss goes on falling: the "
                 "model learns the rows by heart. Stop and take the checkpoint near the best, or train for fewer "
                 "epochs.")
          .arg(value, yardstick, first);
    case AlarmKind::kGradientVanished:
      return Words::tr(
                 "No gradient norm since step %1 was above %2, at first they were about %3, and the loss is still "
                 "high: "
                 "nothing is learned. Check labels, lora_alpha and learning_rate.")
          .arg(first, value, yardstick);
    case AlarmKind::kEvaluationStuck:
      return Words::tr(
                 "The evaluations at steps %1 and %2 are equal to the last bit (%3), though the weights were updated "
                 "between them. Check parity: the evaluation may not see the adapter.")
          .arg(first, grouped(alarm.step), value);
    case AlarmKind::kArgmaxCollapsed:
      return Words::tr(
                 "Since step %1 one token is the likeliest at %2 of the positions, though no target makes up more than "
                 "%3. Look at the logits, and lower learning_rate.")
          .arg(first, percent(alarm.value), percent(alarm.yardstick));
    case AlarmKind::kLabelShare:
      if (alarm.yardstick > 0.0) {
        return Words::tr(
                   "Labels are %1 of the tokens since step %2, before they were %3. Look at the sequences: a template "
                   "may hide the answers, or rows are cut.")
            .arg(percent(alarm.value), first, percent(alarm.yardstick));
      }
      return Words::tr(
                 "Labels are only %1 of the tokens: nearly nothing is learned from. Look at the sequences: a template "
                 "may hide the answers, or rows are cut.")
          .arg(percent(alarm.value));
    case AlarmKind::kThroughput:
      return Words::tr(
                 "Since step %1 training runs at %2 tokens/s, it has reached %3. Another program may use the device, "
                 "or "
                 "it is hot.")
          .arg(first, grouped(std::llround(alarm.value)), grouped(std::llround(alarm.yardstick)));
    case AlarmKind::kDiskLow:
      break;
  }
  return Words::
      tr("The disk of the run folder has %1 left, less than the %2 that should stay free. Make room, or a checkpoint "
         "may not be written.")
          .arg(byte_count(static_cast<quint64>(alarm.value)), byte_count(static_cast<quint64>(alarm.yardstick)));
}

QString action_of(AlarmKind kind) {
  switch (kind) {
    case AlarmKind::kNonFinite:
      return Words::tr("Show the step");
    case AlarmKind::kDivergence:
      return Words::tr("Show the evaluations");
    case AlarmKind::kGradientVanished:
      return Words::tr("Show the gradients");
    case AlarmKind::kEvaluationStuck:
      return Words::tr("Check parity");
    case AlarmKind::kArgmaxCollapsed:
      return Words::tr("Show the logits");
    case AlarmKind::kLabelShare:
      return Words::tr("Show the sequences");
    case AlarmKind::kThroughput:
      return Words::tr("Show the throughput");
    case AlarmKind::kDiskLow:
      break;
  }
  return Words::tr("Open the run folder");
}

RunAlarms::RunAlarms(RunModel& run, QObject* parent) : QObject(parent), run_(run) {
  connect(&run, &RunModel::wasReset, this, &RunAlarms::restart);
  connect(&run, &RunModel::stepsAppended, this, &RunAlarms::take_in);
  connect(&run, &RunModel::evalsChanged, this, &RunAlarms::take_in);
  timer_.setSingleShot(true);
  timer_.setInterval(0);
  connect(&timer_, &QTimer::timeout, this, &RunAlarms::take_in);
  restart();
}

void RunAlarms::restart() {
  if (run_.run_dir() != run_dir_) dismissed_.clear();
  run_dir_ = run_.run_dir();
  // What is read from a folder was taken in where it was read.
  const std::shared_ptr<CurveWatch> ready = run_.take_watch();
  curves_ = ready ? *ready : CurveWatch();
  of_signals_.clear();
  disk_.reset();
  take_in();
}

void RunAlarms::take_in() {
  if (curves_.take_in(run_.series(), run_.evals(), kSlice)) {
    tell();
  } else {
    timer_.start();
  }
}

void RunAlarms::set_signal_alarms(const std::vector<Alarm>& alarms) {
  of_signals_ = alarms;
  tell();
}

void RunAlarms::set_disk(quint64 free_bytes, quint64 save_bytes) {
  disk_ = curves_.watch().disk(free_bytes, save_bytes, run_.info().last_step);
  tell();
}

void RunAlarms::dismiss(AlarmKind kind) {
  dismissed_.insert(static_cast<int>(kind));
  tell();
}

std::vector<Alarm> RunAlarms::alarms() const {
  std::vector<Alarm> all = curves_.watch().alarms();
  all.insert(all.end(), of_signals_.begin(), of_signals_.end());
  if (disk_) all.push_back(*disk_);
  std::stable_sort(all.begin(), all.end(), [](const Alarm& a, const Alarm& b) { return a.step < b.step; });
  std::vector<Alarm> shown;
  for (const Alarm& alarm : all) {
    const auto same = [&alarm](const Alarm& other) { return other.kind == alarm.kind; };
    if (dismissed_.contains(static_cast<int>(alarm.kind)) || std::any_of(shown.begin(), shown.end(), same)) continue;
    shown.push_back(alarm);
  }
  return shown;
}

void RunAlarms::tell() {
  std::vector<std::pair<AlarmKind, std::int64_t>> now;
  for (const Alarm& alarm : alarms()) now.emplace_back(alarm.kind, alarm.step);
  if (now == told_) return;
  told_ = std::move(now);
  Q_EMIT changed();
}

}  // namespace vernier::ui
