#include "ui/plots/loss_canvas.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/plots/step_ticker.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr qint64 kFirstSpan = 50;      // steps shown of a run that has only begun
constexpr double kMargin = 0.008;      // of the steps, so that the outermost points are not cut
constexpr int kPixelsAStroke = 2;      // more strokes than this allows are drawn without smooth edges
constexpr int kLeastTicks = 3;         // of the loss, about
constexpr int kMostTicks = 6;          // of the loss
constexpr double kClosest = 4.0;       // steps the view cannot be narrower than
constexpr double kReachOfGuess = 1.3;  // how far from the curves the blind guess is still shown to scale
constexpr double kLeastShown = 1e-6;   // of the greatest loss, where a loss of 0 has no place on a logarithmic axis

}  // namespace

class LossCanvas::Painted : public QCPLayerable {
 public:
  Painted(LossCanvas* canvas, const QString& layer, void (LossCanvas::*paint)(QCPPainter*))
      : QCPLayerable(canvas, layer), canvas_(canvas), paint_(paint) {}

 protected:
  void applyDefaultAntialiasingHint(QCPPainter* painter) const override { painter->setAntialiasing(true); }
  void draw(QCPPainter* painter) override { (canvas_->*paint_)(painter); }

 private:
  LossCanvas* canvas_;
  void (LossCanvas::*paint_)(QCPPainter*);
};

// Thousands of steep strokes with smooth edges take the raster engine seconds; as single hard ones, a millisecond.
class LossCanvas::Line : public QCPGraph {
 public:
  using QCPGraph::QCPGraph;

 protected:
  void draw(QCPPainter* painter) override {
    if (data()->size() <= keyAxis()->axisRect()->width() / kPixelsAStroke) return QCPGraph::draw(painter);
    QVector<QLineF> strokes;
    strokes.reserve(data()->size());
    QPointF before;
    bool connected = false;
    for (auto point = data()->constBegin(); point != data()->constEnd(); ++point) {
      const bool is_number = std::isfinite(point->value);
      const QPointF now = is_number ? coordsToPixels(point->key, point->value) : QPointF();
      if (is_number && connected) strokes << QLineF(before, now);
      before = now;
      connected = is_number;
    }
    QPen hard = pen();
    hard.setWidth(1);
    hard.setCosmetic(true);
    painter->setAntialiasing(false);
    painter->setPen(hard);
    painter->drawLines(strokes);
  }
};

LossCanvas::LossCanvas(QWidget* parent) : QCustomPlot(parent) {
  setObjectName("lossCanvas");
  setFocusPolicy(Qt::NoFocus);
  plotLayout()->clear();
  plotLayout()->setRowSpacing(0);
  loss_ = addStrip(0, 5.0, false);
  rate_ = addStrip(1, 1.5, false);
  norm_ = addStrip(2, 1.9, true);
  auto* margins = new QCPMarginGroup(this);
  for (QCPAxisRect* strip : {loss_, rate_, norm_}) strip->setMarginGroup(QCP::msLeft, margins);

  token_ = addLine(loss_);
  sequence_ = addLine(loss_);
  smooth_token_ = addLine(loss_);
  smooth_sequence_ = addLine(loss_);
  eval_token_ = addPoints(loss_);
  eval_sequence_ = addPoints(loss_);
  rate_line_ = addLine(rate_);
  norm_line_ = addLine(norm_);

  // The plot owns them.
  new Painted(this, QStringLiteral("grid"), &LossCanvas::paintUnder);
  new Painted(this, QStringLiteral("legend"), &LossCanvas::paintLabels);
  new Painted(this, QStringLiteral("overlay"), &LossCanvas::paintHover);
  // Ranges before the layout, which makes room for their labels; points after it, when the pixels are known.
  connect(this, &QCustomPlot::beforeReplot, this, &LossCanvas::refreshRanges);
  connect(this, &QCustomPlot::afterLayout, this, &LossCanvas::refresh);
  applyStyle();
}

