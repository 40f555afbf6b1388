#include "ui/pages/run/run_page.h"

#include <QDesktopServices>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>
#include <chrono>

#include "ui/pages/describe.h"
#include "ui/pages/picture_button.h"
#include "ui/pages/run/alarm_bar.h"
#include "ui/pages/run/answers_panel.h"
#include "ui/pages/run/curves_panel.h"
#include "ui/pages/run/pause_panel.h"
#include "ui/pages/run/pinned_row_panel.h"
#include "ui/pages/run/run_header.h"
#include "ui/pages/run/sequences_panel.h"
#include "ui/pages/run/signals_panel.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr int kLeastDetails = 12;  // lines
// Of the bundled adapter of rank 16, and what that is of the bundled model's 2 730 432 parameters.
constexpr qint64 kDemoTrained = 331'776;
constexpr double kDemoTrainedShare = kDemoTrained / 2'730'432.0;
constexpr auto kDiskInterval = std::chrono::seconds(20);

}  // namespace

RunPage::RunPage(Workbench& workbench, Actions& actions, QWidget* parent)
    : Page(parent), workbench_(workbench), details_(this), alarms_(workbench.run()), end_notice_(workbench) {
  setObjectName(QStringLiteral("runPage"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  stack_ = new QStackedWidget(this);
  outer->addWidget(stack_);

  no_run_ = new EmptyState(this);
  no_run_->setObjectName(QStringLiteral("runPageEmpty"));
  no_run_->setTitle(tr("No run is open"));
  no_run_->setExplanation(
      tr("The loss of a run stands here, step by step, and behind each point the sequences and "
         "tokens it was made of. Open a run folder, set up a run, or start with the demo."));
  no_run_->setAction(tr("Try the demo"));
  no_run_->setOtherAction(tr("Set up a run"));
  connect(no_run_, &EmptyState::actionTriggered, actions.open_demo, &QAction::trigger);
  connect(no_run_, &EmptyState::otherActionTriggered, actions.page_set_up, &QAction::trigger);
  stack_->addWidget(no_run_);

  content_ = new PageScroller(this);
  auto* layout = new QVBoxLayout(content_->page());
  layout->setContentsMargins(kSpaceLarge, kSpaceMedium, kSpaceLarge, kSpaceMedium);
  layout->setSpacing(kSpaceSmall);
  layout->addWidget(new RunHeader(workbench_, actions, content_->page()));
  auto* alarm_bar = new AlarmBar(alarms_, content_->page());
  connect(alarm_bar, &AlarmBar::evidenceWanted, this, &RunPage::show_evidence);
  layout->addWidget(alarm_bar);
  layout->addWidget(new PausePanel(workbench_, content_->page()));
  split_ = new QSplitter(Qt::Vertical, content_->page());
  split_->setObjectName(QStringLiteral("runSplitter"));
  split_->setChildrenCollapsible(false);
  make_curves(actions);
  make_tabs();
  layout->addWidget(split_, 1);
  stack_->addWidget(content_);
  connect_run();
  reset_layout();
  show_activity();
}

void RunPage::make_curves(Actions& actions) {
  plot_stack_ = new QStackedWidget(split_);
  ready_ = new EmptyState(plot_stack_);
  ready_->setObjectName(QStringLiteral("runReady"));
  connect(ready_, &EmptyState::actionTriggered, actions.start, &QAction::trigger);
  curves_ = new CurvesPanel(workbench_, actions, details_, plot_stack_);
  plot_stack_->addWidget(ready_);
  plot_stack_->addWidget(curves_);
  split_->addWidget(plot_stack_);
}

void RunPage::make_tabs() {
  tabs_ = new QTabWidget(split_);
  describe(tabs_, "runTabs", tr("Details"), tr("What lies behind the selected step."));
  tabs_->setDocumentMode(true);
  tabs_->setMinimumHeight(fontMetrics().height() * kLeastDetails);
  sequences_ = new SequencesPanel(workbench_, tabs_);
  pinned_ = new PinnedRowPanel(workbench_, details_, tabs_);
  signals_ = new SignalsPanel(workbench_, details_, alarms_, curves_->plot(), tabs_);
  tabs_->addTab(sequences_, tr("Sequences"));
  tabs_->addTab(pinned_, tr("Pinned row"));
  tabs_->addTab(signals_->gradients(), tr("Gradients"));
  tabs_->addTab(signals_->logits(), tr("Logits"));
  // In the corner, where it takes no room from the pictures.
  auto* pictures = make_picture_button(
      "runPicture",
      [this](QMenu& menu) {
        if (StepPlot* plot = shown_plot()) plot->addActions(menu);
      },
      tabs_);
  tabs_->setCornerWidget(pictures);
  const auto follow = [this, pictures] { pictures->setEnabled(shown_plot() != nullptr); };
  connect(tabs_, &QTabWidget::currentChanged, pictures, follow);
  follow();
  answers_ = new AnswersPanel(workbench_, tabs_);
  answers_->hide();  // no tab yet
  split_->addWidget(tabs_);
  connect(sequences_, &SequencesPanel::pinWanted, this, [this](qint64 row) {
    pinned_->pin(row);
    tabs_->setCurrentWidget(pinned_);
  });
  QAction& pin = sequences_->pin_action();
  connect(pinned_, &PinnedRowPanel::pinWanted, &pin, &QAction::trigger);
  connect(&pin, &QAction::enabledChanged, pinned_, &PinnedRowPanel::set_can_pin);
  pinned_->set_can_pin(pin.isEnabled());
  RowHistoryPlot& history = pinned_->plot();
  connect(&curves_->plot(), &LossPlot::stepRangeChanged, &history, &StepPlot::setStepRange);
  connect(&history, &StepPlot::stepRangeWanted, &curves_->plot(), &LossPlot::showSteps);
  connect(&history, &StepPlot::wholeRangeWanted, &curves_->plot(), &LossPlot::resetZoom);
  connect(&history, &StepPlot::stepSelected, &workbench_.selection(), &SelectionModel::selectStep);
}

StepPlot* RunPage::shown_plot() const {
  const QWidget* shown = tabs_->currentWidget();
  if (shown == pinned_) return &pinned_->plot();
  if (shown == signals_->gradients()) return &signals_->map();
  if (shown == signals_->logits()) return &signals_->logit_plot();
  return nullptr;
}

void RunPage::connect_run() {
  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, &RunPage::show_activity);
  connect(&run, &RunModel::activityChanged, this, &RunPage::show_activity);
  connect(&run, &RunModel::activityChanged, this, &RunPage::choose_tab);
  connect(&workbench_.demo(), &DemoSession::answersChanged, this, [this, &run] { choose_tab(run.activity()); });
  connect(&workbench_, &Workbench::abilitiesChanged, this, &RunPage::show_activity);
  connect(&run, &RunModel::stepsAppended, this, [this] { plot_stack_->setCurrentWidget(curves_); });
  connect(&details_, &RunDetails::failed, this,
          [this](const QString& sentence) { Q_EMIT workbench_.noticed(MessageLevel::kError, sentence); });
  connect(&details_, &RunDetails::diskChecked, &alarms_, &RunAlarms::set_disk);
  disk_timer_.setInterval(kDiskInterval);
  connect(&disk_timer_, &QTimer::timeout, &details_, &RunDetails::check_disk);
  // Only a run that goes on will save again.
  connect(&run, &RunModel::activityChanged, this,
          [this](Activity activity) { is_active(activity) ? disk_timer_.start() : disk_timer_.stop(); });
  connect(&run, &RunModel::startedChanged, &details_, &RunDetails::check_disk);
}

void RunPage::show_activity() {
  const RunModel& run = workbench_.run();
  stack_->setCurrentWidget(run.has_run() ? static_cast<QWidget*>(content_) : no_run_);
  const bool shows_answers = tabs_->indexOf(answers_) >= 0;
  if (workbench_.is_demo() != shows_answers) {
    if (shows_answers) {
      if (tabs_->currentWidget() == answers_) tabs_->setCurrentWidget(sequences_);
      tabs_->removeTab(tabs_->indexOf(answers_));
      answers_->hide();
    } else {
      // Beside the sequences, where they always were.
      tabs_->setCurrentIndex(tabs_->insertTab(1, answers_, tr("Answers before and after")));
    }
  }
  plot_stack_->setCurrentWidget(run.series().empty() ? static_cast<QWidget*>(ready_) : curves_);
  show_ready();
}

void RunPage::show_ready() {
  const RunModel& run = workbench_.run();
  switch (run.activity()) {
    case Activity::kReady:
      ready_->setTitle(tr("Ready to start"));
      ready_->setExplanation(
          workbench_.is_demo()
              ? tr("The demo teaches a small bundled model two things it cannot do: answer in an old sea captain's "
                   "voice, and know Captain Bram, his ship and his crab. LoRA leaves the model's weights as they are "
                   "and trains %1 values beside them, %2 as many. It takes about a minute; the loss on held-out rows "
                   "should fall by a third or more. Below: five questions, answered before and after.")
                    .arg(grouped(kDemoTrained), percent(kDemoTrainedShare, 2))
              : tr("The run will be kept in %1.").arg(run.run_dir()));
      ready_->setAction(tr("Start"));
      break;
    case Activity::kLoading:
      ready_->setTitle(tr("Getting ready"));
      ready_->setExplanation(tr("Weights and data are being read. The first point of the curve follows at once."));
      ready_->setAction({});
      break;
    case Activity::kRunning:
      ready_->setTitle(tr("Getting ready"));
      ready_->setExplanation(
          run.config().eval_dataset || run.config().eval_fraction > 0.0
              ? tr("The held-out rows are measured before the first step, so that every later measure has one to stand "
                   "against. The curve begins right after.")
              : tr("The first step is being made. The curve begins with it."));
      ready_->setAction({});
      break;
    default:
      ready_->setTitle(to_words(run.activity()));
      ready_->setExplanation(run.info().message.empty() ? tr("This run has no step yet.")
                                                        : engine_text(run.info().message));
      ready_->setAction({});
      break;
  }
}

void RunPage::choose_tab(Activity activity) {
  const bool is_answered =
      activity == Activity::kFinished && workbench_.is_demo() && workbench_.demo().answers().has_after();
  if (activity == Activity::kLoading) {
    tabs_->setCurrentIndex(0);
  } else if (is_answered && !was_answered_) {
    tabs_->setCurrentWidget(answers_);
  }
  was_answered_ = is_answered;
}

void RunPage::show_evidence(const Alarm& alarm) {
  const RunModel& run = workbench_.run();
  const qint64 last = run.series().empty() ? 0 : run.series().back().step;
  // A step that failed is no step of the run: the one before it is as near as there is.
  const qint64 step = std::min<qint64>(alarm.first_step, last);
  if (step > 0) workbench_.selection().selectStep(step);
  switch (alarm.kind) {
    case AlarmKind::kNonFinite:
      if (alarm.first_step > last) {
        tabs_->setCurrentWidget(signals_->logits());
        break;
      }
      tabs_->setCurrentWidget(sequences_);
      break;
    case AlarmKind::kLabelShare:
      tabs_->setCurrentWidget(sequences_);
      break;
    case AlarmKind::kDivergence:
      curves_->show_chart(Strip::kEvaluation);
      break;
    case AlarmKind::kGradientVanished:
      curves_->show_chart(Strip::kGradNorm);
      tabs_->setCurrentWidget(signals_->gradients());
      break;
    case AlarmKind::kEvaluationStuck:
      workbench_.check_parity();
      workbench_.show(PageId::kInspect);
      break;
    case AlarmKind::kArgmaxCollapsed:
      tabs_->setCurrentWidget(signals_->logits());
      break;
    case AlarmKind::kThroughput:
      curves_->show_chart(Strip::kThroughput);
      break;
    case AlarmKind::kDiskLow:
      QDesktopServices::openUrl(QUrl::fromLocalFile(run.run_dir()));
      break;
  }
}

bool RunPage::is_busy() {
  return curves_->is_filling();
}

void RunPage::take_focus() {
  QWidget* shown = stack_->currentWidget() == no_run_        ? static_cast<QWidget*>(no_run_)
                   : plot_stack_->currentWidget() == curves_ ? static_cast<QWidget*>(&curves_->plot())
                                                             : ready_;
  shown->setFocus(Qt::OtherFocusReason);
}

void RunPage::reset_layout() {
  constexpr int kUnit = 1000;
  split_->setSizes({3 * kUnit, 2 * kUnit});
  sequences_->reset_layout();
}

}  // namespace vernier::ui
