// The twin loss plot: loss per token and per sequence from one forward, and below it what else a run tells of each
// step.
#pragma once

#include <QWidget>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "ui/plots/loss_series.h"
#include "ui/plots/loss_strips.h"
#include "vernier/events.h"
#include "vernier/run_store.h"

class QWheelEvent;

namespace vernier::ui {

class LossCanvas;
class MessageBar;

// Wheel zooms x (Shift: y). A drag brushes over the steps to zoom into, and pans once zoomed; Shift + drag zooms into a
// box, a double click resets, a click selects the nearest step. Keys: left and right move the selected step (Ctrl: by a
// tenth of what is seen), Home and End, and the read-out goes with it until Esc, + - 0 zoom, L switches y between
// linear and logarithmic, S smooths. GUI thread only.
class LossPlot : public QWidget {
  Q_OBJECT

 public:
  explicit LossPlot(QWidget* parent = nullptr);

  // Points in order of their steps. append() costs the same however many there are.
  void setSeries(const std::vector<SeriesPoint>& points);
  // The same, where they were made ready to be drawn already, on a thread that has the time.
  void setSeries(LossSeries series);
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
  // At most so many steps to smooth over.
  void setSmoothingSpan(std::size_t steps);
  // Draws to the usual values and marks the others at the edge.
  void setOutliersClipped(bool on);
  bool outliersClipped() const;
  // The loss is always among them.
  void setShownStrips(const std::vector<Strip>& strips);
  std::vector<Strip> shownStrips() const;
  void resetZoom();
  // Other plots over the same steps follow this one, and lead it.
  void showSteps(double low, double high);
  std::pair<double, double> stepRange() const;
  // The last line of the read-out at the crosshair, for the step that stepHovered() told.
  void setHoverNote(qint64 step, const QString& note);
  // What is known of the selected step beside its values: a screen reader hears it with them. Nothing where another
  // step is selected by now.
  void setSelectedNote(qint64 step, const QString& note);
  bool saveThroughDialog();

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
  // The step under the crosshair, 0 where there is none any more.
  void stepHovered(qint64 step);
  void stepRangeChanged(double low, double high);
  // The run's numbers as CSV, which are not all here.
  void csvWanted();

 public slots:
  void showTable();
  void copyPicture();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void onPress(QMouseEvent* event);
  void onMove(QMouseEvent* event);
  void onRelease(QMouseEvent* event);
  void onWheel(QWheelEvent* event);
  void selectIndex(std::size_t index);
  // By the keyboard: the crosshair goes with it.
  void moveTo(std::size_t index);
  void hideKeyedHover();
  void tellHover();
  // What a drag from where it began to here has framed.
  QRectF framed(const QPointF& to) const;
  void describe();

  MessageBar* messages_ = nullptr;
  LossCanvas* canvas_ = nullptr;
  std::optional<QPointF> press_;
  QPointF last_;
  bool dragged_ = false;
  enum class Drag { kPan, kBrush, kBox };
  Drag drag_ = Drag::kPan;
  qint64 hovered_ = 0;
  bool is_hover_keyed_ = false;
  qint64 noted_step_ = 0;
  QString selected_note_;
  std::pair<double, double> told_range_{0.0, 0.0};
};

}  // namespace vernier::ui
