#include "ui/plots/loss_plot.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>

#include "ui/plots/data_table_dialog.h"
#include "ui/plots/loss_canvas.h"
#include "ui/plots/picture_export.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

constexpr double kZoomStep = 1.25;
constexpr double kDragStart = 4.0;  // pixels; less is a click

}  // namespace

LossPlot::LossPlot(QWidget* parent) : QWidget(parent), messages_(new MessageBar(this)), canvas_(new LossCanvas(this)) {
  setObjectName("lossPlot");
  setAccessibleName(tr("Loss per token and per sequence"));
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(320, 264);
  setToolTip(tr(
      "Both losses come from one forward. Per token, every token weighs the same (num_items_in_batch); per sequence, "
      "every row does, so short rows weigh more. Where they part, short and long rows learn differently."));
  messages_->setObjectName("pictureMessage");
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(1, 1, 1, 1);
  layout->setSpacing(0);
  layout->addWidget(messages_);
  layout->addWidget(canvas_, 1);
  canvas_->installEventFilter(this);
  canvas_->setMouseTracking(true);
  canvas_->setAttribute(Qt::WA_NoMousePropagation, false);  // the context menu and the tooltip are this widget's
  connect(canvas_, &QCustomPlot::afterReplot, this, [this] {
    if (told_range_ == stepRange()) return;
    told_range_ = stepRange();
    emit stepRangeChanged(told_range_.first, told_range_.second);
  });
  describe();
}

void LossPlot::setSeries(const std::vector<SeriesPoint>& points) {
  canvas_->setSeries(points);
  describe();
}

void LossPlot::setSeries(LossSeries series) {
  canvas_->setSeries(std::move(series));
  describe();
}

void LossPlot::append(const std::vector<SeriesPoint>& points) {
  canvas_->append(points);
  describe();
}

void LossPlot::setEvals(const std::vector<EvalEvent>& evals) {
  canvas_->setEvals(evals);
}
void LossPlot::setTotalSteps(qint64 total) {
  canvas_->setTotalSteps(total);
}

void LossPlot::setSelectedStep(qint64 step) {
  canvas_->select(step);
  describe();
}

void LossPlot::setBlindGuess(double lnV, qint64 vocab) {
  canvas_->setBlindGuess(lnV, vocab);
}

void LossPlot::clear() {
  canvas_->clearData();
  describe();
}

void LossPlot::setLogarithmic(bool on) {
  if (on == logarithmic()) return;
  canvas_->setLogarithmic(on);
  emit logarithmicChanged(on);
}
bool LossPlot::logarithmic() const {
  return canvas_->logarithmic();
}
void LossPlot::setSmoothed(bool on) {
  if (on == smoothed()) return;
  canvas_->setSmoothed(on);
  emit smoothedChanged(on);
}
bool LossPlot::smoothed() const {
  return canvas_->smoothed();
}
void LossPlot::setSmoothingSpan(std::size_t steps) {
  canvas_->setSmoothingSpan(steps);
}
void LossPlot::setOutliersClipped(bool on) {
  canvas_->setOutliersClipped(on);
}
bool LossPlot::outliersClipped() const {
  return canvas_->outliersClipped();
}
void LossPlot::setShownStrips(const std::vector<Strip>& strips) {
  canvas_->setShownStrips(strips);
}
std::vector<Strip> LossPlot::shownStrips() const {
  return canvas_->shownStrips();
}
void LossPlot::resetZoom() {
  canvas_->resetZoom();
}
void LossPlot::showSteps(double low, double high) {
  canvas_->showSteps(low, high);
}
std::pair<double, double> LossPlot::stepRange() const {
  return {canvas_->stepRange().lower, canvas_->stepRange().upper};
}

void LossPlot::setHoverNote(qint64 step, const QString& note) {
  if (step == canvas_->hoveredStep()) canvas_->setHoverNote(note);
}

void LossPlot::setSelectedNote(qint64 step, const QString& note) {
  if (step != canvas_->selected()) return;
  noted_step_ = step;
  selected_note_ = note;
  describe();
}

void LossPlot::tellHover() {
  const qint64 step = canvas_->hoveredStep();
  if (step == hovered_) return;
  hovered_ = step;
  emit stepHovered(step);
}
qint64 LossPlot::selectedStep() const {
  return canvas_->selected();
}

QStringList LossPlot::readout(qint64 step) const {
  const LossSeries& series = canvas_->series();
  if (series.empty()) return {};
  return canvas_->readout(series.nearest(static_cast<double>(step)));
}

bool LossPlot::savePicture(const QString& path) {
  return save_picture(
      path, canvas_->size(), [this](QPaintDevice& device, const QSize& size) { canvas_->paintTo(device, size); },
      *messages_);
}

