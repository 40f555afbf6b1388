#include "ui/plots/lens_cells.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ui/style/color_maps.h"

namespace vernier::ui {
namespace {

constexpr double kLeastChange = 0.01;
constexpr double kLeastDivergence = 0.01;  // nats: less is not blown up to full colour

QString signed_points(double share, int decimals) {
  const QString figure = QString::number(100.0 * share, 'f', decimals);
  return share > 0.0 ? QLatin1Char('+') + figure : figure;
}

}  // namespace

LensCells::LensCells(std::shared_ptr<const LensPair> lens, PieceLookup pieces, ColorBy by, Side side,
                     std::int64_t vocab_size)
    : pair_(std::move(lens)),
      pieces_(std::move(pieces)),
      by_(by),
      side_(side),
      uniform_(std::log(static_cast<double>(std::max<std::int64_t>(2, vocab_size)))) {
  if (!compares() && (by_ == ColorBy::kTunedFromBase || by_ == ColorBy::kNextChange)) by_ = ColorBy::kTop;
  settle();
  measure();
  bars_.caption = tr("mean entropy, nats");
  bars_.color = per_token_color();
  bars_.maximum = uniform_;
  const LogitLens& other = side_ == Side::kTuned ? pair_->base : pair_->tuned;
  for (int row = 0; row < rows(); ++row) {
    const auto layer = static_cast<std::size_t>(layer_of(row));
    bars_.values.push_back(this->lens().mean_entropy[layer]);
    if (compares()) bars_.others.push_back(other.mean_entropy[layer]);
  }
}

void LensCells::settle() {
  MapStrip strip{tr("Layers until the answer stands: lower is earlier"),
                 per_token_color(),
                 {},
                 std::max(1.0, static_cast<double>(rows() - 1)),
                 tr("layer %1").arg(rows() - 1)};
  for (int column = 0; column < columns(); ++column) {
    int row = 0;
    if (lens().top > 0) {
      const std::int32_t answer = top(lens(), column, 0)->id;
      while (row + 1 < rows() && top(lens(), column, row + 1)->id == answer) ++row;
    }
    settled_.push_back(static_cast<int>(layer_of(row)));
    strip.values.push_back(static_cast<float>(settled_.back()));
  }
  strips_ = {std::move(strip)};
}

double LensCells::value(int column, int row) const {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const LensCell& own = cell(lens(), column, row);
  switch (by_) {
    case ColorBy::kTop:
      return lens().top > 0 ? static_cast<double>(top(lens(), column, row)->probability) : kNone;
    case ColorBy::kNext:
      return has_next(column) ? static_cast<double>(own.next_probability) : kNone;
    case ColorBy::kEntropy:
      return static_cast<double>(own.entropy);
    case ColorBy::kDivergence:
      return static_cast<double>(own.divergence);
    case ColorBy::kTunedFromBase:
      return static_cast<double>(pair_->divergence[lens().at(layer_of(row), column)]);
    case ColorBy::kNextChange:
      return has_next(column) ? static_cast<double>(cell(pair_->tuned, column, row).next_probability) -
                                    static_cast<double>(cell(pair_->base, column, row).next_probability)
                              : kNone;
  }
  return kNone;
}

void LensCells::measure() {
  if (by_ == ColorBy::kTop || by_ == ColorBy::kNext) return;
  if (by_ == ColorBy::kEntropy) {
    high_ = uniform_;
    return;
  }
  double largest = by_ == ColorBy::kNextChange ? kLeastChange : kLeastDivergence;
  for (int column = 0; column < columns(); ++column) {
    for (int row = 0; row < rows(); ++row) {
      const double size = std::abs(value(column, row));
      if (std::isfinite(size)) largest = std::max(largest, size);
    }
  }
  high_ = nice_ceiling(largest);
  if (by_ == ColorBy::kNextChange) high_ = std::min(1.0, high_);
}

double LensCells::shade(int column, int row) const {
  return value(column, row) / high_;
}

QString LensCells::text(int column, int row) const {
  return lens().top > 0 ? piece(top(lens(), column, row)->id) : QString();
}

bool LensCells::is_marked(int column, int row) const {
  return has_next(column) && cell(lens(), column, row).next_rank == 0;
}

QString LensCells::input(int column) const {
  return piece(lens().input_ids[static_cast<std::size_t>(column)]);
}

TokenMapCells::Below LensCells::below(int column, int) const {
  return has_next(column) ? Below::kNothing : Below::kNone;
}

double LensCells::overview(int column) const {
  return has_next(column) ? static_cast<double>(cell(lens(), column, 0).next_probability)
                          : std::numeric_limits<double>::quiet_NaN();
}

QString LensCells::overview_tip() const {
  return tr(
      "The following token's probability at the last layer, along all positions; the frame is what is seen "
      "above. Click or drag to move it.");
}

QString LensCells::row_label(int row) const {
  if (row == 0) return tr("answer");
  if (row == rows() - 1) return tr("embedding");
  return tr("layer %1").arg(layer_of(row));
}

QList<QPair<double, QString>> LensCells::ticks() const {
  switch (by_) {
    case ColorBy::kTop:
    case ColorBy::kNext:
      return {{0.0, tr("0 %")}, {0.5, tr("probability")}, {1.0, tr("100 %")}};
    case ColorBy::kEntropy:
      return {{0.0, tr("0")}, {0.5, tr("entropy, nats")}, {1.0, tr("ln V = %1").arg(figure(high_, 3))}};
    case ColorBy::kDivergence:
    case ColorBy::kTunedFromBase:
      return {{0.0, tr("0")}, {0.5, tr("KL, nats")}, {1.0, figure(high_, 3)}};
    case ColorBy::kNextChange:
      return {
          {0.0, tr("%1 points").arg(signed_points(-high_, 0))}, {0.5, tr("no change")}, {1.0, signed_points(high_, 0)}};
  }
  return {};
}

QStringList LensCells::keys(int) const {
  QStringList words = {tr("Each cell: what the layer would say next. Outlined: what does follow."),
                       tr("Outlined: the token that follows."), tr("Outlined: it follows")};
  if (compares()) {
    words.prepend(
        tr("Each cell: what the layer would say next. Outlined: the token that does follow. Bars: solid this "
           "model, hollow the other."));
  }
  return words;
}

QStringList LensCells::readout(int column, int row) const {
  QStringList lines;
  lines << tr("%1, after \u201c%2\u201d at position %3").arg(row_label(row), input(column), grouped(position(column)));
  const auto of_model = [&](const QString& name, const LogitLens& of) {
    const LensCell& own = cell(of, column, row);
    if (of.top > 0) {
      const TopToken* best = top(of, column, row);
      lines << tr("%1 says \u201c%2\u201d with %3")
                   .arg(name, piece(best->id), percent(static_cast<double>(best->probability), 2));
    }
    if (has_next(column)) {
      lines << tr("   \u201c%1\u201d follows: %2, rank %3")
                   .arg(input(column + 1), percent(static_cast<double>(own.next_probability), 2),
                        grouped(rank_from_one(own.next_rank)));
    }
    lines << tr("   entropy %1 nats, KL from its answer %2 nats")
                 .arg(figure(static_cast<double>(own.entropy), 3), figure(static_cast<double>(own.divergence), 3));
  };
  if (compares()) {
    of_model(tr("tuned"), pair_->tuned);
    of_model(tr("base"), pair_->base);
    lines << tr("KL(tuned || base) %1 nats")
                 .arg(figure(static_cast<double>(pair_->divergence[lens().at(layer_of(row), column)]), 3));
  } else {
    of_model(tr("the model"), lens());
  }
  return lines;
}

TableData LensCells::table() const {
  TableData table;
  table.headers = {tr("position"),
                   tr("token"),
                   tr("layer"),
                   tr("likeliest id"),
                   tr("likeliest token"),
                   tr("probability"),
                   tr("entropy"),
                   tr("KL from the answer"),
                   tr("following token's probability"),
                   tr("its rank")};
  if (compares()) table.headers << tr("KL(tuned || base)");
  table.rows = columns() * rows();
  auto cells = std::make_shared<LensCells>(*this);
  table.cell = [cells](int line, int field) -> QString {
    const int column = line / cells->rows();
    const int row = cells->rows() - 1 - line % cells->rows();
    const auto number = [](float value) { return QString::number(static_cast<double>(value), 'g', 7); };
    const LogitLens& lens = cells->lens();
    const LensCell& own = cells->cell(lens, column, row);
    const bool has_top = lens.top > 0;
    switch (field) {
      case 0:
        return QString::number(column);
      case 1:
        return cells->input(column);
      case 2:
        return QString::number(cells->layer_of(row));
      case 3:
        return has_top ? QString::number(cells->top(lens, column, row)->id) : QString();
      case 4:
        return cells->text(column, row);
      case 5:
        return has_top ? number(cells->top(lens, column, row)->probability) : QString();
      case 6:
        return number(own.entropy);
      case 7:
        return number(own.divergence);
      case 8:
        return cells->has_next(column) ? number(own.next_probability) : QString();
      case 9:
        return cells->has_next(column) ? QString::number(rank_from_one(own.next_rank)) : QString();
      default:
        return number(cells->pair_->divergence[lens.at(cells->layer_of(row), column)]);
    }
  };
  return table;
}

}  // namespace vernier::ui
