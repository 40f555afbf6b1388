// The strips of the loss plot: one under the other over one axis of steps, those that are wanted.
#pragma once

#include <qcustomplot.h>

#include <array>
#include <functional>
#include <vector>

#include "ui/plots/loss_series.h"

namespace vernier::ui {

enum class Strip { kLoss, kGap, kEvaluation, kLearningRate, kGradNorm, kThroughput, kMemory };
inline constexpr std::array kAllStrips = {Strip::kLoss,         Strip::kGap,      Strip::kEvaluation,
                                          Strip::kLearningRate, Strip::kGradNorm, Strip::kThroughput,
                                          Strip::kMemory};
// "gradient norm, before clipping": what stands over the strip.
QString title_of(Strip strip);
// "Gradient norm": what a menu calls it.
QString name_of(Strip strip);
// For settings.
QString key_of(Strip strip);
QColor color_of(Strip strip);
// The curve of a strip with one; the loss and the evaluations have two.
Curve curve_of(Strip strip);

// A line that is drawn fast where it is dense.
class FastLine : public QCPGraph {
 public:
  using QCPGraph::QCPGraph;

 protected:
  void draw(QCPPainter* painter) override;
};
inline constexpr int kPixelsAStroke = 2;  // more strokes than this allows are drawn without smooth edges

// A layer's content painted by a function.
class PaintedLayer : public QCPLayerable {
 public:
  PaintedLayer(QCustomPlot* plot, const QString& layer, std::function<void(QCPPainter*)> paint)
      : QCPLayerable(plot, layer), paint_(std::move(paint)) {}

 protected:
  void applyDefaultAntialiasingHint(QCPPainter* painter) const override { painter->setAntialiasing(true); }
  void draw(QCPPainter* painter) override { paint_(painter); }

 private:
  std::function<void(QCPPainter*)> paint_;
};

// The axis rects and lines, owned by the plot.
class StripStack {
 public:
  explicit StripStack(QCustomPlot* plot);

  QCPAxisRect* rect(Strip strip) const { return part(strip).rect; }
  bool isShown(Strip strip) const { return part(strip).shown; }
  std::vector<Strip> shown() const;
  // The loss is always shown.
  void setShown(const std::vector<Strip>& strips);
  Strip lowest() const { return shown().back(); }

  QCPGraph* addLine(Strip strip);
  // Points without a line, or with one.
  QCPGraph* addPoints(Strip strip, bool connected);

  QCPRange steps() const { return part(Strip::kLoss).rect->axis(QCPAxis::atBottom)->range(); }
  void setSteps(const QCPRange& range);
  // Of the loss, the evaluations and the gradient norm.
  void setLogarithmic(bool on);
  void applyStyle(const QPalette& palette, const QFont& font, const QString& widest_label);

 private:
  struct Part {
    QCPAxisRect* rect = nullptr;
    std::vector<QCPGraph*> lines;
    bool shown = false;
  };
  const Part& part(Strip strip) const { return parts_[static_cast<std::size_t>(strip)]; }
  Part& part(Strip strip) { return parts_[static_cast<std::size_t>(strip)]; }
  void make(Strip strip);
  void layOut();

  QCustomPlot* plot_;
  QCPMarginGroup* margins_;
  std::array<Part, kAllStrips.size()> parts_;
};

}  // namespace vernier::ui
