#include "ui/plots/logit_heat_map.h"

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

#include "ui/plots/data_table_dialog.h"
#include "ui/plots/picture_export.h"
#include "ui/style/color_maps.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

constexpr double kZoomStep = 1.25;
constexpr double kDragStart = 4.0;  // pixels; less is a click

}  // namespace

LogitHeatMap::LogitHeatMap(QWidget* parent) : QWidget(parent), messages_(new MessageBar(this)) {
  setObjectName("logitHeatMap");
  setAccessibleName(tr("Likeliest next tokens at every position"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setMinimumSize(240, 160);
  setToolTip(
      tr("Each column is a position, each cell a token the model might say next, likeliest on top. The true one is "
         "outlined."));
  messages_->setObjectName("pictureMessage");
  // Over the map, where there is something to say.
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(1, 1, 1, 1);
  layout->addWidget(messages_);
  layout->addStretch(1);
  clear(tr("Choose a captured row to see what the model would have said at every position."));
}

void LogitHeatMap::setCapture(std::vector<PositionView> views, PieceLookup pieces) {
  views_ = std::move(views);
  pieces_ = std::move(pieces);
  explanation_ = views_.empty() ? tr("This capture holds no position.") : QString();
  selected_ = -1;
  hovered_.reset();
  rows_ = 0;
  for (const PositionView& view : views_) rows_ = std::max(rows_, static_cast<int>(view.top.size()));
  fillImages();
  view_.setShape(static_cast<int>(views_.size()), rows_);
  layOut();
  resetZoom();
  describeSelection();
}

void LogitHeatMap::fillImages() {
  const int columns = static_cast<int>(views_.size());
  cells_ = QImage(std::max(1, columns), std::max(1, rows_), QImage::Format_RGB32);
  overview_ = QImage(std::max(1, columns), 1, QImage::Format_RGB32);
  cells_.fill(palette().color(QPalette::Base));
  for (int column = 0; column < columns; ++column) {
    const PositionView& view = views_[static_cast<std::size_t>(column)];
    for (int row = 0; row < static_cast<int>(view.top.size()); ++row) {
      cells_.setPixelColor(column, row, cividis(double{view.top[static_cast<std::size_t>(row)].probability}));
    }
    const bool has_target = view.target_rank >= 0;
    overview_.setPixelColor(column, 0, has_target ? cividis(double{view.target_probability}) : grid_line(palette()));
  }
}

void LogitHeatMap::setSelectedPosition(int position) {
  const auto found = std::find_if(views_.begin(), views_.end(),
                                  [position](const PositionView& view) { return view.position == position; });
  selected_ = found == views_.end() ? -1 : static_cast<int>(found - views_.begin());
  if (selected_ >= 0) view_.scrollTo(selected_);
  describeSelection();
  update();
}

void LogitHeatMap::clear(const QString& explanation) {
  setCapture({}, {});
  explanation_ = explanation;
  describeSelection();
  update();
}

int LogitHeatMap::selectedPosition() const {
  return selected_ < 0 ? -1 : views_[static_cast<std::size_t>(selected_)].position;
}

std::optional<QPoint> LogitHeatMap::cellAt(const QPointF& point) const {
  if (views_.empty() || !view_.grid().contains(point)) return std::nullopt;
  const QPoint cell(view_.columnAt(point.x()), view_.rowAt(point.y()));
  return cell.x() < 0 || cell.y() < 0 ? std::nullopt : std::optional(cell);
}

QString LogitHeatMap::pieceOf(std::int32_t id) const {
  return visible_piece(pieces_ ? pieces_(id) : QString(), id);
}

QStringList LogitHeatMap::readout(int column, int row) const {
  const PositionView& view = views_[static_cast<std::size_t>(column)];
  QStringList lines;
  if (row >= 0 && row < static_cast<int>(view.top.size())) {
    const TopToken& token = view.top[static_cast<std::size_t>(row)];
    lines << tr("“%1”  id %2").arg(pieceOf(token.id)).arg(token.id);
    lines << tr("probability %1, logit %2").arg(percent(double{token.probability}, 2), figure(double{token.logit}));
  }
  lines << tr("after “%1” at position %2").arg(pieceOf(view.input_id), grouped(view.position));
  if (view.target_rank >= 0) {
    lines << tr("true: “%1”, rank %2, probability %3")
                 .arg(pieceOf(view.target), grouped(rank_from_one(view.target_rank)),
                      percent(double{view.target_probability}, 2));
  } else {
    lines << tr("no true token here: masked, or the row's end");
  }
  lines << tr("entropy %1 nats").arg(figure(double{view.entropy}));
  return lines;
}

void LogitHeatMap::resetZoom() {
  view_.reset();
  if (selected_ >= 0) view_.scrollTo(selected_);
  update();
}

bool LogitHeatMap::savePicture(const QString& path) {
  return save_picture(
      path, size(),
      [this](QPaintDevice& device, const QSize&) {
        QPainter painter(&device);
        paint(painter);
      },
      *messages_);
}

void LogitHeatMap::jumpTo(double x) {
  const QRectF strip = overviewRect();
  view_.centreOn((x - strip.left()) / strip.width());
  update();
}

void LogitHeatMap::select(int column) {
  if (column == selected_ || column < 0 || column >= columnCount()) return;
  selected_ = column;
  view_.scrollTo(column);
  describeSelection();
  update();
  emit positionSelected(views_[static_cast<std::size_t>(column)].position);
}

void LogitHeatMap::describeSelection() {
  if (!explanation_.isEmpty()) {
    setAccessibleDescription(explanation_);
  } else if (selected_ >= 0) {
    setAccessibleDescription(readout(selected_, 0).join(QStringLiteral(", ")));
  } else {
    setAccessibleDescription(tr("%1 positions, none selected").arg(columnCount()));
  }
}

bool LogitHeatMap::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    if (hovered_) return true;  // the read-out says more
    const auto* help = static_cast<QHelpEvent*>(event);
    if (!views_.empty() && overviewRect().adjusted(0, -6, 0, 6).contains(help->pos())) {
      QToolTip::showText(help->globalPos(),
                         tr("The true token's probability along the whole row; the frame is what is seen above. Click "
                            "or drag to move it."),
                         this);
      return true;
    }
  }
  if (event->type() == QEvent::FontChange) layOut();
  if (event->type() == QEvent::PaletteChange) fillImages();
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) update();
  return QWidget::event(event);
}

