#include "ui/plots/token_map_tiles.h"

#include <algorithm>
#include <cmath>

namespace vernier::ui {
namespace {

constexpr int kRows = 16;      // of a tile
constexpr int kPagesKept = 6;  // of what is in sight at once
constexpr int kBytesAPixel = 4;
constexpr int kLeastKept = 1 << 24;

}  // namespace

void TokenMapTiles::draw(QPainter& painter, const HeatMapView& view, double scale, const PaintCells& paint) {
  const double width = view.columnWidth();
  const double height = view.rowHeight();
  if (width != column_width_ || height != row_height_ || scale != scale_) {
    tiles_.clear();
    column_width_ = width;
    row_height_ = height;
    scale_ = scale;
  }
  const QSizeF page = view.grid().size() * scale;
  tiles_.setMaxCost(std::max(kLeastKept, kPagesKept * kBytesAPixel * static_cast<int>(page.width() * page.height())));
  // On whole device pixels, so that a copy is a copy. A tile's last pixel may be its neighbour's, which is painted
  // later.
  const auto aligned = [scale](double at) { return std::round(at * scale) / scale; };
  const auto pixels = [scale](double size) { return static_cast<int>(std::ceil(size * scale)); };
  for (int column = view.firstColumn(); column < view.lastColumn(); ++column) {
    for (int block = view.firstRow() / kRows; block * kRows < view.lastRow(); ++block) {
      const int first = block * kRows;
      const int last = std::min(first + kRows, view.rows());
      const quint64 key = (quint64(column) << 32) | quint64(block);
      QPixmap* tile = tiles_.object(key);
      QPixmap fresh;
      if (tile == nullptr) {
        fresh = QPixmap(pixels(width), pixels((last - first) * height));
        fresh.setDevicePixelRatio(scale);
        fresh.fill(Qt::transparent);
        QPainter cells(&fresh);
        cells.setFont(painter.font());
        paint(cells, column, first, last);
        cells.end();
        ++painted_;
        tiles_.insert(key, new QPixmap(fresh), kBytesAPixel * fresh.width() * fresh.height());
        tile = &fresh;
      }
      painter.drawPixmap(QPointF(aligned(view.columnLeft(column)), aligned(view.rowTop(first))), *tile);
    }
  }
}

}  // namespace vernier::ui
