#include "ui/plots/logit_cells.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ui/style/color_maps.h"

namespace vernier::ui {
namespace {

constexpr double kLeastChange = 0.01;  // the scale's ends, in probability: less is not blown up to full colour

// "+12.3" of a share, in points of a hundred.
QString points(double share, int decimals = 1) {
  const QString figure = QString::number(100.0 * share, 'f', decimals);
  return share > 0.0 ? QLatin1Char('+') + figure : figure;
}

// Bright for the first rank, dark for the last of `ranks`: by the logarithm, as ranks are spread.
double rank_shade(double rank, double ranks) {
  return ranks <= 0.0 ? 1.0 : 1.0 - std::log1p(rank) / std::log1p(ranks);
}

}  // namespace

LogitCells::LogitCells(std::shared_ptr<const LogitGrid> grid, PieceLookup pieces, ColorBy by, bool has_list,
                       QString shown, QString other)
    : grid_(std::move(grid)),
      pieces_(std::move(pieces)),
      by_(by == ColorBy::kChange && grid_->others.empty() ? ColorBy::kProbability : by),
      has_list_(has_list),
      shown_(std::move(shown)),
      other_(std::move(other)) {
  measure();
  make_strips();
}

void LogitCells::measure() {
  if (by_ == ColorBy::kProbability) return;
  low_ = by_ == ColorBy::kLogit ? std::numeric_limits<double>::infinity() : 0.0;
  high_ = by_ == ColorBy::kLogit ? -std::numeric_limits<double>::infinity() : 0.0;
  for (int column = 0; column < columns(); ++column) {
    for (int row = 0; row < rows(); ++row) {
      const GridCell& own = cell(column, row);
      if (by_ == ColorBy::kLogit && std::isfinite(own.logit)) {
        low_ = std::min(low_, static_cast<double>(own.logit));
        high_ = std::max(high_, static_cast<double>(own.logit));
      } else if (by_ == ColorBy::kRank) {
        high_ = std::max(high_, static_cast<double>(own.rank));
      } else if (by_ == ColorBy::kChange) {
        const double by = std::abs(change(column, row));
        if (by > high_) high_ = by;
      }
    }
  }
  if (by_ == ColorBy::kLogit && !(low_ < high_)) {
    low_ = std::isfinite(low_) ? low_ - 0.5 : 0.0;
    high_ = low_ + 1.0;
  }
  if (by_ == ColorBy::kChange) {
    high_ = std::min(1.0, nice_ceiling(std::max(high_, kLeastChange)));
    low_ = -high_;
  }
}

void LogitCells::make_strips() {
  MapStrip entropy{tr("Entropy, nats: how undecided it is"), per_token_color(), {}, 1.0, {}};
  MapStrip target{tr("Probability of the true token"), per_sequence_color(), {}, 1.0, percent(1.0, 0)};
  double largest = 0.0;
  for (const PositionView& column : grid_->columns) {
    entropy.values.push_back(column.entropy);
    target.values.push_back(column.target_rank < 0 ? std::numeric_limits<float>::quiet_NaN()
                                                   : column.target_probability);
    if (std::isfinite(column.entropy)) largest = std::max(largest, static_cast<double>(column.entropy));
  }
  entropy.maximum = nice_ceiling(largest);
  entropy.top = figure(entropy.maximum, 2);
  strips_ = {std::move(entropy), std::move(target)};
}

const GridCell* LogitCells::other(int column, int row) const {
  if (grid_->others.empty()) return nullptr;
  const GridCell& found = grid_->others[grid_->at(column, row)];
  return found.rank < 0 ? nullptr : &found;
}

double LogitCells::change(int column, int row) const {
  const GridCell* was = other(column, row);
  if (was == nullptr) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(cell(column, row).probability) - static_cast<double>(was->probability);
}

double LogitCells::shade(int column, int row) const {
  const GridCell& own = cell(column, row);
  switch (by_) {
    case ColorBy::kProbability:
      return static_cast<double>(own.probability);
    case ColorBy::kLogit:
      return (static_cast<double>(own.logit) - low_) / (high_ - low_);
    case ColorBy::kRank:
      return rank_shade(own.rank, high_);
    case ColorBy::kChange:
      return change(column, row) / high_;
  }
  return 0.0;
}

QString LogitCells::value_text(int column, int row) const {
  const GridCell& own = cell(column, row);
  switch (by_) {
    case ColorBy::kProbability:
      return percent(static_cast<double>(own.probability));
    case ColorBy::kLogit:
      return QString::number(own.logit, 'f', 1);
    case ColorBy::kRank:
      return grouped(rank_from_one(own.rank));
    case ColorBy::kChange:
      return other(column, row) == nullptr ? QStringLiteral("\u2013") : points(change(column, row));
  }
  return {};
}

QString LogitCells::text(int column, int row) const {
  // A chosen token is named at its row.
  return has_list_ ? value_text(column, row) : piece(cell(column, row).id);
}

bool LogitCells::is_marked(int column, int row) const {
  return view(column).target_rank >= 0 && cell(column, row).id == view(column).target;
}

TokenMapCells::Below LogitCells::below(int column, int rows) const {
  if (view(column).target_rank < 0) return Below::kNone;
  return !has_list_ && view(column).target_rank >= rows ? Below::kFurther : Below::kNothing;
}

double LogitCells::overview(int column) const {
  return view(column).target_rank < 0 ? std::numeric_limits<double>::quiet_NaN()
                                      : static_cast<double>(view(column).target_probability);
}

QString LogitCells::overview_tip() const {
  return tr(
      "The true token's probability along the whole row; the frame is what is seen above. Click or drag to move "
      "it.");
}

QString LogitCells::row_label(int row) const {
  if (!has_list_ || columns() == 0) return QString::number(rank_from_one(row));
  return piece(cell(0, row).id);
}

QList<QPair<double, QString>> LogitCells::ticks() const {
  switch (by_) {
    case ColorBy::kProbability:
      return {{0.0, tr("0 %")}, {0.5, tr("probability")}, {1.0, tr("100 %")}};
    case ColorBy::kLogit:
      return {{0.0, figure(low_, 3)}, {0.5, tr("logit")}, {1.0, figure(high_, 3)}};
    case ColorBy::kRank:
      return {{0.0, grouped(rank_from_one(static_cast<qint64>(high_)))}, {0.5, tr("rank")}, {1.0, tr("1")}};
    case ColorBy::kChange:
      return {{0.0, tr("%1 points").arg(points(low_, 0))}, {0.5, tr("no change")}, {1.0, points(high_, 0)}};
  }
  return {};
}

QStringList LogitCells::keys(int rows) const {
  if (by_ == ColorBy::kChange) {
    return {tr("Probability in %1 minus that in %2. Outlined: the true token; hatched: unknown.").arg(shown_, other_),
            tr("%1 minus %2. Outlined: the true token.").arg(shown_, other_), tr("Outlined: true token.")};
  }
  if (has_list_) {
    return {tr("Each row is one token of your list, each figure its value there. Outlined: the true token."),
            tr("Rows: your tokens. Outlined: the true one."), tr("Outlined: true token.")};
  }
  QStringList words = {
      tr("Likeliest next token on top. Outlined: the true one; \u25be further down than the first %1; hatched: none."),
      tr("Outlined: the true token; \u25be further down than the first %1; hatched: none."),
      tr("Outlined: true token; \u25be beyond the first %1."), tr("\u25be beyond %1")};
  for (QString& word : words) word = word.arg(rows);
  return words;
}

QStringList LogitCells::readout(int column, int row) const {
  const PositionView& at = view(column);
  const GridCell& own = cell(column, row);
  QStringList lines;
  lines << tr("\u201c%1\u201d  id %2").arg(piece(own.id)).arg(own.id);
  const auto values = [](const GridCell& of) {
    return tr("probability %1, logit %2, rank %3")
        .arg(chance(static_cast<double>(of.probability), 2), figure(static_cast<double>(of.logit)),
             grouped(rank_from_one(of.rank)));
  };
  if (const GridCell* was = other(column, row)) {
    lines << tr("%1: %2").arg(shown_, values(own)) << tr("%1: %2").arg(other_, values(*was));
    lines << tr("change %1 points of probability").arg(points(change(column, row), 2));
  } else {
    lines << values(own);
  }
  lines << tr("after \u201c%1\u201d at position %2").arg(piece(at.input_id), grouped(at.position));
  if (at.target_rank >= 0) {
    lines << tr("true: \u201c%1\u201d, rank %2, probability %3")
                 .arg(piece(at.target), grouped(rank_from_one(at.target_rank)),
                      chance(static_cast<double>(at.target_probability), 2));
  } else {
    lines << tr("no true token here: masked, or the row's end");
  }
  lines << tr("entropy %1 nats").arg(figure(static_cast<double>(at.entropy)));
  return lines;
}

TableData LogitCells::table() const {
  TableData table;
  table.headers = {tr("position"),        tr("id"),        tr("token"),
                   tr("probability"),     tr("logit"),     tr("rank"),
                   tr("is the true one"), tr("true rank"), tr("true probability"),
                   tr("entropy")};
  const bool compares = !grid_->others.empty();
  if (compares) {
    table.headers << tr("other probability") << tr("other logit") << tr("other rank") << tr("probability change");
  }
  table.rows = columns() * rows();
  // A copy that outlives the picture.
  auto cells = std::make_shared<LogitCells>(*this);
  table.cell = [cells](int line, int field) -> QString {
    const int at = line / cells->rows();
    const int row = line % cells->rows();
    const auto number = [](float value) { return QString::number(static_cast<double>(value), 'g', 7); };
    const PositionView& view = cells->view(at);
    const GridCell& own = cells->cell(at, row);
    const GridCell* was = cells->other(at, row);
    switch (field) {
      case 0:
        return QString::number(view.position);
      case 1:
        return QString::number(own.id);
      case 2:
        return cells->piece(own.id);
      case 3:
        return number(own.probability);
      case 4:
        return number(own.logit);
      case 5:
        return QString::number(rank_from_one(own.rank));
      case 6:
        return cells->is_marked(at, row) ? tr("yes") : QString();
      case 7:
        return view.target_rank < 0 ? QString() : QString::number(rank_from_one(view.target_rank));
      case 8:
        return view.target_rank < 0 ? QString() : number(view.target_probability);
      case 9:
        return number(view.entropy);
      case 10:
        return was == nullptr ? QString() : number(was->probability);
      case 11:
        return was == nullptr ? QString() : number(was->logit);
      case 12:
        return was == nullptr ? QString() : QString::number(rank_from_one(was->rank));
      default:
        return was == nullptr ? QString() : number(own.probability - was->probability);
    }
  };
  return table;
}

}  // namespace vernier::ui