QCPAxisRect* LossCanvas::addStrip(int row, double stretch, bool with_steps) {
  auto* strip = new QCPAxisRect(this, true);
  plotLayout()->addElement(row, 0, strip);
  plotLayout()->setRowStretchFactor(row, stretch);
  strip->setAutoMargins(with_steps ? QCP::msLeft | QCP::msBottom : QCP::MarginSides(QCP::msLeft));
  strip->setMinimumSize(60, row == 0 ? 80 : 24);
  for (QCPAxis* axis : strip->axes()) {
    axis->setLayer(QStringLiteral("axes"));
    axis->grid()->setLayer(QStringLiteral("grid"));
  }
  strip->axis(QCPAxis::atTop)->setVisible(false);
  strip->axis(QCPAxis::atRight)->setVisible(false);
  QCPAxis* steps = strip->axis(QCPAxis::atBottom);
  steps->setTicker(QSharedPointer<StepTicker>::create());
  steps->setTickLabels(with_steps);
  if (with_steps) steps->setLabel(tr("optimizer step"));
  if (row == 0) {
    strip->axis(QCPAxis::atLeft)->setTicker(QSharedPointer<FigureTicker>::create(kMostTicks));
  } else {
    strip->axis(QCPAxis::atLeft)->setTicker(QSharedPointer<BoundsTicker>::create());
  }
  return strip;
}

QCPGraph* LossCanvas::addLine(QCPAxisRect* strip) {
  auto* line = new Line(strip->axis(QCPAxis::atBottom), strip->axis(QCPAxis::atLeft));
  line->setAdaptiveSampling(false);  // LossSeries has done it, exactly
  return line;
}

QCPGraph* LossCanvas::addPoints(QCPAxisRect* strip) {
  auto* points = new QCPGraph(strip->axis(QCPAxis::atBottom), strip->axis(QCPAxis::atLeft));
  points->setLineStyle(QCPGraph::lsNone);
  return points;
}

void LossCanvas::setSeries(const std::vector<SeriesPoint>& points) {
  series_.clear();
  series_.append(points);
  dataChanged();
}

void LossCanvas::append(const std::vector<SeriesPoint>& points) {
  if (points.empty()) return;
  series_.append(points);
  dataChanged();
}

void LossCanvas::setEvals(const std::vector<EvalEvent>& evals) {
  evals_ = evals;
  dataChanged();
}

void LossCanvas::setTotalSteps(qint64 total) {
  total_ = total;
  dataChanged();
}

void LossCanvas::setBlindGuess(double ln_v, qint64 vocab) {
  blind_guess_ = ln_v;
  vocab_ = vocab;
  dataChanged();
}

void LossCanvas::clearData() {
  series_.clear();
  evals_.clear();
  total_ = selected_ = 0;
  blind_guess_ = 0.0;
  resetZoom();
  dataChanged();
}

void LossCanvas::setLogarithmic(bool on) {
  logarithmic_ = on;
  loss_zoomed_ = false;
  QCPAxis* axis = loss_->axis(QCPAxis::atLeft);
  axis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  if (on) {
    axis->setTicker(QSharedPointer<LogTicker>::create());
  } else {
    axis->setTicker(QSharedPointer<FigureTicker>::create(kMostTicks));
  }
  dataChanged();
}

void LossCanvas::setSmoothed(bool on) {
  smoothed_ = on;
  applyStyle();
}

void LossCanvas::select(qint64 step) {
  selected_ = step;
  const QCPRange range = stepRange();
  const double at = static_cast<double>(step);
  if (step > 0 && steps_zoomed_ && !range.contains(at)) setStepRange(at - range.size() / 2, at + range.size() / 2);
  dataChanged();
}

void LossCanvas::setHover(const std::optional<QPointF>& point) {
  hovered_.reset();
  if (point && !series_.empty() && onStrips(*point)) {
    hovered_ = indexAt(*point);
    mouse_ = *point;
  }
  layer(QStringLiteral("overlay"))->replot();
}

void LossCanvas::setBox(const std::optional<QRectF>& box) {
  box_ = box;
  layer(QStringLiteral("overlay"))->replot();
}

bool LossCanvas::onStrips(const QPointF& point) const {
  return loss_->rect().united(norm_->rect()).contains(point.toPoint());
}

