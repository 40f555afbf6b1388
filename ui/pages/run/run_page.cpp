#include "ui/pages/run/run_page.h"

#include <QVBoxLayout>
#include <algorithm>
#include <tuple>

#include "ui/pages/describe.h"
#include "ui/pages/run/answers_panel.h"
#include "ui/pages/run/run_header.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kLeastDetails = 12;  // lines

}  // namespace

RunPage::RunPage(Workbench& workbench, Actions& actions, QWidget* parent) : Page(parent), workbench_(workbench) {
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
         "tokens it was made of. Open a run folder, or start with the demo."));
  no_run_->setAction(tr("Try the demo"));
  connect(no_run_, &EmptyState::actionTriggered, actions.open_demo, &QAction::trigger);
  stack_->addWidget(no_run_);

  content_ = new PageScroller(this);
  auto* layout = new QVBoxLayout(content_->page());
  layout->setContentsMargins(kSpaceLarge, kSpaceMedium, kSpaceLarge, kSpaceMedium);
  layout->setSpacing(kSpaceSmall);
  header_ = new RunHeader(workbench_, actions, content_->page());
  layout->addWidget(header_);

  split_ = new QSplitter(Qt::Vertical, content_->page());
  split_->setObjectName(QStringLiteral("runSplitter"));
  split_->setChildrenCollapsible(false);
  plot_stack_ = new QStackedWidget(split_);
  ready_ = new EmptyState(plot_stack_);
  ready_->setObjectName(QStringLiteral("runReady"));
  connect(ready_, &EmptyState::actionTriggered, actions.start, &QAction::trigger);
  plot_ = new LossPlot(plot_stack_);
  describe(plot_, "lossPlot", tr("Loss"),
           tr("Both losses of each step, from one forward. Click a point or use the arrow keys to select a step."));
  plot_stack_->addWidget(ready_);
  plot_stack_->addWidget(plot_);
  split_->addWidget(plot_stack_);
  tabs_ = new QTabWidget(split_);
  describe(tabs_, "runTabs", tr("Details"), tr("What lies behind the selected step."));
  tabs_->setDocumentMode(true);
  tabs_->setMinimumHeight(fontMetrics().height() * kLeastDetails);
  tabs_->addTab(make_details(), tr("Sequences"));
  answers_ = new AnswersPanel(workbench_, tabs_);
  answers_->hide();  // no tab yet
  split_->addWidget(tabs_);
  layout->addWidget(split_, 1);
  stack_->addWidget(content_);

  for (const auto& [action, set, changed] :
       {std::tuple(actions.log_loss, &LossPlot::setLogarithmic, &LossPlot::logarithmicChanged),
        std::tuple(actions.smooth_loss, &LossPlot::setSmoothed, &LossPlot::smoothedChanged)}) {
    (plot_->*set)(action->isChecked());
    connect(action, &QAction::toggled, plot_, set);
    connect(plot_, changed, action, &QAction::setChecked);
  }
  connect_run();
  connect_selection();
  reset_layout();
  show_run();
}

QWidget* RunPage::make_details() {
  auto* details = new QWidget(this);
  auto* layout = new QVBoxLayout(details);
  layout->setContentsMargins(0, kSpaceSmall, 0, 0);
  layout->setSpacing(kSpaceSmall);
  step_note_ = make_note({}, details);
  step_note_->setObjectName(QStringLiteral("stepNote"));
  add_note(layout, step_note_);
  details_split_ = new QSplitter(Qt::Horizontal, details);
  details_split_->setObjectName(QStringLiteral("runDetailsSplitter"));
  details_split_->setChildrenCollapsible(false);
  sequences_ = new SequenceTable(details_split_);
  describe(sequences_, "runSequences", tr("Sequences of the selected step"),
           tr("Worst first: sequences with a high loss are where the model learns most, or where the data is wrong. "
              "Selecting one shows its tokens."));
  ribbon_ = new TokenRibbon(details_split_);
  describe(ribbon_, "runRibbon", tr("Tokens of the selected sequence"),
           tr("Each token coloured by what it cost the model. Hatched ones have no label: nothing is learned from "
              "them."));
  details_split_->addWidget(sequences_);
  details_split_->addWidget(ribbon_);
  layout->addWidget(details_split_, 1);
  return details;
}

void RunPage::connect_run() {
  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, &RunPage::show_run);
  connect(&run, &RunModel::activityChanged, this, &RunPage::show_activity);
  connect(&run, &RunModel::activityChanged, this, &RunPage::choose_tab);
  connect(&workbench_.demo(), &DemoSession::answersChanged, this, [this, &run] { choose_tab(run.activity()); });
  connect(&workbench_, &Workbench::abilitiesChanged, this, &RunPage::show_activity);
  connect(&run, &RunModel::startedChanged, this, [this, &run] {
    plot_->setTotalSteps(run.info().total_steps);
    plot_->setBlindGuess(run.blind_guess(), run.info().vocab_size);
  });
  connect(&run, &RunModel::stepsAppended, this, [this, &run](std::size_t first) {
    const auto begin = run.series().begin() + static_cast<std::ptrdiff_t>(first);
    plot_->append({begin, run.series().end()});
    plot_stack_->setCurrentWidget(plot_);
  });
  connect(&run, &RunModel::evalsChanged, this, [this, &run] { plot_->setEvals(run.evals()); });
}

