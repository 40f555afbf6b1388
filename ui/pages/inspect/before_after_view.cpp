#include "ui/pages/inspect/before_after_view.h"

#include <QClipboard>
#include <QDir>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <vector>

#include "ui/pages/describe.h"
#include "ui/pages/inspect/ask_markdown.h"
#include "ui/session/demo_session.h"
#include "ui/session/session_of.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kControlsWidth = 320;
constexpr int kUnit = 1000;
constexpr int kNarrowest = 320;
constexpr int kSideBySide = 660;  // narrower, the answers stand below the prompt
constexpr int kLeastLines = 14;   // of prompt and settings
// So small a largest divergence is no difference: colours are not stretched to it, nats.
constexpr double kLeastScale = 0.1;

// Steps whose checkpoint holds an adapter, newest first.
QList<qint64> adapter_checkpoints(const QString& run_dir) {
  QList<qint64> steps;
  const QString prefix = QStringLiteral("step-");
  const QDir checkpoints(QDir(run_dir).filePath(QStringLiteral("checkpoints")));
  for (const QString& name : checkpoints.entryList({prefix + '*'}, QDir::Dirs)) {
    bool ok = false;
    const qint64 step = name.mid(prefix.size()).toLongLong(&ok);
    if (ok && QDir(checkpoints.filePath(name)).exists(QStringLiteral("adapter_config.json"))) steps << step;
  }
  std::sort(steps.begin(), steps.end(), std::greater<>());
  return steps;
}

}  // namespace