void LogitHeatMap::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter);
  if (hovered_) {
    painter.setFont(font());
    paint_readout(painter, mouse_, rect(), readout(hovered_->x(), hovered_->y()), {}, palette());
  }
  if (hasFocus()) {
    painter.setPen(QPen(palette().color(QPalette::Highlight), 1.0));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void LogitHeatMap::resizeEvent(QResizeEvent*) {
  layOut();
}

void LogitHeatMap::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || views_.empty()) return;
  press_ = last_ = event->position();
  dragged_ = false;
  in_overview_ = overviewRect().adjusted(0, -6, 0, 6).contains(event->position());
  if (in_overview_) jumpTo(event->position().x());
}

void LogitHeatMap::mouseMoveEvent(QMouseEvent* event) {
  mouse_ = event->position();
  if (press_ && in_overview_) {
    jumpTo(mouse_.x());
  } else if (press_) {
    dragged_ = dragged_ || std::abs(mouse_.x() - press_->x()) > kDragStart;
    if (dragged_) view_.scrollBy(last_.x() - mouse_.x());
    if (dragged_) last_ = mouse_;
  }
  hovered_ = press_ ? std::nullopt : cellAt(mouse_);
  update();
}

void LogitHeatMap::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (press_ && !dragged_ && !in_overview_) {
    if (const auto cell = cellAt(event->position())) select(cell->x());
  }
  press_.reset();
}

