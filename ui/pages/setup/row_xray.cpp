#include "ui/pages/setup/row_xray.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <chrono>
#include <utility>

#include "ui/pages/describe.h"
#include "ui/pages/flow_layout.h"
#include "ui/pages/page_scroller.h"
#include "ui/style/paint.h"
#include "ui/style/theme.h"
#include "ui/widgets/label_words.h"

namespace vernier::ui {
namespace {

constexpr int kBarLines = 9;
constexpr int kRibbonLines = 7;
// Rows that come, and a line that is dragged, are followed so often.
constexpr auto kSelectInterval = std::chrono::milliseconds(150);
// So many looks at rows take some milliseconds.
constexpr std::size_t kStretch = 100'000;
// Rows longer than all but so many run beyond the picture.
constexpr double kUsualRows = 0.99;
constexpr double kRoomBehind = 1.05;

struct FlagWords {
  LabelFlag flag;
  const char* name;
};
constexpr FlagWords kFlags[] = {
    {kFlagDuplicate, QT_TRANSLATE_NOOP("vernier::ui::RowXray", "exact duplicates of an earlier row")},
    {kFlagEmpty, QT_TRANSLATE_NOOP("vernier::ui::RowXray", "without any text")},
    {kFlagPlaceholder, QT_TRANSLATE_NOOP("vernier::ui::RowXray", "with a placeholder such as {{name}}")},
    {kFlagSpecialToken, QT_TRANSLATE_NOOP("vernier::ui::RowXray", "that spell a special token")},
    {kFlagUnclosedTurn, QT_TRANSLATE_NOOP("vernier::ui::RowXray", "whose last turn is never closed")},
    {kFlagDoubleBos, QT_TRANSLATE_NOOP("vernier::ui::RowXray", "with a BOS of their own")},
};

// In a combo box: Show, and behind it the reason or the flag.
int packed(LabelRowQuery::Show show, int which = 0) {
  return static_cast<int>(show) * 256 + which;
}

}  // namespace

RowXray::RowXray(DataSession& session, QWidget* parent) : QWidget(parent), data_(session) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  layout->addWidget(make_choosers());
  splitter_ = new QSplitter(Qt::Vertical, this);
  splitter_->setObjectName(QStringLiteral("xraySplitter"));
  splitter_->setChildrenCollapsible(false);
  bars_ = new LabelBars(splitter_);
  bars_->setMinimumHeight((fontMetrics().height() + kSpaceTiny) * kBarLines);
  splitter_->addWidget(bars_);
  auto* below = new QWidget(splitter_);
  auto* column = new QVBoxLayout(below);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kSpaceTiny);
  row_title_ = make_note({}, below, false);
  row_title_->setObjectName(QStringLiteral("xrayRowTitle"));
  column->addWidget(row_title_);
  ribbon_ = new MaskRibbon(below);
  ribbon_->setMinimumHeight((fontMetrics().height() + kSpaceSmall) * kRibbonLines);
  column->addWidget(ribbon_, 1);
  splitter_->addWidget(below);
  layout->addWidget(splitter_, 1);

  select_timer_.setSingleShot(true);
  select_timer_.setInterval(kSelectInterval);
  connect(&select_timer_, &QTimer::timeout, this, [this] {
    if (selecting_) {
      selects_again_ = true;  // or it would never come to its end
    } else {
      select();
    }
  });
  stretch_timer_.setSingleShot(true);
  stretch_timer_.setInterval(0);
  connect(&stretch_timer_, &QTimer::timeout, this, &RowXray::go_on_selecting);
  connect(bars_, &LabelBars::currentChanged, this, &RowXray::choose);
  connect(&data_, &DataSession::scanChanged, this, [this](RowSet set) {
    if (set == set_) follow_scan();
  });
  connect(&data_, &DataSession::inspectorChanged, this, &RowXray::follow_scan);
  connect(&data_.draft(), &RunDraft::changed, this, &RowXray::follow_draft);
  connect(&data_, &DataSession::rowRead, this, [this](RowSet set, std::size_t index, const InspectedRow& row) {
    if (set == set_ && static_cast<qint64>(index) == row_) ribbon_->setRow(row, cut_at_);
  });
  connect(&data_, &DataSession::rowFailed, ribbon_, &MaskRibbon::clear);
  follow_draft();
  follow_scan();
}

