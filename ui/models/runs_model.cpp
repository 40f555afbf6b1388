#include "ui/models/runs_model.h"

#include <QApplication>
#include <QDateTime>
#include <QDir>
#include <QLocale>
#include <utility>

#include "ui/models/run_state.h"
#include "ui/style/theme.h"

namespace vernier::ui {

void RunsModel::set_runs(std::vector<RunSummary> runs) {
  beginResetModel();
  runs_ = std::move(runs);
  endResetModel();
}

int RunsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(runs_.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kNumColumns;
}

QVariant RunsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const RunSummary& run = runs_[static_cast<std::size_t>(index.row())];
  const bool is_figure = index.column() == kSteps || index.column() == kLoss;
  switch (role) {
    case Qt::DisplayRole:
      switch (index.column()) {
        case kName:
          return QString::fromStdString(run.name);
        case kState:
          return run.state == "damaged" ? tr("Damaged") : to_words(activity_of_name(run.state));
        case kSteps:
          return run.total_steps > 0 ? tr("%1 of %2").arg(run.last_step).arg(run.total_steps)
                 : run.last_step > 0 ? QString::number(run.last_step)
                                     : QString();
        case kLoss:
          return run.last_step > 0 ? QString::number(run.last_loss, 'f', 4) : QString();
        case kStarted:
          return run.started_unix_ms > 0
                     ? QLocale().toString(QDateTime::fromMSecsSinceEpoch(run.started_unix_ms), QLocale::ShortFormat)
                     : QString();
        default:
          return {};
      }
    case kSortRole:
      switch (index.column()) {
        case kSteps:
          return QVariant::fromValue<qint64>(run.last_step);
        case kLoss:
          return run.last_loss;
        case kStarted:
          return QVariant::fromValue<qint64>(run.started_unix_ms);
        default:
          return data(index, Qt::DisplayRole);
      }
    case Qt::ToolTipRole:
      return QDir::toNativeSeparators(QString::fromStdString(run.run_dir));
    case Qt::TextAlignmentRole:
      return QVariant(Qt::AlignVCenter | (is_figure ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::FontRole:
      return is_figure ? QVariant(tabular_font(QApplication::font())) : QVariant();
    case kRunDirRole:
      return QString::fromStdString(run.run_dir);
    default:
      return {};
  }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) {
    return QVariant(Qt::AlignVCenter | (section == kSteps || section == kLoss ? Qt::AlignRight : Qt::AlignLeft));
  }
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kName:
      return tr("Run");
    case kState:
      return tr("State");
    case kSteps:
      return tr("Steps");
    case kLoss:
      return tr("Last loss");
    default:
      return tr("Started");
  }
}

}  // namespace vernier::ui
