#include "ui/plots/logit_heat_map.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
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

constexpr double kReadableWidth = 64.0;  // of a column, at the system's font
constexpr double kWidest = 240.0;
constexpr double kNarrowPainted = 3.0;  // narrower columns come from the image
constexpr double kTextWidth = 14.0;     // narrower cells carry no text
constexpr double kElidedWidth = 34.0;   // narrower cells carry no text that does not fit
constexpr int kLeft = 34;
constexpr int kTop = 44;  // at least
constexpr int kRight = 12;
constexpr int kMarkerRow = 14;  // below the grid: true tokens that are not among the k
constexpr int kOverviewHeight = 10;
constexpr double kZoomStep = 1.25;

QRect color_bar_rect(int width) {
  return {std::max(kLeft, width - kRight - 220), 8, 220, 8};
}

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
  cells_ = QImage(std::max(1, columnCount()), std::max(1, rows_), QImage::Format_RGB32);
  layOutKey();
  overview_ = QImage(std::max(1, columnCount()), 1, QImage::Format_RGB32);
  cells_.fill(palette().color(QPalette::Base));
  for (int column = 0; column < columnCount(); ++column) {
    const PositionView& view = views_[static_cast<std::size_t>(column)];
    for (int row = 0; row < static_cast<int>(view.top.size()); ++row) {
      cells_.setPixelColor(column, row, cividis(double{view.top[static_cast<std::size_t>(row)].probability}));
    }
    const bool has_target = view.target_rank >= 0;
    overview_.setPixelColor(column, 0, has_target ? cividis(double{view.target_probability}) : grid_line(palette()));
  }
  resetZoom();
  describeSelection();
}

void LogitHeatMap::setSelectedPosition(int position) {
  const auto found = std::find_if(views_.begin(), views_.end(),
                                  [position](const PositionView& view) { return view.position == position; });
  selected_ = found == views_.end() ? -1 : static_cast<int>(found - views_.begin());
  if (selected_ >= 0) scrollTo(selected_);
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

QRectF LogitHeatMap::gridRect() const {
  const int bottom = 2 * fontMetrics().height() + kMarkerRow + kOverviewHeight + 20;
  return QRectF(kLeft, top_, std::max(1, width() - kLeft - kRight), std::max(1, height() - top_ - bottom));
}

QString LogitHeatMap::keyText() const {
  return tr("Likeliest next token on top. Outlined: the true one; ▾ not among the first %1; hatched: none. The strip "
            "below: the true token's probability along the whole row.")
      .arg(rows_);
}

QRect LogitHeatMap::keyRect() const {
  return {kLeft, 4, std::max(80, color_bar_rect(width()).left() - kLeft - 12), height()};
}

void LogitHeatMap::layOutKey() {
  const QFontMetrics metrics(scaled_font(font(), 0.9));
  const int words = metrics.boundingRect(keyRect(), Qt::AlignLeft | Qt::TextWordWrap, keyText()).bottom();
  // Where there is no room for both, the cells matter more.
  top_ = std::max(kTop, std::min(words + 6, height() / 3));
}

QRectF LogitHeatMap::overviewRect() const {
  return QRectF(kLeft, height() - kOverviewHeight - 8, std::max(1, width() - kLeft - kRight), kOverviewHeight);
}

double LogitHeatMap::columnLeft(int column) const {
  return kLeft + column * column_width_ - offset_;
}

QRectF LogitHeatMap::cellRect(int column, int row) const {
  const QRectF grid = gridRect();
  const double height = grid.height() / std::max(1, rows_);
  return QRectF(columnLeft(column), grid.top() + row * height, column_width_, height);
}

std::optional<QPoint> LogitHeatMap::cellAt(const QPointF& point) const {
  const QRectF grid = gridRect();
  if (views_.empty() || !grid.contains(point)) return std::nullopt;
  const int column = columnAt(point.x());
  if (column < 0) return std::nullopt;
  return QPoint(column, std::min(rows_ - 1, static_cast<int>((point.y() - grid.top()) / grid.height() * rows_)));
}

int LogitHeatMap::columnAt(double x) const {
  const double column = std::floor((x - kLeft + offset_) / column_width_);
  return column >= 0 && column < columnCount() ? static_cast<int>(column) : -1;
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
                 .arg(pieceOf(view.target), grouped(view.target_rank), percent(double{view.target_probability}, 2));
  } else {
    lines << tr("no true token here: masked, or the row's end");
  }
  lines << tr("entropy %1 nats").arg(figure(double{view.entropy}));
  return lines;
}

