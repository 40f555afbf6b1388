#include "ui/plots/token_map.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/plots/picture_export.h"
#include "ui/plots/table_export.h"
#include "ui/style/paint.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

constexpr double kZoomStep = 1.25;
constexpr double kDragStart = 4.0;  // pixels; less is a click
constexpr double kNear = 6.0;       // of a strip, that still hits it
constexpr double kFullTurn = 120.0;

}  // namespace

TokenMap::TokenMap(const QString& name, QWidget* parent)
    : QWidget(parent), name_(name), messages_(new MessageBar(this)) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setMinimumSize(240, 160);
  messages_->setObjectName("pictureMessage");
  // Over the map, where there is something to say.
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(1, 1, 1, 1);
  layout->addWidget(messages_);
  layout->addStretch(1);
}

void TokenMap::setCells(std::shared_ptr<const TokenMapCells> cells) {
  const int columns = cells ? cells->columns() : 0;
  const int rows = cells ? cells->rows() : 0;
  const bool is_same_shape = cells_ != nullptr && columns == columnCount() && rows == view_.rows();
  cells_ = std::move(cells);
  explanation_ = cells_ && columns == 0 ? tr("There is no position to show.") : QString();
  hovered_.reset();
  forgetPaintings();
  view_.setShape(columns, rows);
  layOut();
  if (!is_same_shape) {
    selected_ = -1;
    selected_row_ = 0;
    view_.reset();
    layOut();  // what is below the rows in sight depends on their number
  }
  describeSelection();
  update();
}

void TokenMap::setSelected(int position, int row) {
  selected_ = -1;
  for (int column = 0; position >= 0 && column < columnCount() && selected_ < 0; ++column) {
    if (cells_->position(column) == position) selected_ = column;
  }
  if (row >= 0) selected_row_ = std::min(row, std::max(0, view_.rows() - 1));
  if (selected_ >= 0) view_.scrollTo(selected_);
  if (selected_ >= 0 && row >= 0) view_.scrollToRow(selected_row_);
  describeSelection();
  update();
}

void TokenMap::clear(const QString& explanation) {
  setCells(nullptr);
  selected_ = -1;
  explanation_ = explanation;
  describeSelection();
}

int TokenMap::selectedPosition() const {
  return selected_ < 0 ? -1 : cells_->position(selected_);
}

std::optional<QPoint> TokenMap::cellAt(const QPointF& point) const {
  if (!cells_ || !view_.grid().contains(point)) return std::nullopt;
  const QPoint cell(view_.columnAt(point.x()), view_.rowAt(point.y()));
  return cell.x() < 0 || cell.y() < 0 ? std::nullopt : std::optional(cell);
}

void TokenMap::resetZoom() {
  view_.reset();
  if (selected_ >= 0) view_.scrollTo(selected_);
  layOut();
}

void TokenMap::fitAll() {
  view_.fitAll();
  layOut();
}

bool TokenMap::savePicture(const QString& path) {
  return save_picture(
      path, size(),
      [this](QPaintDevice& device, const QSize&) {
        QPainter painter(&device);
        paint(painter, Medium::kFile);
      },
      *messages_);
}

TableData TokenMap::table() const {
  return cells_ ? cells_->table() : TableData();
}

TokenMap::Zone TokenMap::zoneAt(const QPointF& point) const {
  if (!cells_) return Zone::kNone;
  if (overviewRect().adjusted(0, -kNear, 0, kNear).contains(point)) return Zone::kOverview;
  if (view_.shareOfRows() < 1.0 && rowScrollRect().adjusted(-kNear, 0, kNear, 0).contains(point)) return Zone::kRows;
  return Zone::kGrid;
}

void TokenMap::jumpTo(const QPointF& point, Zone zone) {
  if (zone == Zone::kOverview) view_.centreOn((point.x() - overviewRect().left()) / overviewRect().width());
  if (zone == Zone::kRows) view_.centreOnRow((point.y() - rowScrollRect().top()) / rowScrollRect().height());
  update();
}

void TokenMap::select(int column, int row) {
  column = std::clamp(column, 0, std::max(0, columnCount() - 1));
  row = std::clamp(row, 0, std::max(0, view_.rows() - 1));
  if (columnCount() == 0 || (column == selected_ && row == selected_row_)) return;
  selected_ = column;
  selected_row_ = row;
  view_.scrollTo(column);
  view_.scrollToRow(row);
  describeSelection();
  update();
  Q_EMIT cellSelected(cells_->position(column), row);
}

void TokenMap::describeSelection() {
  if (!explanation_.isEmpty() || !cells_) {
    setAccessibleDescription(explanation_);
  } else if (selected_ >= 0) {
    setAccessibleDescription(cells_->readout(selected_, selected_row_).join(QStringLiteral(", ")));
  } else {
    setAccessibleDescription(tr("%1 positions, none selected").arg(grouped(columnCount())));
  }
}

