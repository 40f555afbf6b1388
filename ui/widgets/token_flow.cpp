#include "ui/widgets/token_flow.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/style/color_maps.h"

namespace vernier::ui {
namespace {

constexpr int kMargin = 8;
constexpr double kCellPad = 3.0;
constexpr double kCellGap = 1.0;

}  // namespace

TokenFlow::TokenFlow(QWidget* parent) : QAbstractScrollArea(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  viewport()->setMouseTracking(true);
  viewport()->setCursor(Qt::ArrowCursor);
}

void TokenFlow::setWords(std::vector<Word> words, const QString& explanation, bool keeps_place) {
  words_ = std::move(words);
  explanation_ = explanation;
  hovered_ = -1;
  if (!keeps_place || selected_ >= tokenCount()) selected_ = -1;
  layOut();
  if (!keeps_place) verticalScrollBar()->setValue(0);
  describeSelection();
  viewport()->update();
}

void TokenFlow::setSelectedIndex(int index) {
  selected_ = index;
  if (selected_ >= 0) {
    const QRectF rect = rects_[static_cast<std::size_t>(selected_)];
    QScrollBar* bar = verticalScrollBar();
    if (rect.top() < bar->value()) bar->setValue(static_cast<int>(rect.top()) - kMargin);
    if (rect.bottom() > bar->value() + viewport()->height()) {
      bar->setValue(static_cast<int>(rect.bottom()) - viewport()->height() + kMargin);
    }
  }
  describeSelection();
  viewport()->update();
}

void TokenFlow::setHeader(QWidget* header) {
  header_ = header;
  layOut();
}

QRectF TokenFlow::tokenRect(int index) const {
  return rects_[static_cast<std::size_t>(index)].translated(0, -verticalScrollBar()->value());
}

bool TokenFlow::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip) return true;  // shown at once, by mouseMoveEvent
  if (event->type() == QEvent::Leave) {
    hovered_ = -1;
    viewport()->update();
  }
  return QAbstractScrollArea::viewportEvent(event);
}

void TokenFlow::paintEvent(QPaintEvent* event) {
  QPainter painter(viewport());
  painter.fillRect(event->rect(), palette().color(QPalette::Base));
  if (!explanation_.isEmpty()) {
    painter.setPen(secondary_text(palette()));
    painter.drawText(viewport()->rect().adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, explanation_);
    return;
  }
  const double scrolled = verticalScrollBar()->value();
  const auto [first, last] = linesWithin(event->rect().top() + scrolled, event->rect().bottom() + scrolled);
  for (int line = first; line < last; ++line) {
    for (int i = line_starts_[static_cast<std::size_t>(line)]; i < lineEnd(line); ++i) {
      paintToken(painter, i, tokenRect(i), words_[static_cast<std::size_t>(i)].text);
    }
  }
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setBrush(Qt::NoBrush);
  if (hovered_ >= 0) {
    painter.setPen(QPen(palette().color(QPalette::Text), 1.0));
    painter.drawRect(tokenRect(hovered_).adjusted(-0.5, -0.5, 0.5, 0.5));
  }
  if (selected_ >= 0) {
    // Two rings, so that it stands out on every colour.
    const QRectF rect = tokenRect(selected_);
    painter.setPen(QPen(palette().color(QPalette::Base), 4.0));
    painter.drawRect(rect);
    painter.setPen(QPen(palette().color(QPalette::Text), 2.0));
    painter.drawRect(rect);
  }
  paintFocus(painter);
}

void TokenFlow::paintFocus(QPainter& painter) {
  if (!hasFocus()) return;
  painter.setBrush(Qt::NoBrush);
  painter.setPen(palette().color(QPalette::Highlight));
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
}

void TokenFlow::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  layOut();
}

void TokenFlow::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const int index = indexAt(event->position() + QPointF(0, verticalScrollBar()->value()));
  if (index >= 0) select(index);
}

void TokenFlow::mouseMoveEvent(QMouseEvent* event) {
  const int index = indexAt(event->position() + QPointF(0, verticalScrollBar()->value()));
  if (index == hovered_) return;
  hovered_ = index;
  viewport()->update();
  if (index < 0) {
    QToolTip::hideText();
    return;
  }
  QStringList lines = readout(index);
  if (lines.isEmpty()) return QToolTip::hideText();
  for (QString& line : lines) line = line.toHtmlEscaped();
  QToolTip::showText(event->globalPosition().toPoint(),
                     QStringLiteral("<p style='white-space:pre'>%1</p>").arg(lines.join("<br>")), viewport(),
                     tokenRect(index).toAlignedRect());
}

