// Places of a run where one token was asked for, or said in another's place.
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "ui/style/paint.h"
#include "vernier/balance.h"

namespace vernier::ui {

class ExamplesModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kLoss, kTarget, kSaid, kStep, kSequence, kRow, kPosition, kNumColumns };

  explicit ExamplesModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  void set_examples(std::vector<TokenExample> examples, PieceLookup pieces);
  const TokenExample& example(int row) const { return examples_[static_cast<std::size_t>(row)]; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<TokenExample> examples_;
  PieceLookup pieces_;
};

}  // namespace vernier::ui
