// Which columns and rows of a token map are in sight, and where: geometry alone.
#pragma once

#include <QRectF>

namespace vernier::ui {

// Columns and rows scroll; columns zoom, and rows between a height that can be read and all of them in sight.
// Device-independent pixels.
class HeatMapView {
 public:
  static constexpr double kReadableWidth = 64.0;  // of a column, at the system's font
  static constexpr double kWidest = 240.0;

  // The grid's place and the height of a row that can be read; zoom and scroll are kept where they still fit.
  void setGrid(const QRectF& grid, double row_height);
  void setShape(int columns, int rows);

  const QRectF& grid() const { return grid_; }
  int columns() const { return columns_; }
  int rows() const { return rows_; }
  // Whole rows in sight.
  int shownRows() const { return shown_rows_; }
  double columnWidth() const { return column_width_; }
  double rowHeight() const { return row_height_; }
  double columnLeft(int column) const { return grid_.left() + column * column_width_ - offset_; }
  double rowTop(int row) const { return grid_.top() + row * row_height_ - row_offset_; }
  QRectF cellRect(int column, int row) const { return {columnLeft(column), rowTop(row), column_width_, row_height_}; }
  // -1 beside the columns.
  int columnAt(double x) const;
  // -1 beside the rows.
  int rowAt(double y) const;
  // Columns [first, last) and rows [first, last) that are at least partly in sight.
  int firstColumn() const;
  int lastColumn() const;
  int firstRow() const;
  int lastRow() const;
  // The part of all columns, or of all rows, that is in sight, as shares.
  double shareBefore() const { return offset_ / wholeWidth(); }
  double shareInSight() const { return grid_.width() / wholeWidth(); }
  double shareAbove() const { return row_offset_ / wholeHeight(); }
  double shareOfRows() const { return grid_.height() / wholeHeight(); }

  // Readable columns and rows from the first on.
  void reset();
  // Everything in sight at once.
  void fitAll();
  // What is at `x` stays there.
  void zoom(double factor, double x);
  // What is at `y` stays there. Never lower than all rows need, never higher than can be read.
  void zoomRows(double factor, double y);
  void scrollBy(double pixels, double row_pixels = 0.0);
  // Where it is not in sight.
  void scrollTo(int column);
  void scrollToRow(int row);
  // The middle of the grid shows what lies at this share of all columns, or of all rows.
  void centreOn(double share);
  void centreOnRow(double share);

 private:
  double wholeWidth() const;
  double wholeHeight() const;
  void set(double column_width, double offset);
  void setRows(double offset);

  QRectF grid_ = QRectF(0, 0, 1, 1);
  double readable_row_ = 1.0;
  int columns_ = 0;
  int rows_ = 0;
  int shown_rows_ = 0;
  double column_width_ = kReadableWidth;
  double offset_ = 0.0;  // scrolled off to the left
  double row_height_ = 1.0;
  double row_offset_ = 0.0;  // scrolled off above
  // Of a row: kReadable as high as can be read well, 0 so low that all are in sight.
  static constexpr double kReadable = 1e9;
  double wanted_row_ = kReadable;
};

}  // namespace vernier::ui
