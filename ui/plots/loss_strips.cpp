#include "ui/plots/loss_strips.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "ui/plots/plot_axes.h"
#include "ui/plots/step_ticker.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr int kMostTicks = 6;  // of the loss
constexpr int kEvalTicks = 3;

struct Words {
  Q_DECLARE_TR_FUNCTIONS(LossStrips)
};

double stretch_of(Strip strip) {
  switch (strip) {
    case Strip::kLoss:
      return 5.0;
    case Strip::kEvaluation:
      return 2.4;
    default:
      return 1.5;
  }
}

bool is_logarithmic(Strip strip, bool on) {
  return on && (strip == Strip::kLoss || strip == Strip::kEvaluation || strip == Strip::kGradNorm);
}

}  // namespace

QString title_of(Strip strip) {
  switch (strip) {
    case Strip::kLoss:
      return Words::tr("loss, nats");
    case Strip::kGap:
      return Words::tr("gap: loss per sequence less loss per token, nats");
    case Strip::kEvaluation:
      return Words::tr("loss on held-out rows, nats");
    case Strip::kLearningRate:
      return Words::tr("learning rate");
    case Strip::kGradNorm:
      return Words::tr("gradient norm, before clipping");
    case Strip::kThroughput:
      return Words::tr("tokens/s");
    case Strip::kMemory:
      break;
  }
  return Words::tr("peak memory, GB");
}

QString name_of(Strip strip) {
  switch (strip) {
    case Strip::kLoss:
      return Words::tr("Loss");
    case Strip::kGap:
      return Words::tr("Gap between the two losses");
    case Strip::kEvaluation:
      return Words::tr("Evaluation");
    case Strip::kLearningRate:
      return Words::tr("Learning rate");
    case Strip::kGradNorm:
      return Words::tr("Gradient norm");
    case Strip::kThroughput:
      return Words::tr("Throughput");
    case Strip::kMemory:
      break;
  }
  return Words::tr("Memory");
}

QString key_of(Strip strip) {
  static constexpr std::array kKeys = {"loss",          "gap",        "evaluation", "learning_rate",
                                       "gradient_norm", "throughput", "memory"};
  return QLatin1String(kKeys[static_cast<std::size_t>(strip)]);
}

QColor color_of(Strip strip) {
  switch (strip) {
    case Strip::kLoss:
    case Strip::kEvaluation:
      return per_token_color();
    case Strip::kGap:
      return per_sequence_color();
    case Strip::kLearningRate:
      return rate_color();
    case Strip::kGradNorm:
      return gradient_color();
    case Strip::kThroughput:
      return throughput_color();
    case Strip::kMemory:
      break;
  }
  return memory_color();
}

Curve curve_of(Strip strip) {
  switch (strip) {
    case Strip::kGap:
      return Curve::kGap;
    case Strip::kLearningRate:
      return Curve::kLearningRate;
    case Strip::kGradNorm:
      return Curve::kGradNorm;
    case Strip::kThroughput:
      return Curve::kThroughput;
    case Strip::kMemory:
      return Curve::kMemory;
    default:
      return Curve::kPerToken;
  }
}

