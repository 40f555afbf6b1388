// What LossCanvas paints itself: titles, labels at the lines' ends, marks, crosshair.
#include <algorithm>
#include <cmath>
#include <optional>

#include "ui/plots/loss_canvas.h"
#include "ui/style/color_maps.h"
#include "ui/style/contrast.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr double kLabelGap = 14.0;  // between a line's end and its words: room for a leader
constexpr double kAside = 3.0;      // a label this far from its line's end gets a leader
constexpr double kWordPad = 6.0;
constexpr double kTriangle = 6.0;   // of an outlier's mark
constexpr double kTitleRise = 6.0;  // of a title's baseline over its strip

QString nats(double value, int decimals) {
  if (!std::isfinite(value) || std::abs(value) >= 1e4) return figure(value);
  return QString::number(value, 'f', decimals).replace(QLatin1Char('-'), QChar(0x2212));
}

bool any_of_them(const std::vector<QRectF>& rects, const QRectF& one) {
  return std::any_of(rects.begin(), rects.end(), [&one](const QRectF& rect) { return rect.intersects(one); });
}

}  // namespace

void LossCanvas::drawWords(QCPPainter* painter, const QPointF& baseline, const QString& text) {
  const QFontMetricsF metrics(painter->font());
  words_.emplace_back(baseline.x(), baseline.y() - metrics.ascent(), metrics.horizontalAdvance(text), metrics.height());
  painter->drawText(baseline, text);
}

void LossCanvas::paintUnder(QCPPainter* painter) {
  words_.clear();
  if (!(blind_guess_ > 0.0)) return;
  const QRectF rect = loss_->rect();
  const double y = pixelOf(0, blind_guess_).y();
  const QFont small = scaled_font(font(), 0.9);
  const QFontMetricsF metrics(small);
  QString text = tr("blind guess over %1 tokens: ln V = %2").arg(grouped(vocab_), figure(blind_guess_, 3));
  std::vector<double> tops;
  if (y < rect.top()) {
    text += QStringLiteral(" ↑");
    tops = {rect.top() + 2};
  } else if (y > rect.bottom()) {
    text += QStringLiteral(" ↓");
    tops = {rect.bottom() - metrics.height() - 2};
  } else {
    for (const double top : {y - metrics.height() - 2, y + 2}) {
      if (top >= rect.top() && top + metrics.height() <= rect.bottom()) tops.push_back(top);
    }
    painter->setPen(QPen(axis_line(palette()), 1.2, Qt::DashLine));
    painter->drawLine(QLineF(rect.left(), y, rect.right(), y));
  }
  // Beside everything else where there is such a place; the words at the lines' ends come first.
  std::vector<QRectF> taken;
  for (const EndLabel& label : endLabels()) taken.push_back(label.rect);
  if (selected_ > 0) {
    taken.emplace_back(pixelOf(static_cast<double>(selected_), 1.0).x() - 2, rect.top(), 4, rect.height());
  }
  const double width = metrics.horizontalAdvance(text);
  std::optional<QRectF> best;
  for (const bool free_of_curves : {true, false}) {
    for (const double left : {rect.right() - width - kWordPad, rect.center().x() - width / 2, rect.left() + kWordPad}) {
      for (const double top : tops) {
        const QRectF place(left, top, width, metrics.height());
        if (best || left < rect.left() || any_of_them(taken, place) || (free_of_curves && curvesCross(place))) continue;
        best = place;
      }
    }
  }
  if (!best) return;
  // No grid line goes through the words; the curves are drawn later, over all this.
  painter->fillRect(*best, palette().color(QPalette::Base));
  painter->setFont(small);
  painter->setPen(legible(secondary_text(palette()), palette().color(QPalette::Base)));
  drawWords(painter, QPointF(best->left(), best->top() + metrics.ascent()), text);
}

