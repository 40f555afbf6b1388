// The logits of a captured row: positions across, the likeliest tokens down, colour by probability.
#pragma once

#include <QImage>
#include <QWidget>
#include <optional>
#include <vector>

#include "ui/plots/heat_map_view.h"
#include "ui/style/paint.h"
#include "vernier/inspect.h"

namespace vernier::ui {

class MessageBar;

// Shows as many of the likeliest tokens as can be read at its height. Wheel zooms, drag pans, double click resets,
// click selects; the strip below shows the whole row and jumps. Keys: left and right move the selected position, Home
// and End, Page up and down, + - 0 zoom. GUI thread only.
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
  int columnCount() const { return view_.columns(); }
  // Tokens shown of each position.
  int rowCount() const { return view_.shownRows(); }
  // Where the cell of the row-th likeliest token at the column-th position is painted; may lie out of sight.
  QRectF cellRect(int column, int row) const { return view_.cellRect(column, row); }
  // Column and row under a point, nothing outside the grid.
  std::optional<QPoint> cellAt(const QPointF& point) const;
  // Ranks count from 1.
  QStringList readout(int column, int row) const;
  double columnWidth() const { return view_.columnWidth(); }
  // What the marks mean, in as many words as there is room for.
  const QString& keyText() const { return key_; }
  QRect keyRect() const;
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
  // logit_heat_map_paint.cpp
  void layOut();
  QRect colorBarRect() const;
  QRectF overviewRect() const;
  void paint(QPainter& painter);
  void paintGrid(QPainter& painter);
  void paintCell(QPainter& painter, int column, int row, const QFont& font);
  void paintColumns(QPainter& painter);
  void paintColumn(QPainter& painter, int column, bool has_number);
  void paintMarks(QPainter& painter);
  void paintRows(QPainter& painter);
  void paintKey(QPainter& painter);
  void paintOverview(QPainter& painter);

  void fillImages();
  void jumpTo(double x);
  void select(int column);
  void showTable();
  QString pieceOf(std::int32_t id) const;
  void describeSelection();

  MessageBar* messages_ = nullptr;
  std::vector<PositionView> views_;
  PieceLookup pieces_;
  QString explanation_;
  int rows_ = 0;  // captured; fewer may be shown
  HeatMapView view_;
  QString key_;
  int key_height_ = 0;
  int selected_ = -1;  // a column
  std::optional<QPoint> hovered_;
  QPointF mouse_;
  QImage cells_;     // one pixel a cell, for columns too narrow to paint one by one
  QImage overview_;  // one pixel a position
  std::optional<QPointF> press_;
  QPointF last_;
  bool dragged_ = false;
  bool in_overview_ = false;
};

}  // namespace vernier::ui
