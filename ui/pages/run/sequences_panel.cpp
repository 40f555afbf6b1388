#include "ui/pages/run/sequences_panel.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/pages/describe.h"
#include "ui/session/run_details.h"
#include "ui/style/paint.h"
#include "ui/style/sentences.h"
#include "ui/style/theme.h"

namespace vernier::ui {

SequencesPanel::SequencesPanel(Workbench& workbench, QWidget* parent) : QWidget(parent), workbench_(workbench) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, kSpaceSmall, 0, 0);
  layout->setSpacing(kSpaceSmall);
  step_note_ = make_note({}, this);
  step_note_->setObjectName(QStringLiteral("stepNote"));
  pin_ = new QAction(tr("Pin this row"), this);
  pin_->setObjectName(QStringLiteral("pinRowAction"));
  pin_->setShortcut(Qt::Key_P);
  pin_->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  pin_->setToolTip(
      tr("Follows the selected sequence's row through the run: its loss whenever it comes up, and its "
         "tokens then and now. In the table: P."));
  addAction(pin_);
  connect(pin_, &QAction::triggered, this, [this] {
    if (const qint64 row = selected_row(); row >= 0) Q_EMIT pinWanted(row);
  });
  auto* head = new QHBoxLayout;
  head->addWidget(step_note_, 1);
  head->addWidget(make_button(pin_, Qt::ToolButtonTextOnly, this), 0, Qt::AlignTop);
  layout->addLayout(head);
  split_ = new QSplitter(Qt::Horizontal, this);
  split_->setObjectName(QStringLiteral("runDetailsSplitter"));
  split_->setChildrenCollapsible(false);
  sequences_ = new SequenceTable(split_);
  describe(sequences_, "runSequences", tr("Sequences of the selected step"),
           tr("Worst first: sequences with a high loss are where the model learns most, or where the data is wrong. "
              "Selecting one shows its tokens."));
  ribbon_ = new TokenRibbon(split_);
  describe(ribbon_, "runRibbon", tr("Tokens of the selected sequence"),
           tr("Each token coloured by what it cost the model. Hatched ones have no label: nothing is learned from "
              "them."));
  split_->addWidget(sequences_);
  split_->addWidget(ribbon_);
  layout->addWidget(split_, 1);
  connect_selection();
  reset_layout();
  show_sequences(-1, {});
}

void SequencesPanel::connect_selection() {
  SelectionModel& selection = workbench_.selection();
  connect(&workbench_.run(), &RunModel::wasReset, this, [this] {
    show_sequences(-1, {});
    ribbon_->clear(tr("The tokens of the selected sequence stand here, coloured by their loss."));
  });
  connect(sequences_, &SequenceTable::sequenceSelected, &selection, &SelectionModel::selectSequence);
  connect(ribbon_, &TokenRibbon::tokenSelected, &selection, &SelectionModel::selectPosition);
  connect(&selection, &SelectionModel::stepChanged, this, [this](qint64 step) {
    if (step < 0) show_sequences(step, {});
  });
  connect(&selection, &SelectionModel::sequenceChanged, sequences_, &SequenceTable::setSelected);
  connect(&selection, &SelectionModel::sequenceChanged, this, [this](qint64, qint64 index) {
    pin_->setEnabled(selected_row() >= 0);
    if (index < 0) ribbon_->clear(tr("The tokens of the selected sequence stand here, coloured by their loss."));
  });
  connect(&selection, &SelectionModel::positionChanged, ribbon_, &TokenRibbon::setSelectedPosition);
  RunLoader& loader = workbench_.loader();
  connect(&loader, &RunLoader::sequencesLoaded, this, &SequencesPanel::show_sequences);
  connect(&loader, &RunLoader::tokensLoaded, this, [this, &loader, &selection](const StepTokens& tokens) {
    if (tokens.step != selection.step() || tokens.sequence.index != selection.sequence()) return;
    if (tokens.tokens.empty()) {
      ribbon_->clear(tr("The tokens of this sequence were not recorded."));
      return;
    }
    ribbon_->setTokens(tokens, [&loader](std::int32_t id) { return loader.piece(id); });
    ribbon_->setSelectedPosition(selection.position());
  });
  ribbon_->clear(tr("The tokens of the selected sequence stand here, coloured by their loss."));
}

qint64 SequencesPanel::selected_row() const {
  const SelectionModel& selection = workbench_.selection();
  const auto found = std::find_if(records_.begin(), records_.end(), [&selection](const SequenceRecord& record) {
    return record.step == selection.step() && record.loss.index == selection.sequence();
  });
  return found == records_.end() ? -1 : found->loss.row;
}

void SequencesPanel::show_sequences(qint64 step, const std::vector<SequenceRecord>& sequences) {
  if (step >= 0 && step != workbench_.selection().step()) return;
  records_ = sequences;
  sequences_->setRecords(sequences);
  sequences_->setSelected(step, workbench_.selection().sequence());
  pin_->setEnabled(selected_row() >= 0);
  if (step < 0) {
    step_note_->setText(tr("Click a point of the curve to see the sequences of that step."));
    return;
  }
  QStringList text = {sequences.size() == 1 ? tr("Step %1: one sequence.").arg(grouped(step))
                                            : tr("Step %1: %2 sequences, worst first.")
                                                  .arg(grouped(step), grouped(static_cast<qint64>(sequences.size())))};
  const std::vector<SeriesPoint>& series = workbench_.run().series();
  const auto point = std::lower_bound(series.begin(), series.end(), step,
                                      [](const SeriesPoint& p, qint64 wanted) { return p.step < wanted; });
  if (point != series.end() && point->step == step) {
    text << tr("Loss %1 per token, %2 per sequence.")
                .arg(QString::number(point->loss_per_token, 'f', 4), QString::number(point->loss_per_sequence, 'f', 4));
  }
  if (const TokenShare share = token_share(step, sequences); share.rows > 0) {
    text << tr("%1.", "a sentence of its own").arg(to_words(share));
  }
  step_note_->setText(in_a_row(text));
}

void SequencesPanel::reset_layout() {
  constexpr int kUnit = 1000;
  split_->setSizes({2 * kUnit, 3 * kUnit});
}

}  // namespace vernier::ui
