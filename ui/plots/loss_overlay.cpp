// What LossCanvas paints itself: titles, labels at the lines' ends, marks, crosshair.
#include <algorithm>
#include <cmath>

#include "ui/plots/loss_canvas.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr double kLabelGap = 8.0;

QString nats(double value, int decimals) {
  return std::isfinite(value) && std::abs(value) < 1e4 ? QString::number(value, 'f', decimals) : figure(value);
}

}  // namespace

void LossCanvas::paintUnder(QCPPainter* painter) {
  if (!(blind_guess_ > 0.0)) return;
  const QRectF rect = loss_->rect();
  const double y = pixelOf(0, blind_guess_).y();
  const QFont small = scaled_font(font(), 0.9);
  const QFontMetricsF metrics(small);
  QString text = tr("blind guess over %1 tokens: ln V = %2").arg(grouped(vocab_), figure(blind_guess_, 3));
  if (y < rect.top()) text += QStringLiteral(" ↑");
  painter->setFont(small);
  painter->setPen(legible(secondary_text(palette()), palette().color(QPalette::Base)));
  const double right = rect.right() - metrics.horizontalAdvance(text) - 6;
  if (y < rect.top()) {
    painter->drawText(QPointF(right, rect.top() + metrics.ascent() + 2), text);
  } else if (y <= rect.bottom()) {
    const bool above = y - metrics.height() > rect.top();
    painter->drawText(QPointF(right, above ? y - 4 : y + metrics.ascent() + 2), text);
    painter->setPen(QPen(axis_line(palette()), 1.2, Qt::DashLine));
    painter->drawLine(QLineF(rect.left(), y, rect.right(), y));
  }
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

void LossCanvas::paintEndLabels(QCPPainter* painter) {
  struct Label {
    QString text;
    QColor color;
    QPointF at;
  };
  const QFont small = scaled_font(font(), 0.9);
  const QFontMetricsF metrics(small);
  const QRectF rect = loss_->rect();
  std::vector<Label> labels;
  const auto add = [this, &labels](Curve curve, const QString& name, const QColor& color) {
    double step = 0.0;
    const double value = endOf(curve, &step);
    if (std::isfinite(value)) labels.push_back({name + ' ' + nats(value, 3), color, pixelOf(step, value)});
  };
  add(smoothed_ ? Curve::kSmoothPerToken : Curve::kPerToken, tr("per token"), per_token_color());
  add(smoothed_ ? Curve::kSmoothPerSequence : Curve::kPerSequence, tr("per sequence"), per_sequence_color());
  std::sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.at.y() < b.at.y(); });
  if (labels.size() == 2) {
    // Two lines that end close together push their labels apart.
    const double missing = metrics.height() - (labels[1].at.y() - labels[0].at.y());
    if (missing > 0.0) {
      labels[0].at.ry() -= missing / 2;
      labels[1].at.ry() += missing / 2;
    }
  }
  painter->setFont(small);
  for (const Label& label : labels) {
    const double y = std::clamp(label.at.y(), rect.top() + metrics.height() / 2, rect.bottom() - metrics.height() / 2);
    painter->setPen(legible(label.color, palette().color(QPalette::Base)));
    painter->drawText(QPointF(label.at.x() + kLabelGap, y + metrics.ascent() / 2 - 1), label.text);
  }
}

