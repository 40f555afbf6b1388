#include "ui/widgets/sequence_table.h"

#include <QHeaderView>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

// Sorting keys: a loss that is not a number is the worst there is.
double key_of(const SequenceRecord& record, int column) {
  switch (column) {
    case SequenceModel::kLoss:
      return std::isnan(record.loss.loss) ? std::numeric_limits<double>::infinity() : record.loss.loss;
    case SequenceModel::kStep:
      return static_cast<double>(record.step);
    case SequenceModel::kIndex:
      return static_cast<double>(record.loss.index);
    case SequenceModel::kRow:
      return static_cast<double>(record.loss.row);
    case SequenceModel::kTokens:
      return static_cast<double>(record.loss.num_tokens);
    case SequenceModel::kTargets:
      return static_cast<double>(record.loss.num_targets);
    default:
      return 0.0;
  }
}

}  // namespace

void SequenceModel::setRecords(std::vector<SequenceRecord> records) {
  beginResetModel();
  records_ = std::move(records);
  sortRecords();
  endResetModel();
}

int SequenceModel::find(qint64 step, qint64 index) const {
  for (std::size_t row = 0; row < records_.size(); ++row) {
    if (records_[row].step == step && records_[row].loss.index == index) return static_cast<int>(row);
  }
  return -1;
}

int SequenceModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(records_.size());
}

int SequenceModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumns;
}

QVariant SequenceModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const SequenceRecord& record = this->record(index.row());
  if (role == Qt::TextAlignmentRole) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::ToolTipRole) {
    if (record.loss.num_targets == 0) return tr("Every token of this sequence is masked: nothing is learned from it.");
    return tr("Mean loss over %1 targets of row %2; exp(loss) = %3 is its perplexity. Select it to read its tokens.")
        .arg(grouped(record.loss.num_targets), grouped(record.loss.row), figure(std::exp(record.loss.loss)));
  }
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case kLoss:
      if (record.loss.num_targets == 0) return tr("no target");
      return std::isfinite(record.loss.loss) ? QString::number(record.loss.loss, 'f', 4) : figure(record.loss.loss);
    case kStep:
      return grouped(record.step);
    case kIndex:
      return grouped(record.loss.index);
    case kRow:
      return grouped(record.loss.row);
    case kTokens:
      return grouped(record.loss.num_tokens);
    case kTargets:
      return grouped(record.loss.num_targets);
    default:
      return {};
  }
}

QVariant SequenceModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::DisplayRole) {
    switch (section) {
      case kLoss:
        return tr("Loss");
      case kStep:
        return tr("Step");
      case kIndex:
        return tr("Sequence");
      case kRow:
        return tr("Row");
      case kTokens:
        return tr("Tokens");
      case kTargets:
        return tr("Targets");
      default:
        return {};
    }
  }
  if (role == Qt::ToolTipRole) {
    switch (section) {
      case kLoss:
        return tr("Mean loss over the sequence's targets, nats. Click to sort.");
      case kStep:
        return tr("The optimizer step it was part of.");
      case kIndex:
        return tr("Its place among the step's sequences, from 0.");
      case kRow:
        return tr("Its row in the data set, from 0.");
      case kTokens:
        return tr("All its tokens, masked ones too.");
      case kTargets:
        return tr("Tokens the loss counts: those whose label is not -100.");
      default:
        return {};
    }
  }
  return {};
}

void SequenceModel::sort(int column, Qt::SortOrder order) {
  if (column < 0 || column >= kColumns) return;
  emit layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
  sort_column_ = column;
  sort_order_ = order;
  const QModelIndexList before = persistentIndexList();
  std::vector<std::pair<qint64, qint64>> keys;
  for (const QModelIndex& index : before) keys.emplace_back(record(index.row()).step, record(index.row()).loss.index);
  sortRecords();
  QModelIndexList after;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    after << index(find(keys[i].first, keys[i].second), before[static_cast<qsizetype>(i)].column());
  }
  changePersistentIndexList(before, after);
  emit layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

void SequenceModel::sortRecords() {
  std::stable_sort(records_.begin(), records_.end(), [this](const SequenceRecord& a, const SequenceRecord& b) {
    if (sort_column_ == kLoss && (a.loss.num_targets == 0) != (b.loss.num_targets == 0)) {
      return b.loss.num_targets == 0;
    }
    const double key_a = key_of(a, sort_column_);
    const double key_b = key_of(b, sort_column_);
    return sort_order_ == Qt::AscendingOrder ? key_a < key_b : key_a > key_b;
  });
}

SequenceTable::SequenceTable(QWidget* parent) : QTableView(parent), model_(new SequenceModel(this)) {
  setObjectName("sequenceTable");
  setAccessibleName(tr("Sequences, worst first"));
  setToolTip(tr("The sequences of this step. The worst are where to look: wrong labels, rare words, cut-off rows."));
  setModel(model_);
  setSortingEnabled(true);
  sortByColumn(SequenceModel::kLoss, Qt::DescendingOrder);
  setSelectionBehavior(QAbstractItemView::SelectRows);
  setSelectionMode(QAbstractItemView::SingleSelection);
  setShowGrid(false);
  setFrameShape(QFrame::NoFrame);
  setTabKeyNavigation(false);
  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
}

void SequenceTable::setRecords(const std::vector<SequenceRecord>& records) {
  const QModelIndex current = currentIndex();
  const bool had = current.isValid();
  const qint64 step = had ? model_->record(current.row()).step : 0;
  const qint64 index = had ? model_->record(current.row()).loss.index : 0;
  model_->setRecords(records);
  // Said once above the table where all are of one step.
  const bool has_many = std::any_of(records.begin(), records.end(), [&records](const SequenceRecord& record) {
    return record.step != records.front().step;
  });
  setColumnHidden(SequenceModel::kStep, !has_many);
  if (had) setSelected(step, index);
}

void SequenceTable::setSelected(qint64 step, qint64 index) {
  quiet_ = true;
  const int row = model_->find(step, index);
  if (row < 0) {
    clearSelection();
    setCurrentIndex({});
  } else {
    selectRow(row);
    scrollTo(model_->index(row, 0));
  }
  quiet_ = false;
}

void SequenceTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QTableView::currentChanged(current, previous);
  if (!current.isValid()) return;
  const SequenceRecord& record = model_->record(current.row());
  setAccessibleDescription(
      tr("Sequence %1 of step %2, loss %3").arg(record.loss.index).arg(record.step).arg(figure(record.loss.loss)));
  if (!quiet_ && current.row() != previous.row()) emit sequenceSelected(record.step, record.loss.index);
}

}  // namespace vernier::ui
