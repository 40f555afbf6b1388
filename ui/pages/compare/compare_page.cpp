#include "ui/pages/compare/compare_page.h"

#include <QApplication>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/style/run_style.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kFewestRuns = 2;
constexpr int kIconSize = 20;
constexpr int kPickerColumns = 44;  // characters

// As wide as the list: a long name is cut in its middle, and the list does not scroll sideways.
class FittedDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    return {0, QStyledItemDelegate::sizeHint(option, index).height()};
  }
};

}  // namespace

ComparePage::ComparePage(Workbench& workbench, Actions& actions, QWidget* parent)
    : Page(parent),
      workbench_(workbench),
      session_(workbench.engine().answer, workbench.engine().load_demo),
      choice_([](int run) { return QVariant(run_icon(run, kIconSize)); }) {
  setObjectName(QStringLiteral("comparePage"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(kSpaceLarge, kSpaceMedium, kSpaceLarge, kSpaceMedium);
  split_ = new QSplitter(Qt::Horizontal, this);
  split_->setObjectName(QStringLiteral("compareSplitter"));
  split_->setChildrenCollapsible(false);
  split_->addWidget(make_picker());
  stack_ = new QStackedWidget(split_);
  empty_ = new EmptyState(stack_);
  empty_->setObjectName(QStringLiteral("compareEmpty"));
  stack_->addWidget(empty_);
  connect(empty_, &EmptyState::actionTriggered, actions.open_demo, &QAction::trigger);
  connect(empty_, &EmptyState::otherActionTriggered, actions.page_set_up, &QAction::trigger);

  content_ = new QWidget(stack_);
  auto* column = new QVBoxLayout(content_);
  column->setContentsMargins(kSpaceSmall, 0, 0, 0);
  messages_ = new MessageBar(content_);
  messages_->setObjectName(QStringLiteral("compareMessage"));
  column->addWidget(messages_);
  tabs_ = new QTabWidget(content_);
  describe(tabs_, "compareTabs", tr("What is compared"),
           tr("Curves, figures and settings of the chosen runs, and what each answers to the same prompts."));
  tabs_->setDocumentMode(true);
  curves_ = new ComparedCurvesPanel(tabs_);
  figures_ =
      new ComparisonPanel("compareFigures", tr("Figure"), tr("Figures of the runs"),
                          tr("How each run ended. The best of a row is named where one is better."), false, tabs_);
  settings_ = new ComparisonPanel(
      "compareSettings", tr("Setting"), tr("Settings of the runs"),
      tr("run.json of each run, key by key: what differs may explain what the curves show."), true, tabs_);
  prompts_ = new PromptsPanel(session_, tabs_);
  tabs_->addTab(curves_, tr("Curves"));
  tabs_->addTab(figures_, tr("Figures"));
  tabs_->addTab(settings_, tr("Settings"));
  tabs_->addTab(prompts_, tr("Answers"));
  column->addWidget(tabs_, 1);
  stack_->addWidget(content_);
  split_->addWidget(stack_);
  layout->addWidget(split_);

  connect(&workbench_.loader(), &RunLoader::listed, this, &ComparePage::take_runs);
  connect(&choice_, &RunChoiceModel::chosenChanged, this, &ComparePage::read_chosen);
  connect(&session_, &CompareSession::runsChanged, this, &ComparePage::show_runs);
  connect(&session_, &CompareSession::failed, this,
          [this](const QString& sentence) { messages_->showMessage(MessageLevel::kError, sentence); });
  reset_layout();
  show_choice();
}

QWidget* ComparePage::make_picker() {
  auto* picker = new QWidget(split_);
  auto* column = new QVBoxLayout(picker);
  column->setContentsMargins(0, 0, kSpaceSmall, 0);
  column->setSpacing(kSpaceSmall);
  column->addWidget(make_heading(tr("Runs"), picker));
  note_ = make_note(tr("Choose two to four."), picker);
  note_->setObjectName(QStringLiteral("compareNote"));
  column->addWidget(note_);
  list_ = new QListView(picker);
  describe(list_, "compareRuns", tr("Runs to compare"),
           tr("Space chooses a run, or gives it up. The line beside a chosen one is the one it is drawn with."));
  list_->setModel(&choice_);
  list_->setIconSize(QSize(kIconSize, kIconSize));
  list_->setItemDelegate(new FittedDelegate(list_));
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setTextElideMode(Qt::ElideMiddle);
  list_->setUniformItemSizes(true);
  list_->setAlternatingRowColors(true);
  list_->setSpacing(kSpaceTiny / 2);
  connect(list_, &QListView::activated, this, [this](const QModelIndex& index) {
    const bool on = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
    choice_.setData(index, on ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
  });
  column->addWidget(list_, 1);
  return picker;
}

void ComparePage::take_runs(const std::vector<RunSummary>& runs) {
  choice_.set_runs(runs);
  propose();
  show_choice();
}

void ComparePage::choose(const QStringList& run_dirs) {
  left_ = run_dirs;
  if (choice_.num_runs() > 0) propose();
}

void ComparePage::propose() {
  if (choice_.num_runs() < kFewestRuns) return;
  const QString run_dir = workbench_.run().run_dir();
  const QString open = run_dir.isEmpty() ? QString() : choice_.listed_as(run_dir);
  if (!left_.isEmpty()) {
    choice_.choose(std::exchange(left_, {}));
    has_proposed_ = true;
    joined_ = open;
    return;
  }
  if (open.isEmpty() ? has_proposed_ : open == joined_) return;
  has_proposed_ = true;
  joined_ = open;
  const bool is_untouched = choice_.chosen() == proposed_;
  if (!is_untouched && choice_.chosen().contains(open)) return;
  QStringList wanted = is_untouched ? QStringList() : choice_.chosen();
  if (!open.isEmpty()) wanted << open;
  for (int row = 0; is_untouched && wanted.size() < kFewestRuns; ++row) {
    if (!wanted.contains(choice_.run_dir(row))) wanted << choice_.run_dir(row);
  }
  choice_.choose(wanted);
  proposed_ = is_untouched ? choice_.chosen() : QStringList();
}

void ComparePage::read_chosen() {
  messages_->hide();
  session_.read(choice_.chosen());
  show_choice();
}

void ComparePage::show_choice() {
  const bool has_runs = choice_.num_runs() >= kFewestRuns;
  const bool has_chosen = choice_.chosen().size() >= kFewestRuns;
  const bool has_focus = stack_->isAncestorOf(QApplication::focusWidget());
  stack_->setCurrentWidget(has_chosen ? content_ : static_cast<QWidget*>(empty_));
  if (has_focus && !has_chosen) take_focus();
  note_->setText(choice_.chosen().size() >= RunChoiceModel::kMostRuns
                     ? tr("Four are chosen: give one up to choose another.")
                     : tr("Choose two to four."));
  if (has_chosen) return;
  empty_->setTitle(has_runs ? tr("Choose at least two runs") : tr("There is nothing to compare yet"));
  empty_->setExplanation(
      has_runs ? tr("Their losses are drawn over each other, with what their settings differ in, their final figures "
                    "and their answers to the same prompts.")
      : choice_.num_runs() > 0
          ? tr("One run is there. Change a setting and train again: both then stand side by side, with their losses, "
               "the settings that differ, their final figures and their answers to the same prompts.")
          : tr("Two runs show what a change does: their losses over each other, the settings that differ, their "
               "final figures and their answers to the same prompts. Train the demo twice to see it."));
  empty_->setAction(has_runs ? QString() : tr("Try the demo"));
  empty_->setOtherAction(has_runs ? QString() : tr("Set up a run"));
}

void ComparePage::show_runs() {
  QStringList names;
  for (const ComparedRun& run : session_.runs()) names << run.name;
  curves_->set_runs(session_.runs());
  figures_->model().set(names, compare_figures(session_.runs()));
  settings_->model().set(names, compare_settings(session_.runs()));
  settings_->refresh();
}

void ComparePage::take_focus() {
  (choice_.num_runs() > 0 ? static_cast<QWidget*>(list_) : empty_)->setFocus(Qt::OtherFocusReason);
}

void ComparePage::reset_layout() {
  const int picker = character_width(fontMetrics()) * kPickerColumns;
  split_->setSizes({picker, 3 * picker});
  split_->setStretchFactor(0, 0);
  split_->setStretchFactor(1, 1);
}

void ComparePage::showEvent(QShowEvent* event) {
  Page::showEvent(event);
  workbench_.list_runs();
  // A run that goes on has had news.
  if (!choice_.chosen().isEmpty() && !session_.is_asking()) session_.read(choice_.chosen(), true);
}

}  // namespace vernier::ui
