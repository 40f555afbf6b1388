#include "ui/plots/curve_plot.h"

#include <qcustomplot.h>

#include <QAbstractScrollArea>
#include <QMenu>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "ui/plots/picture_export.h"
#include "ui/plots/plot_axes.h"
#include "ui/plots/step_ticker.h"
#include "ui/plots/table_export.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

constexpr double kZoom = 1.25;
constexpr double kHeadRoom = 0.05;  // of the range, above and below the curves
constexpr double kLineWidth = 1.8;
constexpr double kLabelGap = 6.0;
constexpr double kNear = 0.02;  // of the x axis, how far a curve's point may be from the cursor
constexpr std::array kDashes = {Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine, Qt::DashDotDotLine};

// The point nearest in x; nullptr without points.
const QPointF* nearest(const std::vector<QPointF>& points, double x) {
  if (points.empty()) return nullptr;
  auto at = std::lower_bound(points.begin(), points.end(), x, [](const QPointF& p, double v) { return p.x() < v; });
  if (at == points.end() || (at != points.begin() && x - (at - 1)->x() < at->x() - x)) --at;
  return &*at;
}

// Whether the wheel moves what the plot lies in.
bool lies_in_scrolling_page(const QWidget& plot) {
  for (const QWidget* around = plot.parentWidget(); around != nullptr; around = around->parentWidget()) {
    const auto* page = qobject_cast<const QAbstractScrollArea*>(around);
    if (page != nullptr && page->verticalScrollBar()->maximum() > 0) return true;
  }
  return false;
}

}  // namespace

class CurvePlot::Canvas : public QCustomPlot {
 public:
  explicit Canvas(CurvePlot* owner) : QCustomPlot(owner), owner_(*owner) {
    setObjectName(QStringLiteral("curveCanvas"));
    setFocusPolicy(Qt::NoFocus);
    setAttribute(Qt::WA_NoMousePropagation, false);  // of QCustomPlot's: a wheel that is left alone is the page's
    setMouseTracking(true);
    xAxis->setTicker(QSharedPointer<StepTicker>::create());
    new Words(this);  // the plot owns it
    connect(this, &QCustomPlot::beforeReplot, this, [this] { make_room(); });
    apply_style();
  }

  void set_curves() {
    clearGraphs();
    for (std::size_t i = 0; i < owner_.curves_.size(); ++i) {
      QCPGraph* graph = addGraph();
      QVector<double> x, y;
      for (const QPointF& point : owner_.curves_[i].points) {
        x << point.x();
        y << point.y();
      }
      graph->setData(x, y, true);
    }
    apply_style();
    reset_zoom();
  }

  void set_logarithmic() {
    const bool on = owner_.logarithmic_;
    yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (on) {
      yAxis->setTicker(QSharedPointer<LogTicker>::create());
    } else {
      yAxis->setTicker(QSharedPointer<FigureTicker>::create(5));
    }
    reset_zoom();
  }

  void reset_zoom() {
    double left = std::numeric_limits<double>::infinity(), right = -left, low = left, high = -left;
    for (const NamedCurve& curve : owner_.curves_) {
      for (const QPointF& point : curve.points) {
        if (!std::isfinite(point.y()) || (owner_.logarithmic_ && point.y() <= 0.0)) continue;
        left = std::min(left, point.x());
        right = std::max(right, point.x());
        low = std::min(low, point.y());
        high = std::max(high, point.y());
      }
    }
    if (!(left <= right)) {
      left = low = owner_.logarithmic_ ? 1.0 : 0.0;
      right = high = 10.0;
    }
    if (left == right) right = left + 1.0;
    whole_ = QCPRange(left, right);
    xAxis->setRange(whole_);
    if (owner_.logarithmic_) {
      const double room = std::pow(std::max(high / low, 2.0), kHeadRoom);
      yAxis->setRange(low / room, high * room);
    } else {
      const double room = kHeadRoom * std::max(high - low, 1e-9);
      yAxis->setRange(low >= 0.0 && low < 0.5 * high ? 0.0 : low - room, high + room);
    }
    replot(QCustomPlot::rpQueuedReplot);
  }

  // Never beyond the curves. Says whether anything changed.
  bool zoom_steps(double factor, double at) {
    const QCPRange before = xAxis->range();
    xAxis->setRange(std::max(whole_.lower, at - (at - before.lower) * factor),
                    std::min(whole_.upper, at + (before.upper - at) * factor));
    return xAxis->range() != before;
  }

