#include "ui/models/comparison_model.h"

#include <algorithm>
#include <utility>

namespace vernier::ui {

bool ComparisonRow::differs() const {
  return std::any_of(values.begin(), values.end(), [this](const QString& value) { return value != values.front(); });
}

ComparisonModel::ComparisonModel(QString what, QObject* parent) : QAbstractTableModel(parent), what_(std::move(what)) {}

void ComparisonModel::set(QStringList runs, std::vector<ComparisonRow> rows) {
  beginResetModel();
  runs_ = std::move(runs);
  rows_ = std::move(rows);
  choose_shown();
  endResetModel();
}

void ComparisonModel::set_only_differences(bool on) {
  if (on == only_differences_) return;
  beginResetModel();
  only_differences_ = on;
  choose_shown();
  endResetModel();
}

void ComparisonModel::choose_shown() {
  shown_.clear();
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (!only_differences_ || rows_[i].differs()) shown_.push_back(i);
  }
}

int ComparisonModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(shown_.size());
}

int ComparisonModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : 1 + static_cast<int>(runs_.size());
}

QString ComparisonModel::text(const ComparisonRow& row, int run) const {
  const QString value = row.values.value(run);
  return row.best == run ? tr("%1 (best)").arg(value) : value;
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const ComparisonRow& row = rows_[shown_[static_cast<std::size_t>(index.row())]];
  switch (role) {
    case Qt::DisplayRole:
      return index.column() == 0 ? row.name : text(row, index.column() - 1);
    case Qt::ToolTipRole:
      return row.tool_tip;
    case Qt::TextAlignmentRole:
      return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    default:
      return {};
  }
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  return section == 0 ? what_ : runs_.value(section - 1);
}

QString ComparisonModel::to_markdown() const {
  const auto cell = [](QString text) {
    return text.replace(QLatin1Char('|'), QLatin1String("\\|")).replace(QLatin1Char('\n'), QLatin1Char(' '));
  };
  const auto line = [&](const QStringList& cells) {
    return QStringLiteral("| ") + cells.join(QLatin1String(" | ")) + QStringLiteral(" |\n");
  };
  QStringList head = {cell(what_)}, rule = {QStringLiteral("---")};
  for (const QString& run : runs_) {
    head << cell(run);
    rule << QStringLiteral("---");
  }
  QString out = line(head) + line(rule);
  for (const std::size_t i : shown_) {
    QStringList cells = {cell(rows_[i].name)};
    for (int run = 0; run < runs_.size(); ++run) cells << cell(text(rows_[i], run));
    out += line(cells);
  }
  return out;
}

}  // namespace vernier::ui
