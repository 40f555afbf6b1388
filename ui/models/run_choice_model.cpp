#include "ui/models/run_choice_model.h"

#include <QDir>
#include <algorithm>
#include <utility>

#include "ui/models/run_state.h"

namespace vernier::ui {

RunChoiceModel::RunChoiceModel(std::function<QVariant(int)> icon, QObject* parent)
    : QAbstractListModel(parent), icon_(std::move(icon)) {}

void RunChoiceModel::set_runs(const std::vector<RunSummary>& runs) {
  beginResetModel();
  runs_.clear();
  for (const RunSummary& run : runs) {
    if (run.last_step > 0) runs_.push_back(run);
  }
  endResetModel();
  choose(QStringList(chosen_));
}

void RunChoiceModel::choose(const QStringList& run_dirs) {
  QStringList chosen;
  for (const QString& run : run_dirs) {
    const bool is_known = std::any_of(
        runs_.begin(), runs_.end(), [&](const RunSummary& one) { return QString::fromStdString(one.run_dir) == run; });
    if (is_known && chosen.size() < kMostRuns && !chosen.contains(run)) chosen << run;
  }
  if (chosen == chosen_) return;
  chosen_ = chosen;
  if (!runs_.empty()) {
    Q_EMIT dataChanged(index(0), index(static_cast<int>(runs_.size()) - 1), {Qt::CheckStateRole, Qt::DecorationRole});
  }
  Q_EMIT chosenChanged();
}

QString RunChoiceModel::run_dir(int row) const {
  return QString::fromStdString(runs_[static_cast<std::size_t>(row)].run_dir);
}

QString RunChoiceModel::listed_as(const QString& run_dir) const {
  const QString clean = QDir::cleanPath(run_dir);
  for (int row = 0; row < num_runs(); ++row) {
    if (QDir::cleanPath(this->run_dir(row)) == clean) return this->run_dir(row);
  }
  return {};
}

int RunChoiceModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : num_runs();
}

QVariant RunChoiceModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const RunSummary& run = runs_[static_cast<std::size_t>(index.row())];
  const int place = static_cast<int>(chosen_.indexOf(QString::fromStdString(run.run_dir)));
  switch (role) {
    case Qt::DisplayRole:
      return tr("%1\n%2, loss %4 at step %3")
          .arg(QString::fromStdString(run.name), to_words(activity_of_name(run.state)))
          .arg(run.last_step)
          .arg(run.last_loss, 0, 'f', 3);
    case Qt::CheckStateRole:
      return QVariant(place >= 0 ? Qt::Checked : Qt::Unchecked);
    case Qt::DecorationRole:
      return place >= 0 ? icon_(place) : QVariant();
    case Qt::ToolTipRole:
      return QDir::toNativeSeparators(QString::fromStdString(run.run_dir));
    default:
      return {};
  }
}

bool RunChoiceModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (!index.isValid() || role != Qt::CheckStateRole) return false;
  QStringList chosen = chosen_;
  const QString run = run_dir(index.row());
  if (value.toInt() == Qt::Checked) {
    if (chosen.size() >= kMostRuns) return false;
    chosen << run;
  } else {
    chosen.removeAll(run);
  }
  choose(chosen);
  return true;
}

Qt::ItemFlags RunChoiceModel::flags(const QModelIndex& index) const {
  if (!index.isValid()) return Qt::NoItemFlags;
  // A fifth cannot be chosen before another is given up.
  const bool can_change = chosen_.size() < kMostRuns || chosen_.contains(run_dir(index.row()));
  return Qt::ItemIsSelectable | Qt::ItemIsUserCheckable | Qt::ItemNeverHasChildren |
         (can_change ? Qt::ItemIsEnabled : Qt::NoItemFlags);
}

}  // namespace vernier::ui
