#include "ui/pages/run/run_header.h"

#include <QCoreApplication>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/style/paint.h"
#include "ui/style/sentences.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr double kAlike = 0.05;  // nats
const QString kNothing = QStringLiteral("\u2013");

// What the run will do, in the configuration's own words.
QString plan_of(const RunConfig& config) {
  const QString method = config.method == Method::kLora
                             ? QCoreApplication::translate("RunHeader", "LoRA of rank r = %1").arg(config.lora.r)
                             : QCoreApplication::translate("RunHeader", "All weights (method: full)");
  const QString length = config.max_steps > 0
                             ? QCoreApplication::translate("RunHeader", "%1 steps").arg(grouped(config.max_steps))
                             : QCoreApplication::translate("RunHeader", "%1 epochs").arg(config.num_train_epochs);
  return QCoreApplication::translate("RunHeader", "Planned: %1, %2, %3 sequences a step, learning rate %4.")
      .arg(method, length)
      .arg(config.per_device_train_batch_size * config.gradient_accumulation_steps)
      .arg(config.learning_rate);
}

// The last step's while a run goes on; of one that has ended, over all of it, as the Compare page has it.
double speed_of(const RunModel& run) {
  return is_active(run.activity()) ? run.latest().tokens_per_second : run.training_speed();
}

QString loss_text(double loss) {
  return QString::number(loss, 'f', 4);
}

}  // namespace

RunHeader::RunHeader(Workbench& workbench, Actions& actions, QWidget* parent)
    : QWidget(parent), workbench_(workbench), actions_(actions) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  auto* buttons = new FlowLayout(kSpaceTiny, kSpaceTiny);
  for (QAction* action : {actions.start, actions.pause, actions.single_step, actions.resume, actions.stop, actions.save,
                          actions.export_run, actions.follow_newest}) {
    buttons->addWidget(
        make_button(action, action->icon().isNull() ? Qt::ToolButtonTextOnly : Qt::ToolButtonTextBesideIcon, this));
  }
  layout->addLayout(buttons);

  auto* figures = new FlowLayout(kSpaceHuge, kSpaceTiny);
  step_ = add_figure(figures, "figureStep", tr("Step"), tr("Optimizer steps done, of those planned."));
  epoch_ = add_figure(figures, "figureEpoch", tr("Epoch"), tr("How often the data set was gone through."));
  loss_ = add_figure(figures, "figureLoss", tr("Loss per token"),
                     tr("Sum of all token losses over num_items_in_batch, in nats, before the step's update."));
  sequence_loss_ =
      add_figure(figures, "figureSequenceLoss", tr("Loss per sequence"),
                 tr("Mean over sequences of each one's mean loss: short ones count as much as long ones."));
  eval_loss_ = add_figure(figures, "figureEvalLoss", tr("Held-out loss"),
                          tr("The newest evaluation: loss per token on rows that are never trained on."));
  eval_step_ = findChild<QLabel*>(QStringLiteral("figureEvalLossCaption"));
  accuracy_ = add_figure(figures, "figureAccuracy", tr("Token accuracy"),
                         tr("How often the likeliest token was the right one (mean_token_accuracy)."));
  speed_ = add_figure(figures, "figureSpeed", tr("Tokens/s"), tr("Real tokens in a second; there is no padding."));
  left_ = add_figure(figures, "figureLeft", tr("Time left"), {});
  left_caption_ = findChild<QLabel*>(QStringLiteral("figureLeftCaption"));
  layout->addLayout(figures);
  note_ = make_note({}, this);
  note_->setObjectName(QStringLiteral("runNote"));
  add_note(layout, note_);

  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, &RunHeader::refresh);
  connect(&run, &RunModel::activityChanged, this, [this](Activity activity) {
    if (activity != Activity::kRunning) awaits_pause_ = false;
    refresh();
  });
  connect(actions.pause, &QAction::triggered, this, [this] {
    awaits_pause_ = true;
    note_->setText(note());
  });
  connect(&run, &RunModel::startedChanged, this, &RunHeader::refresh);
  connect(&run, &RunModel::progressChanged, this, &RunHeader::refresh);
  connect(&run, &RunModel::messageChanged, this, &RunHeader::refresh);
  connect(&run, &RunModel::stepsAppended, this, &RunHeader::refresh);
  connect(&run, &RunModel::evalsChanged, this, &RunHeader::refresh);
  connect(&workbench_, &Workbench::abilitiesChanged, this, &RunHeader::refresh);  // whether it is the demo
  refresh();
}

bool RunHeader::focusNextPrevChild(bool next) {
  const auto* held = qobject_cast<const QToolButton*>(focusWidget());
  if (held == nullptr || held->isEnabled()) return QWidget::focusNextPrevChild(next);
  // What was pressed cannot be done now. The next button would be Stop; the keyboard goes to what takes it back.
  if (held->defaultAction() == actions_.single_step) does_single_steps_ = true;
  const bool goes_on = std::exchange(does_single_steps_, does_single_steps_ && !actions_.single_step->isEnabled());
  const QAction* wanted = goes_on && actions_.single_step->isEnabled() ? actions_.single_step
                          : actions_.pause->isEnabled()                ? actions_.pause
                          : actions_.resume->isEnabled()               ? actions_.resume
                                                                       : actions_.start;
  for (QToolButton* button : findChildren<QToolButton*>()) {
    if (button->defaultAction() != wanted || !button->isEnabled()) continue;
    button->setFocus(Qt::OtherFocusReason);
    return true;
  }
  return QWidget::focusNextPrevChild(next);
}