void TokenMap::forgetPaintings() {
  tiles_.clear();
  image_ = {};
  scaled_ = {};
  fillImages();
}

bool TokenMap::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    if (hovered_) return true;  // the read-out says more
    const auto* help = static_cast<QHelpEvent*>(event);
    if (zoneAt(help->pos()) == Zone::kOverview) {
      QToolTip::showText(help->globalPos(), cells_->overview_tip(), this);
      return true;
    }
  }
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    forgetPaintings();
    layOut();
  }
  return QWidget::event(event);
}

void TokenMap::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter, Medium::kScreen);
  if (hovered_) {
    painter.setFont(font());
    paint_readout(painter, mouse_, rect(), cells_->readout(hovered_->x(), hovered_->y()), {}, palette());
  }
  if (hasFocus()) {
    painter.setPen(QPen(palette().color(QPalette::Highlight), 1.0));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void TokenMap::resizeEvent(QResizeEvent*) {
  layOut();
}

void TokenMap::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  pressed_ = zoneAt(event->position());
  press_ = last_ = event->position();
  dragged_ = false;
  jumpTo(press_, pressed_);
}

void TokenMap::mouseMoveEvent(QMouseEvent* event) {
  mouse_ = event->position();
  if (pressed_ == Zone::kGrid) {
    dragged_ = dragged_ || (mouse_ - press_).manhattanLength() > kDragStart;
    if (dragged_) {
      view_.scrollBy(last_.x() - mouse_.x(), last_.y() - mouse_.y());
      last_ = mouse_;
    }
  } else {
    jumpTo(mouse_, pressed_);
  }
  hovered_ = pressed_ == Zone::kNone ? cellAt(mouse_) : std::nullopt;
  update();
}

void TokenMap::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (pressed_ == Zone::kGrid && !dragged_) {
    if (const auto cell = cellAt(event->position())) select(cell->x(), cell->y());
  }
  pressed_ = Zone::kNone;
}

void TokenMap::mouseDoubleClickEvent(QMouseEvent*) {
  resetZoom();
}

void TokenMap::leaveEvent(QEvent*) {
  hovered_.reset();
  update();
}

void TokenMap::wheelEvent(QWheelEvent* event) {
  if (!cells_) return;
  const QPoint turned = event->angleDelta();
  const double factor = std::pow(kZoomStep, turned.y() / kFullTurn);
  if (event->modifiers() & Qt::ControlModifier) {
    view_.zoomRows(factor, event->position().y());
  } else if (event->modifiers() & Qt::ShiftModifier) {
    view_.scrollBy(-turned.x() - turned.y());
  } else {
    if (turned.x() != 0) view_.scrollBy(-turned.x());
    if (turned.y() != 0) view_.zoom(factor, event->position().x());
  }
  layOut();
  event->accept();
}

void TokenMap::keyPressEvent(QKeyEvent* event) {
  if (!cells_) return QWidget::keyPressEvent(event);
  const QRectF grid = view_.grid();
  const int page = std::max(1, static_cast<int>(grid.width() / columnWidth()) - 1);
  const int row = selected_row_;
  const auto zoom = [this, &grid](double factor) {
    view_.zoom(factor, selected_ >= 0 ? view_.columnLeft(selected_) + columnWidth() / 2 : grid.center().x());
    layOut();
  };
  switch (event->key()) {
    case Qt::Key_Left:
      return select(selected_ - 1, row);
    case Qt::Key_Right:
      return select(selected_ + 1, row);
    case Qt::Key_Up:
      return select(selected_, row - 1);
    case Qt::Key_Down:
      return select(selected_, row + 1);
    case Qt::Key_PageUp:
      return select(selected_ - page, row);
    case Qt::Key_PageDown:
      return select(selected_ + page, row);
    case Qt::Key_Home:
      return select(0, row);
    case Qt::Key_End:
      return select(columnCount() - 1, row);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom(kZoomStep);
    case Qt::Key_Minus:
      return zoom(1.0 / kZoomStep);
    case Qt::Key_0:
      return resetZoom();
    case Qt::Key_F:
      return fitAll();
    default:
      QWidget::keyPressEvent(event);
  }
}

void TokenMap::addActions(QMenu& menu) {
  add_picture_actions(
      menu, *this, name_,
      [this](QPaintDevice& device, const QSize&) {
        QPainter painter(&device);
        paint(painter, Medium::kFile);
      },
      *messages_);
  add_table_actions(
      menu, *this, accessibleName(), name_, [this] { return table(); }, *messages_);
  menu.addSeparator();
  menu.addAction(tr("&Reset zoom"), this, &TokenMap::resetZoom);
  menu.addAction(tr("&Fit everything"), this, &TokenMap::fitAll);
  for (QAction* action : menu.actions()) action->setEnabled(!isEmpty());
}

void TokenMap::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  addActions(menu);
  menu.exec(event->globalPos());
}

}  // namespace vernier::ui
