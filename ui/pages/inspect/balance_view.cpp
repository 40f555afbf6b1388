#include "ui/pages/inspect/balance_view.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QMenu>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/picture_button.h"
#include "ui/session/session_of.h"
#include "ui/style/theme.h"
#include "ui/widgets/excess_delegate.h"

namespace vernier::ui {
namespace {

constexpr int kFilterWidth = 140;
constexpr int kTableUnits = 6;  // of the width, beside the scatter's
constexpr int kScatterUnits = 4;
constexpr int kLeastLines = 26;

int to_int(qint64 value) {
  return static_cast<int>(std::clamp<qint64>(value, 0, std::numeric_limits<int>::max()));
}

QTableView* make_table(QWidget* parent) {
  auto* table = new QTableView(parent);
  show_as_rows(table);
  table->setSelectionMode(QAbstractItemView::SingleSelection);
  table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + kSpaceSmall);
  table->horizontalHeader()->setHighlightSections(false);
  table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  return table;
}

}  // namespace

BalanceView::BalanceView(Workbench& workbench, Actions&, QWidget* parent)
    : InspectView(parent),
      workbench_(workbench),
      vocabulary_(session_of<Vocabulary>(workbench)),
      session_(session_of<BalanceSession>(workbench)) {
  setObjectName(QStringLiteral("balanceView"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  layout->addWidget(make_controls());
  work_ = new WorkLine(this);
  layout->addWidget(work_);
  summary_ = make_note({}, this);
  summary_->setObjectName(QStringLiteral("balanceSummary"));
  add_note(layout, summary_);
  split_ = new QSplitter(Qt::Horizontal, this);
  split_->setObjectName(QStringLiteral("balanceSplit"));
  split_->setChildrenCollapsible(false);
  split_->setMinimumHeight(fontMetrics().height() * kLeastLines);
  left_ = new QSplitter(Qt::Vertical, split_);
  left_->setObjectName(QStringLiteral("balanceLeft"));
  left_->setChildrenCollapsible(false);
  left_->addWidget(make_tokens());
  left_->addWidget(make_examples());
  split_->addWidget(left_);
  scatter_ = new BalanceScatter(split_);
  describe(scatter_, "balanceScatter", tr("Asked for against said"),
           tr("Each mark is a token: to the right the more often it is asked for, higher the more often it is said. "
              "Click one, or go through them with the arrow keys, the most over-predicted first."));
  split_->addWidget(scatter_);
  layout->addWidget(split_, 1);
  connect_all();
  reset_layout();
  show_run();
}

QString BalanceView::title() const {
  return tr("Class balance");
}

QString BalanceView::tool_tip() const {
  return tr(
      "How often each token is asked for, how often it is said, and at what loss: what the model says too often, "
      "and what too seldom.");
}

QWidget* BalanceView::make_controls() {
  auto* controls = new QWidget(this);
  auto* row = new FlowLayout(kSpaceLarge, kSpaceTiny, controls);
  const auto add = [row](const QString& caption, QWidget* field) { add_captioned(*row, caption, field); };
  first_ = new QSpinBox(controls);
  describe(first_, "balanceFirst", tr("First step"), tr("The first step that is counted."));
  add(tr("Steps fro&m"), first_);
  last_ = new QSpinBox(controls);
  describe(last_, "balanceLast", tr("Last step"),
           tr("The last step that is counted. A narrow range shows what the model says at that time of the training."));
  add(tr("t&o"), last_);
  count_ = new QPushButton(tr("&Count"), controls);
  describe(count_, "balanceCount", tr("Count"),
           tr("Reads the recorded tokens of these steps from the run's store, in the background."));
  row->addWidget(count_);
  filter_text_ = new QLineEdit(controls);
  describe(filter_text_, "balanceFilter", tr("Show tokens with"),
           tr("Only tokens whose text holds this, or whose id it is."));
  filter_text_->setClearButtonEnabled(true);
  filter_text_->setMinimumWidth(kFilterWidth);
  add(tr("Fi&nd"), filter_text_);
  least_ = new QSpinBox(controls);
  describe(least_, "balanceLeast", tr("At least this often"),
           tr("Only tokens that are asked for and said this often in all: rare tokens are noise."));
  least_->setRange(1, std::numeric_limits<int>::max());
  least_->setPrefix(tr("at least "));
  add(tr("&Occurring"), least_);
  row->addWidget(make_picture_button(
      "balancePicture", [this](QMenu& menu) { scatter_->addActions(menu); }, controls));
  return controls;
}

QWidget* BalanceView::make_tokens() {
  model_ = new BalanceModel(this);
  filter_ = new BalanceFilter(*model_, this);
  table_ = make_table(left_);
  describe(table_, "balanceTokens", tr("Tokens"),
           tr("Click a header to sort. Over-predicted tokens have a bar to the right, under-predicted to the left."));
  table_->setModel(filter_);
  table_->setSortingEnabled(true);
  table_->sortByColumn(BalanceModel::kExcess, Qt::DescendingOrder);
  table_->setItemDelegateForColumn(BalanceModel::kExcess,
                                   new ExcessDelegate(BalanceModel::kSortRole, BalanceModel::kScaleRole, table_));
  table_->setContextMenuPolicy(Qt::CustomContextMenu);
  // No header is cut; the bars take what is left. Measured on the rows in sight alone: there may be very many.
  table_->horizontalHeader()->setResizeContentsPrecision(0);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  table_->horizontalHeader()->setSectionResizeMode(BalanceModel::kExcess, QHeaderView::Stretch);
  return table_;
}

QWidget* BalanceView::make_examples() {
  auto* box = new QWidget(left_);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, kSpaceTiny, 0, 0);
  column->setSpacing(kSpaceTiny);
  auto* line = new QHBoxLayout;
  line->setSpacing(kSpaceSmall);
  kind_ = new QComboBox(box);
  describe(kind_, "balanceKind", tr("Which examples"),
           tr("Sequences where the selected token was asked for, at the highest loss; or where it was said and another "
              "was asked for."));
  kind_->addItem(tr("where it is asked for"), int(ExampleKind::kTarget));
  kind_->addItem(tr("where it is said wrongly"), int(ExampleKind::kPredicted));
  auto* label = new QLabel(tr("E&xamples"), box);
  label->setBuddy(kind_);
  line->addWidget(label);
  line->addWidget(kind_);
  line->addStretch();
  column->addLayout(line);
  examples_note_ = make_note({}, box);
  examples_note_->setObjectName(QStringLiteral("balanceExamplesNote"));
  add_note(column, examples_note_);
  examples_ = new ExamplesModel(this);
  example_table_ = make_table(box);
  describe(example_table_, "balanceExamples", tr("Examples"),
           tr("The costliest first. Choosing one selects its step, sequence and token everywhere."));
  example_table_->setModel(examples_);
  column->addWidget(example_table_, 1);
  return box;
}

void BalanceView::connect_all() {
  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, &BalanceView::show_run);
  connect(&run, &RunModel::stepsAppended, this, &BalanceView::show_range);
  connect(count_, &QPushButton::clicked, this, &BalanceView::count);
  connect(filter_text_, &QLineEdit::textChanged, filter_, &BalanceFilter::set_text);
  connect(least_, &QSpinBox::valueChanged, filter_, &BalanceFilter::set_least);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& current) {
    if (is_quiet_ || !current.isValid()) return;
    choose_token(model_->tokens()[static_cast<std::size_t>(filter_->mapToSource(current).row())].id);
  });
  connect(table_, &QTableView::customContextMenuRequested, this, &BalanceView::contextMenu);
  connect(scatter_, &BalanceScatter::tokenSelected, this, &BalanceView::choose_token);
  connect(kind_, &QComboBox::activated, this, &BalanceView::find_examples);
  connect(example_table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          &BalanceView::choose_example);
  connect(&session_, &BalanceSession::counted, this, &BalanceView::show_balance);
  connect(&session_, &BalanceSession::examplesFound, this, &BalanceView::show_examples);
  connect(&session_, &BalanceSession::failed, summary_, &QLabel::setText);
  for (Task* task : {&session_.counting(), &session_.searching()}) {
    connect(task, &Task::runningChanged, this, [this, task](bool is_running) {
      if (is_running) {
        work_->showWork(task->activity(), 0.0);
      } else {
        work_->hide();
      }
    });
    connect(task, &Task::progressed, work_, &WorkLine::setFraction);
    connect(work_, &WorkLine::stopped, task, &Task::stop);
  }
  connect(&vocabulary_, &Vocabulary::changed, this, [this] {
    model_->set_pieces(pieces());
    if (!balance_.tokens.empty()) scatter_->setBalance(balance_.tokens, pieces());
  });
}

