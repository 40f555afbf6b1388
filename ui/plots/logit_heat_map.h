// The logits of a captured row: positions across, the k likeliest tokens down, colour by probability.
#pragma once

#include <QImage>
#include <QWidget>
#include <optional>
#include <vector>

#include "ui/style/paint.h"
#include "vernier/inspect.h"

namespace vernier::ui {

class MessageBar;

// Wheel zooms, drag pans, double click resets, click selects; the strip below shows the whole row and jumps. Keys: left
// and right move the selected position, Home and End, Page up and down, + - 0 zoom. GUI thread only.
class LogitHeatMap : public QWidget {
  Q_OBJECT

 public:
  explicit LogitHeatMap(QWidget* parent = nullptr);

  void setCapture(std::vector<PositionView> views, PieceLookup pieces);
  // `position` as in PositionView (-1: none), without a signal; scrolled into sight.
  void setSelectedPosition(int position);
  // Empty, with a sentence about what will stand here.
  void clear(const QString& explanation);

  int selectedPosition() const;
  int columnCount() const { return static_cast<int>(views_.size()); }
  int rowCount() const { return rows_; }
  // Where the cell of the row-th likeliest token at the column-th position is painted; may lie out of sight.
  QRectF cellRect(int column, int row) const;
  // Column and row under a point, nothing outside the grid.
  std::optional<QPoint> cellAt(const QPointF& point) const;
  QStringList readout(int column, int row) const;
  double columnWidth() const { return column_width_; }
  void resetZoom();
  bool savePicture(const QString& path);

 signals:
  void positionSelected(int position);

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
  void paint(QPainter& painter);
  void paintGrid(QPainter& painter);
  void paintCell(QPainter& painter, int column, int row, const QFont& font);
  void paintColumns(QPainter& painter);
  void paintRows(QPainter& painter);
  void paintOverview(QPainter& painter);
  QRectF gridRect() const;
  // What the marks mean, above the grid and as high as its words need.
  QString keyText() const;
  QRect keyRect() const;
  void layOutKey();
  QRectF overviewRect() const;
  int columnAt(double x) const;
  double columnLeft(int column) const;
  void setView(double column_width, double offset);
  void zoom(double factor, double x);
  void select(int column);
  void scrollTo(int column);
  void jumpTo(double x);
  void showTable();
  QString pieceOf(std::int32_t id) const;
  void describeSelection();

  MessageBar* messages_ = nullptr;
  std::vector<PositionView> views_;
  PieceLookup pieces_;
  QString explanation_;
  int rows_ = 0;
  int top_ = 0;        // of the grid
  int selected_ = -1;  // a column
  std::optional<QPoint> hovered_;
  QPointF mouse_;
  double column_width_ = 0.0;
  double offset_ = 0.0;  // pixels scrolled off to the left
  QImage cells_;         // one pixel a cell, for columns too narrow to paint one by one
  QImage overview_;      // one pixel a position
  std::optional<QPointF> press_;
  double press_offset_ = 0.0;
  bool dragged_ = false;
  bool in_overview_ = false;
};

}  // namespace vernier::ui