bool LossCanvas::curvesCross(const QRectF& rect) const {
  const QCPAxis* steps = loss_->axis(QCPAxis::atBottom);
  const QCPAxis* losses = loss_->axis(QCPAxis::atLeft);
  for (const Curve curve : {Curve::kPerToken, Curve::kPerSequence}) {
    // With the steps just outside: the lines to them may cross it although no point lies in it.
    const auto [low, high] = series_.range(curve, std::floor(steps->pixelToCoord(rect.left())),
                                           std::ceil(steps->pixelToCoord(rect.right())));
    if (std::isfinite(low) && losses->coordToPixel(high) <= rect.bottom() && losses->coordToPixel(low) >= rect.top()) {
      return true;
    }
  }
  return false;
}

double LossCanvas::endOf(Curve curve, double* step) const {
  const QCPRange range = stepRange();
  const auto [first, last] = series_.within(range.lower, range.upper);
  for (std::size_t i = last; i > first; --i) {
    if (!std::isfinite(series_.value(curve, i - 1))) continue;
    *step = static_cast<double>(series_.step(i - 1));
    return series_.value(curve, i - 1);
  }
  return std::nan("");
}

std::vector<LossCanvas::EndLabel> LossCanvas::endLabels() const {
  const QFontMetricsF metrics(scaled_font(font(), 0.9));
  const bool smooth = drawsSmooth();
  std::vector<EndLabel> labels;
  const auto add = [&](Curve raw, Curve smoothed, const QString& name, const QColor& color) {
    double step = 0.0;
    const double value = endOf(raw, &step);
    if (!std::isfinite(value)) return;
    const double mean = endOf(smoothed, &step);
    EndLabel label{{name + ' ' + nats(value, 3)}, color, pixelOf(step, smooth ? mean : value), {}};
    // A line that goes on out of sight ends at the edge.
    if (step < static_cast<double>(series_.step(series_.size() - 1))) label.end.setX(loss_->right());
    if (smooth) label.lines << tr("smoothed %1").arg(nats(mean, 3));
    double width = 0.0;
    for (const QString& line : label.lines) width = std::max(width, metrics.horizontalAdvance(line));
    const double height = metrics.height() * static_cast<double>(label.lines.size());
    label.rect = QRectF(label.end.x() + kLabelGap, label.end.y() - height / 2, width, height);
    labels.push_back(std::move(label));
  };
  add(Curve::kPerToken, Curve::kSmoothPerToken, tr("per token"), per_token_color());
  add(Curve::kPerSequence, Curve::kSmoothPerSequence, tr("per sequence"), per_sequence_color());
  if (labels.empty()) return labels;
  std::sort(labels.begin(), labels.end(), [](const EndLabel& a, const EndLabel& b) { return a.end.y() < b.end.y(); });
  // Labels of lines that end close together part; then all of them move into the strip.
  EndLabel& upper = labels.front();
  EndLabel& lower = labels.back();
  const double right = std::max(upper.rect.left(), lower.rect.left());
  const double missing = labels.size() == 2 ? upper.rect.bottom() + 2 - lower.rect.top() : 0.0;
  if (missing > 0.0) {
    upper.rect.translate(0, -missing / 2);
    lower.rect.translate(0, missing / 2);
  }
  const double top = loss_->top();
  const double bottom = loss_->bottom();
  upper.rect.moveTop(std::clamp(upper.rect.top(), top, std::max(top, bottom - upper.rect.height())));
  if (labels.size() == 2) {
    lower.rect.moveTop(std::max(lower.rect.top(), upper.rect.bottom() + 2));
    lower.rect.moveBottom(std::min(lower.rect.bottom(), bottom));
    if (upper.rect.bottom() + 2 > lower.rect.top()) upper.rect.moveBottom(lower.rect.top() - 2);
  }
  for (EndLabel& label : labels) label.rect.moveLeft(right);
  return labels;
}