std::size_t LossCanvas::indexAt(const QPointF& point) const {
  return series_.nearest(loss_->axis(QCPAxis::atBottom)->pixelToCoord(point.x()));
}

void LossCanvas::zoomX(double factor, double pixel) {
  const QCPRange range = stepRange();
  const double at = std::clamp(loss_->axis(QCPAxis::atBottom)->pixelToCoord(pixel), range.lower, range.upper);
  const double by = std::max(factor, std::min(1.0, kClosest / range.size()));
  steps_zoomed_ = true;
  setStepRange(at - (at - range.lower) * by, at + (range.upper - at) * by);
}

void LossCanvas::zoomY(double factor, double pixel) {
  QCPAxis* axis = loss_->axis(QCPAxis::atLeft);
  loss_zoomed_ = true;
  axis->scaleRange(factor, axis->pixelToCoord(pixel));
  dataChanged();
}

void LossCanvas::pan(const QPointF& by) {
  QCPAxis* steps = loss_->axis(QCPAxis::atBottom);
  const double moved = steps->pixelToCoord(0) - steps->pixelToCoord(by.x());
  const QCPRange range = stepRange();
  // A view that shows everything has nowhere to go.
  if (steps_zoomed_) setStepRange(range.lower + moved, range.upper + moved);
  if (loss_zoomed_) {
    QCPAxis* axis = loss_->axis(QCPAxis::atLeft);
    const auto shifted = [axis, &by](double at) { return axis->pixelToCoord(axis->coordToPixel(at) - by.y()); };
    const QCPRange old = lossRange();
    axis->setRange(shifted(old.lower), shifted(old.upper));
  }
  dataChanged();
}

void LossCanvas::zoomTo(const QRectF& box) {
  QCPAxis* steps = loss_->axis(QCPAxis::atBottom);
  QCPAxis* axis = loss_->axis(QCPAxis::atLeft);
  const double low = steps->pixelToCoord(box.left());
  const double high = steps->pixelToCoord(box.right());
  steps_zoomed_ = true;
  setStepRange(low, std::max(high, low + kClosest));
  const QRectF within = box.intersected(QRectF(loss_->rect()));
  if (within.height() > 4) {
    loss_zoomed_ = true;
    axis->setRange(axis->pixelToCoord(within.bottom()), axis->pixelToCoord(within.top()));
  }
  dataChanged();
}

void LossCanvas::resetZoom() {
  steps_zoomed_ = loss_zoomed_ = false;
  dataChanged();
}

QPointF LossCanvas::pixelOf(double step, double loss) const {
  return {loss_->axis(QCPAxis::atBottom)->coordToPixel(step), loss_->axis(QCPAxis::atLeft)->coordToPixel(loss)};
}

void LossCanvas::setStepRange(double low, double high) {
  const QCPRange whole = wholeRange();
  const double size = std::min(high - low, whole.size());
  const double at = std::clamp(low, whole.lower, whole.upper - size);
  if (size >= whole.size()) steps_zoomed_ = false;
  for (QCPAxisRect* strip : {loss_, rate_, norm_}) strip->axis(QCPAxis::atBottom)->setRange(at, at + size);
  dataChanged();
}

QCPRange LossCanvas::wholeRange() const {
  qint64 first = 1;
  qint64 last = 0;
  if (!series_.empty()) {
    first = series_.step(0);
    last = series_.step(series_.size() - 1);
  }
  for (const EvalEvent& eval : evals_) {
    first = std::min<qint64>(first, eval.step);
    last = std::max<qint64>(last, eval.step);
  }
  // A run that goes on gets room by doublings: the picture stands still in between.
  qint64 span = kFirstSpan;
  while (first + span < last) span *= 2;
  qint64 end = total_ > 0 ? std::min(first + span, total_) : last;
  end = std::max({end, last, first + 1});
  const double margin = kMargin * static_cast<double>(end - first);
  return {static_cast<double>(first) - margin, static_cast<double>(end) + margin};
}