void LogitHeatMap::resetZoom() {
  const double fit = gridRect().width() / std::max(1, columnCount());
  setView(std::clamp(fit, kReadableWidth, 2 * kReadableWidth), 0.0);
  if (selected_ >= 0) scrollTo(selected_);
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

void LogitHeatMap::setView(double column_width, double offset) {
  const double room = gridRect().width();
  const int count = std::max(1, columnCount());
  column_width_ = std::clamp(column_width, std::min(room / count, kReadableWidth), kWidest);
  offset_ = std::clamp(offset, 0.0, std::max(0.0, column_width_ * count - room));
  update();
}

void LogitHeatMap::zoom(double factor, double x) {
  const double at = (x - kLeft + offset_) / column_width_;
  const double before = column_width_;
  setView(before * factor, offset_);
  setView(column_width_, at * column_width_ - (x - kLeft));
}

void LogitHeatMap::scrollTo(int column) {
  const QRectF grid = gridRect();
  const double left = column * column_width_;
  if (left < offset_) setView(column_width_, left - grid.width() / 4);
  if (left + column_width_ > offset_ + grid.width()) setView(column_width_, left - grid.width() * 0.75);
}

void LogitHeatMap::jumpTo(double x) {
  const QRectF strip = overviewRect();
  const double share = (x - strip.left()) / strip.width();
  setView(column_width_, share * columnCount() * column_width_ - gridRect().width() / 2);
}

void LogitHeatMap::select(int column) {
  if (column == selected_ || column < 0 || column >= columnCount()) return;
  selected_ = column;
  scrollTo(column);
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
  // The read-out says more than the tooltip; that is for the empty margins.
  if (event->type() == QEvent::ToolTip && hovered_) return true;
  if (event->type() == QEvent::FontChange) layOutKey();
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) update();
  return QWidget::event(event);
}

