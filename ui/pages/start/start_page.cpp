#include "ui/pages/start/start_page.h"

#include <QApplication>
#include <QHeaderView>
#include <QVBoxLayout>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/roomy_delegate.h"
#include "ui/style/theme.h"

namespace vernier::ui {

StartPage::StartPage(Workbench& workbench, Actions& actions, QWidget* parent) : Page(parent), workbench_(workbench) {
  setObjectName(QStringLiteral("startPage"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(kSpaceHuge, kSpaceHuge, kSpaceHuge, kSpaceLarge);
  layout->setSpacing(kSpaceMedium);
  layout->addWidget(make_heading(tr("See what fine-tuning does, token by token"), this));
  layout->addWidget(make_note(tr("Vernier trains language models on this machine and keeps every step, every sequence "
                                 "and every token's loss, so that each point of a curve can be opened."),
                              this));
  auto* ways = new FlowLayout(kSpaceSmall, kSpaceSmall);
  QToolButton* demo = make_button(actions.open_demo, Qt::ToolButtonTextBesideIcon, this);
  auto* set_up = new FocusButton(this);
  set_up->setText(tr("Set up a run"));
  set_up->setIcon(make_icon(Icon::kSetUp));
  set_up->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  set_up->setFocusPolicy(Qt::StrongFocus);
  describe(set_up, "startSetUp", set_up->text(), actions.page_set_up->statusTip());
  connect(set_up, &QToolButton::clicked, actions.page_set_up, &QAction::trigger);
  QToolButton* open = make_button(actions.open_run, Qt::ToolButtonTextBesideIcon, this);
  for (QToolButton* button : {demo, static_cast<QToolButton*>(set_up), open}) {
    button->setMinimumHeight(fontMetrics().height() + 2 * kSpaceSmall);
    ways->addWidget(button);
  }
  ways->addWidget(make_note(tr("or drop a run folder anywhere on this window"), this, false));
  layout->addLayout(ways);
  layout->addSpacing(kSpaceMedium);
  layout->addWidget(make_heading(tr("Recent runs"), this));

  make_table();
  empty_ = new EmptyState(this);
  empty_->setObjectName(QStringLiteral("noRuns"));
  empty_->setTitle(tr("No run yet"));
  empty_->setExplanation(
      tr("Runs appear here with their state and last loss as soon as there is one. The demo makes "
         "the first: it teaches a small bundled model the voice of an old sea captain."));
  empty_->setAction(tr("Try the demo"));
  empty_->setOtherAction(tr("Set up a run"));
  connect(empty_, &EmptyState::actionTriggered, actions.open_demo, &QAction::trigger);
  connect(empty_, &EmptyState::otherActionTriggered, actions.page_set_up, &QAction::trigger);
  stack_ = new QStackedWidget(this);
  stack_->addWidget(empty_);
  stack_->addWidget(table_);
  layout->addWidget(stack_, 1);

  connect(&workbench_.loader(), &RunLoader::listed, this, [this](const std::vector<RunSummary>& runs) {
    runs_.set_runs(runs);
    const bool has_focus = stack_->isAncestorOf(QApplication::focusWidget());
    stack_->setCurrentWidget(runs.empty() ? static_cast<QWidget*>(empty_) : table_);
    // Enter opens the newest. (A table that gets the keyboard has a current row, but none that is selected.)
    if (!table_->selectionModel()->hasSelection()) table_->selectRow(0);
    // The keyboard stays in the page, also where that gives way to the other.
    if (has_focus) take_focus();
  });
}

void StartPage::make_table() {
  table_ = new QTableView(this);
  describe(table_, "recentRuns", tr("Recent runs"),
           tr("Enter or a double click opens a run. A click on a column's head sorts by it."));
  sorted_.setSourceModel(&runs_);
  sorted_.setSortRole(RunsModel::kSortRole);
  table_->setModel(&sorted_);
  table_->setItemDelegate(new RoomyDelegate(table_));
  table_->setSortingEnabled(true);
  table_->sortByColumn(RunsModel::kStarted, Qt::DescendingOrder);
  show_as_rows(table_);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setSectionResizeMode(RunsModel::kName, QHeaderView::Stretch);
  connect(table_, &QTableView::activated, this, &StartPage::open_index);
}

void StartPage::take_focus() {
  stack_->currentWidget()->setFocus(Qt::OtherFocusReason);
}

void StartPage::open_index(const QModelIndex& index) {
  if (index.isValid()) workbench_.open_run(index.data(RunsModel::kRunDirRole).toString());
}

void StartPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  workbench_.list_runs();
}

}  // namespace vernier::ui
