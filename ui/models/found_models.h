// Model folders on this machine, as a table.
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <vector>

namespace vernier::ui {

enum class ModelPlace { kBundled, kRecent, kHuggingFace, kModelScope, kLmStudio, kFolder };

struct FoundModel {
  QString dir;
  QString name;    // "Qwen/Qwen2.5-0.5B"
  QString family;  // model_type of config.json
  quint64 weights_bytes = 0;
  ModelPlace place = ModelPlace::kFolder;
};

class FoundModelsModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kName, kFamily, kSize, kPlace, kNumColumns };
  static constexpr int kDirRole = Qt::UserRole;

  explicit FoundModelsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  void set_models(std::vector<FoundModel> models);
  // -1: not in the list.
  int row_of(const QString& dir) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<FoundModel> models_;
};

}  // namespace vernier::ui
