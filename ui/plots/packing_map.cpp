#include "ui/plots/packing_map.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr double kMargin = 8.0;
constexpr double kGap = 6.0;  // between strips
constexpr double kTextPad = 4.0;
constexpr double kClosest = 48.0;  // pixels that a token is never wider than
constexpr double kZoomStep = 1.25;
constexpr double kFontScale = 0.9;
constexpr double kLeastTick = 44.0;  // pixels between two figures of the ruler

}  // namespace

PackingMap::PackingMap(QWidget* parent) : QAbstractScrollArea(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setFrameShape(QFrame::NoFrame);
  viewport()->setMouseTracking(true);
  viewport()->setCursor(Qt::ArrowCursor);
}

void PackingMap::setStrips(std::vector<PackedStrip> strips, qint64 capacity, const QString& unused) {
  strips_ = std::move(strips);
  capacity_ = std::max<qint64>(1, capacity);
  unused_ = unused;
  explanation_.clear();
  strip_ = piece_ = -1;
  position_ = -1;
  hovered_ = {};
  measure();
  refreshBars();
  describe();
  viewport()->update();
}

void PackingMap::clear(const QString& explanation) {
  setStrips({}, 1, {});
  explanation_ = explanation;
  zoom_ = 1.0;
  describe();
}

void PackingMap::setReadout(std::function<QStringList(int, int, qint64)> readout) {
  readout_ = std::move(readout);
}

void PackingMap::setSelected(int strip, int piece, qint64 position) {
  if (strip == strip_ && piece == piece_ && position == position_) return;
  strip_ = strip;
  piece_ = piece;
  position_ = position;
  scrollToSelected();
  describe();
  viewport()->update();
}

void PackingMap::measure() {
  const QFontMetricsF metrics(scaled_font(font(), kFontScale));
  names_ = notes_ = 0.0;
  for (const PackedStrip& strip : strips_) {
    names_ = std::max(names_, metrics.horizontalAdvance(strip.name));
    notes_ = std::max(notes_, metrics.horizontalAdvance(strip.note));
  }
}

double PackingMap::rulerHeight() const {
  return QFontMetricsF(scaled_font(font(), kFontScale)).height() + 2.0;
}

QRectF PackingMap::stripRect(int strip) const {
  const double height = std::ceil(fontMetrics().height() * 1.8);
  const double step = height + kGap;
  // The selected strip carries its ruler below.
  const double moved = strip_ >= 0 && strip > strip_ ? rulerHeight() : 0.0;
  const double left = kMargin + names_ + (names_ > 0.0 ? kMargin : 0.0);
  const double width =
      std::max(60.0, viewport()->width() - left - notes_ - (notes_ > 0.0 ? kMargin : 0.0) - kMargin) * zoom_;
  return {left - horizontalScrollBar()->value(), kMargin + strip * step + moved - verticalScrollBar()->value(), width,
          height};
}

double PackingMap::tokenX(qint64 token) const {
  const QRectF strip = stripRect(0);
  return strip.left() + strip.width() * static_cast<double>(token) / static_cast<double>(capacity_);
}

QRectF PackingMap::pieceRect(int strip, int piece) const {
  const PackedPiece& what = strips_[static_cast<std::size_t>(strip)].pieces[static_cast<std::size_t>(piece)];
  const QRectF row = stripRect(strip);
  const double left = tokenX(what.begin), right = tokenX(what.begin + what.length);
  return {left, row.top(), right - left, row.height()};
}

void PackingMap::refreshBars() {
  const auto count = static_cast<double>(strips_.size());
  const QRectF first = stripRect(0);
  const double height = 2 * kMargin + count * (first.height() + kGap) + (strip_ >= 0 ? rulerHeight() : 0.0);
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setSingleStep(static_cast<int>(first.height() + kGap));
  verticalScrollBar()->setRange(0, strips_.empty() ? 0 : std::max(0, static_cast<int>(height) - viewport()->height()));
  horizontalScrollBar()->setPageStep(viewport()->width());
  horizontalScrollBar()->setSingleStep(20);
  horizontalScrollBar()->setRange(0, static_cast<int>(first.width() - first.width() / zoom_));
}

