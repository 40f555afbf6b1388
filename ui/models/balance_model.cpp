#include "ui/models/balance_model.h"

#include <algorithm>
#include <cmath>

namespace vernier::ui {

void BalanceModel::set_balance(const ClassBalance& balance) {
  beginResetModel();
  tokens_ = balance.tokens;
  largest_excess_ = 0;
  for (const TokenBalance& token : tokens_) largest_excess_ = std::max(largest_excess_, std::abs(token.excess()));
  endResetModel();
}

void BalanceModel::set_pieces(PieceLookup pieces) {
  pieces_ = std::move(pieces);
  if (!tokens_.empty()) Q_EMIT dataChanged(index(0, kToken), index(rowCount() - 1, kToken));
}

int BalanceModel::row_of(std::int32_t id) const {
  const auto found = std::lower_bound(tokens_.begin(), tokens_.end(), id,
                                      [](const TokenBalance& token, std::int32_t wanted) { return token.id < wanted; });
  return found == tokens_.end() || found->id != id ? -1 : static_cast<int>(found - tokens_.begin());
}

int BalanceModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(tokens_.size());
}

int BalanceModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kNumColumns;
}

QString BalanceModel::text(const TokenBalance& token, int column) const {
  switch (column) {
    case kToken:
      return piece(token.id);
    case kId:
      return QString::number(token.id);
    case kTargets:
      return grouped(token.targets);
    case kPredicted:
      return grouped(token.predicted);
    case kExcess:
      return (token.excess() > 0 ? QStringLiteral("+") : QString()) + grouped(token.excess());
    case kHits:
      return token.targets == 0 ? QStringLiteral("\u2013")
                                : percent(static_cast<double>(token.hits) / static_cast<double>(token.targets));
    case kLoss:
      return std::isnan(token.mean_loss()) ? QStringLiteral("\u2013") : QString::number(token.mean_loss(), 'f', 3);
    default:
      return {};
  }
}

double BalanceModel::number(const TokenBalance& token, int column) const {
  switch (column) {
    case kTargets:
      return static_cast<double>(token.targets);
    case kPredicted:
      return static_cast<double>(token.predicted);
    case kExcess:
      return static_cast<double>(token.excess());
    case kHits:
      return token.targets == 0 ? -1.0 : static_cast<double>(token.hits) / static_cast<double>(token.targets);
    case kLoss:
      return std::isnan(token.mean_loss()) ? -1.0 : token.mean_loss();
    default:
      return static_cast<double>(token.id);
  }
}

QVariant BalanceModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const TokenBalance& token = tokens_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return text(token, index.column());
    case Qt::TextAlignmentRole:
      return QVariant::fromValue<Qt::Alignment>(Qt::AlignVCenter |
                                                (index.column() == kToken ? Qt::AlignLeft : Qt::AlignRight));
    case Qt::ToolTipRole:
      if (token.excess() > 0) {
        return tr("\u201c%1\u201d is said %2 times more often than the data ask for it: over-predicted.")
            .arg(piece(token.id), grouped(token.excess()));
      }
      if (token.excess() < 0) {
        return tr("\u201c%1\u201d is said %2 times less often than the data ask for it: under-predicted.")
            .arg(piece(token.id), grouped(-token.excess()));
      }
      return tr("\u201c%1\u201d is said as often as the data ask for it.").arg(piece(token.id));
    case kSortRole:
      return number(token, index.column());
    case kScaleRole:
      return static_cast<double>(largest_excess_);
    default:
      return {};
  }
}

QVariant BalanceModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= kNumColumns) return {};
  const QString names[] = {
      tr("Token"), tr("Id"), tr("Target"), tr("Said"), tr("Said \u2212 target"), tr("Hit"), tr("Mean loss, nats")};
  const QString tips[] = {
      tr("The token as the run's tokenizer spells it."),
      tr("Its number in the vocabulary."),
      tr("How often it had a label (not -100): the data ask for it."),
      tr("How often it was the likeliest token (the arg-max) where something had a label."),
      tr("Right of the middle: over-predicted. Left: under-predicted."),
      tr("Of the times it was the target, how often it was also the likeliest."),
      tr("Mean of minus the logarithm of its probability, where it was the target."),
  };
  if (role == Qt::TextAlignmentRole) {
    // As the cells below; what its bars' column says stands at its left.
    const bool is_left = section == kToken || section == kExcess;
    return QVariant::fromValue<Qt::Alignment>(Qt::AlignVCenter | (is_left ? Qt::AlignLeft : Qt::AlignRight));
  }
  if (role == Qt::DisplayRole) return names[section];
  if (role == Qt::ToolTipRole) return tips[section];
  return {};
}

BalanceFilter::BalanceFilter(BalanceModel& model, QObject* parent) : QSortFilterProxyModel(parent), model_(model) {
  setSourceModel(&model);
  setSortRole(BalanceModel::kSortRole);
}

void BalanceFilter::set_text(const QString& text) {
  text_ = text.trimmed();
  invalidateFilter();
}

void BalanceFilter::set_least(qint64 occurrences) {
  least_ = occurrences;
  invalidateFilter();
}

bool BalanceFilter::filterAcceptsRow(int row, const QModelIndex&) const {
  const TokenBalance& token = model_.tokens()[static_cast<std::size_t>(row)];
  if (token.targets + token.predicted < least_) return false;
  return text_.isEmpty() || QString::number(token.id) == text_ ||
         model_.piece(token.id).contains(text_, Qt::CaseInsensitive);
}

bool BalanceFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const {
  if (left.column() == BalanceModel::kToken) {
    return QString::localeAwareCompare(left.data().toString(), right.data().toString()) < 0;
  }
  const double a = left.data(BalanceModel::kSortRole).toDouble();
  const double b = right.data(BalanceModel::kSortRole).toDouble();
  return a != b ? a < b : left.row() > right.row();
}

}  // namespace vernier::ui
