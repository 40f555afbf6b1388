// The drawing of the loss plot: strips over one axis of steps. LossPlot holds its gestures.
#pragma once

#include <qcustomplot.h>

#include <functional>
#include <optional>
#include <vector>

#include "ui/plots/loss_series.h"
#include "ui/plots/loss_strips.h"
#include "vernier/events.h"

namespace vernier::ui {

class LossCanvas : public QCustomPlot {
  Q_OBJECT

 public:
  explicit LossCanvas(QWidget* parent);

  const LossSeries& series() const { return series_; }
  const std::vector<EvalEvent>& evals() const { return evals_; }
  void setSeries(const std::vector<SeriesPoint>& points);
  void setSeries(LossSeries series);
  void append(const std::vector<SeriesPoint>& points);
  void setEvals(const std::vector<EvalEvent>& evals);
  void setTotalSteps(qint64 total);
  void setBlindGuess(double ln_v, qint64 vocab);
  void clearData();
  void setLogarithmic(bool on);
  bool logarithmic() const { return logarithmic_; }
  void setSmoothed(bool on);
  bool smoothed() const { return smoothed_; }
  void setSmoothingSpan(std::size_t steps);
  // Ranges are those of the usual values; triangles mark what lies beyond.
  void setOutliersClipped(bool on);
  bool outliersClipped() const { return clipped_; }
  void setShownStrips(const std::vector<Strip>& strips);
  std::vector<Strip> shownStrips() const { return strips_.shown(); }

  qint64 selected() const { return selected_; }
  // Marks a step (0: none) and moves the view where it would lie outside.
  void select(qint64 step);
  // The crosshair at the recorded step nearest to a point; nothing outside the strips.
  void setHover(const std::optional<QPointF>& point);
  // The same at a step, for who moves by the keyboard.
  void setHoverIndex(std::size_t index);
  void setBox(const std::optional<QRectF>& box);
  // The step under the crosshair, 0 for none; and a line that its read-out ends with.
  qint64 hoveredStep() const;
  void setHoverNote(const QString& note);
  const QString& hoverNote() const { return hover_note_; }
  QStringList readout(std::size_t index) const;

  bool onStrips(const QPointF& point) const;
  // The recorded step nearest to a point; not to be asked without data.
  std::size_t indexAt(const QPointF& point) const;
  void zoomX(double factor, double pixel);
  void zoomY(double factor, double pixel);
  void pan(const QPointF& by);
  bool isZoomed() const { return steps_zoomed_ || loss_zoomed_; }
  // From the top of the highest strip to the bottom of the lowest.
  QRectF stripsRect() const;
  double stepAt(double pixel) const { return loss_->axis(QCPAxis::atBottom)->pixelToCoord(pixel); }
  void zoomTo(const QRectF& box);
  void resetZoom();
  QCPRange stepRange() const { return strips_.steps(); }
  // Shows these steps, as far as there are such.
  void showSteps(double low, double high);
  QCPRange lossRange() const { return loss_->axis(QCPAxis::atLeft)->range(); }
  // Where a step's loss is drawn.
  QPointF pixelOf(double step, double loss) const;

  // Where words stood when the plot was last drawn.
  const std::vector<QRectF>& wordRects() const { return words_; }
  // Draws with the sizes of now, also where nothing is shown on a screen.
  void paintTo(QPaintDevice& device, const QSize& size);

 protected:
  // Here and not in the plot around it, which hears of a new palette before this widget has it.
  void changeEvent(QEvent* event) override;

 private:
  void applyStyle();
  void refresh();
  void refreshRanges();
  void refreshLossRange();
  // The extremes of some curves in sight, and of the evaluations there; {infinity, -infinity} where there are none.
  std::pair<double, double> extremesOf(std::initializer_list<Curve> curves, bool with_evals) const;
  void refreshGraph(QCPGraph* graph, Curve curve);
  // As many figures beside the loss as there is room for, once its strip's height is known.
  void fitTicks();
  // Whether smoothed lines are drawn: asked for, and more than one step to smooth over.
  bool drawsSmooth() const;
  void stylePens();
  // More steps in sight than can be told apart.
  bool dense() const;
  void dataChanged();
  void setStepRange(double low, double high);
  QCPRange wholeRange() const;
  void paintUnder(QCPPainter* painter);
  void paintLabels(QCPPainter* painter);
  void paintHover(QCPPainter* painter);
  void paintTitles(QCPPainter* painter);
  void paintEvaluationLabels(QCPPainter* painter, double row, double left);
  void paintBadSteps(QCPPainter* painter);
  void paintOutliers(QCPPainter* painter);
  void forEachShown(const std::function<void(Strip, QCPAxisRect*)>& call) const;
  void paintSelected(QCPPainter* painter);
  // What stands at the end of a line: its name and its values, pushed away from the other line's.
  struct EndLabel {
    QStringList lines;
    QColor color;
    QPointF end;
    QRectF rect;
  };
  std::vector<EndLabel> endLabels() const;
  void paintEndLabels(QCPPainter* painter);
  // Whether a curve passes through.
  bool curvesCross(const QRectF& rect) const;
  void drawWords(QCPPainter* painter, const QPointF& baseline, const QString& text);
  double endOf(Curve curve, double* step) const;

  LossSeries series_;
  std::vector<EvalEvent> evals_;
  qint64 total_ = 0;
  qint64 selected_ = 0;
  double blind_guess_ = 0.0;
  qint64 vocab_ = 0;
  bool logarithmic_ = false;
  bool smoothed_ = true;
  bool steps_zoomed_ = false;
  bool loss_zoomed_ = false;
  std::optional<std::size_t> hovered_;
  QPointF mouse_;
  std::optional<QRectF> box_;
  std::vector<QRectF> words_;

  bool clipped_ = false;
  QString hover_note_;

  StripStack strips_;
  QCPAxisRect* loss_ = nullptr;
  QCPGraph* token_ = nullptr;
  QCPGraph* sequence_ = nullptr;
  QCPGraph* smooth_token_ = nullptr;
  QCPGraph* smooth_sequence_ = nullptr;
  std::vector<std::pair<Strip, QCPGraph*>> single_lines_;
  // In the loss, and once more in a strip of their own.
  QCPGraph* eval_token_ = nullptr;
  QCPGraph* eval_sequence_ = nullptr;
  QCPGraph* own_eval_token_ = nullptr;
  QCPGraph* own_eval_sequence_ = nullptr;
};

}  // namespace vernier::ui