void LossCanvas::paintEndLabels(QCPPainter* painter) {
  const QFont small = scaled_font(font(), 0.9);
  const QFontMetricsF metrics(small);
  painter->setFont(small);
  for (const EndLabel& label : endLabels()) {
    const QPointF side(label.rect.left() - 3, label.rect.center().y());
    if (std::abs(side.y() - label.end.y()) > kAside) {
      painter->setPen(QPen(label.color, 0.8));
      painter->drawLine(QLineF(label.end + QPointF(2, 0), side));
    }
    painter->setPen(legible(label.color, palette().color(QPalette::Base)));
    double baseline = label.rect.top() + metrics.ascent();
    for (const QString& line : label.lines) {
      drawWords(painter, QPointF(label.rect.left(), baseline), line);
      baseline += metrics.height();
    }
  }
}

void LossCanvas::paintLabels(QCPPainter* painter) {
  painter->setBrush(Qt::NoBrush);
  paintTitles(painter);
  if (series_.empty() && evals_.empty()) {
    painter->setFont(font());
    painter->setPen(legible(secondary_text(palette()), palette().color(QPalette::Base)));
    painter->drawText(loss_->rect(), Qt::AlignCenter | Qt::TextWordWrap,
                      tr("The loss stands here from the first step on, counted both ways from one forward."));
  }
  paintEndLabels(painter);
  paintOutliers(painter);
  paintBadSteps(painter);
  paintSelected(painter);
}

void LossCanvas::paintTitles(QCPPainter* painter) {
  const QFont small = scaled_font(font(), 0.9);
  const QFontMetricsF metrics(small);
  const QColor base = palette().color(QPalette::Base);
  painter->setFont(small);
  // The loss has two rows above it: this one, and one for the selected step.
  const double first_row = loss_->top() - kTitleRise - metrics.height() - 2;
  double right = width() - kWordPad;
  if (!evals_.empty()) {
    const QString text = tr("held-out rows");
    const QColor quiet = legible(secondary_text(palette()), base);
    right -= metrics.horizontalAdvance(text);
    painter->setPen(quiet);
    drawWords(painter, QPointF(right, first_row), text);
    right -= 10;
    painter->setPen(QPen(quiet, 1.4));
    painter->drawEllipse(QPointF(right, first_row - metrics.xHeight() / 2), 3.5, 3.5);
    right -= 10;
  }
  const auto title = [&](double row, const QCPAxisRect* strip, const QString& text, const QColor& color) {
    painter->setPen(color);
    drawWords(painter, QPointF(strip->left(), row), metrics.elidedText(text, Qt::ElideRight, right - strip->left()));
  };
  QString scale = logarithmic_ ? tr("loss, nats, logarithmic") : title_of(Strip::kLoss);
  if (drawsSmooth()) {
    const std::size_t mean = series_.smoothing_steps(stepRange().lower, stepRange().upper, loss_->width());
    scale =
        tr("%1; thin: every step, bold: smoothed over about %2 steps").arg(scale, grouped(static_cast<qint64>(mean)));
  }
  title(first_row, loss_, scale, palette().color(QPalette::Text));
  right = width() - kWordPad;
  const auto current = [this](Curve curve) {
    double step = 0.0;
    const double value = endOf(curve, &step);
    return std::isfinite(value) ? QStringLiteral("  ") + figure(value, 3) : QString();
  };
  forEachShown([&](Strip strip, QCPAxisRect* rect) {
    const double row = rect->top() - kTitleRise;
    if (strip == Strip::kEvaluation) {
      title(row, rect, title_of(strip), palette().color(QPalette::Text));
      paintEvaluationLabels(painter, row, rect->left() + metrics.horizontalAdvance(title_of(strip)) + kLabelGap);
    } else if (strip != Strip::kLoss) {
      title(row, rect, title_of(strip) + current(curve_of(strip)), legible(color_of(strip), base));
    }
  });
}

