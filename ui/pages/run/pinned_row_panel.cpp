#include "ui/pages/run/pinned_row_panel.h"

#include <QAction>
#include <QHBoxLayout>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <chrono>
#include <cmath>

#include "ui/pages/describe.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr auto kRefresh = std::chrono::seconds(2);

double largest_loss(const StepTokens& tokens) {
  double largest = 0.0;
  for (const TokenRecord& token : tokens.tokens) {
    if (token.is_target && std::isfinite(token.loss)) largest = std::max(largest, static_cast<double>(token.loss));
  }
  return largest;
}

}  // namespace

PinnedRowPanel::PinnedRowPanel(Workbench& workbench, RunDetails& details, QWidget* parent)
    : QWidget(parent), workbench_(workbench), details_(details) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, kSpaceSmall, 0, 0);
  stack_ = new QStackedWidget(this);
  layout->addWidget(stack_);
  empty_ = new EmptyState(stack_);
  empty_->setObjectName(QStringLiteral("pinnedRowEmpty"));
  empty_->setTitle(tr("No row is pinned"));
  empty_->setExplanation(tr("Its loss and tokens at every step. Select a sequence first."));
  stack_->addWidget(empty_);
  connect(empty_, &EmptyState::actionTriggered, this, &PinnedRowPanel::pinWanted);
  stack_->addWidget(make_content());
  timer_.setInterval(kRefresh);
  connect(&timer_, &QTimer::timeout, this, [this] { details_.read_row(row_); });
  connect(&details_, &RunDetails::rowRead, this, &PinnedRowPanel::show_row);
  RunModel& run = workbench_.run();
  connect(&run, &RunModel::wasReset, this, [this] {
    if (row_ >= 0) pin(row_);
  });
  connect(&run, &RunModel::activityChanged, this, [this](Activity activity) {
    if (row_ < 0) return;
    details_.read_row(row_);  // the last of its steps too
    is_active(activity) ? timer_.start() : timer_.stop();
  });
}

void PinnedRowPanel::set_can_pin(bool can) {
  empty_->setAction(can ? tr("Pin the selected row") : QString());
}

QWidget* PinnedRowPanel::make_content() {
  auto* content = new QWidget(stack_);
  auto* layout = new QVBoxLayout(content);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  note_ = make_note({}, content);
  note_->setObjectName(QStringLiteral("pinnedRowNote"));
  auto* unpin = new QAction(tr("Unpin"), content);
  unpin->setObjectName(QStringLiteral("unpinRowAction"));
  unpin->setToolTip(tr("Forgets the row; its history stays in the run folder."));
  connect(unpin, &QAction::triggered, this, [this] { pin(-1); });
  auto* head = new QHBoxLayout;
  head->addWidget(note_, 1);
  head->addWidget(make_button(unpin, Qt::ToolButtonTextOnly, content), 0, Qt::AlignTop);
  layout->addLayout(head);
  auto* split = new QSplitter(Qt::Horizontal, content);
  split->setObjectName(QStringLiteral("pinnedRowSplitter"));
  split->setChildrenCollapsible(false);
  plot_ = new RowHistoryPlot(split);
  plot_->setToolTip(
      tr("The mean loss of the row's tokens at each step that it was trained on. Where it does not fall "
         "while others do, look at its tokens: the row may contradict them."));
  split->addWidget(plot_);
  const auto add_ribbon = [split](QLabel*& note, TokenRibbon*& ribbon, const char* name, const QString& words,
                                  const QString& tool_tip) {
    auto* side = new QWidget(split);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kSpaceTiny);
    note = make_note({}, side, false);
    ribbon = new TokenRibbon(side);
    describe(ribbon, name, words, tool_tip);
    column->addWidget(note);
    column->addWidget(ribbon, 1);
    split->addWidget(side);
  };
  add_ribbon(then_note_, then_, "pinnedThen", tr("The pinned row's tokens at first"),
             tr("What each token cost when the row first came up. Both ribbons have one scale."));
  add_ribbon(now_note_, now_, "pinnedNow", tr("The pinned row's tokens now"),
             tr("What each token cost when the row last came up. Both ribbons have one scale."));
  layout->addWidget(split, 1);
  return content;
}

void PinnedRowPanel::pin(qint64 row) {
  row_ = row;
  if (row < 0) {
    timer_.stop();
    stack_->setCurrentIndex(0);
    return;
  }
  details_.read_row(row);
  if (is_active(workbench_.run().activity())) timer_.start();
}

void PinnedRowPanel::show_row(const RowThroughRun& found) {
  if (found.row != row_) return;
  stack_->setCurrentIndex(1);
  plot_->setHistory(found.history);
  const QString row = grouped(found.row);
  if (found.history.empty()) {
    note_->setText(tr("Row %1 has not come up in this run.").arg(row));
    plot_->setExplanation(note_->text());
    then_->clear({});
    now_->clear({});
    then_note_->clear();
    now_note_->clear();
    return;
  }
  const SequenceRecord &first = found.history.front(), &last = found.history.back();
  const auto loss = [](const SequenceRecord& one) { return QString::number(one.loss.loss, 'f', 3); };
  const QString times = tr("It has come up %n time(s).", nullptr, static_cast<int>(found.history.size()));
  if (found.history.size() == 1) {
    note_->setText(tr("Row %1 cost %2 at step %3. %4").arg(row, loss(first), grouped(first.step), times));
  } else {
    note_->setText(tr("Row %1 cost %2 at step %3 and %4 at step %5. %6")
                       .arg(row, loss(first), grouped(first.step), loss(last), grouped(last.step), times));
  }
  then_note_->setText(tr("Then: step %1").arg(grouped(first.step)));
  now_note_->setText(tr("Now: step %1").arg(grouped(last.step)));
  const double scale = std::max(largest_loss(found.then), largest_loss(found.now));
  const auto show = [this, scale](TokenRibbon* ribbon, const StepTokens& tokens) {
    if (tokens.tokens.empty()) {
      ribbon->clear(tr("The tokens of this sequence were not recorded."));
      return;
    }
    ribbon->setScaleMaximum(scale);
    ribbon->setTokens(tokens, [this](std::int32_t id) { return details_.piece(id); });
  };
  show(then_, found.then);
  show(now_, found.now);
}

}  // namespace vernier::ui
