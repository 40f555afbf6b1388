#include "ui/pages/inspect/inspect_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/inspect/balance_view.h"
#include "ui/pages/inspect/before_after_view.h"
#include "ui/pages/inspect/lens_view.h"
#include "ui/pages/inspect/logits_view.h"
#include "ui/pages/inspect/packing_view.h"
#include "ui/pages/inspect/parity_view.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

int to_int(qint64 value) {
  return static_cast<int>(std::clamp<qint64>(value, 0, std::numeric_limits<int>::max()));
}

}  // namespace

InspectPage::InspectPage(Workbench& workbench, Actions& actions, QWidget* parent)
    : Page(parent), workbench_(workbench), actions_(actions) {
  setObjectName(QStringLiteral("inspectPage"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->setSpacing(0);
  tabs_ = new QTabBar(this);
  describe(tabs_, "inspectTabs", tr("Views"), tr("Ways to look at the run. Left and right arrow change the view."));
  tabs_->setDrawBase(false);
  tabs_->setExpanding(false);
  outer->addWidget(tabs_);
  stack_ = new QStackedWidget(this);
  outer->addWidget(stack_, 1);
  empty_ = new EmptyState(this);
  empty_->setObjectName(QStringLiteral("inspectEmpty"));
  empty_->setTitle(tr("Nothing to inspect yet"));
  empty_->setExplanation(
      tr("Once a run has a step, its sequences stand here token by token: what each cost the model, "
         "what it expected instead, and whether training, evaluation and decoding agree."));
  empty_->setAction(tr("Try the demo"));
  empty_->setOtherAction(tr("Set up a run"));
  connect(empty_, &EmptyState::actionTriggered, actions.open_demo, &QAction::trigger);
  connect(empty_, &EmptyState::otherActionTriggered, actions.page_set_up, &QAction::trigger);
  stack_->addWidget(empty_);

  content_ = new PageScroller(this);
  auto* layout = new QVBoxLayout(content_->page());
  layout->setContentsMargins(kSpaceLarge, kSpaceMedium, kSpaceLarge, kSpaceMedium);
  layout->setSpacing(kSpaceSmall);
  choosers_ = make_choosers();
  layout->addWidget(choosers_);
  view_stack_ = new PartStack(content_->page());
  layout->addWidget(view_stack_, 1);
  stack_->addWidget(content_);
  make_views();
  connect_selection();
  connect(tabs_, &QTabBar::currentChanged, this, [this](int tab) { show_view(views_[static_cast<std::size_t>(tab)]); });
  connect(view_stack_, &QStackedWidget::currentChanged, tabs_, &QTabBar::setCurrentIndex);
  show_view(views_.front());
}

void InspectPage::make_views() {
  logits_ = new LogitsView(workbench_, actions_, view_stack_);
  connect(logits_, &LogitsView::detailsClosed, this, &InspectPage::detailsClosed);
  add_view(logits_);
  add_view(new LensView(workbench_, actions_, view_stack_));
  add_view(new BalanceView(workbench_, actions_, view_stack_));
  add_view(new BeforeAfterView(workbench_, actions_, view_stack_));
  parity_ = new ParityView(workbench_, actions_, view_stack_);
  add_view(parity_);
  add_view(new PackingView(workbench_, actions_, view_stack_));
}

void InspectPage::add_view(InspectView* view) {
  views_.push_back(view);
  view_stack_->add_part(view, view->title());
  const int tab = tabs_->addTab(view->title());
  tabs_->setTabToolTip(tab, view->tool_tip());
  QAction* action =
      actions_.add_inspect_view(view->objectName() + QStringLiteral("Action"), view->title(), view->tool_tip());
  connect(action, &QAction::triggered, this, [this, tab] {
    tabs_->setCurrentIndex(tab);
    Q_EMIT wanted();
  });
}

QWidget* InspectPage::make_choosers() {
  auto* choosers = new QWidget(content_->page());
  auto* row = new FlowLayout(kSpaceLarge, kSpaceTiny, choosers);
  const auto add = [row](const QString& caption, QWidget* field) { add_captioned(*row, caption, field); };
  step_ = new QSpinBox(choosers);
  describe(step_, "inspectStep", tr("Step"),
           tr("The optimizer step to look at. The same step is selected on the Run page."));
  step_->setKeyboardTracking(false);
  step_->setAccelerated(true);
  add(tr("St&ep"), step_);
  sequence_ = new QComboBox(choosers);
  describe(sequence_, "inspectSequence", tr("Sequence"), tr("The sequences of this step, worst first."));
  sequence_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  sequence_->setMinimumContentsLength(30);
  add(tr("Se&quence"), sequence_);
  return choosers;
}

void InspectPage::connect_selection() {
  RunModel& run = workbench_.run();
  SelectionModel& selection = workbench_.selection();
  connect(&run, &RunModel::wasReset, this, [this] {
    sequence_->clear();
    show_range();
  });
  connect(&run, &RunModel::stepsAppended, this, &InspectPage::show_range);
  connect(step_, &QSpinBox::valueChanged, this, [&selection](int step) { selection.selectStep(step); });
  connect(sequence_, &QComboBox::activated, this, [this, &selection](int row) {
    selection.selectSequence(selection.step(), sequence_->itemData(row).toLongLong());
  });
  connect(&selection, &SelectionModel::stepChanged, this, [this](qint64 step) {
    const QSignalBlocker blocker(step_);
    if (step >= 0) step_->setValue(to_int(step));
  });
  connect(&selection, &SelectionModel::sequenceChanged, this, [this](qint64, qint64 index) {
    sequence_->setCurrentIndex(sequence_->findData(QVariant::fromValue<qint64>(index)));
  });
  connect(&workbench_.loader(), &RunLoader::sequencesLoaded, this, &InspectPage::show_sequences);
}

void InspectPage::show_view(InspectView* view) {
  // Only the one that is shown has a say in the size.
  for (InspectView* other : views_) {
    const auto policy = other == view ? QSizePolicy::Preferred : QSizePolicy::Ignored;
    other->setSizePolicy(policy, policy);
  }
  view_stack_->setCurrentWidget(view);
  show_range();
}

void InspectPage::show_range() {
  const RunModel& run = workbench_.run();
  const auto* view = static_cast<InspectView*>(view_stack_->currentWidget());
  // Where there is no step yet, there is none to choose.
  choosers_->setVisible(view->uses_selection() && !run.series().empty());
  stack_->setCurrentWidget(view->needs_steps() && run.series().empty() ? static_cast<QWidget*>(empty_) : content_);
  if (run.series().empty()) return;
  const QSignalBlocker blocker(step_);
  step_->setRange(to_int(run.series().front().step), to_int(run.series().back().step));
}

void InspectPage::show_sequences(qint64 step, const std::vector<SequenceRecord>& sequences) {
  if (step != workbench_.selection().step()) return;
  sequence_->clear();
  for (const SequenceRecord& sequence : sequences) {
    sequence_->addItem(tr("%1 \u00b7 row %2 \u00b7 loss %3")
                           .arg(sequence.loss.index)
                           .arg(sequence.loss.row)
                           .arg(QString::number(sequence.loss.loss, 'f', 3)),
                       QVariant::fromValue<qint64>(sequence.loss.index));
  }
  sequence_->setCurrentIndex(sequence_->findData(QVariant::fromValue<qint64>(workbench_.selection().sequence())));
}

void InspectPage::take_focus() {
  if (stack_->currentWidget() == empty_) {
    empty_->setFocus(Qt::OtherFocusReason);
  } else {
    views_[static_cast<std::size_t>(tabs_->currentIndex())]->take_focus();
  }
}

bool InspectPage::is_busy() {
  return std::ranges::any_of(views_, [](InspectView* view) { return view->isVisible() && view->is_busy(); });
}

void InspectPage::reset_layout() {
  for (InspectView* view : views_) view->reset_layout();
}

void InspectPage::show_parity() {
  tabs_->setCurrentIndex(view_stack_->indexOf(parity_));
  take_focus();
}

void InspectPage::set_details_shown(bool shown) {
  logits_->set_details_shown(shown);
}

bool InspectPage::details_shown() const {
  return logits_->details_shown();
}

}  // namespace vernier::ui