void LossCanvas::paintLabels(QCPPainter* painter) {
  const QFont small = scaled_font(font(), 0.9);
  const QFontMetricsF metrics(small);
  const QColor base = palette().color(QPalette::Base);
  const QColor quiet = legible(secondary_text(palette()), base);
  painter->setFont(small);
  painter->setBrush(Qt::NoBrush);
  const auto title = [&](const QCPAxisRect* strip, const QString& text, const QColor& color) {
    painter->setPen(color);
    painter->drawText(QPointF(strip->left(), strip->top() - 6), text);
  };
  const auto current = [this](Curve curve) {
    double step = 0.0;
    const double value = endOf(curve, &step);
    return std::isfinite(value) ? QStringLiteral("  ") + figure(value, 3) : QString();
  };
  const QString scale = logarithmic_ ? tr("loss, nats, logarithmic") : tr("loss, nats");
  const std::size_t mean = series_.smoothing_steps(stepRange().lower, stepRange().upper, loss_->width());
  title(loss_,
        smoothed_ ? tr("%1; smoothed over about %2 steps").arg(scale, grouped(static_cast<qint64>(mean))) : scale,
        palette().color(QPalette::Text));
  title(rate_, tr("learning rate") + current(Curve::kLearningRate), legible(rate_color(), base));
  title(norm_, tr("gradient norm, before clipping") + current(Curve::kGradNorm), legible(gradient_color(), base));
  if (!evals_.empty()) {
    const QString text = tr("held-out rows");
    const double left = loss_->right() - metrics.horizontalAdvance(text);
    painter->setPen(quiet);
    painter->drawText(QPointF(left, loss_->top() - 6), text);
    painter->setPen(QPen(quiet, 1.4));
    painter->drawEllipse(QPointF(left - 10, loss_->top() - 6 - metrics.xHeight() / 2), 3.5, 3.5);
  }
  if (series_.empty() && evals_.empty()) {
    painter->setFont(font());
    painter->setPen(quiet);
    painter->drawText(loss_->rect(), Qt::AlignCenter | Qt::TextWordWrap,
                      tr("The loss stands here from the first step on, counted both ways from one forward."));
  }
  paintEndLabels(painter);

  // Where the loss was no number: crosses on the axis, at most one a pixel.
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

  if (selected_ > 0 && range.contains(static_cast<double>(selected_))) {
    const double x = pixelOf(static_cast<double>(selected_), 1.0).x();
    painter->setPen(QPen(palette().color(QPalette::Text), 1.2));
    for (const QCPAxisRect* strip : {loss_, rate_, norm_})
      painter->drawLine(QLineF(x, strip->top(), x, strip->bottom()));
    const QString text = tr("step %1").arg(grouped(selected_));
    const double width = metrics.horizontalAdvance(text);
    const double left = std::clamp(x - width / 2, double(loss_->left()), double(loss_->right()) - width);
    painter->fillRect(QRectF(left - 4, loss_->top() - metrics.height() - 3, width + 8, metrics.height() + 2), base);
    painter->drawText(QPointF(left, loss_->top() - 6), text);
  }
}

QStringList LossCanvas::readout(std::size_t index) const {
  const qint64 step = series_.step(index);
  const double token = series_.value(Curve::kPerToken, index);
  const double sequence = series_.value(Curve::kPerSequence, index);
  QStringList lines = {tr("step %1").arg(grouped(step)), tr("per token %1 nats").arg(nats(token, 4)),
                       tr("per sequence %1 nats").arg(nats(sequence, 4))};
  if (std::isfinite(token) && std::isfinite(sequence)) lines << tr("gap %1").arg(nats(sequence - token, 4));
  for (const EvalEvent& eval : evals_) {
    if (eval.step != step) continue;
    lines << tr("held out, per token %1").arg(nats(eval.eval_loss_per_token, 4));
    lines << tr("held out, per sequence %1").arg(nats(eval.eval_loss_per_sequence, 4));
  }
  lines << tr("learning rate %1").arg(figure(series_.value(Curve::kLearningRate, index), 3));
  lines << tr("gradient norm %1").arg(figure(series_.value(Curve::kGradNorm, index), 3));
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
  for (const QCPAxisRect* strip : {loss_, rate_, norm_}) painter->drawLine(QLineF(x, strip->top(), x, strip->bottom()));
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
  dot(rate_, Curve::kLearningRate, rate_color());
  dot(norm_, Curve::kGradNorm, gradient_color());
  painter->setFont(font());
  paint_readout(*painter, QPointF(x, mouse_.y()), viewport(), readout(*hovered_),
                {QColor(), per_token_color(), per_sequence_color()}, palette());
}

}  // namespace vernier::ui
