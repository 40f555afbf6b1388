// Sequences of a step, worst first.
#pragma once

#include <QAbstractTableModel>
#include <QTableView>
#include <vector>

#include "vernier/run_store.h"

namespace vernier::ui {

class SequenceModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kLoss, kStep, kIndex, kRow, kTokens, kTargets, kColumns };

  using QAbstractTableModel::QAbstractTableModel;
  void setRecords(std::vector<SequenceRecord> records);
  const SequenceRecord& record(int row) const { return records_[static_cast<std::size_t>(row)]; }
  // The row of a sequence, -1 where it is not listed.
  int find(qint64 step, qint64 index) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  // NaN counts as the highest loss; sequences without targets come last either way.
  void sort(int column, Qt::SortOrder order) override;

 private:
  void sortRecords();

  std::vector<SequenceRecord> records_;
  int sort_column_ = kLoss;
  Qt::SortOrder sort_order_ = Qt::DescendingOrder;
};

class SequenceTable : public QTableView {
  Q_OBJECT

 public:
  explicit SequenceTable(QWidget* parent = nullptr);

  void setRecords(const std::vector<SequenceRecord>& records);
  // Without a signal.
  void setSelected(qint64 step, qint64 index);

 signals:
  void sequenceSelected(qint64 step, qint64 index);

 protected:
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

 private:
  SequenceModel* model_ = nullptr;
  bool quiet_ = false;
};

}  // namespace vernier::ui
