#include "ui/plots/compare_plot.h"

#include <qcustomplot.h>

#include <QContextMenuEvent>
#include <QMenu>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "ui/plots/picture_export.h"
#include "ui/plots/plot_axes.h"
#include "ui/plots/step_ticker.h"
#include "ui/plots/table_export.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/style/run_style.h"
#include "ui/style/text_width.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

constexpr double kZoomStep = 1.25;
constexpr double kCursorStep = 0.02;  // of what is seen
constexpr double kMargin = 0.02;      // of the ranges
constexpr int kLabelColumns = 18;
constexpr double kEvalSize = 8.0;
constexpr int kMostTicks = 6;

}  // namespace

// Says the axis's values in the words that belong to them.
class ComparePlot::XTicker : public StepTicker {
 public:
  explicit XTicker(const ComparePlot& plot) : plot_(plot) {}

 protected:
  QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override {
    return plot_.text_of_x_ ? plot_.text_of_x_(tick) : StepTicker::getTickLabel(tick, locale, format, precision);
  }

 private:
  const ComparePlot& plot_;
};

ComparePlot::ComparePlot(QWidget* parent)
    : QWidget(parent), messages_(new MessageBar(this)), canvas_(new QCustomPlot(this)), readout_(new QLabel(this)) {
  setObjectName("comparePlot");
  setAccessibleName(tr("Losses of the runs"));
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(320, 220);
  setToolTip(
      tr("Runs over one axis: equal steps are not equal work where batches differ, so compare over tokens, too. Wheel "
         "zooms, drag moves, L makes the loss logarithmic, S smooths."));
  messages_->setObjectName("comparePlotMessage");
  readout_->setObjectName("compareReadout");
  readout_->setTextFormat(Qt::PlainText);
  readout_->setMinimumHeight(fontMetrics().height());
  readout_->setWordWrap(true);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(1, 1, 1, 1);
  layout->setSpacing(2);
  layout->addWidget(messages_);
  layout->addWidget(canvas_, 1);
  layout->addWidget(readout_);
  canvas_->setFocusPolicy(Qt::NoFocus);
  canvas_->setAttribute(Qt::WA_NoMousePropagation, false);  // the context menu is this widget's
  canvas_->setMouseTracking(true);
  canvas_->xAxis->setTicker(QSharedPointer<XTicker>::create(*this));
  canvas_->axisRect()->setAutoMargins(QCP::msLeft | QCP::msTop | QCP::msBottom);
  cursor_line_ = new QCPItemLine(canvas_);
  cursor_line_->setVisible(false);
  for (QCPItemPosition* end : {cursor_line_->start, cursor_line_->end}) {
    end->setTypeX(QCPItemPosition::ptPlotCoords);
    end->setTypeY(QCPItemPosition::ptAxisRectRatio);
  }
  connectGestures();
  connect(canvas_, &QCustomPlot::beforeReplot, this, &ComparePlot::refresh);
  connect(canvas_, &QCustomPlot::afterLayout, this, &ComparePlot::placeLabels);
  applyStyle();
}

ComparePlot::~ComparePlot() = default;

void ComparePlot::connectGestures() {
  canvas_->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  canvas_->axisRect()->setRangeZoomFactor(1.0 / kZoomStep);
  connect(canvas_, &QCustomPlot::mouseWheel, this, [this](QWheelEvent* event) {
    const bool vertical = event->modifiers().testFlag(Qt::ShiftModifier);
    canvas_->axisRect()->setRangeZoom(vertical ? Qt::Vertical : Qt::Horizontal);
    is_y_zoomed_ = is_y_zoomed_ || vertical;
  });
  connect(canvas_, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
    setFocus(Qt::MouseFocusReason);
    const bool box = event->modifiers().testFlag(Qt::ShiftModifier);
    canvas_->setSelectionRectMode(box ? QCP::srmZoom : QCP::srmNone);
    is_y_zoomed_ = is_y_zoomed_ || box;
  });
  connect(canvas_, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
    if (event->buttons() == Qt::NoButton) {
      setCursor(canvas_->xAxis->pixelToCoord(event->position().x()));
    } else {
      is_y_zoomed_ = true;  // dragged away from where it was
    }
  });
  connect(canvas_, &QCustomPlot::mouseDoubleClick, this, &ComparePlot::resetZoom);
}