// Behind the strip's title, in the lines' colours: what they are and where they have come to.
void LossCanvas::paintEvaluationLabels(QCPPainter* painter, double row, double left) {
  if (evals_.empty()) return;
  const QFontMetricsF metrics(painter->font());
  const EvalEvent& last = evals_.back();
  for (const auto& [text, color] :
       {std::pair(tr("per token %1").arg(nats(last.eval_loss_per_token, 3)), per_token_color()),
        std::pair(tr("per sequence %1").arg(nats(last.eval_loss_per_sequence, 3)), per_sequence_color())}) {
    if (left + metrics.horizontalAdvance(text) > width() - kWordPad) return;
    painter->setPen(legible(color, palette().color(QPalette::Base)));
    drawWords(painter, QPointF(left, row), text);
    left += metrics.horizontalAdvance(text) + kLabelGap;
  }
}

// What the ranges leave out: triangles at the strips' edges, at most one every few pixels.
void LossCanvas::paintOutliers(QCPPainter* painter) {
  if (!clipped_) return;
  const auto mark = [painter](const QCPAxisRect* rect, const QCPGraph* line, const QColor& color) {
    const QCPRange range = line->valueAxis()->range();
    painter->setPen(Qt::NoPen);
    painter->setBrush(color);
    double last_above = -HUGE_VAL, last_below = -HUGE_VAL;
    for (auto point = line->data()->constBegin(); point != line->data()->constEnd(); ++point) {
      const double x = line->keyAxis()->coordToPixel(point->key);
      if (x < rect->left() || x > rect->right()) continue;
      const bool above = point->value > range.upper, below = point->value < range.lower;
      double& last = above ? last_above : last_below;
      if ((!above && !below) || x - last < kTriangle) continue;
      last = x;
      const double edge = above ? rect->top() + 1.0 : rect->bottom() - 1.0, inwards = above ? kTriangle : -kTriangle;
      painter->drawPolygon(QPolygonF(
          {QPointF(x, edge), QPointF(x - kTriangle / 2, edge + inwards), QPointF(x + kTriangle / 2, edge + inwards)}));
    }
    painter->setBrush(Qt::NoBrush);
  };
  const QColor base = palette().color(QPalette::Base);
  mark(loss_, token_, per_token_color());
  mark(loss_, sequence_, per_sequence_color());
  for (const auto& [strip, line] : single_lines_) {
    if (strips_.isShown(strip)) mark(strips_.rect(strip), line, visible(color_of(strip), base));
  }
}

// Where the loss was no number: crosses on the axis, at most one a pixel.
void LossCanvas::paintBadSteps(QCPPainter* painter) {
  const QCPRange range = stepRange();
  const auto& bad = series_.bad_steps();
  painter->setPen(QPen(state_color(StateColor::kBad, palette()), 1.6));
  double drawn = -10.0;
  for (auto step = std::lower_bound(bad.begin(), bad.end(), static_cast<std::int64_t>(std::ceil(range.lower)));
       step != bad.end() && static_cast<double>(*step) <= range.upper; ++step) {
    const QPointF at(pixelOf(static_cast<double>(*step), 1.0).x(), loss_->bottom() - 6.0);
    if (at.x() - drawn < 1.0) continue;
    drawn = at.x();
    painter->drawLine(QLineF(at - QPointF(3, 3), at + QPointF(3, 3)));
    painter->drawLine(QLineF(at - QPointF(3, -3), at + QPointF(3, -3)));
  }
}

void LossCanvas::paintSelected(QCPPainter* painter) {
  if (selected_ <= 0 || !stepRange().contains(static_cast<double>(selected_))) return;
  const QFontMetricsF metrics(painter->font());
  const double x = pixelOf(static_cast<double>(selected_), 1.0).x();
  const QString text = tr("step %1").arg(grouped(selected_));
  const double width = metrics.horizontalAdvance(text);
  const double first = loss_->left();
  const double left = std::clamp(x - width / 2, first, std::max(first, loss_->right() - width));
  painter->setPen(QPen(palette().color(QPalette::Text), 1.2));
  drawWords(painter, QPointF(left, loss_->top() - kTitleRise), text);
  forEachShown([&](Strip, QCPAxisRect* strip) { painter->drawLine(QLineF(x, strip->top(), x, strip->bottom())); });
}