PackingMap::Hit PackingMap::hitAt(const QPointF& point) const {
  for (int strip = 0; strip < static_cast<int>(strips_.size()); ++strip) {
    const QRectF rect = stripRect(strip);
    if (point.y() < rect.top() || point.y() > rect.bottom()) continue;
    const auto& pieces = strips_[static_cast<std::size_t>(strip)].pieces;
    const auto token =
        static_cast<qint64>(std::floor((point.x() - rect.left()) / rect.width() * static_cast<double>(capacity_)));
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (token >= pieces[i].begin && token < pieces[i].begin + pieces[i].length) {
        return {strip, static_cast<int>(i), token - pieces[i].begin};
      }
    }
    return {strip, -1, -1};
  }
  return {};
}

bool PackingMap::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip && !strips_.empty()) return true;  // shown at once, by mouseMoveEvent
  if (event->type() == QEvent::Leave) {
    hovered_ = {};
    viewport()->update();
  }
  return QAbstractScrollArea::viewportEvent(event);
}

void PackingMap::paintTo(QPaintDevice& device, const QSize& size) {
  QPainter painter(&device);
  painter.fillRect(QRect(QPoint(0, 0), size), palette().color(QPalette::Base));
  paint(painter, QRectF(QPointF(0, 0), size));
}

void PackingMap::paintEvent(QPaintEvent* event) {
  QPainter painter(viewport());
  painter.fillRect(event->rect(), palette().color(QPalette::Base));
  if (strips_.empty()) {
    painter.setPen(secondary_text(palette()));
    painter.drawText(viewport()->rect().adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, explanation_);
  } else {
    paint(painter, event->rect());
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(hasFocus() ? palette().color(QPalette::Highlight) : grid_line(palette()));
  painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
}

void PackingMap::paint(QPainter& painter, const QRectF& area) const {
  painter.setFont(scaled_font(font(), kFontScale));
  for (int strip = 0; strip < static_cast<int>(strips_.size()); ++strip) {
    const QRectF rect = stripRect(strip);
    if (rect.bottom() + rulerHeight() < area.top() || rect.top() > area.bottom()) continue;
    paintStrip(painter, strip);
  }
}

void PackingMap::paintStrip(QPainter& painter, int index) const {
  const PackedStrip& strip = strips_[static_cast<std::size_t>(index)];
  const QRectF row = stripRect(index);
  const double left = kMargin + names_ + (names_ > 0.0 ? kMargin : 0.0);
  const double right = viewport()->width() - notes_ - (notes_ > 0.0 ? kMargin : 0.0) - kMargin;
  painter.setPen(secondary_text(palette()));
  painter.drawText(QRectF(kMargin, row.top(), names_ + 1, row.height()), Qt::AlignLeft | Qt::AlignVCenter, strip.name);
  painter.drawText(QRectF(right + kMargin, row.top(), notes_ + 1, row.height()), Qt::AlignRight | Qt::AlignVCenter,
                   strip.note);
  painter.save();
  painter.setClipRect(QRectF(left - 2, row.top() - 3, right - left + 4, row.height() + 6 + rulerHeight()));
  for (int piece = 0; piece < static_cast<int>(strip.pieces.size()); ++piece) paintPiece(painter, index, piece);
  if (!unused_.isEmpty() && strip.length < capacity_) {
    const QRectF rest(tokenX(strip.length), row.top(), row.right() - tokenX(strip.length), row.height());
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(axis_line(palette()), 1.0, Qt::DotLine));
    painter.drawRect(rest.adjusted(0.5, 0.5, -0.5, -0.5));
    const QString words = unused_.arg(grouped(capacity_ - strip.length));
    if (painter.fontMetrics().horizontalAdvance(words) + 2 * kTextPad < rest.width()) {
      painter.setPen(secondary_text(palette()));
      painter.drawText(rest, Qt::AlignCenter, words);
    }
  }
  if (index == strip_) paintRuler(painter, index);
  const auto outline = [&](int piece, double width, const QColor& color) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color, width));
    painter.drawRect(pieceRect(index, piece));
  };
  if (hovered_.strip == index && hovered_.piece >= 0) outline(hovered_.piece, 1.0, palette().color(QPalette::Text));
  if (index == strip_ && piece_ >= 0 && piece_ < static_cast<int>(strip.pieces.size())) {
    // Two rings, so that it stands out on every colour.
    outline(piece_, 4.0, palette().color(QPalette::Base));
    outline(piece_, 2.0, palette().color(QPalette::Text));
    if (position_ >= 0) {
      const PackedPiece& piece = strip.pieces[static_cast<std::size_t>(piece_)];
      const double x = tokenX(piece.begin + position_), wide = tokenX(piece.begin + position_ + 1) - x;
      painter.fillRect(QRectF(x, row.top(), std::max(2.0, wide), row.height()), palette().color(QPalette::Highlight));
    }
  }
  painter.restore();
}

