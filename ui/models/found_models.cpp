#include "ui/models/found_models.h"

#include <QDir>
#include <utility>

#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

QString to_words(ModelPlace place) {
  switch (place) {
    case ModelPlace::kBundled:
      return FoundModelsModel::tr("comes with Vernier");
    case ModelPlace::kRecent:
      return FoundModelsModel::tr("used lately");
    case ModelPlace::kHuggingFace:
      return FoundModelsModel::tr("Hugging Face cache");
    case ModelPlace::kModelScope:
      return FoundModelsModel::tr("ModelScope cache");
    case ModelPlace::kLmStudio:
      return FoundModelsModel::tr("LM Studio");
    case ModelPlace::kFolder:
      return FoundModelsModel::tr("folder of models");
  }
  return {};
}

}  // namespace

void FoundModelsModel::set_models(std::vector<FoundModel> models) {
  beginResetModel();
  models_ = std::move(models);
  endResetModel();
}

int FoundModelsModel::row_of(const QString& dir) const {
  for (std::size_t row = 0; row < models_.size(); ++row) {
    if (models_[row].dir == dir) return static_cast<int>(row);
  }
  return -1;
}

int FoundModelsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(models_.size());
}

int FoundModelsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kNumColumns;
}

QVariant FoundModelsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const FoundModel& model = models_[static_cast<std::size_t>(index.row())];
  if (role == kDirRole) return model.dir;
  if (role == Qt::ToolTipRole) return QDir::toNativeSeparators(model.dir);
  if (role == Qt::TextAlignmentRole && index.column() == kSize) return int(Qt::AlignRight | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case kName:
      return model.name;
    case kFamily:
      return model.family;
    case kSize:
      return model.weights_bytes > 0 ? byte_count(model.weights_bytes) : tr("no weights");
    case kPlace:
      return to_words(model.place);
    default:
      return {};
  }
}

QVariant FoundModelsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole) {
    return int((section == kSize ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  }
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
    return QAbstractTableModel::headerData(section, orientation, role);
  }
  switch (section) {
    case kName:
      return tr("Model");
    case kFamily:
      return tr("Family");
    case kSize:
      return tr("Weights");
    case kPlace:
      return tr("Found");
    default:
      return {};
  }
}

}  // namespace vernier::ui
