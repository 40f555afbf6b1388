#include "ui/plots/heat_map_view.h"

#include <algorithm>
#include <cmath>

namespace vernier::ui {

void HeatMapView::setGrid(const QRectF& grid, double row_height) {
  grid_ = grid;
  readable_row_ = row_height;
  setShape(columns_, rows_);
}

void HeatMapView::setShape(int columns, int rows) {
  columns_ = columns;
  rows_ = rows;
  set(column_width_, offset_);
  setRows(row_offset_);
}

int HeatMapView::columnAt(double x) const {
  const double column = std::floor((x - grid_.left() + offset_) / column_width_);
  return column >= 0 && column < columns_ ? static_cast<int>(column) : -1;
}

int HeatMapView::rowAt(double y) const {
  const double row = std::floor((y - grid_.top() + row_offset_) / row_height_);
  return row >= 0 && row < rows_ ? static_cast<int>(row) : -1;
}

int HeatMapView::firstColumn() const {
  return std::max(0, static_cast<int>(std::floor(offset_ / column_width_)));
}

int HeatMapView::lastColumn() const {
  return std::min(columns_, static_cast<int>(std::ceil((offset_ + grid_.width()) / column_width_)));
}

int HeatMapView::firstRow() const {
  return std::max(0, static_cast<int>(std::floor(row_offset_ / row_height_)));
}

int HeatMapView::lastRow() const {
  // A hair of the next row, by rounding, is not in sight.
  constexpr double kHair = 1e-6;
  return std::min(rows_, static_cast<int>(std::ceil((row_offset_ + grid_.height()) / row_height_ - kHair)));
}

void HeatMapView::reset() {
  const double fit = grid_.width() / std::max(1, columns_);
  set(std::clamp(fit, kReadableWidth, 2 * kReadableWidth), 0.0);
  wanted_row_ = kReadable;
  setRows(0.0);
}

void HeatMapView::fitAll() {
  set(0.0, 0.0);
  wanted_row_ = 0.0;
  setRows(0.0);
}

void HeatMapView::zoom(double factor, double x) {
  const double from_left = x - grid_.left();
  const double at = (from_left + offset_) / column_width_;
  set(column_width_ * factor, offset_);
  set(column_width_, at * column_width_ - from_left);
}

void HeatMapView::zoomRows(double factor, double y) {
  const double from_top = y - grid_.top();
  const double at = (from_top + row_offset_) / row_height_;
  wanted_row_ = row_height_ * factor;
  setRows(row_offset_);
  if (wanted_row_ > row_height_) wanted_row_ = kReadable;
  setRows(at * row_height_ - from_top);
}

void HeatMapView::scrollBy(double pixels, double row_pixels) {
  set(column_width_, offset_ + pixels);
  setRows(row_offset_ + row_pixels);
}

void HeatMapView::scrollTo(int column) {
  const double left = column * column_width_;
  if (left < offset_) set(column_width_, left - grid_.width() / 4);
  if (left + column_width_ > offset_ + grid_.width()) set(column_width_, left - grid_.width() * 0.75);
}

void HeatMapView::scrollToRow(int row) {
  const double top = row * row_height_;
  if (top < row_offset_) setRows(top);
  if (top + row_height_ > row_offset_ + grid_.height()) setRows(top + row_height_ - grid_.height());
}

void HeatMapView::centreOn(double share) {
  set(column_width_, share * wholeWidth() - grid_.width() / 2);
}

void HeatMapView::centreOnRow(double share) {
  setRows(share * wholeHeight() - grid_.height() / 2);
}

double HeatMapView::wholeWidth() const {
  return column_width_ * std::max(1, columns_);
}

double HeatMapView::wholeHeight() const {
  return row_height_ * std::max(1, rows_);
}

void HeatMapView::set(double column_width, double offset) {
  const double fit = grid_.width() / std::max(1, columns_);
  column_width_ = std::clamp(column_width, std::min(fit, kReadableWidth), kWidest);
  offset_ = std::clamp(offset, 0.0, std::max(0.0, wholeWidth() - grid_.width()));
}

void HeatMapView::setRows(double offset) {
  const double height = std::max(1.0, grid_.height());
  const double all = height / std::max(1, rows_);
  // As many whole rows as can be read share the height, so that none is cut where nothing is scrolled.
  const int readable = std::clamp(static_cast<int>(height / readable_row_), 1, std::max(1, rows_));
  row_height_ = std::clamp(wanted_row_, std::min(all, height / readable), height / readable);
  shown_rows_ = std::min(rows_, static_cast<int>(height / row_height_ + 1e-6));
  row_offset_ = std::clamp(offset, 0.0, std::max(0.0, wholeHeight() - grid_.height()));
}

}  // namespace vernier::ui
