#include "ui/plots/loss_canvas.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "ui/plots/loss_strips.h"
#include "ui/plots/step_ticker.h"
#include "ui/style/color_maps.h"
#include "ui/style/contrast.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr qint64 kFirstSpan = 50;      // steps shown of a run that has only begun
constexpr double kMargin = 0.008;      // of the steps, so that the outermost points are not cut
constexpr int kLeastTicks = 3;         // of the loss, about
constexpr int kMostTicks = 6;          // of the loss
constexpr double kLonePoint = 6.0;     // of a run of one step, in pixels
constexpr double kClosest = 4.0;       // steps the view cannot be narrower than
constexpr double kReachOfGuess = 1.3;  // how far from the curves the blind guess is still shown to scale
constexpr double kLeastShown = 1e-6;   // of the greatest loss, where a loss of 0 has no place on a logarithmic axis

// With room around, for a strip whose values may lie anywhere.
QCPRange padded(double low, double high, bool logarithmic) {
  if (!(low <= high)) return {0.0, 1.0};
  if (logarithmic) {
    const double least = low > 0.0 ? low : high > 0.0 ? high * kLeastShown : kLeastShown;
    const double most = std::max(high, least);
    return {least / std::pow(most / least, 0.05) * 0.99, most * std::pow(most / least, 0.05) * 1.01};
  }
  const double pad = std::max((high - low) * 0.06, 1e-3 * std::max(1.0, std::abs(high)));
  // No loss is negative: the axis ends at 0, with the room that a line's width takes.
  const double floor = low >= 0.0 ? -0.015 * (high + pad) : low - pad;
  return {std::max(low - pad, floor), high + pad};
}

}  // namespace

LossCanvas::LossCanvas(QWidget* parent) : QCustomPlot(parent), strips_(this), loss_(strips_.rect(Strip::kLoss)) {
  setObjectName("lossCanvas");
  setFocusPolicy(Qt::NoFocus);
  token_ = strips_.addLine(Strip::kLoss);
  sequence_ = strips_.addLine(Strip::kLoss);
  smooth_token_ = strips_.addLine(Strip::kLoss);
  smooth_sequence_ = strips_.addLine(Strip::kLoss);
  eval_token_ = strips_.addPoints(Strip::kLoss, false);
  eval_sequence_ = strips_.addPoints(Strip::kLoss, false);
  own_eval_token_ = strips_.addPoints(Strip::kEvaluation, true);
  own_eval_sequence_ = strips_.addPoints(Strip::kEvaluation, true);
  for (const Strip strip : {Strip::kGap, Strip::kLearningRate, Strip::kGradNorm, Strip::kThroughput, Strip::kMemory}) {
    single_lines_.emplace_back(strip, strips_.addLine(strip));
  }

  // The plot owns them.
  new PaintedLayer(this, QStringLiteral("grid"), [this](QCPPainter* painter) { paintUnder(painter); });
  new PaintedLayer(this, QStringLiteral("legend"), [this](QCPPainter* painter) { paintLabels(painter); });
  new PaintedLayer(this, QStringLiteral("overlay"), [this](QCPPainter* painter) { paintHover(painter); });
  // Ranges before the layout, which makes room for their labels; points after it, when the pixels are known.
  connect(this, &QCustomPlot::beforeReplot, this, &LossCanvas::refreshRanges);
  connect(this, &QCustomPlot::afterLayout, this, &LossCanvas::refresh);
  applyStyle();
}

void LossCanvas::setSeries(const std::vector<SeriesPoint>& points) {
  series_.clear();
  series_.append(points);
  dataChanged();
}

void LossCanvas::setSeries(LossSeries series) {
  series.setWidestSpan(series_.widestSpan());  // nothing to do where it was made with it
  series_ = std::move(series);
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
  series_.reserve(room_for(total));
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
  strips_.setLogarithmic(on);
  dataChanged();
}

void LossCanvas::setSmoothed(bool on) {
  smoothed_ = on;
  applyStyle();
}

void LossCanvas::setSmoothingSpan(std::size_t steps) {
  series_.setWidestSpan(steps);
  dataChanged();
}