PieceLookup BalanceView::pieces() const {
  return vocabulary_.lookup();
}

void BalanceView::show_run() {
  session_.counting().stop();
  session_.searching().stop();
  counted_run_.clear();
  token_ = -1;
  balance_ = {};
  model_->set_balance(balance_);
  examples_->set_examples({}, {});
  scatter_->clear(
      tr("Once the tokens of the run are counted, each stands here by how often it is asked for and said."));
  summary_->setText({});
  examples_note_->setText(tr("Select a token to see where it costs most."));
  first_->setRange(0, 0);
  last_->setRange(0, 0);
  show_range();
  if (isVisible()) count();
}

void BalanceView::show_range() {
  const RunModel& run = workbench_.run();
  if (run.series().empty()) return;
  // A range that went to the end goes on to the end.
  const bool to_end = last_->value() == last_->maximum();
  const int low = to_int(run.series().front().step);
  const int high = to_int(run.series().back().step);
  first_->setRange(low, high);
  last_->setRange(low, high);
  if (to_end) last_->setValue(high);
}

void BalanceView::showEvent(QShowEvent* event) {
  InspectView::showEvent(event);
  // Steps have come since, and they are wanted.
  const bool has_news = last_->value() == last_->maximum() && last_->maximum() > balance_.last_step;
  const bool is_counting = session_.counting().is_running();
  if (counted_run_ != workbench_.run().run_dir() || (has_news && !is_counting)) count();
}