BeforeAfterView::BeforeAfterView(Workbench& workbench, Actions& actions, QWidget* parent)
    : InspectView(parent),
      workbench_(workbench),
      actions_(actions),
      session_(session_of<AskSession>(workbench, session_of<ModelShelf>(workbench).models())) {
  setObjectName(QStringLiteral("beforeAfterView"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  stack_ = new QStackedWidget(this);
  outer->addWidget(stack_);
  empty_ = new EmptyState(stack_);
  empty_->setObjectName(QStringLiteral("beforeAfterEmpty"));
  stack_->addWidget(empty_);
  connect(empty_, &EmptyState::actionTriggered, this,
          [this] { (workbench_.can_ask() ? actions_.save : actions_.open_demo)->trigger(); });
  content_ = new QSplitter(Qt::Horizontal, stack_);
  content_->setObjectName(QStringLiteral("beforeAfterSplitter"));
  content_->setChildrenCollapsible(false);
  content_->addWidget(make_controls());
  content_->addWidget(make_answers());
  content_->setStretchFactor(0, 0);
  content_->setStretchFactor(1, 1);
  stack_->addWidget(content_);
  connect_session();
  connect_run();
  setMinimumWidth(kNarrowest);
  reset_layout();
  // What another window has asked of the same run is shown again.
  if (session_.model()) shown_run_ = QString::fromStdString(session_.model()->run_dir);
  show_run();
  for (int side = 0; side < kNumAnswerSides; ++side) show_answer(static_cast<AnswerSide>(side), 0);
  show_prompt_seen();
}

QString BeforeAfterView::title() const {
  return tr("Before / after");
}

QString BeforeAfterView::tool_tip() const {
  return tr("Asks the model as it was and as training left it, side by side, and shows at which words they part.");
}

QWidget* BeforeAfterView::make_controls() {
  auto* side = new QWidget(content_);
  auto* outer = new QVBoxLayout(side);
  outer->setContentsMargins(0, 0, kSpaceSmall, 0);
  outer->setSpacing(kSpaceSmall);
  auto* scroller = new PageScroller(side);
  auto* column = new QVBoxLayout(scroller->page());
  column->setContentsMargins(0, 0, kSpaceSmall, 0);
  column->setSpacing(kSpaceMedium);
  prompt_ = new PromptPanel(scroller->page());
  column->addWidget(prompt_);
  adapter_ = new QComboBox(scroller->page());
  describe(adapter_, "askAdapter", tr("Adapter"),
           tr("The adapter that answers after training: the newest that was saved, or that of an earlier checkpoint."));
  adapter_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  adapter_->setMinimumContentsLength(18);
  auto* adapter = new QVBoxLayout;
  adapter->setSpacing(kSpaceSmall);
  auto* caption = new QLabel(tr("Adap&ter after training"), scroller->page());
  caption->setBuddy(adapter_);
  adapter->addWidget(caption);
  adapter->addWidget(adapter_);
  column->addLayout(adapter);
  sampling_ = new SamplingPanel(scroller->page());
  column->addWidget(sampling_);
  column->addStretch(1);
  outer->addWidget(scroller, 1);

  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kSpaceSmall);
  ask_ = new QPushButton(tr("&Ask both"), side);
  describe(ask_, "askBoth", tr("Ask both"),
           tr("Answers on both sides at once, then compares the two at every token. Ctrl+Enter in the prompt does the "
              "same."));
  buttons->addWidget(ask_, 1);
  stop_ = new QPushButton(tr("St&op"), side);
  describe(stop_, "askStop", tr("Stop"),
           tr("Ends both answers where they are; what is there is still compared. A second time ends that too."));
  buttons->addWidget(stop_);
  outer->addLayout(buttons);
  side->setMinimumSize(kControlsWidth * 3 / 4, fontMetrics().height() * kLeastLines);
  return side;
}

QWidget* BeforeAfterView::make_answers() {
  auto* side = new QWidget(content_);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(kSpaceSmall, 0, 0, 0);
  column->setSpacing(kSpaceSmall);
  messages_ = new MessageBar(side);
  messages_->setObjectName(QStringLiteral("askMessages"));
  column->addWidget(messages_);
  auto* head = new QHBoxLayout;
  head->setSpacing(kSpaceSmall);
  activity_ = make_note({}, side, false);
  activity_->setObjectName(QStringLiteral("askActivity"));
  head->addWidget(activity_, 1);
  progress_ = new QProgressBar(side);
  describe(progress_, "askProgress", tr("Progress"), tr("How much of what is being done is done."));
  progress_->setTextVisible(false);
  progress_->setMaximumWidth(kControlsWidth / 2);
  head->addWidget(progress_);
  copy_ = new QPushButton(tr("&Copy as Markdown"), side);
  describe(copy_, "askCopy", tr("Copy as Markdown"),
           tr("Prompt, settings, both answers and the tokens at which they part most, ready to paste into a report."));
  head->addWidget(copy_);
  column->addLayout(head);
  seen_ = make_note({}, side);
  seen_->setObjectName(QStringLiteral("askPromptSeen"));
  column->addWidget(seen_);

  rows_ = new QSplitter(Qt::Vertical, side);
  rows_->setObjectName(QStringLiteral("beforeAfterRows"));
  rows_->setChildrenCollapsible(false);
  auto* both = new QSplitter(Qt::Horizontal, rows_);
  both->setObjectName(QStringLiteral("beforeAfterAnswers"));
  both->setChildrenCollapsible(false);
  const auto add = [this](AnswerSide which, const QString& words, const QString& explanation, QSplitter* parent) {
    auto* made = new AnswerPane(which, words, explanation, parent);
    panes_[static_cast<std::size_t>(which)] = made;
    parent->addWidget(made);
    connect(&made->ribbon(), &TextRibbon::indexSelected, this, [this, which](int index) { show_token(which, index); });
  };
  add(AnswerSide::kBase, tr("Before training"), tr("What the model says without the adapter will stand here."), both);
  add(AnswerSide::kTuned, tr("After training"), tr("What it says with the adapter will stand here."), both);
  rows_->addWidget(both);
  add(AnswerSide::kRow, tr("What the row says"), {}, rows_);
  auto* lower = new QWidget(rows_);
  auto* lower_column = new QVBoxLayout(lower);
  lower_column->setContentsMargins(0, 0, 0, 0);
  lower_column->setSpacing(kSpaceSmall);
  legend_ = new ColorLegend(lower);
  legend_->setObjectName(QStringLiteral("askLegend"));
  legend_->setToolTip(
      tr("KL(after || before): how far training moved what the model expects at a token. 0: not at "
         "all; ln 2 = 0.69 nats is about one choice between two."));
  lower_column->addWidget(legend_);
  alternatives_ = new AlternativesPanel(lower);
  lower_column->addWidget(alternatives_, 1);
  rows_->addWidget(lower);
  column->addWidget(rows_, 1);
  return side;
}

void BeforeAfterView::connect_session() {
  connect(ask_, &QPushButton::clicked, this, &BeforeAfterView::ask);
  connect(stop_, &QPushButton::clicked, &session_, &AskSession::stop);
  connect(copy_, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(markdown()); });
  connect(prompt_, &PromptPanel::submitted, this, &BeforeAfterView::ask);
  connect(prompt_, &PromptPanel::changed, this, &BeforeAfterView::show_activity);
  connect(sampling_, &SamplingPanel::strengthChanged, this, [this](double strength) {
    messages_->hide();
    session_.ask_at(strength);
  });
  connect(alternatives_, &AlternativesPanel::chosen, this, [this](AnswerSide side, int index, int id) {
    messages_->hide();
    session_.go_on_from(side, static_cast<std::size_t>(index), id);
  });
  connect(&session_, &AskSession::answerChanged, this, &BeforeAfterView::show_answer);
  connect(&session_, &AskSession::activityChanged, this, &BeforeAfterView::show_activity);
  connect(&session_, &AskSession::failed, this,
          [this](const QString& sentence) { messages_->showMessage(MessageLevel::kError, sentence); });
  connect(&session_, &AskSession::promptSeen, this, &BeforeAfterView::show_prompt_seen);
}

