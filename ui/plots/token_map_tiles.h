// Cells that were painted once, so that scrolling and pointing cost a copy.
#pragma once

#include <QCache>
#include <QPainter>
#include <QPixmap>
#include <functional>

#include "ui/plots/heat_map_view.h"

namespace vernier::ui {

// One tile is a column's cells over a block of rows. Tiles of columns that went out of sight stay until there is no
// room left for them. GUI thread.
class TokenMapTiles {
 public:
  // Paints cells [first_row, last_row) of a column; the first one's corner is at the painter's origin.
  using PaintCells = std::function<void(QPainter& painter, int column, int first_row, int last_row)>;

  // What the tiles show has changed.
  void clear() { tiles_.clear(); }
  // Paints every tile that is in sight, those that are missing by `paint`. scale: device pixels of one of the view's.
  void draw(QPainter& painter, const HeatMapView& view, double scale, const PaintCells& paint);
  // Tiles that were painted, not copied, since the start: for tests.
  int painted() const { return painted_; }

 private:
  QCache<quint64, QPixmap> tiles_;
  double column_width_ = 0.0;
  double row_height_ = 0.0;
  double scale_ = 0.0;
  int painted_ = 0;
};

}  // namespace vernier::ui