void BalanceView::count() {
  if (workbench_.run().series().empty()) return;
  counted_run_ = workbench_.run().run_dir();
  session_.count(counted_run_, first_->value(), std::max(first_->value(), last_->value()));
}

void BalanceView::show_balance(const ClassBalance& balance) {
  balance_ = balance;
  is_quiet_ = true;
  model_->set_balance(balance);
  model_->set_pieces(pieces());
  is_quiet_ = false;
  scatter_->setBalance(balance.tokens, pieces());
  if (balance.num_targets == 0) {
    scatter_->clear(balance.unrecorded > 0
                        ? tr("The tokens of these steps were not recorded, so there is nothing to count.")
                        : tr("No token of these steps has a label, so there is nothing to count."));
    summary_->setText({});
    return;
  }
  const double hit = static_cast<double>(balance.hits) / static_cast<double>(balance.num_targets);
  QString text = tr("Steps %1 to %2: %3 targets of %4 different tokens; %5 of them were the likeliest token.")
                     .arg(grouped(balance.first_step), grouped(balance.last_step), grouped(balance.num_targets),
                          grouped(std::count_if(balance.tokens.begin(), balance.tokens.end(),
                                                [](const TokenBalance& token) { return token.targets > 0; })),
                          percent(hit));
  if (balance.unrecorded > 0) {
    text = tr("%1 The tokens of %2 of %3 sequences were not recorded and count nowhere.")
               .arg(text, grouped(balance.unrecorded), grouped(balance.sequences));
  }
  summary_->setText(text);
  table_->scrollToTop();
  if (token_ >= 0) choose_token(std::exchange(token_, -1));
}

void BalanceView::choose_token(int id) {
  if (id == token_) return;
  token_ = id;
  scatter_->setSelected(id);
  const int row = model_->row_of(id);
  const QModelIndex index = row < 0 ? QModelIndex() : filter_->mapFromSource(model_->index(row, 0));
  is_quiet_ = true;
  if (index.isValid()) {
    table_->setCurrentIndex(index);
    table_->scrollTo(index);
  } else {
    table_->setCurrentIndex({});
  }
  is_quiet_ = false;
  if (row >= 0) find_examples();
}

void BalanceView::find_examples() {
  if (token_ < 0) return;
  session_.find_examples(counted_run_, token_, static_cast<ExampleKind>(kind_->currentData().toInt()),
                         balance_.first_step, balance_.last_step);
}

void BalanceView::show_examples(int id, ExampleKind kind, const std::vector<TokenExample>& examples) {
  if (id != token_) return;
  examples_->set_examples(examples, pieces());
  const QString name = model_->piece(id);
  const auto count = static_cast<qint64>(examples.size());
  if (examples.empty()) {
    examples_note_->setText(kind == ExampleKind::kTarget
                                ? tr("\u201c%1\u201d is never asked for in these steps.").arg(name)
                                : tr("\u201c%1\u201d is never said wrongly in these steps.").arg(name));
  } else if (kind == ExampleKind::kTarget) {
    examples_note_->setText(
        with_grouped(tr("Sequences in which \u201c%1\u201d costs most: %n.", nullptr, static_cast<int>(count)), count)
            .arg(name));
  } else {
    examples_note_->setText(
        with_grouped(tr("Sequences in which \u201c%1\u201d stands in the costliest token's place: %n.", nullptr,
                        static_cast<int>(count)),
                     count)
            .arg(name));
  }
}

void BalanceView::choose_example(const QModelIndex& index) {
  if (!index.isValid()) return;
  const TokenExample& example = examples_->example(index.row());
  workbench_.selection().selectSequence(example.step, example.index);
  workbench_.selection().selectPosition(example.position);
}

void BalanceView::contextMenu(const QPoint& at) {
  QMenu menu(this);
  scatter_->addActions(menu);
  menu.exec(table_->viewport()->mapToGlobal(at));
}

void BalanceView::take_focus() {
  table_->setFocus(Qt::OtherFocusReason);
}

void BalanceView::reset_layout() {
  constexpr int kUnit = 1000;
  split_->setSizes({kTableUnits * kUnit, kScatterUnits * kUnit});
  left_->setSizes({2 * kUnit, kUnit});
}

}  // namespace vernier::ui
