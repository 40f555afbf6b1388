// A grid of logits as a token map shows it.
#pragma once

#include <QCoreApplication>
#include <QString>
#include <memory>

#include "ui/plots/token_map_cells.h"
#include "ui/style/paint.h"
#include "vernier/logit_grid.h"

namespace vernier::ui {

class LogitCells : public TokenMapCells {
  Q_DECLARE_TR_FUNCTIONS(vernier::ui::LogitCells)

 public:
  // kChange needs the grid's `others`.
  enum class ColorBy { kProbability, kLogit, kRank, kChange };

  // has_list: the rows are chosen tokens, named at the left; else they are ranks. shown and other name the two sides
  // of a comparison ("step 40", "the base model").
  LogitCells(std::shared_ptr<const LogitGrid> grid, PieceLookup pieces, ColorBy by, bool has_list, QString shown,
             QString other);

  const LogitGrid& grid() const { return *grid_; }
  ColorBy color_by() const { return by_; }

  int columns() const override { return static_cast<int>(grid_->columns.size()); }
  int rows() const override { return static_cast<int>(grid_->rows); }
  double shade(int column, int row) const override;
  bool is_signed() const override { return by_ == ColorBy::kChange; }
  QString text(int column, int row) const override;
  bool is_marked(int column, int row) const override;
  int position(int column) const override { return view(column).position; }
  QString input(int column) const override { return piece(view(column).input_id); }
  Below below(int column, int rows) const override;
  double overview(int column) const override;
  QString overview_tip() const override;
  QString row_label(int row) const override;
  const std::vector<MapStrip>& strips() const override { return strips_; }
  const MapRowBars& row_bars() const override { return no_bars_; }
  QList<QPair<double, QString>> ticks() const override;
  QStringList keys(int rows) const override;
  QStringList readout(int column, int row) const override;
  TableData table() const override;

 private:
  const PositionView& view(int column) const { return grid_->columns[static_cast<std::size_t>(column)]; }
  const GridCell& cell(int column, int row) const { return grid_->cells[grid_->at(column, row)]; }
  const GridCell* other(int column, int row) const;
  // In probability; NaN where the other side knows nothing.
  double change(int column, int row) const;
  QString piece(std::int32_t id) const { return visible_piece(pieces_ ? pieces_(id) : QString(), id); }
  // The value that the colour stands for, in as few characters as say it.
  QString value_text(int column, int row) const;
  void measure();
  void make_strips();

  std::shared_ptr<const LogitGrid> grid_;
  PieceLookup pieces_;
  ColorBy by_;
  bool has_list_;
  QString shown_, other_;
  double low_ = 0.0;  // ends of the scale, in the unit of what is coloured
  double high_ = 1.0;
  std::vector<MapStrip> strips_;
  MapRowBars no_bars_;
};

}  // namespace vernier::ui