  void move_steps(double by) {
    const QCPRange range = xAxis->range();
    xAxis->moveRange(std::clamp(by, whole_.lower - range.lower, std::max(0.0, whole_.upper - range.upper)));
  }

  void paint_to(QPaintDevice& device, const QSize& size) {
    QCPPainter painter(&device);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.fillRect(QRect(QPoint(0, 0), size), palette().color(QPalette::Base));
    toPainter(&painter, size.width(), size.height());
  }

 protected:
  void changeEvent(QEvent* event) override {
    QCustomPlot::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
      apply_style();
      replot(QCustomPlot::rpQueuedReplot);
    }
  }

 private:
  // Names at the ends of the lines, the cursor, or why there is nothing.
  class Words : public QCPLayerable {
   public:
    explicit Words(Canvas* canvas) : QCPLayerable(canvas, QStringLiteral("overlay")), canvas_(*canvas) {}

   protected:
    void applyDefaultAntialiasingHint(QCPPainter* painter) const override { painter->setAntialiasing(true); }
    void draw(QCPPainter* painter) override { canvas_.paint_words(*painter); }

   private:
    Canvas& canvas_;
  };

  void apply_style() {
    const QPalette& colors = palette();
    setBackground(colors.color(QPalette::Base));
    for (QCPAxis* axis : {xAxis, yAxis}) style_axis(*axis, colors, font());
    for (int i = 0; i < graphCount(); ++i) graph(i)->setPen(pen_of(i));
  }

  QPen pen_of(int i) const {
    QPen pen(legible_line(i), kLineWidth);
    // The sixth, a blue that paper darkens, is no solid line beside the first.
    const auto n = static_cast<std::size_t>(i);
    pen.setStyle(kDashes[(n + n / kDashes.size()) % kDashes.size()]);
    return pen;
  }
  QColor legible_line(int i) const { return legible(nth_series_color(i), palette().color(QPalette::Base)); }

  // At the right, for the longest name; at the left, for the figures.
  void make_room() {
    const QFontMetricsF metrics(scaled_font(font(), 0.9));
    double width = 0.0;
    for (const NamedCurve& curve : owner_.curves_) width = std::max(width, metrics.horizontalAdvance(curve.name));
    width = std::min(width, this->width() * 0.4);
    axisRect()->setAutoMargins(QCP::msLeft | QCP::msBottom);
    axisRect()->setMargins(
        QMargins(0, static_cast<int>(metrics.height() / 2), static_cast<int>(width + 2 * kLabelGap), 0));
  }

  void paint_words(QCPPainter& painter) {
    const QFont small = scaled_font(font(), 0.9);
    const QFontMetricsF metrics(small);
    painter.setFont(small);
    painter.setBrush(Qt::NoBrush);
    if (owner_.curves_.empty()) {
      painter.setPen(legible(secondary_text(palette()), palette().color(QPalette::Base)));
      painter.drawText(axisRect()->rect(), Qt::AlignCenter | Qt::TextWordWrap, explanation);
      return;
    }
    struct Label {
      int curve;
      double y;
    };
    std::vector<Label> labels;
    for (int i = 0; i < graphCount(); ++i) {
      const auto& points = owner_.curves_[static_cast<std::size_t>(i)].points;
      for (auto point = points.rbegin(); point != points.rend(); ++point) {
        if (!std::isfinite(point->y()) || point->x() > xAxis->range().upper) continue;
        const double y = yAxis->coordToPixel(point->y());
        const int top = axisRect()->top();
        labels.push_back({i, std::clamp<double>(y, top, std::max(top, axisRect()->bottom()))});
        break;
      }
    }
    std::stable_sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.y < b.y; });
    std::vector<double> rows;
    for (const Label& label : labels) rows.push_back(label.y);
    rows = part_rows(std::move(rows), metrics.height(), axisRect()->bottom());  // above the last step
    for (std::size_t i = 0; i < rows.size(); ++i) labels[i].y = rows[i];
    const double left = axisRect()->right() + kLabelGap;
    for (const Label& label : labels) {
      painter.setPen(legible_line(label.curve));
      painter.drawText(QPointF(left, label.y + metrics.ascent() / 2 - metrics.descent() / 2),
                       metrics.elidedText(owner_.curves_[static_cast<std::size_t>(label.curve)].name, Qt::ElideRight,
                                          width() - left - 2));
    }
    if (!owner_.cursor_) return;
    const double x = xAxis->coordToPixel(*owner_.cursor_);
    if (x < axisRect()->left() || x > axisRect()->right()) return;
    painter.setPen(QPen(secondary_text(palette()), 1, Qt::DotLine));
    painter.drawLine(QPointF(x, axisRect()->top()), QPointF(x, axisRect()->bottom()));
    QList<QColor> colors = {QColor()};
    const QStringList lines = owner_.readout(*owner_.cursor_);
    for (int i = 0; i < graphCount() && colors.size() < lines.size(); ++i) colors << legible_line(i);
    paint_readout(painter, QPointF(x, axisRect()->top() + kLabelGap), axisRect()->rect(), lines, colors, palette());
  }

 public:
  QString explanation;

 private:
  CurvePlot& owner_;
  QCPRange whole_;  // of the steps
};