void LogitHeatMap::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter);
  if (hovered_ && *hovered_ != QPoint(-1, -1)) {
    painter.setFont(font());
    paint_readout(painter, mouse_, rect(), readout(hovered_->x(), hovered_->y()), {}, palette());
  }
  if (hasFocus()) {
    painter.setPen(QPen(palette().color(QPalette::Highlight), 1.0));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void LogitHeatMap::paint(QPainter& painter) {
  painter.fillRect(rect(), palette().color(QPalette::Base));
  painter.setFont(font());
  if (views_.empty()) {
    painter.setPen(secondary_text(palette()));
    painter.drawText(rect().adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, explanation_);
    return;
  }
  paintGrid(painter);
  paintColumns(painter);
  paintRows(painter);
  paintOverview(painter);
}

void LogitHeatMap::paintGrid(QPainter& painter) {
  const QRectF grid = gridRect();
  painter.save();
  painter.setClipRect(grid);
  const int first = std::max(0, static_cast<int>(std::floor(offset_ / column_width_)));
  const int last = std::min(columnCount(), static_cast<int>(std::ceil((offset_ + grid.width()) / column_width_)));
  if (column_width_ < kNarrowPainted) {
    painter.setRenderHint(QPainter::SmoothPixmapTransform, column_width_ < 1.0);
    painter.drawImage(QRectF(columnLeft(first), grid.top(), (last - first) * column_width_, grid.height()), cells_,
                      QRectF(first, 0, last - first, rows_));
  } else {
    const QFont small = scaled_font(font(), 0.9);
    for (int column = first; column < last; ++column) {
      for (int row = 0; row < static_cast<int>(views_[static_cast<std::size_t>(column)].top.size()); ++row) {
        paintCell(painter, column, row, small);
      }
    }
  }
  painter.restore();
}

void LogitHeatMap::paintCell(QPainter& painter, int column, int row, const QFont& small) {
  const PositionView& view = views_[static_cast<std::size_t>(column)];
  const TopToken& token = view.top[static_cast<std::size_t>(row)];
  const double gap = column_width_ > kTextWidth ? 1.0 : 0.0;
  const QRectF cell = cellRect(column, row).adjusted(0, 0, -gap, -gap);
  const QColor color = cividis(double{token.probability});
  painter.fillRect(cell, color);
  if (cell.width() >= kTextWidth) {
    painter.setFont(small);
    const QFontMetricsF metrics(small);
    QString text = pieceOf(token.id);
    if (cell.width() >= kElidedWidth) text = metrics.elidedText(text, Qt::ElideRight, cell.width() - 4);
    if (cell.height() >= metrics.height() && metrics.horizontalAdvance(text) + 4 <= cell.width()) {
      painter.setPen(readable_text_on(color));
      painter.drawText(cell, Qt::AlignCenter, text);
    }
  }
  if (view.target_rank >= 0 && token.id == view.target) {
    // Light within dark, so that the outline shows on every colour.
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(light_outline(), 3.0, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    painter.drawRect(cell.adjusted(1.5, 1.5, -1.5, -1.5));
    painter.setPen(QPen(per_sequence_color(), 2.0, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    painter.drawRect(cell.adjusted(1.0, 1.0, -1.0, -1.0));
  }
}

void LogitHeatMap::paintColumns(QPainter& painter) {
  const QRectF grid = gridRect();
  painter.save();
  painter.setClipRect(QRectF(grid.left(), 0, grid.width(), height()));
  painter.setRenderHint(QPainter::Antialiasing, true);
  const QFont small = scaled_font(font(), 0.9);
  const QFontMetricsF metrics(small);
  painter.setFont(small);
  const int first = std::max(0, static_cast<int>(std::floor(offset_ / column_width_)));
  const int last = std::min(columnCount(), static_cast<int>(std::ceil((offset_ + grid.width()) / column_width_)));
  const double text_top = grid.bottom() + kMarkerRow;
  // Numbers so far apart that they do not touch.
  const int every = std::max(1, static_cast<int>(nice_ceiling(metrics.horizontalAdvance("00000") / column_width_)));
  for (int column = first; column < last; ++column) {
    const PositionView& view = views_[static_cast<std::size_t>(column)];
    const double x = columnLeft(column);
    const double middle = x + column_width_ / 2;
    if (view.target_rank >= static_cast<int>(view.top.size())) {
      const double half = std::clamp(column_width_ / 2 - 1, 0.5, 4.0);
      painter.setPen(Qt::NoPen);
      painter.setBrush(per_sequence_color());
      painter.drawPolygon(QPolygonF{QPointF(middle - half, grid.bottom() + 4),
                                    QPointF(middle + half, grid.bottom() + 4),
                                    QPointF(middle, grid.bottom() + 4 + 1.6 * half)});
    }
    if (view.target_rank < 0) {
      painter.fillRect(QRectF(x, grid.bottom() + 3, column_width_, kMarkerRow - 6), hatching(palette()));
    }
    const bool chosen = column == selected_;
    painter.setPen(chosen ? palette().color(QPalette::Text) : secondary_text(palette()));
    if (column_width_ >= kTextWidth) {
      const QString word = metrics.elidedText(pieceOf(view.input_id), Qt::ElideRight, column_width_ - 2);
      painter.drawText(QRectF(x, text_top, column_width_, metrics.height()), Qt::AlignCenter, word);
    }
    if (view.position % every == 0) {
      const QString number = QString::number(view.position);
      const double width = metrics.horizontalAdvance(number) + 2;
      painter.drawText(QRectF(middle - width / 2, text_top + metrics.height(), width, metrics.height()),
                       Qt::AlignCenter, number);
    }
  }
  if (selected_ >= 0) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(palette().color(QPalette::Text), 2.0));
    painter.drawRect(
        QRectF(columnLeft(selected_) - 1, grid.top() - 1, std::max(2.0, column_width_ + 1), grid.height() + 2));
  }
  if (hovered_) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(palette().color(QPalette::Text), 1.0));
    painter.drawRect(cellRect(hovered_->x(), hovered_->y()).adjusted(0.5, 0.5, -1.5, -1.5));
  }
  painter.restore();
}