void ComparePlot::setCurves(std::vector<CompareCurve> curves, const QString& x_label,
                            std::function<QString(double)> text_of_x) {
  for (const Run& run : runs_) {
    for (QCPGraph* graph : {run.raw, run.line, run.evals}) canvas_->removeGraph(graph);
    canvas_->removeItem(run.label);
  }
  runs_.clear();
  for (CompareCurve& curve : curves) {
    Run& run = runs_.emplace_back();
    run.curve = std::move(curve);
    run.raw = canvas_->addGraph();
    run.line = canvas_->addGraph();
    run.evals = canvas_->addGraph();
    run.evals->setLineStyle(QCPGraph::lsNone);
    run.label = new QCPItemText(canvas_);
    run.label->setClipToAxisRect(false);
    run.label->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    run.label->position->setType(QCPItemPosition::ptAbsolute);
  }
  text_of_x_ = std::move(text_of_x);
  canvas_->xAxis->setLabel(x_label);
  cursor_.reset();
  applyStyle();
  resetZoom();
}

void ComparePlot::setPerSequence(bool on) {
  per_sequence_ = on;
  canvas_->yAxis->setLabel(on ? tr("loss per sequence, nats") : tr("loss per token, nats"));
  canvas_->replot();
  setCursor(cursor_);
}

void ComparePlot::setShowsTraining(bool on) {
  shows_training_ = on;
  canvas_->replot();
}

void ComparePlot::setShowsEvaluation(bool on) {
  shows_evaluation_ = on;
  canvas_->replot();
}

void ComparePlot::setLogarithmic(bool on) {
  if (on == logarithmic_) return;
  logarithmic_ = on;
  is_y_zoomed_ = false;
  canvas_->yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  canvas_->yAxis->setTicker(on ? QSharedPointer<QCPAxisTicker>(QSharedPointer<LogTicker>::create())
                               : QSharedPointer<FigureTicker>::create(kMostTicks));
  canvas_->replot();
  emit logarithmicChanged(on);
}

void ComparePlot::setSmoothed(bool on) {
  if (on == smoothed_) return;
  smoothed_ = on;
  applyStyle();
  emit smoothedChanged(on);
}

std::pair<double, double> ComparePlot::xRange() const {
  double low = 0.0, high = 1.0;
  for (const Run& run : runs_) {
    if (!run.curve.series->empty())
      high = std::max(high, static_cast<double>(run.curve.series->step(run.curve.series->size() - 1)));
  }
  return {low, high};
}

void ComparePlot::resetZoom() {
  const auto [low, high] = xRange();
  is_y_zoomed_ = false;
  canvas_->xAxis->setRange(low - kMargin * (high - low), high + kMargin * (high - low));
  canvas_->replot();
}