QWidget* RowXray::make_choosers() {
  auto* line = new QWidget(this);
  auto* flow = new FlowLayout(kSpaceLarge, kSpaceTiny, line);
  set_box_ = new QComboBox(line);
  describe(set_box_, "xraySet", tr("Which rows"), tr("The rows to train on, or those of the file to evaluate on."));
  set_box_->addItem(tr("to train on"));
  set_box_->addItem(tr("to evaluate on"));
  add_captioned(*flow, tr("Ro&ws"), set_box_);
  show_ = new QComboBox(line);
  describe(show_, "xrayShow", tr("Which of the rows are shown"),
           tr("All of them, or those that are worth a look for one reason."));
  show_->addItem(tr("all"), packed(LabelRowQuery::Show::kAll));
  show_->addItem(tr("cut at max_length"), packed(LabelRowQuery::Show::kTruncated));
  show_->addItem(tr("with nothing to learn"), packed(LabelRowQuery::Show::kLost));
  for (int i = 0; i < kNumLostReasons; ++i) {
    show_->addItem(tr("nothing to learn: %1").arg(lost_name(static_cast<LostReason>(i))),
                   packed(LabelRowQuery::Show::kLostFor, i));
  }
  for (const FlagWords& flag : kFlags) show_->addItem(tr(flag.name), packed(LabelRowQuery::Show::kFlagged, flag.flag));
  for (int i = 0; i < show_->count(); ++i) reasons_ << show_->itemText(i);
  show_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  add_captioned(*flow, tr("&Show"), show_);
  order_ = new QComboBox(line);
  describe(order_, "xrayOrder", tr("Order of the rows"), tr("As in the file, or by what stands out."));
  order_->addItem(tr("as in the file"), static_cast<int>(LabelRowQuery::Order::kFile));
  order_->addItem(tr("longest first"), static_cast<int>(LabelRowQuery::Order::kLongest));
  order_->addItem(tr("shortest first"), static_cast<int>(LabelRowQuery::Order::kShortest));
  order_->addItem(tr("most learnt first"), static_cast<int>(LabelRowQuery::Order::kMostLearnt));
  order_->addItem(tr("least learnt first"), static_cast<int>(LabelRowQuery::Order::kLeastLearnt));
  add_captioned(*flow, tr("&Order"), order_);
  count_ = make_note({}, line, false);
  count_->setObjectName(QStringLiteral("xrayCount"));
  flow->addWidget(count_);
  connect(set_box_, &QComboBox::activated, this, [this](int index) { show_set(static_cast<RowSet>(index)); });
  connect(show_, &QComboBox::activated, this, &RowXray::select);
  connect(order_, &QComboBox::activated, this, &RowXray::select);
  return line;
}

void RowXray::count_reasons() {
  const LabelRows& rows = data_.scan(set_).rows;
  const LengthEffect effect = rows.effect(cut_at_);
  for (int i = 0; i < show_->count(); ++i) {
    const int packed_query = show_->itemData(i).toInt(), which = packed_query % 256;
    qint64 count = effect.rows;
    switch (static_cast<LabelRowQuery::Show>(packed_query / 256)) {
      case LabelRowQuery::Show::kAll:
        break;
      case LabelRowQuery::Show::kTruncated:
        count = effect.truncated;
        break;
      case LabelRowQuery::Show::kLost:
        count = effect.lost_rows();
        break;
      case LabelRowQuery::Show::kLostFor:
        count = effect.lost[static_cast<std::size_t>(which)];
        break;
      case LabelRowQuery::Show::kFlagged:
        count = rows.flagged(static_cast<LabelFlag>(which));
        break;
    }
    show_->setItemText(i, rows.empty() ? reasons_[i] : tr("%1 (%2)").arg(reasons_[i], grouped(count)));
  }
}

void RowXray::show_set(RowSet set) {
  if (set == set_) return;
  set_ = set;
  selecting_.reset();
  set_box_->setCurrentIndex(static_cast<int>(set));
  row_ = -1;
  follow_draft();
  follow_scan();
  Q_EMIT setChanged(set);
}

void RowXray::show_choice(const LabelRowQuery& query) {
  const int which = query.show == LabelRowQuery::Show::kLostFor   ? static_cast<int>(query.reason)
                    : query.show == LabelRowQuery::Show::kFlagged ? static_cast<int>(query.flag)
                                                                  : 0;
  show_->setCurrentIndex(std::max(0, show_->findData(packed(query.show, which))));
  chooses_first_ = true;
  select();
  take_focus();
}

