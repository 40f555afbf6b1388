// The first rows of a data file as a table of its own columns.
#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <optional>

#include "vernier/data_sample.h"

namespace vernier::ui {

// Column 0 is the row's number in the file. Cells are made when they are asked for.
class SampleModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  explicit SampleModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  void set_sample(std::optional<DataSample> sample);
  // Which of Vernier's names is read from which of the file's columns; shown in the head of the table.
  void set_names(const QHash<QString, QString>& name_of_column);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::optional<DataSample> sample_;
  QHash<QString, QString> names_;
};

}  // namespace vernier::ui
