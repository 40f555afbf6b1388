// Which columns and rows of the heat map are in sight, and where: geometry alone.
#pragma once

#include <QRectF>

namespace vernier::ui {

// Columns scroll and zoom; of the rows, those on top are shown that fit in at their height. Device-independent pixels.
class HeatMapView {
 public:
  static constexpr double kReadableWidth = 64.0;  // of a column, at the system's font
  static constexpr double kWidest = 240.0;

  // The grid's place and the least height of a row in it; zoom and scroll are kept where they still fit.
  void setGrid(const QRectF& grid, double row_height);
  void setShape(int columns, int rows);

  const QRectF& grid() const { return grid_; }
  int columns() const { return columns_; }
  int shownRows() const { return shown_rows_; }
  double columnWidth() const { return column_width_; }
  double columnLeft(int column) const { return grid_.left() + column * column_width_ - offset_; }
  QRectF cellRect(int column, int row) const;
  // -1 beside the columns.
  int columnAt(double x) const;
  // -1 beside the rows.
  int rowAt(double y) const;
  // Columns [first, last) that are at least partly in sight.
  int firstColumn() const;
  int lastColumn() const;
  // The part of all columns that is in sight, as shares.
  double shareBefore() const { return offset_ / wholeWidth(); }
  double shareInSight() const { return grid_.width() / wholeWidth(); }

  // Readable columns from the first on.
  void reset();
  // What is at `x` stays there.
  void zoom(double factor, double x);
  void scrollBy(double pixels);
  // Where it is not in sight.
  void scrollTo(int column);
  // The middle of the grid shows what lies at this share of all columns.
  void centreOn(double share);

 private:
  double wholeWidth() const;
  void set(double column_width, double offset);

  QRectF grid_ = QRectF(0, 0, 1, 1);
  double row_height_ = 1.0;
  int columns_ = 0;
  int rows_ = 0;
  int shown_rows_ = 0;
  double column_width_ = kReadableWidth;
  double offset_ = 0.0;  // scrolled off to the left
};

}  // namespace vernier::ui
