#include "ui/pages/setup/steps_model.h"

namespace vernier::ui {

StateShape shape_of(SetupStep::State state) {
  switch (state) {
    case SetupStep::State::kEmpty:
      return StateShape::kHollow;
    case SetupStep::State::kGood:
      return StateShape::kCircle;
    case SetupStep::State::kWarning:
      return StateShape::kTriangle;
    case SetupStep::State::kBad:
      return StateShape::kOctagon;
  }
  return StateShape::kHollow;
}

QString to_words(SetupStep::State state) {
  switch (state) {
    case SetupStep::State::kEmpty:
      return StepsModel::tr("To do");
    case SetupStep::State::kGood:
      return StepsModel::tr("Good");
    case SetupStep::State::kWarning:
      return StepsModel::tr("Worth a look");
    case SetupStep::State::kBad:
      return StepsModel::tr("To be mended");
  }
  return {};
}

StepsModel::StepsModel(const QList<SetupStep*>& steps, QObject* parent) : QAbstractListModel(parent), steps_(steps) {
  for (int row = 0; row < steps_.size(); ++row) {
    connect(steps_[row], &SetupStep::stateChanged, this, [this, row] { Q_EMIT dataChanged(index(row), index(row)); });
  }
}

int StepsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(steps_.size());
}

QVariant StepsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const SetupStep* step = steps_[index.row()];
  switch (role) {
    case Qt::DisplayRole:
      return step->title();
    case kSummaryRole:
      return step->summary();
    case kStateRole:
      return static_cast<int>(shape_of(step->state()));
    case Qt::AccessibleTextRole:
    case Qt::ToolTipRole:
      return tr("%1. %2. %3").arg(step->title(), to_words(step->state()), step->summary());
    default:
      return {};
  }
}

}  // namespace vernier::ui