CurvePlot::CurvePlot(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2, 2, 2, 2);
  layout->setSpacing(0);
  messages_ = new MessageBar(this);
  messages_->setObjectName(QStringLiteral("curveMessages"));
  layout->addWidget(messages_);
  canvas_ = new Canvas(this);
  canvas_->installEventFilter(this);
  layout->addWidget(canvas_, 1);
  canvas_->set_logarithmic();
  describe();
}

CurvePlot::~CurvePlot() = default;

void CurvePlot::setAxes(const QString& x_title, const QString& y_title) {
  canvas_->xAxis->setLabel(x_title);
  canvas_->yAxis->setLabel(y_title);
  canvas_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::setExplanation(const QString& text) {
  canvas_->explanation = text;
  canvas_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::setCurves(std::vector<NamedCurve> curves) {
  curves_ = std::move(curves);
  cursor_.reset();
  canvas_->set_curves();
  describe();
}

void CurvePlot::setLogarithmic(bool on) {
  if (on == logarithmic_) return;
  logarithmic_ = on;
  canvas_->set_logarithmic();
  Q_EMIT logarithmicChanged(on);
}

void CurvePlot::resetZoom() {
  canvas_->reset_zoom();
}

QStringList CurvePlot::readout(double x) const {
  const QPointF* best = nullptr;
  for (const NamedCurve& curve : curves_) {
    const QPointF* point = nearest(curve.points, x);
    if (point != nullptr && (best == nullptr || std::abs(point->x() - x) < std::abs(best->x() - x))) best = point;
  }
  if (best == nullptr) return {};
  QStringList lines = {tr("%1: %2").arg(canvas_->xAxis->label(), figure(best->x(), 6))};
  const double reach = kNear * canvas_->xAxis->range().size();
  for (const NamedCurve& curve : curves_) {
    const QPointF* point = nearest(curve.points, best->x());
    const bool is_near = point != nullptr && std::abs(point->x() - best->x()) <= reach;
    lines << tr("%1: %2").arg(curve.name, is_near ? figure(point->y()) : tr("no point here"));
  }
  return lines;
}

bool CurvePlot::savePicture(const QString& path) {
  return save_picture(
      path, canvas_->size(), [this](QPaintDevice& device, const QSize& size) { canvas_->paint_to(device, size); },
      *messages_);
}

TableData CurvePlot::table() const {
  std::vector<std::pair<std::size_t, std::size_t>> rows;
  for (std::size_t c = 0; c < curves_.size(); ++c) {
    for (std::size_t i = 0; i < curves_[c].points.size(); ++i) rows.emplace_back(c, i);
  }
  const int count = static_cast<int>(rows.size());
  return {{tr("Curve"), canvas_->xAxis->label(), canvas_->yAxis->label()},
          count,
          [curves = curves_, rows = std::move(rows)](int row, int column) {
            const auto [c, i] = rows[static_cast<std::size_t>(row)];
            const QPointF& point = curves[c].points[i];
            if (column == 0) return curves[c].name;
            return QString::number(column == 1 ? point.x() : point.y(), 'g', 9);
          }};
}

void CurvePlot::describe() {
  QStringList parts;
  for (const NamedCurve& curve : curves_) {
    if (curve.points.empty()) continue;
    parts << tr("%1: from %2 to %3").arg(curve.name, figure(curve.points.front().y()), figure(curve.points.back().y()));
  }
  setAccessibleDescription(parts.isEmpty() ? tr("No curve yet") : parts.join(QStringLiteral("; ")));
}

void CurvePlot::moveCursor(int by) {
  std::vector<double> places;
  for (const NamedCurve& curve : curves_) {
    for (const QPointF& point : curve.points) places.push_back(point.x());
  }
  if (places.empty()) return;
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  const double from = cursor_.value_or(by > 0 ? places.front() : places.back());
  auto at = std::lower_bound(places.begin(), places.end(), from) - places.begin();
  if (cursor_) at += by;
  cursor_ = places[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at, 0, std::ssize(places) - 1))];
  setAccessibleDescription(readout(*cursor_).join(QStringLiteral(", ")));
  canvas_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left:
      return moveCursor(-1);
    case Qt::Key_Right:
      return moveCursor(1);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      canvas_->zoom_steps(1 / kZoom, canvas_->xAxis->range().center());
      break;
    case Qt::Key_Minus:
      canvas_->zoom_steps(kZoom, canvas_->xAxis->range().center());
      break;
    case Qt::Key_0:
      return resetZoom();
    case Qt::Key_L:
      return setLogarithmic(!logarithmic_);
    default:
      return QWidget::keyPressEvent(event);
  }
  canvas_->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  QAction* logarithmic = menu.addAction(tr("&Logarithmic"));
  logarithmic->setCheckable(true);
  logarithmic->setChecked(logarithmic_);
  connect(logarithmic, &QAction::toggled, this, &CurvePlot::setLogarithmic);
  menu.addAction(tr("&Whole range"), this, &CurvePlot::resetZoom);
  menu.addSeparator();
  add_picture_actions(
      menu, *this, QStringLiteral("curves"),
      [this](QPaintDevice& device, const QSize& size) { canvas_->paint_to(device, size); }, *messages_);
  add_table_actions(
      menu, *this, canvas_->yAxis->label(), QStringLiteral("curves"), [this] { return table(); }, *messages_);
  menu.exec(event->globalPos());
}