void LogitHeatMap::paintRows(QPainter& painter) {
  const QRectF grid = gridRect();
  const QFont small = scaled_font(font(), 0.9);
  const QFontMetricsF metrics(small);
  painter.save();
  painter.setFont(small);
  painter.setPen(secondary_text(palette()));
  const double height = grid.height() / std::max(1, rows_);
  const int every = std::max(1, static_cast<int>(std::ceil(metrics.height() / height)));
  for (int row = 0; row < rows_; row += every) {
    painter.drawText(QRectF(0, grid.top() + row * height, kLeft - 6, height), Qt::AlignRight | Qt::AlignVCenter,
                     QString::number(row + 1));
  }
  const QRect bar = color_bar_rect(width());
  painter.drawText(QRect(keyRect().topLeft(), QSize(keyRect().width(), top_ - keyRect().top())),
                   Qt::AlignLeft | Qt::TextWordWrap, keyText());
  paint_color_bar(painter, bar, cividis, {{0.0, tr("0 %")}, {0.5, tr("probability 50 %")}, {1.0, tr("100 %")}},
                  palette());
  painter.restore();
}

void LogitHeatMap::paintOverview(QPainter& painter) {
  const QRectF strip = overviewRect();
  painter.save();
  painter.setRenderHint(QPainter::SmoothPixmapTransform, columnCount() > strip.width());
  painter.drawImage(strip, overview_);
  const double whole = column_width_ * columnCount();
  const double room = gridRect().width();
  if (whole > room + 1) {
    const QRectF window(strip.left() + offset_ / whole * strip.width(), strip.top() - 2,
                        std::max(4.0, room / whole * strip.width()), strip.height() + 4);
    painter.setPen(QPen(palette().color(QPalette::Text), 1.5));
    painter.drawRect(window);
  }
  painter.restore();
}

void LogitHeatMap::resizeEvent(QResizeEvent*) {
  layOutKey();
  setView(column_width_, offset_);
}

void LogitHeatMap::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || views_.empty()) return;
  press_ = event->position();
  press_offset_ = offset_;
  dragged_ = false;
  in_overview_ = overviewRect().adjusted(0, -6, 0, 6).contains(event->position());
  if (in_overview_) jumpTo(event->position().x());
}

void LogitHeatMap::mouseMoveEvent(QMouseEvent* event) {
  mouse_ = event->position();
  if (press_ && in_overview_) {
    jumpTo(mouse_.x());
  } else if (press_) {
    const double moved = mouse_.x() - press_->x();
    dragged_ = dragged_ || std::abs(moved) > 4.0;
    if (dragged_) setView(column_width_, press_offset_ - moved);
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
  if (turned.x() != 0) setView(column_width_, offset_ - turned.x());
  if (turned.y() != 0) zoom(std::pow(kZoomStep, turned.y() / 120.0), event->position().x());
  event->accept();
}

void LogitHeatMap::keyPressEvent(QKeyEvent* event) {
  if (views_.empty()) return QWidget::keyPressEvent(event);
  const int page = std::max(1, static_cast<int>(gridRect().width() / column_width_) - 1);
  const double x = selected_ >= 0 ? columnLeft(selected_) + column_width_ / 2 : gridRect().center().x();
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
      return zoom(kZoomStep, x);
    case Qt::Key_Minus:
      return zoom(1.0 / kZoomStep, x);
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
    if (column == 1) return QString::number(row);
    if (column == 6) return view.target_rank < 0 ? QString() : QString::number(view.target_rank);
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
