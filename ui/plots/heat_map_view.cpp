#include "ui/plots/heat_map_view.h"

#include <algorithm>
#include <cmath>

namespace vernier::ui {

void HeatMapView::setGrid(const QRectF& grid, double row_height) {
  grid_ = grid;
  row_height_ = row_height;
  setShape(columns_, rows_);
}

void HeatMapView::setShape(int columns, int rows) {
  columns_ = columns;
  rows_ = rows;
  shown_rows_ = std::clamp(static_cast<int>(grid_.height() / row_height_), std::min(1, rows), rows);
  set(column_width_, offset_);
}

QRectF HeatMapView::cellRect(int column, int row) const {
  const double height = grid_.height() / std::max(1, shown_rows_);
  return QRectF(columnLeft(column), grid_.top() + row * height, column_width_, height);
}

int HeatMapView::columnAt(double x) const {
  const double column = std::floor((x - grid_.left() + offset_) / column_width_);
  return column >= 0 && column < columns_ ? static_cast<int>(column) : -1;
}

int HeatMapView::rowAt(double y) const {
  const double row = std::floor((y - grid_.top()) / grid_.height() * shown_rows_);
  return row >= 0 && row < shown_rows_ ? static_cast<int>(row) : -1;
}

int HeatMapView::firstColumn() const {
  return std::max(0, static_cast<int>(std::floor(offset_ / column_width_)));
}

int HeatMapView::lastColumn() const {
  return std::min(columns_, static_cast<int>(std::ceil((offset_ + grid_.width()) / column_width_)));
}

void HeatMapView::reset() {
  const double fit = grid_.width() / std::max(1, columns_);
  set(std::clamp(fit, kReadableWidth, 2 * kReadableWidth), 0.0);
}

void HeatMapView::zoom(double factor, double x) {
  const double from_left = x - grid_.left();
  const double at = (from_left + offset_) / column_width_;
  set(column_width_ * factor, offset_);
  set(column_width_, at * column_width_ - from_left);
}

void HeatMapView::scrollBy(double pixels) {
  set(column_width_, offset_ + pixels);
}

void HeatMapView::scrollTo(int column) {
  const double left = column * column_width_;
  if (left < offset_) set(column_width_, left - grid_.width() / 4);
  if (left + column_width_ > offset_ + grid_.width()) set(column_width_, left - grid_.width() * 0.75);
}

void HeatMapView::centreOn(double share) {
  set(column_width_, share * wholeWidth() - grid_.width() / 2);
}

double HeatMapView::wholeWidth() const {
  return column_width_ * std::max(1, columns_);
}

void HeatMapView::set(double column_width, double offset) {
  const double fit = grid_.width() / std::max(1, columns_);
  column_width_ = std::clamp(column_width, std::min(fit, kReadableWidth), kWidest);
  offset_ = std::clamp(offset, 0.0, std::max(0.0, wholeWidth() - grid_.width()));
}

}  // namespace vernier::ui