void BeforeAfterView::connect_run() {
  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, &BeforeAfterView::show_run);
  connect(&run, &RunModel::activityChanged, this, &BeforeAfterView::show_run);
  connect(&run, &RunModel::savedStepChanged, this, &BeforeAfterView::show_run);
  connect(&run, &RunModel::stepsAppended, this, [this] {
    // A run of another process tells of its checkpoints with its steps.
    if (workbench_.run().info().last_saved_step != adapter_->itemData(0).toLongLong()) show_run();
  });
  connect(&workbench_.demo(), &DemoSession::answersChanged, this, &BeforeAfterView::show_run);
  connect(&workbench_, &Workbench::abilitiesChanged, this, &BeforeAfterView::show_run);
  connect(&workbench_.loader(), &RunLoader::tokensLoaded, this, [this](const StepTokens& tokens) {
    const SelectionModel& selection = workbench_.selection();
    if (tokens.step != selection.step() || tokens.sequence.index != selection.sequence()) return;
    selected_row_ = tokens.sequence.row;
    prompt_->set_selected_row(selected_row_);
    select_position(selection.position());
  });
  connect(&workbench_.selection(), &SelectionModel::positionChanged, this, &BeforeAfterView::select_position);
}

void BeforeAfterView::list_adapters() {
  const RunModel& run = workbench_.run();
  const qint64 chosen = adapter_->currentIndex() > 0 ? adapter_->currentData().toLongLong() : -1;
  const QSignalBlocker quiet(adapter_);
  adapter_->clear();
  const qint64 newest = run.info().last_saved_step;
  if (newest == 0) return;
  adapter_->addItem(tr("Newest adapter, step %1").arg(grouped(newest)), QVariant::fromValue(newest));
  for (const qint64 step : adapter_checkpoints(run.run_dir())) {
    if (step != newest) adapter_->addItem(tr("Checkpoint of step %1").arg(grouped(step)), QVariant::fromValue(step));
  }
  adapter_->setCurrentIndex(std::max(0, adapter_->findData(QVariant::fromValue(chosen))));
}

std::optional<AskModel> BeforeAfterView::wanted_model() const {
  const RunModel& run = workbench_.run();
  if (adapter_->count() == 0) return std::nullopt;
  AskModel model;
  model.run_dir = run.run_dir().toStdString();
  model.model_dir = run.info().model_path.empty() ? run.config().model_name_or_path : run.info().model_path;
  model.adapter_step = adapter_->currentData().toLongLong();
  const QString checkpoint =
      QDir(run.run_dir()).filePath(QStringLiteral("checkpoints/step-%1").arg(model.adapter_step));
  model.adapter_dir =
      (adapter_->currentIndex() == 0 ? DemoSession::adapter_of(run.run_dir()) : checkpoint).toStdString();
  model.config = run.config();
  return model;
}