void LossCanvas::setOutliersClipped(bool on) {
  clipped_ = on;
  loss_zoomed_ = false;
  dataChanged();
}

void LossCanvas::setShownStrips(const std::vector<Strip>& strips) {
  strips_.setShown(strips);
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
  hover_note_.clear();
  if (point && !series_.empty() && onStrips(*point)) {
    hovered_ = indexAt(*point);
    mouse_ = *point;
  }
  layer(QStringLiteral("overlay"))->replot();
}

void LossCanvas::setHoverIndex(std::size_t index) {
  if (hovered_ != index) hover_note_.clear();
  hovered_ = index;
  mouse_ = QPointF(loss_->rect().center());
  layer(QStringLiteral("overlay"))->replot();
}

qint64 LossCanvas::hoveredStep() const {
  return hovered_ && *hovered_ < series_.size() ? series_.step(*hovered_) : 0;
}

void LossCanvas::setHoverNote(const QString& note) {
  hover_note_ = note;
  layer(QStringLiteral("overlay"))->replot();
}

void LossCanvas::setBox(const std::optional<QRectF>& box) {
  box_ = box;
  layer(QStringLiteral("overlay"))->replot();
}

bool LossCanvas::onStrips(const QPointF& point) const {
  return stripsRect().contains(point);
}