void CurvePlot::paintEvent(QPaintEvent* event) {
  QWidget::paintEvent(event);
  if (!hasFocus()) return;
  QPainter painter(this);
  painter.setPen(palette().color(QPalette::Highlight));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

bool CurvePlot::eventFilter(QObject* watched, QEvent* event) {
  switch (event->type()) {
    case QEvent::MouseMove: {
      const QPointF at = static_cast<QMouseEvent*>(event)->position();
      if (press_) {
        const QCPAxis* x = canvas_->xAxis;
        const QCPAxis* y = canvas_->yAxis;
        canvas_->move_steps(x->pixelToCoord(press_->x()) - x->pixelToCoord(at.x()));
        if (!logarithmic_) canvas_->yAxis->moveRange(y->pixelToCoord(press_->y()) - y->pixelToCoord(at.y()));
        press_ = at;
      }
      const QStringList lines = readout(canvas_->xAxis->pixelToCoord(at.x()));
      cursor_ = lines.isEmpty() ? std::nullopt : std::optional(canvas_->xAxis->pixelToCoord(at.x()));
      canvas_->replot(QCustomPlot::rpQueuedReplot);
      break;
    }
    case QEvent::Leave:
      cursor_.reset();
      canvas_->replot(QCustomPlot::rpQueuedReplot);
      break;
    case QEvent::MouseButtonPress:
      setFocus(Qt::MouseFocusReason);
      if (static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton) {
        press_ = static_cast<QMouseEvent*>(event)->position();
      }
      break;
    case QEvent::MouseButtonRelease:
      press_.reset();
      break;
    case QEvent::MouseButtonDblClick:
      resetZoom();
      break;
    case QEvent::Wheel: {
      auto* wheel = static_cast<QWheelEvent*>(event);
      // Who reads down a page does not want the plot to change under the cursor; who has clicked on it does.
      if (!hasFocus() && lies_in_scrolling_page(*this)) {
        wheel->ignore();
        return true;
      }
      const int turn = wheel->angleDelta().y() != 0 ? wheel->angleDelta().y() : wheel->angleDelta().x();
      const double factor = turn > 0 ? 1 / kZoom : kZoom;
      if (wheel->modifiers() & Qt::ShiftModifier) {
        canvas_->yAxis->scaleRange(factor, canvas_->yAxis->pixelToCoord(wheel->position().y()));
      } else if (!canvas_->zoom_steps(factor, canvas_->xAxis->pixelToCoord(wheel->position().x()))) {
        wheel->ignore();  // all of it is shown: the page goes on
        return true;
      }
      canvas_->replot(QCustomPlot::rpQueuedReplot);
      wheel->accept();
      return true;
    }
    default:
      break;
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace vernier::ui
