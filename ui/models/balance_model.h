// How often each token is asked for and said, as a table.
#pragma once

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <QString>
#include <vector>

#include "ui/style/paint.h"
#include "vernier/balance.h"

namespace vernier::ui {

class BalanceModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kToken, kId, kTargets, kPredicted, kExcess, kHits, kLoss, kNumColumns };
  // A number to sort by; of kExcess also what a bar is drawn from.
  static constexpr int kSortRole = Qt::UserRole;
  // The largest |excess| of all tokens.
  static constexpr int kScaleRole = Qt::UserRole + 1;

  explicit BalanceModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  void set_balance(const ClassBalance& balance);
  void set_pieces(PieceLookup pieces);
  const std::vector<TokenBalance>& tokens() const { return tokens_; }
  QString piece(std::int32_t id) const { return visible_piece(pieces_ ? pieces_(id) : QString(), id); }
  // The row of a token; -1 where it is not counted.
  int row_of(std::int32_t id) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QString text(const TokenBalance& token, int column) const;
  double number(const TokenBalance& token, int column) const;

  std::vector<TokenBalance> tokens_;  // by id
  PieceLookup pieces_;
  std::int64_t largest_excess_ = 0;
};

// By token text, by id, and by how often a token occurs.
class BalanceFilter : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  explicit BalanceFilter(BalanceModel& model, QObject* parent = nullptr);

  void set_text(const QString& text);
  // As target and as answer together.
  void set_least(qint64 occurrences);

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

 private:
  BalanceModel& model_;
  QString text_;
  qint64 least_ = 1;
};

}  // namespace vernier::ui
