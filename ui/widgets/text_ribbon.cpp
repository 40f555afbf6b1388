#include "ui/widgets/text_ribbon.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr double kMargin = 8.0;
constexpr double kPad = 2.0;       // above and below the text of a cell
constexpr double kLeading = 4.0;   // between lines
constexpr double kUnfinished = 6;  // width of a token that completes no character
constexpr double kMark = 2.0;
constexpr double kSpecialScale = 0.85;

bool starts_word(const QString& text) {
  return text.isEmpty() || text.front().isSpace();
}

}  // namespace

TextRibbon::TextRibbon(QWidget* parent) : QAbstractScrollArea(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  viewport()->setMouseTracking(true);
  viewport()->setCursor(Qt::ArrowCursor);
  describe();
}

void TextRibbon::setTokens(std::size_t first, const std::vector<RibbonToken>& tokens) {
  const QScrollBar* bar = verticalScrollBar();
  const bool at_end = growing_ && bar->value() >= bar->maximum() - static_cast<int>(line_height_);
  first = std::min(first, tokens_.size());
  tokens_.resize(first);
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  explanation_.clear();
  if (selected_ >= count()) selected_ = -1;
  if (hovered_ >= count()) hovered_ = -1;
  measure(first);
  layOut();
  if (at_end) verticalScrollBar()->setValue(bar->maximum());
  describe();
  viewport()->update();
}

void TextRibbon::clear(const QString& explanation) {
  tokens_.clear();
  cells_.clear();
  explanation_ = explanation;
  growing_ = false;
  selected_ = hovered_ = -1;
  layOut();
  describe();
  viewport()->update();
}

void TextRibbon::setGrowing(bool growing) {
  if (growing == growing_) return;
  growing_ = growing;
  if (growing) explanation_.clear();
  viewport()->update();
}

void TextRibbon::setScaleMaximum(double maximum) {
  if (maximum == scale_) return;
  scale_ = maximum;
  viewport()->update();
}

void TextRibbon::setSelected(int index) {
  selected_ = index < count() ? index : -1;
  if (selected_ >= 0) {
    const QRectF rect = cells_[static_cast<std::size_t>(selected_)].rect;
    QScrollBar* bar = verticalScrollBar();
    if (rect.top() < bar->value()) bar->setValue(static_cast<int>(rect.top() - kMargin));
    if (rect.bottom() > bar->value() + viewport()->height()) {
      bar->setValue(static_cast<int>(rect.bottom() + kMargin) - viewport()->height());
    }
  }
  describe();
  viewport()->update();
}

QString TextRibbon::text() const {
  QString all;
  for (const RibbonToken& token : tokens_) all += token.text;
  return all;
}

QRectF TextRibbon::tokenRect(int index) const {
  return cells_[static_cast<std::size_t>(index)].rect.translated(0, -verticalScrollBar()->value());
}

QColor TextRibbon::tokenColor(int index) const {
  const double value = tokens_[static_cast<std::size_t>(index)].value;
  return std::isnan(value) ? palette().color(QPalette::Base) : cividis(value / scale_);
}

void TextRibbon::measure(std::size_t first) {
  cells_.resize(tokens_.size());
  const QFontMetricsF metrics(font()), small(scaled_font(font(), kSpecialScale));
  line_height_ = std::ceil(metrics.height()) + 2 * kPad + kLeading;
  for (std::size_t i = first; i < tokens_.size(); ++i) {
    const RibbonToken& token = tokens_[i];
    Cell& cell = cells_[i];
    cell.shown = token.is_special ? token.piece : token.text;
    cell.breaks = !token.is_special && breaks_line(token.text);
    // A line break within is shown, so that the token is seen at all.
    cell.shown.replace('\n', QChar(0x21B5));
    cell.shown.remove('\r');
    cell.shown.replace('\t', QStringLiteral("    "));
    cell.width = cell.shown.isEmpty() ? kUnfinished
                                      : (token.is_special ? small : metrics).horizontalAdvance(cell.shown) +
                                            (token.is_special ? 2 * kPad : 0.0);
  }
}