void RunPage::connect_selection() {
  SelectionModel& selection = workbench_.selection();
  connect(plot_, &LossPlot::stepSelected, &selection, &SelectionModel::selectStep);
  connect(sequences_, &SequenceTable::sequenceSelected, &selection, &SelectionModel::selectSequence);
  connect(ribbon_, &TokenRibbon::tokenSelected, &selection, &SelectionModel::selectPosition);
  connect(&selection, &SelectionModel::stepChanged, this, [this](qint64 step) {
    plot_->setSelectedStep(step > 0 ? step : 0);
    if (step < 0) show_sequences(step, {});
  });
  connect(&selection, &SelectionModel::sequenceChanged, sequences_, &SequenceTable::setSelected);
  connect(&selection, &SelectionModel::sequenceChanged, this, [this](qint64, qint64 index) {
    if (index < 0) ribbon_->clear(tr("The tokens of the selected sequence stand here, coloured by their loss."));
  });
  connect(&selection, &SelectionModel::positionChanged, ribbon_, &TokenRibbon::setSelectedPosition);
  RunLoader& loader = workbench_.loader();
  connect(&loader, &RunLoader::sequencesLoaded, this, &RunPage::show_sequences);
  connect(&loader, &RunLoader::tokensLoaded, this, [this, &loader, &selection](const StepTokens& tokens) {
    if (tokens.step != selection.step() || tokens.sequence.index != selection.sequence()) return;
    if (tokens.tokens.empty()) {
      ribbon_->clear(tr("The tokens of this sequence were not recorded."));
      return;
    }
    ribbon_->setTokens(tokens, [&loader](std::int32_t id) { return loader.piece(id); });
    ribbon_->setSelectedPosition(selection.position());
  });
}

void RunPage::show_run() {
  const RunModel& run = workbench_.run();
  plot_->clear();
  plot_->setTotalSteps(run.info().total_steps);
  plot_->setBlindGuess(run.blind_guess(), run.info().vocab_size);
  plot_->setSeries(run.series());
  plot_->setEvals(run.evals());
  plot_->setSelectedStep(std::max<qint64>(workbench_.selection().step(), 0));
  show_sequences(-1, {});
  ribbon_->clear(tr("The tokens of the selected sequence stand here, coloured by their loss."));
  show_activity();
}

void RunPage::show_activity() {
  const RunModel& run = workbench_.run();
  stack_->setCurrentWidget(run.has_run() ? static_cast<QWidget*>(content_) : no_run_);
  const bool shows_answers = tabs_->indexOf(answers_) >= 0;
  if (workbench_.is_demo() != shows_answers) {
    if (shows_answers) {
      tabs_->removeTab(tabs_->indexOf(answers_));
      answers_->hide();
    } else {
      tabs_->setCurrentIndex(tabs_->addTab(answers_, tr("Answers before and after")));
    }
  }
  plot_stack_->setCurrentWidget(run.series().empty() ? static_cast<QWidget*>(ready_) : plot_);
  switch (run.activity()) {
    case Activity::kReady:
      ready_->setTitle(tr("Ready to start"));
      ready_->setExplanation(
          workbench_.is_demo()
              ? tr("The demo teaches a small bundled model two things it cannot do: answer in an old sea captain's "
                   "voice, "
                   "and know Captain Bram, his ship and his crab. LoRA changes a few per cent of its weights. It "
                   "takes "
                   "about a minute; the loss on held-out rows should fall by a third or more. Below: five questions, "
                   "answered before and after.")
              : tr("The run will be kept in %1.").arg(run.run_dir()));
      ready_->setAction(tr("Start"));
      break;
    case Activity::kLoading:
      ready_->setTitle(tr("Getting ready"));
      ready_->setExplanation(tr("Weights and data are being read. The first point of the curve follows at once."));
      ready_->setAction({});
      break;
    default:
      ready_->setTitle(to_words(run.activity()));
      ready_->setExplanation(run.info().message.empty() ? tr("This run has no step yet.")
                                                        : QString::fromStdString(run.info().message));
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

void RunPage::take_focus() {
  QWidget* shown = stack_->currentWidget() == no_run_ ? no_run_ : plot_stack_->currentWidget();
  shown->setFocus(Qt::OtherFocusReason);
}

void RunPage::show_sequences(qint64 step, const std::vector<SequenceRecord>& sequences) {
  if (step >= 0 && step != workbench_.selection().step()) return;
  sequences_->setRecords(sequences);
  sequences_->setSelected(step, workbench_.selection().sequence());
  if (step < 0) {
    step_note_->setText(tr("Click a point of the curve to see the sequences of that step."));
    return;
  }
  QString text = sequences.size() == 1 ? tr("Step %1: one sequence.").arg(grouped(step))
                                       : tr("Step %1: %2 sequences, worst first.")
                                             .arg(grouped(step), grouped(static_cast<qint64>(sequences.size())));
  const std::vector<SeriesPoint>& series = workbench_.run().series();
  const auto point = std::lower_bound(series.begin(), series.end(), step,
                                      [](const SeriesPoint& p, qint64 wanted) { return p.step < wanted; });
  if (point != series.end() && point->step == step) {
    text += tr(" Loss %1 per token, %2 per sequence.")
                .arg(QString::number(point->loss_per_token, 'f', 4), QString::number(point->loss_per_sequence, 'f', 4));
  }
  step_note_->setText(text);
}

void RunPage::reset_layout() {
  constexpr int kUnit = 1000;
  split_->setSizes({3 * kUnit, 2 * kUnit});
  details_split_->setSizes({2 * kUnit, 3 * kUnit});
}

}  // namespace vernier::ui
