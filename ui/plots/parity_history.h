// The parity checks of a run as small linked plots: one figure each, all three paths, the verdict's thresholds drawn.
#pragma once

#include <QMenu>
#include <QWidget>
#include <optional>
#include <vector>

#include "ui/plots/figure_scale.h"
#include "vernier/parity.h"

namespace vernier::ui {

class MessageBar;

// Hovering reads all plots at one check; a click or the arrow keys choose it. Wheel zooms into the steps, dragging
// moves them, a double click shows all. GUI thread only.
class ParityHistory : public QWidget {
  Q_OBJECT

 public:
  explicit ParityHistory(MessageBar& messages, QWidget* parent = nullptr);

  // In the order in which they were made.
  void setReports(const std::vector<ParityReport>& reports);
  // Index of the check that is marked, -1 for none. Without a signal.
  void setSelected(int index);
  int selected() const { return selected_; }
  // What is read at a check, a line each.
  QStringList readout(int index) const;
  void resetZoom();
  // The whole picture, with the sizes of now.
  void paintTo(QPaintDevice& device, const QSize& size);
  // Picture, table and zoom, as the context menu has them.
  void addActions(QMenu& menu);
  // Where a path's figure of a check is drawn in the first plot.
  QPointF pointOf(int index, ParityPath path) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void checkSelected(int index);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;

 private:
  struct Figure;  // what a plot shows
  struct Place {  // where it stands
    QRectF title;
    QRectF axes;
    FigureScale scale;
  };

  static const std::vector<Figure>& figures();
  std::vector<Place> places(const QSizeF& size, const QFontMetricsF& metrics) const;
  FigureScale scaleOf(const Figure& figure) const;
  double xOf(const QRectF& axes, double step) const;
  double xOf(const QRectF& axes, double step, ParityPath path) const;
  void paintSteps(QPainter& painter, const QRectF& axes) const;
  void paint(QPainter& painter, const QSizeF& size) const;
  void paintLegend(QPainter& painter, const QSizeF& size) const;
  void paintFigure(QPainter& painter, const Figure& figure, const Place& place, bool with_steps) const;
  void paintThresholds(QPainter& painter, const Place& place) const;
  // The check nearest to a point, -1 for none.
  int indexAt(const QPointF& point) const;
  void showAll();
  void select(int index);
  void describe();

  MessageBar& messages_;
  std::vector<ParityReport> reports_;
  double first_ = 0.0;  // steps that are shown
  double last_ = 1.0;
  bool is_zoomed_ = false;
  int selected_ = -1;
  int hovered_ = -1;
  std::optional<QPointF> pressed_;
  bool is_dragging_ = false;
};

}  // namespace vernier::ui
