#include "ui/models/sample_model.h"

#include <QApplication>
#include <utility>

#include "ui/style/paint.h"
#include "ui/style/theme.h"
#include "ui/widgets/engine_text.h"

namespace vernier::ui {
namespace {

constexpr std::size_t kCellBytes = 240;
constexpr std::size_t kToolTipBytes = 1500;

QString on_one_line(QString text) {
  return text.replace('\n', QChar(0x21B5)).replace('\t', QChar(0x21E5)).remove('\r');
}

}  // namespace

void SampleModel::set_sample(std::optional<DataSample> sample) {
  beginResetModel();
  sample_ = std::move(sample);
  names_.clear();
  endResetModel();
}

void SampleModel::set_names(const QHash<QString, QString>& name_of_column) {
  if (names_ == name_of_column) return;
  names_ = name_of_column;
  if (columnCount() > 0) Q_EMIT headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
}

int SampleModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() || !sample_ ? 0 : static_cast<int>(sample_->size());
}

int SampleModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() || !sample_ ? 0 : static_cast<int>(sample_->columns().size()) + 1;
}

QVariant SampleModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || !sample_) return {};
  const std::string& found = sample_->row_problem(index.row());
  const QString problem = found.empty() ? QString() : engine_text(found);
  if (index.column() == 0) {
    switch (role) {
      case Qt::DisplayRole:
        return grouped(sample_->file_row(index.row()));
      case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
      case Qt::FontRole:
        return tabular_font(QApplication::font());
      case Qt::ToolTipRole:
        return tr("Line %1 of the file").arg(grouped(sample_->line(index.row())));
      default:
        return {};
    }
  }
  const auto column = static_cast<std::size_t>(index.column() - 1);
  switch (role) {
    case Qt::DisplayRole:
      // A word, so that no colour has to say it.
      if (!problem.isEmpty()) return column == 0 ? tr("cannot be read: %1").arg(problem) : QString();
      return on_one_line(QString::fromStdString(sample_->cell(index.row(), column, kCellBytes)));
    case Qt::ToolTipRole:
      if (!problem.isEmpty()) return problem;
      if (!sample_->has_cell(index.row(), column)) return tr("This row has no such column.");
      return QString::fromStdString(sample_->cell(index.row(), column, kToolTipBytes));
    default:
      return {};
  }
}

QVariant SampleModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || !sample_ || section < 0 || section >= columnCount()) return {};
  if (role == Qt::TextAlignmentRole) {
    return QVariant((section == 0 ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  }
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
  if (section == 0) return role == Qt::DisplayRole ? tr("Row") : tr("Counted from 0, as messages count them");
  const QString column = QString::fromStdString(sample_->columns()[static_cast<std::size_t>(section) - 1]);
  const QString name = names_.value(column);
  if (role == Qt::ToolTipRole) {
    return name.isEmpty() ? tr("Nothing is read from this column.") : tr("Read as %1.").arg(name);
  }
  return name.isEmpty() || name == column ? column : tr("%1 \u2192 %2").arg(column, name);
}

}  // namespace vernier::ui