void TextRibbon::layOut() {
  const double right = std::max(80.0, viewport()->width() - kMargin);
  const double height = line_height_ - kLeading;
  double x = kMargin, y = kMargin;
  std::size_t word = 0;
  while (word < cells_.size()) {
    // Tokens that belong to one word stay together where a line can hold them.
    std::size_t end = word + 1;
    double width = cells_[word].width;
    while (end < cells_.size() && !cells_[end - 1].breaks && !tokens_[end].is_special &&
           !starts_word(tokens_[end].text)) {
      width += cells_[end++].width;
    }
    if (x + width > right && x > kMargin) {
      x = kMargin;
      y += line_height_;
    }
    for (; word < end; ++word) {
      Cell& cell = cells_[word];
      if (x + cell.width > right && x > kMargin) {
        x = kMargin;
        y += line_height_;
      }
      cell.rect = QRectF(x, y, cell.width, height);
      x += cell.width;
      if (!cell.breaks) continue;
      x = kMargin;
      y += line_height_;
    }
  }
  const int content = static_cast<int>(std::ceil(y + line_height_ + kMargin));
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setSingleStep(static_cast<int>(line_height_));
  verticalScrollBar()->setRange(0, cells_.empty() ? 0 : std::max(0, content - viewport()->height()));
}

bool TextRibbon::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip && count() > 0) return true;  // shown at once, by mouseMoveEvent
  if (event->type() == QEvent::Leave) {
    hovered_ = -1;
    viewport()->update();
  }
  return QAbstractScrollArea::viewportEvent(event);
}

void TextRibbon::paintEvent(QPaintEvent* event) {
  QPainter painter(viewport());
  painter.fillRect(event->rect(), palette().color(QPalette::Base));
  if (!explanation_.isEmpty()) {
    painter.setPen(secondary_text(palette()));
    painter.drawText(viewport()->rect().adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap, explanation_);
  }
  const double scrolled = verticalScrollBar()->value();
  const double top = event->rect().top() + scrolled, bottom = event->rect().bottom() + scrolled;
  const auto first =
      std::partition_point(cells_.begin(), cells_.end(), [top](const Cell& cell) { return cell.rect.bottom() < top; });
  for (auto cell = first; cell != cells_.end() && cell->rect.top() <= bottom; ++cell) {
    paintToken(painter, static_cast<int>(cell - cells_.begin()));
  }
  if (growing_) {
    const QRectF last = cells_.empty() ? QRectF(kMargin, kMargin, 0, line_height_ - kLeading) : tokenRect(count() - 1);
    const bool breaks = !cells_.empty() && cells_.back().breaks;
    const QPointF at = breaks ? QPointF(kMargin, last.top() + line_height_) : last.topRight() + QPointF(2, 0);
    painter.fillRect(QRectF(at, QSizeF(QFontMetricsF(font()).averageCharWidth(), last.height())),
                     palette().color(QPalette::Highlight));
  }
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setBrush(Qt::NoBrush);
  if (hovered_ >= 0) {
    painter.setPen(QPen(palette().color(QPalette::Text), 1.0));
    painter.drawRect(tokenRect(hovered_).adjusted(-0.5, -0.5, 0.5, 0.5));
  }
  if (selected_ >= 0) {
    // Two rings, so that it stands out on every colour.
    painter.setPen(QPen(palette().color(QPalette::Base), 4.0));
    painter.drawRect(tokenRect(selected_));
    painter.setPen(QPen(palette().color(QPalette::Text), 2.0));
    painter.drawRect(tokenRect(selected_));
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(hasFocus() ? palette().color(QPalette::Highlight) : grid_line(palette()));
  painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
}

void TextRibbon::paintToken(QPainter& painter, int index) const {
  const RibbonToken& token = tokens_[static_cast<std::size_t>(index)];
  const Cell& cell = cells_[static_cast<std::size_t>(index)];
  const QRectF rect = tokenRect(index);
  const QColor background = tokenColor(index);
  const bool is_known = !std::isnan(token.value);
  if (is_known) painter.fillRect(rect, background);
  const QColor ink = is_known           ? readable_text_on(background)
                     : token.is_special ? secondary_text(palette())
                                        : palette().color(QPalette::Text);
  painter.setPen(ink);
  painter.setFont(token.is_special ? scaled_font(font(), kSpecialScale) : font());
  if (cell.shown.isEmpty()) {
    painter.fillRect(QRectF(rect.center().x() - 1, rect.center().y() - 1, 2, 2), ink);
  } else {
    painter.drawText(rect, Qt::AlignVCenter | (token.is_special ? Qt::AlignHCenter : Qt::AlignLeft), cell.shown);
  }
  if (token.is_marked)
    painter.fillRect(QRectF(rect.left(), rect.bottom() + 1, rect.width(), kMark), per_sequence_color());
}

void TextRibbon::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  layOut();
}

