// A plot over steps that follows the loss plot's range: what all of them share.
#pragma once

#include <QMenu>
#include <QWidget>
#include <memory>
#include <optional>

#include "ui/plots/data_table_dialog.h"

namespace vernier::ui {

class MessageBar;

// Click selects the step under the pointer, the wheel zooms, a double click shows all, left and right move the selected
// step by a column, Home and End go to the ends. What the range becomes is asked of who leads: stepRangeWanted(). GUI
// thread only.
class StepPlot : public QWidget {
  Q_OBJECT

 public:
  explicit StepPlot(QWidget* parent = nullptr);

  // Half steps at both ends, as the leading plot draws.
  void setStepRange(double low, double high);
  // Marks a step (0: none), without a signal.
  void setSelectedStep(qint64 step);
  qint64 selectedStep() const { return selected_; }
  // Shown in the middle while there is nothing to draw.
  void setExplanation(const QString& text);
  bool savePicture(const QString& path);
  // Picture, table and zoom, as the context menu has them.
  void addActions(QMenu& menu);

  // Where a step is drawn, and the step at a place.
  double xOf(double step) const;
  double stepAt(double x) const;
  // Within the axes, at the widget's own size.
  QRectF plotRect() const { return rect_; }

 signals:
  void stepSelected(qint64 step);
  void stepRangeWanted(double low, double high);
  void wholeRangeWanted();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  bool event(QEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

  // Room for the axis beside the plot and for what stands above it, in the widget's font.
  virtual int leftRoom(const QFontMetrics& metrics) const = 0;
  virtual int topRoom(const QFontMetrics& metrics) const = 0;
  virtual bool hasData() const = 0;
  // Within plotRect(), which is clipped; and around it.
  virtual void paintData(QPainter& painter) = 0;
  virtual void paintAround(QPainter& painter) = 0;
  // What stands under a point; empty for nothing.
  virtual QStringList readoutAt(const QPointF& point) const = 0;
  // The recorded step next to a place, and the one `by` columns from another; 0 where there is none.
  virtual qint64 recordedStepAt(double step) const = 0;
  virtual qint64 neighbour(qint64 step, int by) const = 0;
  virtual TableData table() const = 0;
  virtual QString pictureName() const = 0;
  // A screen reader's words for what is shown.
  virtual QString description() const = 0;
  void dataChanged();
  double lowStep() const { return low_; }
  double highStep() const { return high_; }
  const QString& explanation() const { return explanation_; }

 private:
  void layOut(const QSize& size);
  void paint(QPainter& painter, const QSize& size, bool on_screen);
  void paintSteps(QPainter& painter) const;
  void select(qint64 step);

  MessageBar* messages_ = nullptr;
  QString explanation_;
  QRectF rect_;
  double low_ = 0.5, high_ = 50.5;
  qint64 selected_ = 0;
  std::optional<QPointF> mouse_;
};

}  // namespace vernier::ui
