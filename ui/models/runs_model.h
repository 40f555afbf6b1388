// The list of recent runs.
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "vernier/run_store.h"

namespace vernier::ui {

class RunsModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kName, kState, kStarted, kSteps, kLoss, kNumColumns };
  // The run's folder.
  static constexpr int kRunDirRole = Qt::UserRole;
  // A number to sort by.
  static constexpr int kSortRole = Qt::UserRole + 1;

  explicit RunsModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  void set_runs(std::vector<RunSummary> runs);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<RunSummary> runs_;
};

}  // namespace vernier::ui
