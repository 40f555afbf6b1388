#include "ui/models/answers_model.h"

#include <utility>

namespace vernier::ui {

void AnswersModel::set_prompts(std::vector<DemoPrompt> prompts) {
  beginResetModel();
  prompts_ = std::move(prompts);
  before_.clear();
  after_.clear();
  endResetModel();
}

void AnswersModel::set_before(const QStringList& answers) {
  beginResetModel();
  before_ = answers;
  endResetModel();
}

void AnswersModel::set_after(const QStringList& answers) {
  beginResetModel();
  after_ = answers;
  endResetModel();
}

bool AnswersModel::is_hit(int row) const {
  const DemoPrompt& prompt = prompts_[static_cast<std::size_t>(row)];
  return after_.value(row).contains(QString::fromStdString(prompt.expect_after));
}

int AnswersModel::hits() const {
  int hits = 0;
  for (int row = 0; row < rowCount(); ++row) hits += is_hit(row) ? 1 : 0;
  return hits;
}

int AnswersModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(prompts_.size());
}

int AnswersModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kNumColumns;
}

QVariant AnswersModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const int row = index.row();
  if (role == Qt::TextAlignmentRole) return QVariant(Qt::AlignLeft | Qt::AlignTop);
  if (role == Qt::ToolTipRole && index.column() == kLearned) {
    return tr("It should say: %1").arg(QString::fromStdString(prompts_[static_cast<std::size_t>(row)].expect_after));
  }
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
  switch (index.column()) {
    case kPrompt:
      return QString::fromStdString(prompts_[static_cast<std::size_t>(row)].prompt);
    case kBefore:
      return before_.value(row).trimmed();
    case kAfter:
      return after_.value(row).trimmed();
    default:
      if (!has_after()) return {};
      // A shape and a word.
      return is_hit(row) ? tr("\u2713 learned") : tr("\u2717 not yet");
  }
}

QVariant AnswersModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case kPrompt:
      return tr("Prompt");
    case kBefore:
      return tr("Before training");
    case kAfter:
      return tr("After training");
    default:
      return tr("Result");
  }
}

}  // namespace vernier::ui
