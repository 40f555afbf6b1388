// Several named curves over one axis: runs side by side.
#pragma once

#include <QString>
#include <QWidget>
#include <optional>
#include <vector>

#include "ui/plots/data_table_dialog.h"

class QMenu;

namespace vernier::ui {

class MessageBar;

// Points in order of x; a y that is no number is a gap.
struct NamedCurve {
  QString name;
  std::vector<QPointF> points;
};

// Each curve has a hue, a dash and its name at its end. Wheel zooms x (Shift: y), drag pans, double click resets. Keys:
// left and right move the cursor, + - 0 zoom, L switches y between linear and logarithmic. GUI thread only.
class CurvePlot : public QWidget {
  Q_OBJECT

 public:
  explicit CurvePlot(QWidget* parent = nullptr);
  ~CurvePlot() override;

  void setAxes(const QString& x_title, const QString& y_title);
  // Shown in the middle while there is no curve.
  void setExplanation(const QString& text);
  void setCurves(std::vector<NamedCurve> curves);
  const std::vector<NamedCurve>& curves() const { return curves_; }
  void setLogarithmic(bool on);
  bool logarithmic() const { return logarithmic_; }
  void resetZoom();

  // What the cursor says at the x of any curve nearest to `x`: x, then a line a curve that has a point near; empty
  // without curves.
  QStringList readout(double x) const;
  // PNG (at twice the size), SVG or PDF by the name's ending. False, and a message in the plot, where it cannot be
  // written.
  bool savePicture(const QString& path);
  TableData table() const;

 signals:
  void logarithmicChanged(bool on);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  class Canvas;
  void moveCursor(int by);
  void describe();

  std::vector<NamedCurve> curves_;
  bool logarithmic_ = false;
  std::optional<double> cursor_;
  std::optional<QPointF> press_;
  MessageBar* messages_ = nullptr;
  Canvas* canvas_ = nullptr;
};

}  // namespace vernier::ui
