// What a token map shows: positions across, tokens or layers down.
#pragma once

#include <QColor>
#include <QList>
#include <QPair>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <vector>

#include "ui/plots/data_table_dialog.h"

namespace vernier::ui {

// A figure a column, drawn above the cells on the same axis. NaN: none.
struct MapStrip {
  QString caption;  // with its unit
  QColor color;
  std::vector<float> values;
  double maximum = 1.0;  // of the scale
  QString top;           // the maximum in words
};

// A figure a row, drawn beside the cells; `others` as hollow bars over them, or empty.
struct MapRowBars {
  QString caption;  // with its unit; empty for no bars
  QColor color;
  std::vector<float> values;
  std::vector<float> others;
  double maximum = 1.0;
};

// Asked when something is painted: every answer must be quick. GUI thread.
class TokenMapCells {
 public:
  virtual ~TokenMapCells() = default;

  virtual int columns() const = 0;
  virtual int rows() const = 0;

  // Within [0, 1], or [-1, 1] where is_signed(); NaN where nothing is known.
  virtual double shade(int column, int row) const = 0;
  virtual bool is_signed() const { return false; }
  virtual QString text(int column, int row) const = 0;
  // The true token stands here.
  virtual bool is_marked(int column, int row) const = 0;

  // Of the token that is read at a column: its position in the sequence and its text.
  virtual int position(int column) const = 0;
  virtual QString input(int column) const = 0;
  // What stands below a column: a hatching where there is no true token, a mark where it is further down than `rows`.
  enum class Below { kNothing, kFurther, kNone };
  virtual Below below(int column, int rows) const = 0;
  // Along all columns, for the strip that shows them whole: within [0, 1], NaN where there is no true token.
  virtual double overview(int column) const = 0;
  virtual QString overview_tip() const = 0;

  virtual QString row_label(int row) const = 0;
  virtual const std::vector<MapStrip>& strips() const = 0;
  virtual const MapRowBars& row_bars() const = 0;
  // Of the colour bar: 0 to 1 along it.
  virtual QList<QPair<double, QString>> ticks() const = 0;
  // What the marks mean where `rows` rows are in sight, in more and in fewer words.
  virtual QStringList keys(int rows) const = 0;
  virtual QStringList readout(int column, int row) const = 0;
  // All of it, one line a cell.
  virtual TableData table() const = 0;
};

}  // namespace vernier::ui
