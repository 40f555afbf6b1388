// A logit lens as a token map shows it: the model's answer on top, the embeddings at the bottom.
#pragma once

#include <QCoreApplication>
#include <QString>
#include <memory>

#include "ui/plots/token_map_cells.h"
#include "ui/style/paint.h"
#include "vernier/lens.h"

namespace vernier::ui {

class LensCells : public TokenMapCells {
  Q_DECLARE_TR_FUNCTIONS(vernier::ui::LensCells)

 public:
  // kDivergence: from the model's own answer; kTunedFromBase and kNextChange need both models.
  enum class ColorBy { kTop, kNext, kEntropy, kDivergence, kTunedFromBase, kNextChange };
  enum class Side { kTuned, kBase };

  // side: whose tokens stand in the cells. lens is shared by the pictures of both sides.
  LensCells(std::shared_ptr<const LensPair> lens, PieceLookup pieces, ColorBy by, Side side, std::int64_t vocab_size);

  const LogitLens& lens() const { return side_ == Side::kTuned ? pair_->tuned : pair_->base; }
  // The lowest layer from which on every layer's likeliest token is the answer, for each position.
  const std::vector<int>& settled() const { return settled_; }
  std::int64_t layer_of(int row) const { return lens().layers - 1 - row; }

  int columns() const override { return static_cast<int>(lens().positions()); }
  int rows() const override { return static_cast<int>(lens().layers); }
  double shade(int column, int row) const override;
  bool is_signed() const override { return by_ == ColorBy::kNextChange; }
  QString text(int column, int row) const override;
  bool is_marked(int column, int row) const override;
  int position(int column) const override { return column; }
  QString input(int column) const override;
  Below below(int column, int rows) const override;
  double overview(int column) const override;
  QString overview_tip() const override;
  QString row_label(int row) const override;
  const std::vector<MapStrip>& strips() const override { return strips_; }
  const MapRowBars& row_bars() const override { return bars_; }
  QList<QPair<double, QString>> ticks() const override;
  QStringList keys(int rows) const override;
  QStringList readout(int column, int row) const override;
  TableData table() const override;

 private:
  const LensCell& cell(const LogitLens& of, int column, int row) const {
    return of.cells[of.at(layer_of(row), column)];
  }
  const TopToken* top(const LogitLens& of, int column, int row) const {
    return of.tokens.data() + of.at(layer_of(row), column) * static_cast<std::size_t>(of.top);
  }
  bool compares() const { return !pair_->divergence.empty(); }
  bool has_next(int column) const { return column + 1 < columns(); }
  // What the colour stands for.
  double value(int column, int row) const;
  QString piece(std::int32_t id) const { return visible_piece(pieces_ ? pieces_(id) : QString(), id); }
  void measure();
  void settle();

  std::shared_ptr<const LensPair> pair_;
  PieceLookup pieces_;
  ColorBy by_;
  Side side_;
  double uniform_;  // ln V
  double high_ = 1.0;
  std::vector<int> settled_;
  std::vector<MapStrip> strips_;
  MapRowBars bars_;
};

}  // namespace vernier::ui
