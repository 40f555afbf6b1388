#include "ui/models/examples_model.h"

#include <cmath>
#include <utility>

namespace vernier::ui {
namespace {

// Of a column, and of its heading: text at the left, figures at the right.
QVariant alignment_of(int column) {
  const bool is_text = column == ExamplesModel::kTarget || column == ExamplesModel::kSaid;
  return QVariant::fromValue<Qt::Alignment>(Qt::AlignVCenter | (is_text ? Qt::AlignLeft : Qt::AlignRight));
}

}  // namespace

void ExamplesModel::set_examples(std::vector<TokenExample> examples, PieceLookup pieces) {
  beginResetModel();
  examples_ = std::move(examples);
  pieces_ = std::move(pieces);
  endResetModel();
}

int ExamplesModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(examples_.size());
}

int ExamplesModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kNumColumns;
}

QVariant ExamplesModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const TokenExample& at = example(index.row());
  const int column = index.column();
  if (role == Qt::TextAlignmentRole) return alignment_of(column);
  if (role != Qt::DisplayRole) return {};
  const auto piece = [this](std::int32_t id) { return visible_piece(pieces_ ? pieces_(id) : QString(), id); };
  switch (column) {
    case kLoss:
      return std::isfinite(at.loss) ? QString::number(at.loss, 'f', 3) : figure(static_cast<double>(at.loss));
    case kTarget:
      return piece(at.target);
    case kSaid:
      return at.argmax == at.target ? tr("\u2713 the same") : at.argmax < 0 ? QString() : piece(at.argmax);
    case kStep:
      return grouped(at.step);
    case kSequence:
      return grouped(at.index);
    case kRow:
      return grouped(at.row);
    case kPosition:
      return grouped(at.position);
    default:
      return {};
  }
}

QVariant ExamplesModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= kNumColumns) return {};
  if (role == Qt::TextAlignmentRole) return alignment_of(section);
  if (role != Qt::DisplayRole) return {};
  const QString names[] = {tr("Loss, nats"), tr("Asked for"), tr("Said"),    tr("Step"),
                           tr("Sequence"),   tr("Row"),       tr("Position")};
  return names[section];
}

}  // namespace vernier::ui