void RowXray::show_all() {
  show_choice({});
}

void RowXray::show_lost() {
  LabelRowQuery query;
  query.show = LabelRowQuery::Show::kLost;
  show_choice(query);
}

void RowXray::show_lost(LostReason reason) {
  LabelRowQuery query;
  query.show = LabelRowQuery::Show::kLostFor;
  query.reason = reason;
  show_choice(query);
}

void RowXray::show_truncated() {
  LabelRowQuery query;
  query.show = LabelRowQuery::Show::kTruncated;
  show_choice(query);
}

void RowXray::show_flagged(LabelFlag flag) {
  LabelRowQuery query;
  query.show = LabelRowQuery::Show::kFlagged;
  query.flag = flag;
  show_choice(query);
}

void RowXray::take_focus() {
  bars_->setFocus(Qt::OtherFocusReason);
}

LabelRowQuery RowXray::query() const {
  LabelRowQuery out;
  const int show = show_->currentData().toInt();
  out.show = static_cast<LabelRowQuery::Show>(show / 256);
  if (out.show == LabelRowQuery::Show::kLostFor) out.reason = static_cast<LostReason>(show % 256);
  if (out.show == LabelRowQuery::Show::kFlagged) out.flag = static_cast<LabelFlag>(show % 256);
  out.order = static_cast<LabelRowQuery::Order>(order_->currentData().toInt());
  return out;
}

void RowXray::follow_scan() {
  const LabelRows& rows = data_.scan(set_).rows;
  if (rows.size() < std::max(selected_for_, selecting_ ? selecting_->of_rows() : 0)) {
    // Another scan began.
    row_ = -1;
    select();
  } else if (!select_timer_.isActive()) {
    // The first rows at once, the others a few times a second.
    if (selected_for_ == 0 && !selecting_) {
      select();
    } else {
      select_timer_.start();
    }
  }
}

void RowXray::follow_draft() {
  set_box_->setEnabled(data_.config().eval_dataset.has_value());
  if (!data_.config().eval_dataset && set_ == RowSet::kEvaluation) show_set(RowSet::kTraining);
  if (const std::int32_t cut_at = data_.cut_at(set_); cut_at != cut_at_) {
    cut_at_ = cut_at;
    ribbon_->setCutAt(cut_at);
    bars_->setScale(scale(), cut_at_);
    if (!select_timer_.isActive()) select_timer_.start();
  }
}

int RowXray::scale() const {
  const LabelRows& rows = data_.scan(set_).rows;
  const int usual = rows.length_quantile(kUsualRows);
  return std::max(8, static_cast<int>(kRoomBehind * std::max(usual, std::min<int>(cut_at_, rows.longest()))));
}

void RowXray::select() {
  select_timer_.stop();
  selects_again_ = false;
  cut_at_ = data_.cut_at(set_);
  selecting_.emplace(data_.scan(set_).rows, query(), cut_at_);
  go_on_selecting();
}

void RowXray::go_on_selecting() {
  if (!selecting_) return;
  if (selecting_->advance(kStretch)) {
    show_selected();
  } else {
    stretch_timer_.start();
  }
}

void RowXray::show_selected() {
  const LabelRows& rows = data_.scan(set_).rows;
  const LabelRowQuery wanted = selecting_->query();
  selected_for_ = selecting_->of_rows();
  shown_ = selecting_->take();
  selecting_.reset();
  // The rows first: the others describe the current one, which may be one of the rows that were.
  bars_->setRows(
      static_cast<int>(shown_.size()), [this](int index) { return bar(index); },
      [this](int index) { return readout(index); });
  bars_->setExplanation(explanation());
  bars_->setScale(scale(), cut_at_);
  count_reasons();
  const auto at = std::find(shown_.begin(), shown_.end(), static_cast<std::uint32_t>(row_));
  const bool is_shown = row_ >= 0 && at != shown_.end();
  bars_->setCurrent(is_shown ? static_cast<int>(at - shown_.begin()) : -1, wanted != selected_query_);
  selected_query_ = wanted;
  count_->setText(
      wanted.show == LabelRowQuery::Show::kAll
          ? with_grouped(tr("rows: %n", nullptr, static_cast<int>(shown_.size())), std::ssize(shown_))
          : with_grouped(tr("%1 of %n rows", nullptr, static_cast<int>(rows.size())), static_cast<qint64>(rows.size()))
                .arg(grouped(qint64(shown_.size()))));
  if (row_ < 0) {
    // Above the pane, whose middle may lie below what is seen of the page.
    row_title_->setText(tr("Choose a row above to read it as the tokenizer cuts it."));
    ribbon_->clear({});
  }
  if (std::exchange(chooses_first_, false) && !shown_.empty()) {
    bars_->setCurrent(0);
    choose(0);
  }
  if (std::exchange(selects_again_, false)) select_timer_.start();
}