void TokenFlow::keyPressEvent(QKeyEvent* event) {
  const int count = tokenCount();
  if (count == 0) return QAbstractScrollArea::keyPressEvent(event);
  const int line = selected_ < 0 ? 0 : lineOf(selected_);
  const double x = selected_ < 0 ? 0.0 : rects_[static_cast<std::size_t>(selected_)].center().x();
  const int page = std::max(1, static_cast<int>(viewport()->height() / line_height_) - 1);
  switch (event->key()) {
    case Qt::Key_Left:
      return select(std::max(0, selected_ - 1));
    case Qt::Key_Right:
      return select(std::min(count - 1, selected_ + 1));
    case Qt::Key_Up:
      return select(indexOnLine(line - 1, x));
    case Qt::Key_Down:
      return select(selected_ < 0 ? 0 : indexOnLine(line + 1, x));
    case Qt::Key_PageUp:
      return select(indexOnLine(line - page, x));
    case Qt::Key_PageDown:
      return select(indexOnLine(line + page, x));
    case Qt::Key_Home:
      return select(0);
    case Qt::Key_End:
      return select(count - 1);
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

void TokenFlow::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  viewport()->update();
}

void TokenFlow::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  viewport()->update();
}

void TokenFlow::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) layOut();
}

void TokenFlow::layOut() {
  if (header_ != nullptr) {
    const int height = explanation_.isEmpty() ? header_->sizeHint().height() : 0;
    header_->setVisible(height > 0);
    setViewportMargins(0, height, 0, 0);
    header_->setGeometry(frameWidth(), frameWidth(), width() - 2 * frameWidth(), height);
  }
  const QFontMetricsF metrics(font());
  const double cell_height = std::ceil(metrics.height()) + 4.0;
  line_height_ = cell_height + 4.0;
  const double right = std::max(80, viewport()->width() - kMargin);
  rects_.resize(words_.size());
  line_starts_.clear();
  double x = kMargin;
  double y = kMargin;
  const auto begin_line = [&](std::size_t i) {
    if (i > 0) y += line_height_;
    x = kMargin;
    line_starts_.push_back(static_cast<int>(i));
  };
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const double width = widthOf(static_cast<int>(i), words_[i].text, metrics);
    const bool breaks = i == 0 || words_[i - 1].ends_line;
    // Up to the end of what has to stand together, where that begins here; else of this word alone.
    double needed = width;
    for (std::size_t k = i + 1; !words_[i].joins_before && k < words_.size(); ++k) {
      if (!words_[k].joins_before || words_[k - 1].ends_line) break;
      needed += gap() + widthOf(static_cast<int>(k), words_[k].text, metrics);
    }
    if (breaks || (x + needed > right && x > kMargin)) begin_line(i);
    rects_[i] = QRectF(x, y, width, cell_height);
    x += width + gap();
  }
  const int content = words_.empty() ? 0 : static_cast<int>(y + line_height_) + kMargin;
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setSingleStep(static_cast<int>(line_height_));
  verticalScrollBar()->setRange(0, std::max(0, content - viewport()->height()));
}

double TokenFlow::widthOf(int, const QString& text, const QFontMetricsF& metrics) const {
  return std::ceil(metrics.horizontalAdvance(text)) + 2 * kCellPad;
}

double TokenFlow::gap() const {
  return kCellGap;
}

QString TokenFlow::description() const {
  return tr("%1 tokens, none selected").arg(tokenCount());
}

int TokenFlow::lineEnd(int line) const {
  const std::size_t next = static_cast<std::size_t>(line) + 1;
  return next < line_starts_.size() ? line_starts_[next] : tokenCount();
}

int TokenFlow::indexAt(const QPointF& content) const {
  const auto [first, last] = linesWithin(content.y(), content.y());
  for (int line = first; line < last; ++line) {
    for (int i = line_starts_[static_cast<std::size_t>(line)]; i < lineEnd(line); ++i) {
      if (rects_[static_cast<std::size_t>(i)].contains(content)) return i;
    }
  }
  return -1;
}

std::pair<int, int> TokenFlow::linesWithin(double top, double bottom) const {
  const int count = static_cast<int>(line_starts_.size());
  const int first = static_cast<int>(std::floor((top - kMargin) / line_height_));
  const int last = static_cast<int>(std::floor((bottom - kMargin) / line_height_)) + 1;
  return {std::clamp(first, 0, count), std::clamp(last, 0, count)};
}

void TokenFlow::select(int index) {
  if (index == selected_) return;
  setSelectedIndex(index);
  Q_EMIT indexSelected(index);
}

int TokenFlow::lineOf(int index) const {
  return static_cast<int>(std::upper_bound(line_starts_.begin(), line_starts_.end(), index) - line_starts_.begin()) - 1;
}

int TokenFlow::indexOnLine(int line, double x) const {
  const int clamped = std::clamp(line, 0, static_cast<int>(line_starts_.size()) - 1);
  int best = line_starts_[static_cast<std::size_t>(clamped)];
  for (int i = best; i < lineEnd(clamped); ++i) {
    if (rects_[static_cast<std::size_t>(i)].left() <= x) best = i;
  }
  return best;
}

void TokenFlow::describeSelection() {
  if (!explanation_.isEmpty()) {
    setAccessibleDescription(explanation_);
  } else if (selected_ >= 0) {
    setAccessibleDescription(readout(selected_).join(QStringLiteral(", ")));
  } else {
    setAccessibleDescription(description());
  }
}

}  // namespace vernier::ui