// The points of what is in sight; the range of y follows them until somebody zooms it.
void ComparePlot::refresh() {
  const QCPRange x = canvas_->xAxis->range();
  const int pixels = std::max(1, canvas_->axisRect()->width());
  const Curve curve = per_sequence_ ? Curve::kPerSequence : Curve::kPerToken;
  const Curve smooth = per_sequence_ ? Curve::kSmoothPerSequence : Curve::kSmoothPerToken;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  const auto see = [&](double value) {
    if (!std::isfinite(value) || (logarithmic_ && value <= 0.0)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  };
  for (Run& run : runs_) {
    const bool is_smooth =
        smoothed_ && !run.curve.series->empty() && run.curve.series->smoothing_steps(x.lower, x.upper, pixels) > 1;
    const LossSeries::Line raw = run.curve.series->line(curve, x.lower, x.upper, pixels);
    run.raw->setVisible(shows_training_ && is_smooth);
    run.line->setVisible(shows_training_);
    if (is_smooth) {
      run.raw->setData(raw.keys, raw.values, true);
      const LossSeries::Line line = run.curve.series->smooth_line(smooth, x.lower, x.upper, pixels);
      run.line->setData(line.keys, line.values, true);
    } else {
      run.line->setData(raw.keys, raw.values, true);
    }
    if (shows_training_) {
      const auto [least, greatest] = run.curve.series->range(curve, x.lower, x.upper);
      see(least);
      see(greatest);
    }
    QVector<double> keys, values;
    for (const CompareCurve::Eval& eval : run.curve.evals) {
      keys << eval.x;
      values << (per_sequence_ ? eval.loss_per_sequence : eval.loss_per_token);
      if (shows_evaluation_ && eval.x >= x.lower && eval.x <= x.upper) see(values.back());
    }
    run.evals->setData(keys, values, true);
    run.evals->setVisible(shows_evaluation_);
  }
  if (is_y_zoomed_ || !(low <= high)) return;
  if (logarithmic_) {
    const double factor = std::pow(std::max(high / low, 1.1), kMargin);
    canvas_->yAxis->setRange(low / factor, high * factor);
  } else {
    const double air = kMargin * std::max(high - low, 0.1 * std::abs(high) + 1e-9);
    canvas_->yAxis->setRange(low - air, high + air);
  }
}

// Beside the lines' ends, pushed apart where they would cover one another.
void ComparePlot::placeLabels() {
  std::vector<std::pair<double, Run*>> ends;
  const QRect rect = canvas_->axisRect()->rect();
  for (Run& run : runs_) {
    const QSharedPointer<QCPGraphDataContainer> drawn =
        shows_training_ || run.curve.evals.empty() ? run.line->data() : run.evals->data();
    double y = std::numeric_limits<double>::quiet_NaN();
    for (auto point = drawn->constEnd(); point != drawn->constBegin() && !std::isfinite(y);) y = (--point)->value;
    run.label->setVisible(std::isfinite(y));
    if (std::isfinite(y)) {
      ends.emplace_back(
          std::clamp<double>(canvas_->yAxis->coordToPixel(y), rect.top(), std::max(rect.top(), rect.bottom())), &run);
    }
  }
  std::sort(ends.begin(), ends.end());
  const double height = QFontMetrics(scaled_font(font(), 0.9)).height();
  std::vector<double> rows;
  for (const auto& [y, run] : ends) rows.push_back(y);
  rows = part_rows(std::move(rows), height, rect.bottom() + 0.5 * height);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ends[i].second->label->position->setPixelPosition(QPointF(rect.right() + 6.0, rows[i]));
  }
}

QStringList ComparePlot::readout(double x) const {
  QStringList lines;
  const Curve curve = per_sequence_ ? Curve::kPerSequence : Curve::kPerToken;
  for (const Run& run : runs_) {
    if (run.curve.series->empty()) continue;
    const std::size_t i = run.curve.series->nearest(x);
    const auto at = static_cast<double>(run.curve.series->step(i));
    lines << tr("%1: %2 at %3")
                 .arg(run.curve.name, figure(run.curve.series->value(curve, i)),
                      text_of_x_ ? text_of_x_(at) : QString::number(at));
  }
  return lines;
}

void ComparePlot::setCursor(std::optional<double> x) {
  cursor_ = runs_.empty() ? std::nullopt : x;
  cursor_line_->setVisible(cursor_.has_value());
  if (cursor_) {
    cursor_line_->start->setCoords(*cursor_, 0.0);
    cursor_line_->end->setCoords(*cursor_, 1.0);
  }
  const QString text = cursor_ ? readout(*cursor_).join(QStringLiteral("   ")) : QString();
  readout_->setText(text);
  setAccessibleDescription(text);
  canvas_->replot(QCustomPlot::rpQueuedReplot);
}

void ComparePlot::zoom(double factor) {
  canvas_->xAxis->scaleRange(factor, cursor_.value_or(canvas_->xAxis->range().center()));
  canvas_->replot();
}

void ComparePlot::keyPressEvent(QKeyEvent* event) {
  const QCPRange range = canvas_->xAxis->range();
  const auto move = [&](double by) {
    const auto [low, high] = xRange();
    setCursor(std::clamp(cursor_.value_or(range.center()) + by * range.size(), low, high));
  };
  switch (event->key()) {
    case Qt::Key_Left:
      return move(-kCursorStep);
    case Qt::Key_Right:
      return move(kCursorStep);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom(1.0 / kZoomStep);
    case Qt::Key_Minus:
      return zoom(kZoomStep);
    case Qt::Key_0:
      return resetZoom();
    case Qt::Key_L:
      return setLogarithmic(!logarithmic_);
    case Qt::Key_S:
      return setSmoothed(!smoothed_);
    default:
      return QWidget::keyPressEvent(event);
  }
}