void RowXray::choose(int index) {
  row_ = shown_[static_cast<std::size_t>(index)];
  const LabelRow& row = data_.scan(set_).rows[static_cast<std::size_t>(row_)];
  row_title_->setText(readout(index).join(QStringLiteral(" \u00b7 ")));
  if (row.tokens > DataSession::kMostTokens) {
    row_title_->setText(
        tr("%1 \u00b7 the first %2 tokens are shown").arg(row_title_->text(), grouped(DataSession::kMostTokens)));
  }
  ribbon_->clear(tr("Reading the row\u2026"));
  data_.ask_row(set_, static_cast<std::size_t>(row_));
  // In a low window the row would be read below what is seen of the page.
  auto* scroller = PageScroller::around(this);
  if (scroller != nullptr && splitter_->height() <= scroller->viewport()->height()) {
    scroller->ensureWidgetVisible(splitter_, 0, 0);
  }
}

LabelBar RowXray::bar(int index) const {
  const std::size_t i = shown_[static_cast<std::size_t>(index)];
  const LabelRows& rows = data_.scan(set_).rows;
  if (i >= rows.size()) return {};  // another scan began, and what it has is not selected yet
  const LabelRow& row = rows[i];
  LabelBar out;
  out.row = static_cast<std::int64_t>(i);
  out.name = grouped(static_cast<qint64>(i));
  out.tokens = row.tokens;
  out.ends = rows.ends(i);
  if (LabelRows::lost_with(row, cut_at_) >= 0) {
    out.shape = StateShape::kOctagon;
  } else if (LabelRows::is_cut(row, cut_at_) || (row.flags & (kFlagUnclosedTurn | kFlagPlaceholder)) != 0) {
    out.shape = StateShape::kTriangle;
  } else if (row.flags != 0) {
    out.shape = StateShape::kInfo;
  }
  return out;
}

QStringList RowXray::readout(int index) const {
  const std::size_t i = shown_[static_cast<std::size_t>(index)];
  const LabelRows& rows = data_.scan(set_).rows;
  if (i >= rows.size()) return {};
  const LabelRow& row = rows[i];
  const std::int32_t kept = cut_at_ > 0 ? std::min(cut_at_, row.tokens) : row.tokens;
  const std::int32_t targets = rows.targets_with(i, cut_at_);
  QStringList lines = {tr("row %1").arg(grouped(static_cast<qint64>(i))),
                       tr("%1 tokens, %2 learnt (%3)")
                           .arg(grouped(row.tokens), grouped(targets),
                                percent(kept == 0 ? 0.0 : static_cast<double>(targets) / kept, 0))};
  if (kept < row.tokens) lines << tr("%1 cut away").arg(grouped(row.tokens - kept));
  if (const int lost = LabelRows::lost_with(row, cut_at_); lost >= 0) {
    lines << tr("left out: %1").arg(lost_name(static_cast<LostReason>(lost)));
  }
  for (const FlagWords& flag : kFlags) {
    if ((row.flags & flag.flag) != 0) lines << tr("one of those %1").arg(tr(flag.name));
  }
  return lines;
}

QString RowXray::explanation() const {
  const RowsScan& scan = data_.scan(set_);
  if (!scan.rows.empty()) return tr("No row is like that.");
  switch (scan.stage) {
    case Stage::kWorking:
      return tr("Reading the rows\u2026");
    case Stage::kFailed:
      return scan.problem;
    case Stage::kReady:
      return tr("The file has no rows.");
    case Stage::kStopped:
      return tr("Reading was stopped before the first row.");
    case Stage::kNone:
      break;
  }
  return data_.inspector_stage() == Stage::kFailed
             ? data_.inspector_problem()
             : tr("Each row stands here as a bar of what is learnt and what is not, once a model and data are chosen.");
}

}  // namespace vernier::ui