QLabel* RunHeader::add_figure(FlowLayout* row, const char* name, const QString& caption, const QString& tool_tip) {
  auto* cell = new QWidget(this);
  auto* column = new QVBoxLayout(cell);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  QLabel* title = make_note(caption, cell, false);
  title->setObjectName(QLatin1String(name) + QLatin1String("Caption"));
  title->setToolTip(tool_tip);
  QLabel* value = make_heading(kNothing, cell);
  describe(value, name, caption, tool_tip);
  column->addWidget(title);
  column->addWidget(value);
  row->addWidget(cell);
  return value;
}

void RunHeader::refresh() {
  const RunModel& run = workbench_.run();
  const StepEvent& latest = run.latest();
  const bool has_step = latest.step > 0;
  const qint64 total = run.info().total_steps;
  step_->setText(total > 0  ? tr("%1 of %2").arg(grouped(latest.step), grouped(total))
                 : has_step ? grouped(latest.step)
                            : kNothing);
  epoch_->setText(has_step ? QString::number(latest.epoch, 'f', 2) : kNothing);
  loss_->setText(has_step ? loss_text(latest.loss_per_token) : kNothing);
  sequence_loss_->setText(has_step ? loss_text(latest.loss_per_sequence) : kNothing);
  eval_loss_->setText(run.evals().empty() ? kNothing : loss_text(run.evals().back().eval_loss_per_token));
  accuracy_->setText(has_step ? percent(latest.mean_token_accuracy) : kNothing);
  const double speed = speed_of(run);
  speed_->setText(speed > 0.0 ? grouped(std::llround(speed)) : kNothing);
  show_time();

  eval_step_->setText(run.evals().empty() ? tr("Held-out loss")
                                          : tr("Held-out loss, step %1").arg(grouped(run.evals().back().step)));
  note_->setText(note());
}

void RunHeader::show_time() {
  const RunModel& run = workbench_.run();
  const bool has_ended = run.latest().step > 0 && !is_active(run.activity());
  const QString time = run.latest().step == 0 ? QString()
                       : has_ended            ? to_duration(run.training_seconds())
                                              : to_duration(run.latest().seconds_left);
  left_->setText(time.isEmpty() ? kNothing : time);
  const QString caption = has_ended ? tr("Took") : tr("Time left");
  const QString tool_tip = has_ended ? tr("What all its steps took together, without loading and evaluations.")
                                     : tr("What the steps to come will take at the present speed.");
  left_caption_->setText(caption);
  left_->setAccessibleName(caption);
  for (QLabel* label : {left_, left_caption_}) label->setToolTip(tool_tip);
}

QString RunHeader::note() const {
  const RunModel& run = workbench_.run();
  if (run.activity() == Activity::kReady) return plan_of(run.config());
  if (awaits_pause_) return tr("Pauses as soon as the step under way has ended.");
  // Before a pause it may have evaluated: that is over.
  if (run.latest().step == 0 && is_active(run.activity()) && run.activity() != Activity::kPaused &&
      !run.progress().stage.empty()) {
    return tr("%1\u2026 %2").arg(engine_text(run.progress().stage), percent(run.progress().fraction, 0));
  }
  if (run.latest().step == 0) return to_words(run.activity());
  QStringList sentences;
  if (run.activity() == Activity::kFailed && !run.info().message.empty()) {
    sentences << engine_text(run.info().message);
  }
  const bool was_cut = run.activity() == Activity::kFailed || run.activity() == Activity::kInterrupted;
  if (was_cut && run.info().last_saved_step == 0) {
    sentences << tr("It ended before its first checkpoint: there is nothing to go on from.");
  }
  if (workbench_.is_followed()) {
    sentences << tr("Another process trains this run: it is followed here, and steered there.");
  }
  // The demo begins at the blind guess by chance: a sentence on it would tell of a model that knows nothing.
  const bool begins_blind = workbench_.is_demo() && !run.evals().empty() &&
                            std::abs(run.evals().front().eval_loss_per_token - run.blind_guess()) < kAlike;
  if (run.blind_guess() > 0 && !begins_blind) {
    sentences << tr("A blind guess over %1 tokens costs ln V = %2.")
                     .arg(grouped(run.info().vocab_size), QString::number(run.blind_guess(), 'f', 2));
  }
  if (run.evals().size() > 1) {
    const EvalEvent& first = run.evals().front();
    const EvalEvent& last = run.evals().back();
    const double change = last.eval_loss_per_token / first.eval_loss_per_token - 1.0;
    sentences << (change < 0.0 ? tr("On held-out rows the loss went from %1 to %2: %3 lower.")
                               : tr("On held-out rows the loss went from %1 to %2: %3 higher."))
                     .arg(QString::number(first.eval_loss_per_token, 'f', 2),
                          QString::number(last.eval_loss_per_token, 'f', 2), percent(std::abs(change), 0));
  }
  return in_a_row(sentences);
}

}  // namespace vernier::ui