void BeforeAfterView::show_run() {
  const RunModel& run = workbench_.run();
  if (shown_run_ != run.run_dir()) {
    shown_run_ = run.run_dir();
    selected_row_ = -1;
    selected_.reset();
    prompt_->set_selected_row(-1);
    messages_->hide();
    if (session_.model()) session_.forget();
  }
  QStringList examples;
  if (workbench_.is_demo() && workbench_.demo().is_loaded()) {
    for (const DemoPrompt& prompt : workbench_.demo().demo().prompts) examples << QString::fromStdString(prompt.prompt);
  }
  prompt_->set_examples(examples);
  prompt_->set_has_held_out(run.config().eval_dataset.has_value() || run.config().eval_fraction > 0.0);
  list_adapters();
  const bool has_adapter = run.has_run() && run.config().method == Method::kLora && adapter_->count() > 0;
  stack_->setCurrentWidget(has_adapter ? static_cast<QWidget*>(content_) : empty_);
  empty_->setAction({});
  if (!run.has_run()) {
    empty_->setTitle(tr("No run is open"));
    empty_->setExplanation(
        tr("Here any prompt is answered twice: by the model as it was, and as training left it, with the difference "
           "shown at every token. Open a run that has saved an adapter, or try the demo."));
    empty_->setAction(tr("Try the demo"));
  } else if (run.config().method != Method::kLora) {
    empty_->setTitle(tr("This run has no adapter"));
    empty_->setExplanation(
        tr("It trains all weights (method: full), so there is nothing that could be faded out to get the model from "
           "before. Compare shows its answers beside those of other runs."));
  } else if (!has_adapter) {
    empty_->setTitle(tr("No adapter is saved yet"));
    empty_->setExplanation(
        tr("A run saves its adapter at every checkpoint, when it is stopped, and at its end. As soon as one is there, "
           "any prompt can be asked here, also while training goes on."));
    if (workbench_.can_ask()) empty_->setAction(tr("Save a checkpoint now"));
  }
  show_activity();
}

void BeforeAfterView::ask() {
  const std::optional<AskModel> model = wanted_model();
  if (!model || !prompt_->is_complete()) return;
  messages_->hide();
  selected_.reset();
  alternatives_->clear();
  session_.ask(*model, prompt_->prompt(), sampling_->sampling(), sampling_->strength());
}

QString BeforeAfterView::markdown() const {
  return ask_markdown(session_, workbench_.run().name());
}

void BeforeAfterView::show_prompt_seen() {
  const PromptSeen& seen = session_.prompt_seen();
  QString words = seen.note;
  if (seen.tokens > 0 && words.isEmpty()) {
    words = with_grouped(tr("The prompt has %n tokens.", nullptr, static_cast<int>(seen.tokens)), seen.tokens);
  }
  seen_->setText(words);
  seen_->setToolTip(seen.tokens > 0 ? tr("As the model sees it:\n%1").arg(seen.text) : QString());
  pane(AnswerSide::kRow).setVisible(!session_.answer(AnswerSide::kRow).tokens.empty());
}

void BeforeAfterView::show_answer(AnswerSide side, std::size_t first) {
  const Answer& answer = session_.answer(side);
  pane(side).show_answer(answer, first);
  if (side == AnswerSide::kTuned) {
    pane(side).set_title(answer.strength == 1.0 || answer.ending == AnswerEnding::kNone
                             ? tr("After training")
                             : tr("After training, strength %1").arg(figure(answer.strength, 3)));
  }
  if (side == AnswerSide::kRow) pane(side).setVisible(!answer.tokens.empty());
  show_scale();
  // The alternatives of a token are known better now, or it is another one.
  if (selected_ && selected_->first == side && selected_->second >= static_cast<int>(first)) {
    show_token(side, selected_->second);
  }
  copy_->setEnabled(!session_.answer(AnswerSide::kTuned).tokens.empty());
}