QRectF LossCanvas::stripsRect() const {
  return loss_->rect().united(strips_.rect(strips_.lowest())->rect());
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
  showSteps(low, high);
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

void LossCanvas::forEachShown(const std::function<void(Strip, QCPAxisRect*)>& call) const {
  for (const Strip strip : strips_.shown()) call(strip, strips_.rect(strip));
}

QPointF LossCanvas::pixelOf(double step, double loss) const {
  return {loss_->axis(QCPAxis::atBottom)->coordToPixel(step), loss_->axis(QCPAxis::atLeft)->coordToPixel(loss)};
}

void LossCanvas::setStepRange(double low, double high) {
  const QCPRange whole = wholeRange();
  const double size = std::min(high - low, whole.size());
  const double at = std::clamp(low, whole.lower, std::max(whole.lower, whole.upper - size));
  if (size >= whole.size()) steps_zoomed_ = false;
  strips_.setSteps({at, at + size});
  dataChanged();
}

void LossCanvas::showSteps(double low, double high) {
  steps_zoomed_ = true;
  setStepRange(low, std::max(high, low + kClosest));
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

std::pair<double, double> LossCanvas::extremesOf(std::initializer_list<Curve> curves, bool with_evals) const {
  const QCPRange steps = stepRange();
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Curve curve : curves) {
    const auto [least, greatest] = clipped_ ? series_.usual_range(curve, steps.lower, steps.upper)
                                            : series_.range(curve, steps.lower, steps.upper);
    if (!std::isfinite(least)) continue;
    low = std::min(low, least);
    high = std::max(high, greatest);
  }
  for (const EvalEvent& eval : evals_) {
    if (!with_evals || !steps.contains(static_cast<double>(eval.step))) continue;
    for (const double loss : {eval.eval_loss_per_token, eval.eval_loss_per_sequence}) {
      if (!std::isfinite(loss)) continue;
      low = std::min(low, loss);
      high = std::max(high, loss);
    }
  }
  return {low, high};
}

void LossCanvas::refreshRanges() {
  if (!steps_zoomed_) strips_.setSteps(wholeRange());
  for (const auto& [strip, line] : single_lines_) {
    const auto [low, high] = extremesOf({curve_of(strip)}, false);
    if (strip == Strip::kGap) {
      // Of either sign, and small beside the losses: on a scale of its own that has 0 on it.
      const double least = std::min(0.0, low), greatest = std::max(0.0, high);
      const double pad = greatest > least ? 0.1 * (greatest - least) : 1e-3;
      strips_.rect(strip)->axis(QCPAxis::atLeft)->setRange({least - pad, greatest + pad});
      continue;
    }
    const bool logarithmic = logarithmic_ && strip == Strip::kGradNorm;
    strips_.rect(strip)
        ->axis(QCPAxis::atLeft)
        ->setRange(logarithmic ? padded(low, high, true) : QCPRange(0.0, high > 0.0 ? high * 1.12 : 1.0));
  }
  const auto [low, high] = extremesOf({}, true);
  strips_.rect(Strip::kEvaluation)->axis(QCPAxis::atLeft)->setRange(padded(low, high, logarithmic_));
  if (!loss_zoomed_) refreshLossRange();
}

void LossCanvas::refreshLossRange() {
  auto [low, high] = extremesOf({Curve::kPerToken, Curve::kPerSequence}, true);
  if (!(low <= high)) std::tie(low, high) = std::pair(0.0, blind_guess_ > 0.0 ? blind_guess_ : 1.0);
  if (blind_guess_ > high && blind_guess_ < high * kReachOfGuess) high = blind_guess_;
  if (blind_guess_ > 0.0 && blind_guess_ < low && blind_guess_ > low / kReachOfGuess) low = blind_guess_;
  loss_->axis(QCPAxis::atLeft)->setRange(padded(low, high, logarithmic_));
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
  for (const auto& [strip, line] : single_lines_) {
    if (strip == Strip::kGap) line->setBrush(gap_shade(palette()));  // down to 0
    if (strips_.isShown(strip)) refreshGraph(line, curve_of(strip));
  }
  QVector<double> keys;
  QVector<double> per_token;
  QVector<double> per_sequence;
  for (const EvalEvent& eval : evals_) {
    keys << static_cast<double>(eval.step);
    per_token << eval.eval_loss_per_token;
    per_sequence << eval.eval_loss_per_sequence;
  }
  for (QCPGraph* points : {eval_token_, own_eval_token_}) points->setData(keys, per_token, true);
  for (QCPGraph* points : {eval_sequence_, own_eval_sequence_}) points->setData(keys, per_sequence, true);
}

void LossCanvas::fitTicks() {
  const int line = QFontMetrics(scaled_font(font(), 0.9)).height();
  const QSharedPointer<QCPAxisTicker> ticker = loss_->axis(QCPAxis::atLeft)->ticker();
  // As many as asked for may become half as many again.
  const int count = std::clamp(loss_->height() * 2 / (3 * line) - 1, kLeastTicks, kMostTicks);
  bool is_new = ticker->tickCount() != count;
  ticker->setTickCount(count);
  for (const auto& [strip, graph] : single_lines_) {
    const auto bounds = strips_.rect(strip)->axis(QCPAxis::atLeft)->ticker().dynamicCast<BoundsTicker>();
    if (!bounds || !strips_.isShown(strip)) continue;
    const double share = static_cast<double>(line) / std::max(1, strips_.rect(strip)->height());
    is_new = is_new || bounds->figureShare() != share;
    bounds->setFigureShare(share);
  }
  if (is_new) dataChanged();
}

void LossCanvas::refreshGraph(QCPGraph* graph, Curve curve) {
  const QCPRange steps = stepRange();
  const LossSeries::Line line = series_.line(curve, steps.lower, steps.upper, loss_->width());
  graph->setData(line.keys, line.values, true);
  // A line of one point would not be seen.
  graph->setScatterStyle(line.keys.size() == 1 ? QCPScatterStyle(QCPScatterStyle::ssDisc, kLonePoint)
                                               : QCPScatterStyle(QCPScatterStyle::ssNone));
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
  strips_.applyStyle(colors, font(), tr("per sequence") + QStringLiteral(" 88.888"));
  for (const auto& [strip, line] : single_lines_)
    line->setPen(QPen(visible(color_of(strip), colors.color(QPalette::Base)), 1.3));
  token_->setChannelFillGraph(sequence_);
  smooth_token_->setChannelFillGraph(smooth_sequence_);
  const QBrush hollow(colors.color(QPalette::Base));
  for (const auto& [points, hue] :
       {std::pair(eval_token_, per_token_color()), std::pair(own_eval_token_, per_token_color()),
        std::pair(eval_sequence_, per_sequence_color()), std::pair(own_eval_sequence_, per_sequence_color())}) {
    points->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(hue, 1.6), hollow, 8));
    points->setPen(QPen(hue, 1.3));
  }
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