// Thousands of steep strokes with smooth edges take the raster engine seconds; as single hard ones, a millisecond.
void FastLine::draw(QCPPainter* painter) {
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

StripStack::StripStack(QCustomPlot* plot) : plot_(plot), margins_(new QCPMarginGroup(plot)) {
  plot->plotLayout()->clear();
  plot->plotLayout()->setRowSpacing(0);
  for (const Strip strip : kAllStrips) make(strip);
  for (const Strip strip : {Strip::kLoss, Strip::kGap, Strip::kLearningRate, Strip::kGradNorm})
    part(strip).shown = true;
  layOut();
  setLogarithmic(false);
}

void StripStack::make(Strip strip) {
  auto* rect = new QCPAxisRect(plot_, true);
  part(strip).rect = rect;
  rect->setMinimumSize(60, strip == Strip::kLoss ? 80 : 24);
  for (QCPAxis* axis : rect->axes()) {
    axis->setLayer(QStringLiteral("axes"));
    axis->grid()->setLayer(QStringLiteral("grid"));
  }
  rect->axis(QCPAxis::atTop)->setVisible(false);
  rect->axis(QCPAxis::atRight)->setVisible(false);
  rect->axis(QCPAxis::atBottom)->setTicker(QSharedPointer<StepTicker>::create());
  rect->setMarginGroup(QCP::msLeft, margins_);
}

std::vector<Strip> StripStack::shown() const {
  std::vector<Strip> strips;
  for (const Strip strip : kAllStrips) {
    if (part(strip).shown) strips.push_back(strip);
  }
  return strips;
}

void StripStack::setShown(const std::vector<Strip>& strips) {
  for (const Strip strip : kAllStrips) {
    part(strip).shown = strip == Strip::kLoss || std::find(strips.begin(), strips.end(), strip) != strips.end();
  }
  layOut();
}

void StripStack::layOut() {
  QCPLayoutGrid* layout = plot_->plotLayout();
  for (const Part& one : parts_) {
    if (one.rect->layout() != nullptr) layout->take(one.rect);
  }
  layout->simplify();
  QList<double> stretches;
  for (const Strip strip : kAllStrips) {
    const Part& one = part(strip);
    one.rect->setVisible(one.shown);
    for (QCPGraph* line : one.lines) line->setVisible(one.shown);
    const bool is_lowest = one.shown && strip == lowest();
    // One that is not shown takes no room beside the others' figures either.
    one.rect->setAutoMargins(!one.shown  ? QCP::MarginSides(QCP::msNone)
                             : is_lowest ? QCP::msLeft | QCP::msBottom
                                         : QCP::MarginSides(QCP::msLeft));
    QCPAxis* steps = one.rect->axis(QCPAxis::atBottom);
    steps->setTickLabels(is_lowest);
    steps->setLabel(is_lowest ? Words::tr("optimizer step") : QString());
    if (!one.shown) continue;
    layout->addElement(static_cast<int>(stretches.size()), 0, one.rect);
    stretches << stretch_of(strip) + (is_lowest ? 0.4 : 0.0);
  }
  layout->setRowStretchFactors(stretches);
}

QCPGraph* StripStack::addLine(Strip strip) {
  QCPAxisRect* in = rect(strip);
  auto* line = new FastLine(in->axis(QCPAxis::atBottom), in->axis(QCPAxis::atLeft));
  line->setAdaptiveSampling(false);  // LossSeries has done it, exactly
  line->setVisible(part(strip).shown);
  part(strip).lines.push_back(line);
  return line;
}

QCPGraph* StripStack::addPoints(Strip strip, bool connected) {
  QCPAxisRect* in = rect(strip);
  auto* points = new QCPGraph(in->axis(QCPAxis::atBottom), in->axis(QCPAxis::atLeft));
  points->setLineStyle(connected ? QCPGraph::lsLine : QCPGraph::lsNone);
  points->setVisible(part(strip).shown);
  part(strip).lines.push_back(points);
  return points;
}

void StripStack::setSteps(const QCPRange& range) {
  for (const Part& one : parts_) one.rect->axis(QCPAxis::atBottom)->setRange(range);
}

void StripStack::setLogarithmic(bool on) {
  for (const Strip strip : kAllStrips) {
    QCPAxis* axis = rect(strip)->axis(QCPAxis::atLeft);
    const bool logarithmic = is_logarithmic(strip, on);
    axis->setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (strip == Strip::kLoss && !logarithmic) {
      axis->setTicker(QSharedPointer<FigureTicker>::create(kMostTicks));
    } else if (strip == Strip::kEvaluation && !logarithmic) {
      axis->setTicker(QSharedPointer<FigureTicker>::create(kEvalTicks));
    } else if (strip == Strip::kGradNorm && logarithmic) {
      axis->setTicker(QSharedPointer<PowerTicker>::create());
    } else if (logarithmic) {
      axis->setTicker(QSharedPointer<LogTicker>::create());
    } else {
      axis->setTicker(QSharedPointer<BoundsTicker>::create());
    }
  }
}

void StripStack::applyStyle(const QPalette& palette, const QFont& font, const QString& widest_label) {
  const QFont small = scaled_font(font, 0.9);
  const int room = QFontMetrics(small).horizontalAdvance(widest_label);
  const int title = QFontMetrics(small).height() + 4;
  for (const Strip strip : kAllStrips) {
    // The loss has two rows above it: its title, and the selected step.
    const bool is_lowest = part(strip).shown && strip == lowest();
    rect(strip)->setMargins(QMargins(0, strip == Strip::kLoss ? 2 * title : title, room + 20, is_lowest ? 0 : 4));
    for (const QCPAxis::AxisType type : {QCPAxis::atBottom, QCPAxis::atLeft}) {
      style_axis(*rect(strip)->axis(type), palette, font);
    }
  }
}

}  // namespace vernier::ui
