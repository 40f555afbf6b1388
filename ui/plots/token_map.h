// Positions across, tokens or layers down, a colour and a few words in each cell.
#pragma once

#include <QImage>
#include <QMenu>
#include <QWidget>
#include <memory>
#include <optional>

#include "ui/plots/heat_map_view.h"
#include "ui/plots/token_map_cells.h"
#include "ui/plots/token_map_tiles.h"

namespace vernier::ui {

class MessageBar;

// Wheel zooms columns, with Ctrl rows, with Shift it scrolls; drag pans, double click resets, click selects; the strip
// below shows all positions and jumps, the one at the right all rows. Keys: arrows move the selected cell, Home and
// End, Page up and down, + - 0 zoom, F fits everything. GUI thread only.
class TokenMap : public QWidget {
  Q_OBJECT

 public:
  // name: proposed for files, and what the table is called.
  explicit TokenMap(const QString& name, QWidget* parent = nullptr);

  // Zoom, scroll and selection stay where the shape does.
  void setCells(std::shared_ptr<const TokenMapCells> cells);
  // A position as TokenMapCells gives it (-1: none), and a row (-1: as it was), without a signal; scrolled into sight.
  void setSelected(int position, int row = -1);
  // Empty, with a sentence about what will stand here.
  void clear(const QString& explanation);

  bool isEmpty() const { return cells_ == nullptr; }
  int selectedPosition() const;
  int selectedRow() const { return selected_row_; }
  int columnCount() const { return view_.columns(); }
  // Whole rows in sight.
  int rowCount() const { return view_.shownRows(); }
  // Where a cell is painted; may lie out of sight.
  QRectF cellRect(int column, int row) const { return view_.cellRect(column, row); }
  // Column and row under a point, nothing outside the grid.
  std::optional<QPoint> cellAt(const QPointF& point) const;
  double columnWidth() const { return view_.columnWidth(); }
  const TokenMapTiles& tiles() const { return tiles_; }
  // What the marks mean, in as many words as there is room for.
  const QString& keyText() const { return key_; }
  QRect keyRect() const;
  void resetZoom();
  void fitAll();
  // Copying and saving, the table, the zoom.
  void addActions(QMenu& menu);
  bool savePicture(const QString& path);
  TableData table() const;

 Q_SIGNALS:
  // By the user.
  void cellSelected(int position, int row);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  enum class Zone { kNone, kGrid, kOverview, kRows };
  enum class Medium { kScreen, kFile };

  // token_map_paint.cpp
  void layOut();
  QFont smallFont() const;
  QRect colorBarRect() const;
  QRectF overviewRect() const;
  QRectF rowScrollRect() const;
  bool showsStrips() const;
  void paint(QPainter& painter, Medium medium);
  void paintGrid(QPainter& painter, Medium medium);
  void paintImage(QPainter& painter);
  void paintCell(QPainter& painter, const QRectF& cell, int column, int row, const QFont& font) const;
  void paintTrueOutline(QPainter& painter, const QRectF& cell) const;
  void paintStrips(QPainter& painter);
  void paintColumns(QPainter& painter);
  void paintColumn(QPainter& painter, int column, bool has_number);
  void paintMarks(QPainter& painter);
  void paintRows(QPainter& painter);
  void paintRowBars(QPainter& painter);
  void paintKey(QPainter& painter);
  void paintOverview(QPainter& painter);
  QColor colorOf(double shade) const;
  void fillImages();

  Zone zoneAt(const QPointF& point) const;
  void jumpTo(const QPointF& point, Zone zone);
  void select(int column, int row);
  void forgetPaintings();
  void describeSelection();

  QString name_;
  MessageBar* messages_ = nullptr;
  std::shared_ptr<const TokenMapCells> cells_;
  QString explanation_;
  HeatMapView view_;
  TokenMapTiles tiles_;
  QString key_;
  int key_height_ = 0;
  int left_ = 0;  // margins of the grid
  int right_ = 0;
  double strips_top_ = 0.0;
  double strip_height_ = 0.0;  // with its caption
  int selected_ = -1;          // a column
  int selected_row_ = 0;
  std::optional<QPoint> hovered_;
  QPointF mouse_;
  QImage image_;     // one pixel a cell, for cells too small to paint one by one
  QImage overview_;  // one pixel a position
  QImage scaled_;    // the part of image_ in sight, where it is smaller than its pixels
  QRect scaled_from_;
  Zone pressed_ = Zone::kNone;
  QPointF press_;
  QPointF last_;
  bool dragged_ = false;
};

}  // namespace vernier::ui