void LogitHeatMap::mouseDoubleClickEvent(QMouseEvent*) {
  resetZoom();
}

void LogitHeatMap::leaveEvent(QEvent*) {
  hovered_.reset();
  update();
}

void LogitHeatMap::wheelEvent(QWheelEvent* event) {
  if (views_.empty()) return;
  const QPoint turned = event->angleDelta();
  if (turned.x() != 0) view_.scrollBy(-turned.x());
  if (turned.y() != 0) view_.zoom(std::pow(kZoomStep, turned.y() / 120.0), event->position().x());
  update();
  event->accept();
}

void LogitHeatMap::keyPressEvent(QKeyEvent* event) {
  if (views_.empty()) return QWidget::keyPressEvent(event);
  const QRectF grid = view_.grid();
  const int page = std::max(1, static_cast<int>(grid.width() / columnWidth()) - 1);
  const double x = selected_ >= 0 ? view_.columnLeft(selected_) + columnWidth() / 2 : grid.center().x();
  const auto zoom = [this, x](double factor) {
    view_.zoom(factor, x);
    update();
  };
  switch (event->key()) {
    case Qt::Key_Left:
      return select(std::max(0, selected_ - 1));
    case Qt::Key_Right:
      return select(std::min(columnCount() - 1, selected_ + 1));
    case Qt::Key_PageUp:
      return select(std::max(0, selected_ - page));
    case Qt::Key_PageDown:
      return select(std::min(columnCount() - 1, selected_ + page));
    case Qt::Key_Home:
      return select(0);
    case Qt::Key_End:
      return select(columnCount() - 1);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom(kZoomStep);
    case Qt::Key_Minus:
      return zoom(1.0 / kZoomStep);
    case Qt::Key_0:
      return resetZoom();
    default:
      QWidget::keyPressEvent(event);
  }
}

void LogitHeatMap::contextMenuEvent(QContextMenuEvent* event) {
  if (views_.empty()) return;
  QMenu menu(this);
  add_picture_actions(
      menu, *this, tr("logits"),
      [this](QPaintDevice& device, const QSize&) {
        QPainter painter(&device);
        paint(painter);
      },
      *messages_);
  menu.addAction(tr("Show as &table"), this, &LogitHeatMap::showTable);
  menu.addSeparator();
  menu.addAction(tr("&Reset zoom"), this, &LogitHeatMap::resetZoom);
  menu.exec(event->globalPos());
}

void LogitHeatMap::showTable() {
  TableData table;
  table.headers = {tr("position"),    tr("rank"),  tr("id"),        tr("token"),
                   tr("probability"), tr("logit"), tr("true rank"), tr("entropy")};
  table.rows = columnCount() * rows_;
  table.cell = [views = views_, pieces = pieces_, rows = rows_](int line, int column) -> QString {
    const PositionView& view = views[static_cast<std::size_t>(line / rows)];
    const auto row = static_cast<std::size_t>(line % rows);
    if (column == 0) return QString::number(view.position);
    if (column == 1) return QString::number(rank_from_one(static_cast<qint64>(row)));
    if (column == 6) return view.target_rank < 0 ? QString() : QString::number(rank_from_one(view.target_rank));
    if (column == 7) return QString::number(double{view.entropy}, 'g', 7);
    if (row >= view.top.size()) return {};
    const TopToken& token = view.top[row];
    if (column == 2) return QString::number(token.id);
    if (column == 3) return visible_piece(pieces ? pieces(token.id) : QString(), token.id);
    return QString::number(column == 4 ? double{token.probability} : double{token.logit}, 'g', 7);
  };
  auto* dialog = new DataTableDialog(tr("Likeliest next tokens"), std::move(table), this);
  dialog->show();
}

}  // namespace vernier::ui