void ComparePlot::paintEvent(QPaintEvent*) {
  if (!hasFocus()) return;
  QPainter painter(this);
  painter.setPen(palette().color(QPalette::Highlight));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void ComparePlot::addActions(QMenu& menu) {
  add_picture_actions(
      menu, *this, tr("runs"), [this](QPaintDevice& device, const QSize& size) { paintTo(device, size); }, *messages_);
  add_table_actions(
      menu, *this, tr("Loss of the runs"), tr("runs"), [this] { return table(); }, *messages_);
}

void ComparePlot::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  addActions(menu);
  menu.addSeparator();
  QAction* log = menu.addAction(tr("&Logarithmic loss"), this, [this] { setLogarithmic(!logarithmic_); });
  log->setShortcut(Qt::Key_L);
  log->setCheckable(true);
  log->setChecked(logarithmic_);
  QAction* smooth = menu.addAction(tr("&Smooth"), this, [this] { setSmoothed(!smoothed_); });
  smooth->setShortcut(Qt::Key_S);
  smooth->setCheckable(true);
  smooth->setChecked(smoothed_);
  QAction* reset = menu.addAction(tr("&Reset zoom"), this, &ComparePlot::resetZoom);
  reset->setShortcut(Qt::Key_0);
  menu.exec(event->globalPos());
}

TableData ComparePlot::table() const {
  // The numbers as they are now, run after run.
  struct Part {
    QString name;
    std::shared_ptr<const LossSeries> series;
    int first = 0;
  };
  auto parts = std::make_shared<std::vector<Part>>();
  int rows = 0;
  for (const Run& run : runs_) {
    parts->push_back({run.curve.name, run.curve.series, rows});
    rows += static_cast<int>(run.curve.series->size());
  }
  TableData table;
  table.headers = {tr("run"), canvas_->xAxis->label(), tr("loss per token"), tr("loss per sequence")};
  table.rows = rows;
  table.cell = [parts](int row, int column) {
    const auto part = std::prev(std::upper_bound(parts->begin(), parts->end(), row,
                                                 [](int wanted, const Part& one) { return wanted < one.first; }));
    const auto i = static_cast<std::size_t>(row - part->first);
    if (column == 0) return part->name;
    if (column == 1) return QString::number(part->series->step(i));
    return QString::number(part->series->value(column == 2 ? Curve::kPerToken : Curve::kPerSequence, i), 'g', 9);
  };
  return table;
}

void ComparePlot::paintTo(QPaintDevice& device, const QSize& size) {
  const bool had_cursor = cursor_line_->visible();
  cursor_line_->setVisible(false);
  QCPPainter painter;
  painter.begin(&device);
  painter.setMode(QCPPainter::pmVectorized, device.devType() != QInternal::Image);
  refresh();
  canvas_->toPainter(&painter, size.width(), size.height());
  painter.end();
  cursor_line_->setVisible(had_cursor);
}

bool ComparePlot::savePicture(const QString& path) {
  return save_picture(
      path, canvas_->size(), [this](QPaintDevice& device, const QSize& size) { paintTo(device, size); }, *messages_);
}

void ComparePlot::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) applyStyle();
}

void ComparePlot::applyStyle() {
  const QPalette colors = palette();
  canvas_->setBackground(QBrush(colors.color(QPalette::Base)));
  const QColor base = colors.color(QPalette::Base);
  const QColor quiet = legible(secondary_text(colors), base);
  const QFont small = scaled_font(font(), 0.9);
  const QFontMetrics metrics(small);
  for (QCPAxis* axis : {canvas_->xAxis, canvas_->yAxis}) style_axis(*axis, colors, font());
  if (canvas_->yAxis->label().isEmpty()) canvas_->yAxis->setLabel(tr("loss per token, nats"));
  cursor_line_->setPen(QPen(quiet, 1.0, Qt::DotLine));
  int room = 0;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    Run& run = runs_[i];
    const int style = static_cast<int>(i);
    const QColor hue = run_color(style);
    run.raw->setPen(QPen(raw_line(hue, colors), 1.0));
    run.line->setPen(QPen(hue, 1.8, run_pen_style(style)));
    run.evals->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(hue, 1.6), QBrush(base), kEvalSize));
    const QString name = metrics.elidedText(run.curve.name, Qt::ElideMiddle, kLabelColumns * character_width(metrics));
    run.label->setText(name);
    run.label->setFont(small);
    run.label->setColor(legible(hue, base));
    room = std::max(room, metrics.horizontalAdvance(name));
  }
  canvas_->axisRect()->setMargins(QMargins(0, 0, room + 12, 0));
  canvas_->replot();
}

}  // namespace vernier::ui