QStringList LossCanvas::readout(std::size_t index) const {
  const qint64 step = series_.step(index);
  const double token = series_.value(Curve::kPerToken, index);
  const double sequence = series_.value(Curve::kPerSequence, index);
  const auto with_mean = [&](const QString& raw, Curve smoothed) {
    const double mean = series_.value(smoothed, index);
    return drawsSmooth() && std::isfinite(mean) ? tr("%1, smoothed %2").arg(raw, nats(mean, 4)) : raw;
  };
  QStringList lines = {tr("step %1").arg(grouped(step)),
                       with_mean(tr("per token %1 nats").arg(nats(token, 4)), Curve::kSmoothPerToken),
                       with_mean(tr("per sequence %1 nats").arg(nats(sequence, 4)), Curve::kSmoothPerSequence)};
  if (std::isfinite(token) && std::isfinite(sequence)) lines << tr("gap %1").arg(nats(sequence - token, 4));
  for (const EvalEvent& eval : evals_) {
    if (eval.step != step) continue;
    lines << tr("held out, per token %1").arg(nats(eval.eval_loss_per_token, 4));
    lines << tr("held out, per sequence %1").arg(nats(eval.eval_loss_per_sequence, 4));
  }
  lines << tr("learning rate %1").arg(figure(series_.value(Curve::kLearningRate, index), 3));
  lines << tr("gradient norm %1").arg(figure(series_.value(Curve::kGradNorm, index), 3));
  if (const double speed = series_.value(Curve::kThroughput, index); std::isfinite(speed)) {
    lines << tr("%1 tokens/s").arg(grouped(std::llround(speed)));
  }
  if (const double memory = series_.value(Curve::kMemory, index); std::isfinite(memory)) {
    lines << tr("peak memory %1").arg(byte_count(static_cast<quint64>(memory * 1e9)));
  }
  return lines;
}

void LossCanvas::paintHover(QCPPainter* painter) {
  if (box_) {
    painter->setPen(QPen(palette().color(QPalette::Highlight), 1.0));
    QColor fill = palette().color(QPalette::Highlight);
    fill.setAlphaF(0.15f);
    painter->setBrush(fill);
    painter->drawRect(*box_);
  }
  if (!hovered_ || *hovered_ >= series_.size()) return;
  const double step = static_cast<double>(series_.step(*hovered_));
  const double x = pixelOf(step, 1.0).x();
  painter->setPen(QPen(axis_line(palette()), 1.0));
  forEachShown([&](Strip, QCPAxisRect* strip) { painter->drawLine(QLineF(x, strip->top(), x, strip->bottom())); });
  const auto dot = [&](const QCPAxisRect* strip, Curve curve, const QColor& color) {
    const double value = series_.value(curve, *hovered_);
    const double y = strip->axis(QCPAxis::atLeft)->coordToPixel(value);
    if (!std::isfinite(value) || y < strip->top() || y > strip->bottom()) return;
    painter->setPen(QPen(palette().color(QPalette::Base), 1.0));
    painter->setBrush(color);
    painter->drawEllipse(QPointF(x, y), 4.0, 4.0);
  };
  dot(loss_, Curve::kPerToken, per_token_color());
  dot(loss_, Curve::kPerSequence, per_sequence_color());
  for (const auto& [strip, line] : single_lines_) {
    if (!strips_.isShown(strip)) continue;
    dot(strips_.rect(strip), curve_of(strip), visible(color_of(strip), palette().color(QPalette::Base)));
  }
  painter->setFont(font());
  QStringList lines = readout(*hovered_);
  if (!hover_note_.isEmpty()) lines << hover_note_;
  paint_readout(*painter, QPointF(x, mouse_.y()), viewport(), lines,
                {QColor(), per_token_color(), per_sequence_color()}, palette());
}

}  // namespace vernier::ui
