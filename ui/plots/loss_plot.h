// The twin loss plot: loss per token and per sequence from one forward, learning rate and gradient norm below.
#pragma once

#include <QWidget>
#include <cstdint>
#include <optional>
#include <vector>

#include "vernier/events.h"
#include "vernier/run_store.h"

class QWheelEvent;

namespace vernier::ui {

class LossCanvas;
class MessageBar;

// Wheel zooms x (Shift: y), drag pans, Shift + drag zooms into a box, double click resets, click selects the nearest
// step. Keys: left and right move the selected step (Ctrl: by a tenth of what is seen), Home and End, + - 0 zoom,
// L switches y between linear and logarithmic, S smooths. GUI thread only.
class LossPlot : public QWidget {
  Q_OBJECT

 public:
  explicit LossPlot(QWidget* parent = nullptr);

  // Points in order of their steps. append() costs the same however many there are.
  void setSeries(const std::vector<SeriesPoint>& points);
  void append(const std::vector<SeriesPoint>& points);
  void setEvals(const std::vector<EvalEvent>& evals);
  // The run's length, 0 where it is not known: the x axis grows up to it.
  void setTotalSteps(qint64 total);
  // Marks a step (0: none), without a signal.
  void setSelectedStep(qint64 step);
  // The loss of guessing blindly over `vocab` tokens, ln V; 0 hides the line.
  void setBlindGuess(double lnV, qint64 vocab);
  void clear();

  void setLogarithmic(bool on);
  bool logarithmic() const;
  // An exponential mean over a twenty-fifth of the run, at most twenty steps, over the thin raw lines; on at first.
  // Runs of fewer than sixty steps are drawn as they are.
  void setSmoothed(bool on);
  bool smoothed() const;
  void resetZoom();

  qint64 selectedStep() const;
  // What the crosshair says at the recorded step nearest to `step`; empty without data.
  QStringList readout(qint64 step) const;
  // PNG (at twice the size), SVG or PDF by the name's ending. False, and a message in the plot, where it
  // cannot be written.
  bool savePicture(const QString& path);

 signals:
  void stepSelected(qint64 step);
  void logarithmicChanged(bool on);
  void smoothedChanged(bool on);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void onPress(QMouseEvent* event);
  void onMove(QMouseEvent* event);
  void onRelease(QMouseEvent* event);
  void onWheel(QWheelEvent* event);
  void selectIndex(std::size_t index);
  void showTable();
  void describe();

  MessageBar* messages_ = nullptr;
  LossCanvas* canvas_ = nullptr;
  std::optional<QPointF> press_;
  QPointF last_;
  bool dragged_ = false;
  bool boxing_ = false;
};

}  // namespace vernier::ui