void LossCanvas::refreshRanges() {
  if (!steps_zoomed_) {
    const QCPRange whole = wholeRange();
    for (QCPAxisRect* strip : {loss_, rate_, norm_}) strip->axis(QCPAxis::atBottom)->setRange(whole);
  }
  const QCPRange steps = stepRange();
  const auto extremes = [this, &steps](std::initializer_list<Curve> curves) {
    std::pair<double, double> all(std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity());
    for (const Curve curve : curves) {
      const auto [low, high] = series_.range(curve, steps.lower, steps.upper);
      if (std::isfinite(low)) all = {std::min(all.first, low), std::max(all.second, high)};
    }
    return all;
  };
  for (const auto& [strip, curve] : {std::pair(rate_, Curve::kLearningRate), std::pair(norm_, Curve::kGradNorm)}) {
    const double high = extremes({curve}).second;
    strip->axis(QCPAxis::atLeft)->setRange(0.0, high > 0.0 ? high * 1.12 : 1.0);
  }
  if (loss_zoomed_) return;
  auto [low, high] = extremes({Curve::kPerToken, Curve::kPerSequence});
  for (const EvalEvent& eval : evals_) {
    if (!steps.contains(static_cast<double>(eval.step))) continue;
    for (const double loss : {eval.eval_loss_per_token, eval.eval_loss_per_sequence}) {
      if (!std::isfinite(loss)) continue;
      low = std::min(low, loss);
      high = std::max(high, loss);
    }
  }
  if (!(low <= high)) std::tie(low, high) = std::pair(0.0, blind_guess_ > 0.0 ? blind_guess_ : 1.0);
  if (blind_guess_ > high && blind_guess_ < high * kReachOfGuess) high = blind_guess_;
  if (blind_guess_ > 0.0 && blind_guess_ < low && blind_guess_ > low / kReachOfGuess) low = blind_guess_;
  QCPAxis* axis = loss_->axis(QCPAxis::atLeft);
  if (logarithmic_) {
    const double least = low > 0.0 ? low : high > 0.0 ? high * kLeastShown : kLeastShown;
    high = std::max(high, least);
    axis->setRange(least / std::pow(high / least, 0.05) * 0.99, high * std::pow(high / least, 0.05) * 1.01);
  } else {
    const double pad = std::max((high - low) * 0.06, 1e-3 * std::max(1.0, std::abs(high)));
    // No loss is negative: the axis ends at 0, with the room that a line's width takes.
    const double floor = low >= 0.0 ? -0.015 * (high + pad) : low - pad;
    axis->setRange(std::max(low - pad, floor), high + pad);
  }
}

void LossCanvas::refresh() {
  refreshGraph(token_, Curve::kPerToken);
  refreshGraph(sequence_, Curve::kPerSequence);
  const QCPRange steps = stepRange();
  for (const auto& [graph, curve] :
       {std::pair(smooth_token_, Curve::kSmoothPerToken), std::pair(smooth_sequence_, Curve::kSmoothPerSequence)}) {
    const LossSeries::Line line = series_.smooth_line(curve, steps.lower, steps.upper, loss_->width());
    graph->setData(line.keys, line.values, true);
  }
  fitTicks();
  // The gap is shaded between the lines as they are drawn; between means where those are a blur.
  stylePens();
  const bool between_means = drawsSmooth() || dense();
  token_->setBrush(between_means ? QBrush(Qt::NoBrush) : QBrush(gap_shade(palette())));
  smooth_token_->setBrush(between_means ? QBrush(gap_shade(palette())) : QBrush(Qt::NoBrush));
  refreshGraph(rate_line_, Curve::kLearningRate);
  refreshGraph(norm_line_, Curve::kGradNorm);
  QVector<double> keys;
  QVector<double> per_token;
  QVector<double> per_sequence;
  for (const EvalEvent& eval : evals_) {
    keys << static_cast<double>(eval.step);
    per_token << eval.eval_loss_per_token;
    per_sequence << eval.eval_loss_per_sequence;
  }
  eval_token_->setData(keys, per_token, true);
  eval_sequence_->setData(keys, per_sequence, true);
}

void LossCanvas::fitTicks() {
  const int line = QFontMetrics(scaled_font(font(), 0.9)).height();
  const QSharedPointer<QCPAxisTicker> ticker = loss_->axis(QCPAxis::atLeft)->ticker();
  // As many as asked for may become half as many again.
  const int count = std::clamp(loss_->height() * 2 / (3 * line) - 1, kLeastTicks, kMostTicks);
  if (ticker->tickCount() == count) return;
  ticker->setTickCount(count);
  dataChanged();
}