void BeforeAfterView::show_scale() {
  // One token that was turned around must not darken all others: the brightest colour is for the tenth that moved most.
  std::vector<double> known;
  for (int side = 0; side < kNumAnswerSides; ++side) {
    for (const AnswerToken& token : session_.answer(static_cast<AnswerSide>(side)).tokens) {
      if (!std::isnan(token.kl)) known.push_back(token.kl);
    }
  }
  double high = 0.0;
  if (!known.empty()) {
    const auto at = known.begin() + static_cast<std::ptrdiff_t>(0.9 * static_cast<double>(known.size() - 1));
    std::nth_element(known.begin(), at, known.end());
    high = *at;
  }
  const double scale = std::max(kLeastScale, nice_ceiling(high));
  for (AnswerPane* one : panes_) one->ribbon().setScaleMaximum(scale);
  legend_->setScale(tr("KL(after || before) at each token"), cividis,
                    {{0.0, tr("0: as before")}, {1.0, tr("%1 nats or more").arg(figure(scale, 2))}});
}

void BeforeAfterView::show_activity() {
  const bool busy = session_.is_busy();
  ask_->setEnabled(adapter_->count() > 0 && prompt_->is_complete());
  stop_->setEnabled(busy);
  activity_->setText(busy ? session_.activity() : QString());
  progress_->setVisible(busy);
  progress_->setRange(0, session_.fraction() < 0.0 ? 0 : 100);
  progress_->setValue(static_cast<int>(std::lround(100.0 * std::max(0.0, session_.fraction()))));
  copy_->setEnabled(!session_.answer(AnswerSide::kTuned).tokens.empty());
}

void BeforeAfterView::show_token(AnswerSide side, int index) {
  const Answer& answer = session_.answer(side);
  if (index < 0 || index >= static_cast<int>(answer.tokens.size())) {
    selected_.reset();
    alternatives_->clear();
    return;
  }
  selected_ = {side, index};
  for (int other = 0; other < kNumAnswerSides; ++other) {
    if (static_cast<AnswerSide>(other) != side) pane(static_cast<AnswerSide>(other)).ribbon().setSelected(-1);
  }
  alternatives_->show_token(side, index, answer.tokens[static_cast<std::size_t>(index)], side != AnswerSide::kRow);
  // A token of the row that is selected is selected everywhere.
  if (side == AnswerSide::kRow && session_.asked()->kind == AskPrompt::Kind::kRow &&
      session_.asked()->row == selected_row_) {
    workbench_.selection().selectPosition(static_cast<int>(session_.prompt_seen().tokens) + index);
  }
}

void BeforeAfterView::select_position(int position) {
  const bool is_shown =
      session_.asked() && session_.asked()->kind == AskPrompt::Kind::kRow && session_.asked()->row == selected_row_;
  if (!is_shown) return;
  const int index = position - static_cast<int>(session_.prompt_seen().tokens);
  TextRibbon& ribbon = pane(AnswerSide::kRow).ribbon();
  if (index == ribbon.selectedIndex()) return;
  ribbon.setSelected(index >= 0 ? index : -1);
  if (ribbon.selectedIndex() >= 0) show_token(AnswerSide::kRow, index);
}

void BeforeAfterView::resizeEvent(QResizeEvent* event) {
  InspectView::resizeEvent(event);
  content_->setOrientation(width() < kSideBySide ? Qt::Vertical : Qt::Horizontal);
}

void BeforeAfterView::take_focus() {
  if (stack_->currentWidget() == empty_) {
    empty_->setFocus(Qt::OtherFocusReason);
  } else {
    prompt_->take_focus();
  }
}

void BeforeAfterView::reset_layout() {
  content_->setSizes({kControlsWidth, 3 * kControlsWidth});
  rows_->setSizes({2 * kUnit, kUnit, kUnit});
  for (QSplitter* splitter : rows_->findChildren<QSplitter*>()) splitter->setSizes({kUnit, kUnit});
  pane(AnswerSide::kRow).setVisible(!session_.answer(AnswerSide::kRow).tokens.empty());
}

}  // namespace vernier::ui