void LossPlot::describe() {
  const LossSeries& series = canvas_->series();
  if (series.empty()) {
    setAccessibleDescription(tr("No step yet"));
  } else if (canvas_->selected() > 0) {
    QStringList lines = readout(canvas_->selected());
    if (noted_step_ == canvas_->selected() && !selected_note_.isEmpty()) lines << selected_note_;
    setAccessibleDescription(lines.join(QStringLiteral(", ")));
  } else {
    setAccessibleDescription(tr("%1 steps. The last: %2")
                                 .arg(series.size())
                                 .arg(canvas_->readout(series.size() - 1).join(QStringLiteral(", "))));
  }
}

void LossPlot::selectIndex(std::size_t index) {
  const qint64 step = canvas_->series().step(index);
  if (step == canvas_->selected()) return;
  setSelectedStep(step);
  emit stepSelected(step);
}

void LossPlot::moveTo(std::size_t index) {
  selectIndex(index);
  is_hover_keyed_ = true;
  canvas_->setHoverIndex(index);
  tellHover();
}

void LossPlot::hideKeyedHover() {
  if (!std::exchange(is_hover_keyed_, false)) return;
  canvas_->setHover(std::nullopt);
  tellHover();
}

void LossPlot::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  hideKeyedHover();
}

void LossPlot::keyPressEvent(QKeyEvent* event) {
  const LossSeries& series = canvas_->series();
  const double middle = canvas_->pixelOf(canvas_->stepRange().center(), 1.0).x();
  const double pivot =
      canvas_->selected() > 0 ? canvas_->pixelOf(static_cast<double>(canvas_->selected()), 1.0).x() : middle;
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return canvas_->zoomX(1.0 / kZoomStep, pivot);
    case Qt::Key_Minus:
      return canvas_->zoomX(kZoomStep, pivot);
    case Qt::Key_0:
      return canvas_->resetZoom();
    case Qt::Key_L:
      return setLogarithmic(!logarithmic());
    case Qt::Key_S:
      return setSmoothed(!smoothed());
    case Qt::Key_Escape:
      return is_hover_keyed_ ? hideKeyedHover() : QWidget::keyPressEvent(event);
    default:
      break;
  }
  const bool moves = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right || event->key() == Qt::Key_Home ||
                     event->key() == Qt::Key_End;
  if (!moves || series.empty()) return QWidget::keyPressEvent(event);
  const std::size_t last = series.size() - 1;
  if (event->key() == Qt::Key_Home) return moveTo(0);
  if (event->key() == Qt::Key_End || canvas_->selected() <= 0) return moveTo(last);
  const auto [low, high] = series.within(canvas_->stepRange().lower, canvas_->stepRange().upper);
  const bool far = event->modifiers().testFlag(Qt::ControlModifier);
  const std::size_t by = far ? std::max<std::size_t>(1, (high - low) / 10) : 1;
  const std::size_t now = series.nearest(static_cast<double>(canvas_->selected()));
  moveTo(event->key() == Qt::Key_Left ? now - std::min(now, by) : std::min(last, now + by));
}

void LossPlot::paintEvent(QPaintEvent*) {
  if (!hasFocus()) return;
  QPainter painter(this);
  painter.setPen(palette().color(QPalette::Highlight));
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void LossPlot::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  add_picture_actions(
      menu, *this, tr("loss"), [this](QPaintDevice& device, const QSize& size) { canvas_->paintTo(device, size); },
      *messages_);
  menu.addAction(tr("Save numbers as CS&V…"), this, &LossPlot::csvWanted);
  menu.addAction(tr("Show as &table"), this, &LossPlot::showTable);
  menu.addSeparator();
  QAction* log = menu.addAction(tr("&Logarithmic loss"), this, [this] { setLogarithmic(!logarithmic()); });
  log->setShortcut(Qt::Key_L);
  log->setCheckable(true);
  log->setChecked(logarithmic());
  QAction* smooth = menu.addAction(tr("&Smooth"), this, [this] { setSmoothed(!smoothed()); });
  smooth->setShortcut(Qt::Key_S);
  smooth->setCheckable(true);
  smooth->setChecked(smoothed());
  QAction* reset = menu.addAction(tr("&Reset zoom"), this, &LossPlot::resetZoom);
  reset->setShortcut(Qt::Key_0);
  menu.exec(event->globalPos());
}

void LossPlot::copyPicture() {
  copy_picture(canvas_->size(), [this](QPaintDevice& device, const QSize& size) { canvas_->paintTo(device, size); });
}

bool LossPlot::saveThroughDialog() {
  return save_picture_through_dialog(
      *canvas_, tr("loss"), [this](QPaintDevice& device, const QSize& size) { canvas_->paintTo(device, size); },
      *messages_);
}