void LossCanvas::refreshGraph(QCPGraph* graph, Curve curve) {
  const QCPRange steps = stepRange();
  const LossSeries::Line line = series_.line(curve, steps.lower, steps.upper, loss_->width());
  graph->setData(line.keys, line.values, true);
}

bool LossCanvas::drawsSmooth() const {
  return smoothed_ && series_.smoothing_steps(stepRange().lower, stepRange().upper, loss_->width()) > 1;
}

void LossCanvas::stylePens() {
  const bool smooth = drawsSmooth();
  const auto raw = [this, smooth](const QColor& hue) {
    return smooth ? QPen(raw_line(hue, palette()), 1.0) : QPen(hue, 1.6);
  };
  token_->setPen(raw(per_token_color()));
  sequence_->setPen(raw(per_sequence_color()));
  smooth_token_->setPen(smooth ? QPen(per_token_color(), 2.0) : QPen(Qt::NoPen));
  smooth_sequence_->setPen(smooth ? QPen(per_sequence_color(), 2.0) : QPen(Qt::NoPen));
}

bool LossCanvas::dense() const {
  const auto [first, last] = series_.within(stepRange().lower, stepRange().upper);
  return last - first > static_cast<std::size_t>(std::max(1, loss_->width() / kPixelsAStroke));
}

void LossCanvas::dataChanged() {
  replot(QCustomPlot::rpQueuedReplot);
}

void LossCanvas::applyStyle() {
  const QPalette colors = palette();
  setBackground(QBrush(colors.color(QPalette::Base)));
  const QColor quiet = legible(secondary_text(colors), colors.color(QPalette::Base));
  const QFont small = scaled_font(font(), 0.9);
  const int room = QFontMetrics(small).horizontalAdvance(tr("per sequence") + QStringLiteral(" 88.888"));
  const int title = QFontMetrics(small).height() + 4;
  for (QCPAxisRect* strip : {loss_, rate_, norm_}) {
    strip->setMargins(QMargins(0, strip == loss_ ? 2 * title : title, room + 20, strip == norm_ ? 0 : 4));
    for (const QCPAxis::AxisType type : {QCPAxis::atBottom, QCPAxis::atLeft}) {
      QCPAxis* axis = strip->axis(type);
      axis->setBasePen(QPen(axis_line(colors), 1.0));
      axis->setTickPen(QPen(axis_line(colors), 1.0));
      axis->setSubTicks(false);
      axis->setTickLengthIn(0);
      axis->setTickLengthOut(4);
      axis->setTickLabelFont(small);
      axis->setTickLabelColor(quiet);
      axis->setLabelFont(small);
      axis->setLabelColor(quiet);
      axis->setLabelPadding(2);
      axis->grid()->setPen(QPen(grid_line(colors), 1.0));
      axis->grid()->setZeroLinePen(QPen(grid_line(colors), 1.0));
    }
  }

  rate_line_->setPen(QPen(rate_color(), 1.3));
  norm_line_->setPen(QPen(gradient_color(), 1.3));
  token_->setChannelFillGraph(sequence_);
  smooth_token_->setChannelFillGraph(smooth_sequence_);
  const QBrush hollow(colors.color(QPalette::Base));
  eval_token_->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(per_token_color(), 1.6), hollow, 8));
  eval_sequence_->setScatterStyle(
      QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(per_sequence_color(), 1.6), hollow, 8));
  dataChanged();
}

void LossCanvas::changeEvent(QEvent* event) {
  QCustomPlot::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) applyStyle();
}

void LossCanvas::paintTo(QPaintDevice& device, const QSize& size) {
  const auto hovered = std::exchange(hovered_, std::nullopt);
  QCPPainter painter;
  painter.begin(&device);
  painter.setMode(QCPPainter::pmVectorized, device.devType() != QInternal::Image);
  refreshRanges();
  toPainter(&painter, size.width(), size.height());
  painter.end();
  hovered_ = hovered;
}

}  // namespace vernier::ui