void PackingMap::paintPiece(QPainter& painter, int strip, int piece) const {
  const PackedPiece& what = strips_[static_cast<std::size_t>(strip)].pieces[static_cast<std::size_t>(piece)];
  const QRectF rect = pieceRect(strip, piece);
  painter.fillRect(rect, mixed(palette().color(QPalette::Base), palette().color(QPalette::Text), 0.06));
  for (const PackedStretch& stretch : what.stretches) {
    const double left = tokenX(what.begin + stretch.begin), right = tokenX(what.begin + stretch.end);
    QRectF cell(left, rect.top(), right - left, rect.height());
    if (!stretch.color.isValid()) {
      painter.fillRect(cell, hatching(palette()));
      continue;
    }
    cell.setTop(cell.bottom() - cell.height() * std::clamp(stretch.height, 0.0, 1.0));
    painter.fillRect(cell, stretch.color);
  }
  // Where it begins: attention sees nothing across, and positions start anew.
  painter.fillRect(QRectF(rect.left(), rect.top() - 2, 1.5, rect.height() + 4), palette().color(QPalette::Text));
  const QFontMetricsF metrics(painter.font());
  const double width = metrics.horizontalAdvance(what.name) + 2 * kTextPad;
  if (width > rect.width()) return;
  const QRectF label(std::max(rect.left(), stripRect(strip).left()) + 2, rect.top() + 2, width, metrics.height());
  painter.fillRect(label, readout_background(palette()));
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(label, Qt::AlignCenter, what.name);
}

void PackingMap::paintRuler(QPainter& painter, int strip) const {
  const QFontMetricsF metrics(painter.font());
  const double token = stripRect(strip).width() / static_cast<double>(capacity_);
  const auto step = static_cast<qint64>(std::max(1.0, std::ceil(nice_ceiling(kLeastTick / token))));
  const double y = stripRect(strip).bottom() + 2;
  painter.setPen(secondary_text(palette()));
  double taken = 0.0;
  for (const PackedPiece& piece : strips_[static_cast<std::size_t>(strip)].pieces) {
    for (qint64 position = 0; position < piece.length; position += step) {
      const double x = tokenX(piece.begin + position);
      const QString words = QString::number(position);
      painter.drawLine(QPointF(x, y - 2), QPointF(x, y + 2));
      if (x < taken) continue;
      painter.drawText(QPointF(x + 2, y + metrics.ascent()), words);
      taken = x + metrics.horizontalAdvance(words) + kTextPad;
    }
  }
}

void PackingMap::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  refreshBars();
}

void PackingMap::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const Hit hit = hitAt(event->position());
  if (hit.piece >= 0) select(hit.strip, hit.piece, hit.position);
}

void PackingMap::mouseMoveEvent(QMouseEvent* event) {
  const Hit hit = hitAt(event->position());
  if (hit == hovered_) return;
  hovered_ = hit;
  viewport()->update();
  if (hit.strip < 0 || !readout_) return QToolTip::hideText();
  QStringList lines = readout_(hit.strip, hit.piece, hit.position);
  for (QString& line : lines) line = line.toHtmlEscaped();
  QToolTip::showText(event->globalPosition().toPoint(),
                     QStringLiteral("<p style='white-space:pre'>%1</p>").arg(lines.join("<br>")), viewport());
}

void PackingMap::mouseDoubleClickEvent(QMouseEvent*) {
  zoomBy(1.0 / zoom_, 0.0);
}