void LossPlot::showTable() {
  // Copies of what it shows, and of no more: the table stays true while the run goes on.
  static constexpr std::array kColumns = {Curve::kPerToken, Curve::kPerSequence, Curve::kLearningRate,
                                          Curve::kGradNorm, Curve::kThroughput,  Curve::kMemory};
  const LossSeries& series = canvas_->series();
  auto steps = std::make_shared<std::vector<std::int64_t>>(series.steps());
  auto values = std::make_shared<std::array<std::vector<double>, kColumns.size()>>();
  for (std::size_t i = 0; i < kColumns.size(); ++i) (*values)[i] = series.values(kColumns[i]);
  TableData table;
  table.headers = {tr("step"),          tr("loss per token"), tr("loss per sequence"), tr("learning rate"),
                   tr("gradient norm"), tr("tokens/s"),       tr("peak memory, GB")};
  table.rows = static_cast<int>(steps->size());
  table.cell = [steps, values](int row, int column) {
    const auto i = static_cast<std::size_t>(row);
    if (column == 0) return QString::number((*steps)[i]);
    return QString::number((*values)[static_cast<std::size_t>(column) - 1][i], 'g', 9);
  };
  auto* dialog = new DataTableDialog(tr("Loss by step"), std::move(table), this);
  dialog->show();
}

bool LossPlot::eventFilter(QObject* watched, QEvent* event) {
  if (watched != canvas_) return QWidget::eventFilter(watched, event);
  switch (event->type()) {
    case QEvent::MouseButtonPress:
      onPress(static_cast<QMouseEvent*>(event));
      return true;
    case QEvent::MouseMove:
      onMove(static_cast<QMouseEvent*>(event));
      return true;
    case QEvent::MouseButtonRelease:
      onRelease(static_cast<QMouseEvent*>(event));
      return true;
    case QEvent::MouseButtonDblClick:
      canvas_->resetZoom();
      return true;
    case QEvent::Wheel:
      onWheel(static_cast<QWheelEvent*>(event));
      return true;
    case QEvent::Leave:
      canvas_->setHover(std::nullopt);
      tellHover();
      return false;
    // The read-out says more.
    case QEvent::ToolTip:
      return canvas_->onStrips(static_cast<QHelpEvent*>(event)->pos());
    default:
      return false;
  }
}

void LossPlot::onPress(QMouseEvent* event) {
  setFocus(Qt::MouseFocusReason);
  if (event->button() != Qt::LeftButton) return;
  press_ = last_ = event->position();
  dragged_ = false;
  // A view that shows everything cannot be panned: a drag there brushes over the steps to be seen.
  drag_ = event->modifiers().testFlag(Qt::ShiftModifier) ? Drag::kBox : canvas_->isZoomed() ? Drag::kPan : Drag::kBrush;
}

QRectF LossPlot::framed(const QPointF& to) const {
  const QRectF box = QRectF(*press_, to).normalized();
  if (drag_ == Drag::kBox) return box;
  const QRectF strips = canvas_->stripsRect();
  return {box.left(), strips.top(), box.width(), strips.height()};
}

void LossPlot::onMove(QMouseEvent* event) {
  const QPointF now = event->position();
  if (press_) {
    dragged_ = dragged_ || (now - *press_).manhattanLength() > kDragStart;
    if (dragged_ && drag_ == Drag::kPan) canvas_->pan(now - last_);
    if (dragged_ && drag_ != Drag::kPan) canvas_->setBox(framed(now));
    last_ = now;
  }
  is_hover_keyed_ = false;
  // What is known of the step under the crosshair stays with it.
  const qint64 before = canvas_->hoveredStep();
  const QString note = canvas_->hoverNote();
  canvas_->setHover(press_ && dragged_ ? std::nullopt : std::optional(now));
  if (canvas_->hoveredStep() == before) canvas_->setHoverNote(note);
  tellHover();
}

void LossPlot::onRelease(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !press_) return;
  if (dragged_ && drag_ != Drag::kPan) {
    const QRectF box = framed(event->position());
    canvas_->setBox(std::nullopt);
    if (box.width() > kDragStart && drag_ == Drag::kBox) canvas_->zoomTo(box);
    if (box.width() > kDragStart && drag_ == Drag::kBrush) {
      canvas_->showSteps(canvas_->stepAt(box.left()), canvas_->stepAt(box.right()));
    }
  } else if (!dragged_ && !canvas_->series().empty() && canvas_->onStrips(event->position())) {
    selectIndex(canvas_->indexAt(event->position()));
  }
  press_.reset();
}

void LossPlot::onWheel(QWheelEvent* event) {
  const QPoint turned = event->angleDelta();
  // Some platforms turn Shift + wheel into a sideways wheel.
  const double notches = (turned.y() != 0 ? turned.y() : turned.x()) / 120.0;
  const double factor = std::pow(kZoomStep, -notches);
  if (event->modifiers().testFlag(Qt::ShiftModifier)) {
    canvas_->zoomY(factor, event->position().y());
  } else {
    canvas_->zoomX(factor, event->position().x());
  }
  event->accept();
}

}  // namespace vernier::ui