void TextRibbon::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const int index = indexAt(event->position() + QPointF(0, verticalScrollBar()->value()));
  if (index >= 0) select(index);
}

void TextRibbon::mouseMoveEvent(QMouseEvent* event) {
  const int index = indexAt(event->position() + QPointF(0, verticalScrollBar()->value()));
  if (index == hovered_) return;
  hovered_ = index;
  viewport()->update();
  if (index < 0 || !readout_) return QToolTip::hideText();
  QStringList lines = readout_(index);
  for (QString& line : lines) line = line.toHtmlEscaped();
  QToolTip::showText(event->globalPosition().toPoint(),
                     QStringLiteral("<p style='white-space:pre'>%1</p>").arg(lines.join("<br>")), viewport(),
                     tokenRect(index).toAlignedRect());
}

void TextRibbon::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy) && count() > 0) {
    QGuiApplication::clipboard()->setText(text());
    return;
  }
  if (count() == 0) return QAbstractScrollArea::keyPressEvent(event);
  const QRectF here = selected_ < 0 ? QRectF() : cells_[static_cast<std::size_t>(selected_)].rect;
  const double page = std::max(line_height_, std::floor(viewport()->height() / line_height_ - 1) * line_height_);
  const auto move = [&](double by) {
    select(selected_ < 0 ? 0 : indexNear(here.center().x(), here.center().y() + by));
  };
  switch (event->key()) {
    case Qt::Key_Left:
      return select(std::max(0, selected_ - 1));
    case Qt::Key_Right:
      return select(std::min(count() - 1, selected_ + 1));
    case Qt::Key_Up:
      return move(-line_height_);
    case Qt::Key_Down:
      return move(line_height_);
    case Qt::Key_PageUp:
      return move(-page);
    case Qt::Key_PageDown:
      return move(page);
    case Qt::Key_Home:
      return select(0);
    case Qt::Key_End:
      return select(count() - 1);
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

void TextRibbon::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  viewport()->update();
}

void TextRibbon::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  viewport()->update();
}

void TextRibbon::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() != QEvent::FontChange && event->type() != QEvent::StyleChange) return;
  measure(0);
  layOut();
}

int TextRibbon::indexAt(const QPointF& content) const {
  const auto first = std::partition_point(cells_.begin(), cells_.end(), [&content](const Cell& cell) {
    return cell.rect.bottom() + kLeading < content.y();
  });
  for (auto cell = first; cell != cells_.end() && cell->rect.top() <= content.y(); ++cell) {
    if (cell->rect.adjusted(0, 0, 0, kLeading).contains(content)) return static_cast<int>(cell - cells_.begin());
  }
  return -1;
}

int TextRibbon::indexNear(double x, double y) const {
  const double line = std::clamp(y, cells_.front().rect.center().y(), cells_.back().rect.center().y());
  int best = 0;
  double nearest = std::numeric_limits<double>::max();
  for (int i = 0; i < count(); ++i) {
    const QPointF centre = cells_[static_cast<std::size_t>(i)].rect.center();
    // Lines first, then places in the line.
    const double away = std::abs(centre.y() - line) * 1e4 + std::abs(centre.x() - x);
    if (away < nearest) nearest = away, best = i;
  }
  return best;
}

void TextRibbon::select(int index) {
  if (index == selected_) return;
  setSelected(index);
  Q_EMIT tokenSelected(index);
}

void TextRibbon::describe() {
  if (selected_ >= 0 && readout_) {
    setAccessibleDescription(readout_(selected_).join(QStringLiteral(", ")));
  } else {
    setAccessibleDescription(tokens_.empty() ? explanation_ : text());
  }
}

}  // namespace vernier::ui