void PackingMap::zoomBy(double factor, double x) {
  if (strips_.empty()) return;
  const QRectF before = stripRect(0);
  const double share = std::clamp((x - before.left()) / before.width(), 0.0, 1.0);
  const double most = std::max(1.0, kClosest * static_cast<double>(capacity_) * zoom_ / before.width());
  zoom_ = std::clamp(zoom_ * factor, 1.0, most);
  refreshBars();
  const QRectF after = stripRect(0);
  // What is at x stays there.
  horizontalScrollBar()->setValue(
      static_cast<int>(horizontalScrollBar()->value() + after.left() + share * after.width() - x));
  viewport()->update();
}

void PackingMap::wheelEvent(QWheelEvent* event) {
  if (!event->modifiers().testFlag(Qt::ControlModifier)) return QAbstractScrollArea::wheelEvent(event);
  if (event->angleDelta().y() == 0) return;
  zoomBy(event->angleDelta().y() > 0 ? kZoomStep : 1.0 / kZoomStep, event->position().x());
  event->accept();
}

void PackingMap::keyPressEvent(QKeyEvent* event) {
  const int count = static_cast<int>(strips_.size());
  if (count == 0) return QAbstractScrollArea::keyPressEvent(event);
  const int strip = std::max(0, strip_), piece = std::max(0, piece_);
  const auto pieces = [this](int of) { return static_cast<int>(strips_[static_cast<std::size_t>(of)].pieces.size()); };
  const auto near = [&](int to) {
    const double x = pieceRect(strip, piece).center().x();
    int best = 0;
    for (int i = 0; i < pieces(to); ++i) {
      if (pieceRect(to, i).left() <= x) best = i;
    }
    return best;
  };
  switch (event->key()) {
    case Qt::Key_Left:
      if (piece > 0) return select(strip, piece - 1, -1);
      if (strip > 0) select(strip - 1, pieces(strip - 1) - 1, -1);
      return;
    case Qt::Key_Right:
      if (strip_ < 0) return select(0, 0, -1);
      if (piece + 1 < pieces(strip)) return select(strip, piece + 1, -1);
      if (strip + 1 < count) select(strip + 1, 0, -1);
      return;
    case Qt::Key_Up:
      if (strip > 0) select(strip - 1, near(strip - 1), -1);
      return;
    case Qt::Key_Down:
      if (strip_ < 0) return select(0, 0, -1);
      if (strip + 1 < count) select(strip + 1, near(strip + 1), -1);
      return;
    case Qt::Key_Home:
      return select(0, 0, -1);
    case Qt::Key_End:
      return select(count - 1, pieces(count - 1) - 1, -1);
    case Qt::Key_Plus:
      return zoomBy(kZoomStep, stripRect(0).left());
    case Qt::Key_Minus:
      return zoomBy(1.0 / kZoomStep, stripRect(0).left());
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

void PackingMap::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  viewport()->update();
}

void PackingMap::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  viewport()->update();
}

void PackingMap::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() != QEvent::FontChange && event->type() != QEvent::StyleChange) return;
  measure();
  refreshBars();
}

void PackingMap::select(int strip, int piece, qint64 position) {
  setSelected(strip, piece, position);
  Q_EMIT pieceSelected(strip, piece, position);
}

void PackingMap::scrollToSelected() {
  refreshBars();
  if (strip_ < 0 || strip_ >= static_cast<int>(strips_.size())) return;
  const QRectF row = stripRect(strip_);
  QScrollBar* down = verticalScrollBar();
  if (row.top() < kMargin) down->setValue(down->value() + static_cast<int>(row.top() - kMargin));
  const double below = row.bottom() + rulerHeight() + kMargin - viewport()->height();
  if (below > 0) down->setValue(down->value() + static_cast<int>(std::ceil(below)));
  if (piece_ < 0 || zoom_ == 1.0) return;
  const QRectF rect = pieceRect(strip_, piece_);
  QScrollBar* across = horizontalScrollBar();
  if (rect.left() < 0 || rect.left() > viewport()->width() - notes_) {
    across->setValue(across->value() + static_cast<int>(rect.left() - names_ - 2 * kMargin));
  }
}

void PackingMap::describe() {
  if (strips_.empty()) {
    setAccessibleDescription(explanation_);
  } else if (strip_ >= 0 && readout_) {
    setAccessibleDescription(readout_(strip_, piece_, position_).join(QStringLiteral(", ")));
  } else {
    setAccessibleDescription(tr("%n rows", nullptr, static_cast<int>(strips_.size())));
  }
}

}  // namespace vernier::ui
