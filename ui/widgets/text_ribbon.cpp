#include "ui/widgets/text_ribbon.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr double kMargin = 8.0;    // of a cursor without text
constexpr double kUnfinished = 6;  // width of a token that completes no character
constexpr double kMark = 2.0;
constexpr double kSpecialPad = 2.0;
constexpr double kSpecialScale = 0.85;

bool starts_word(const QString& text) {
  return text.isEmpty() || text.front().isSpace();
}

bool ends_line(const RibbonToken& token) {
  return !token.is_special && breaks_line(token.text);
}

QString shown_text(const RibbonToken& token) {
  QString shown = token.is_special ? token.piece : token.text;
  // A line break within is shown, so that the token is seen at all.
  shown.replace('\n', QChar(0x21B5));
  shown.remove('\r');
  shown.replace('\t', QStringLiteral("    "));
  return shown;
}

}  // namespace

TextRibbon::TextRibbon(QWidget* parent) : TokenFlow(parent) {
  showWords({});
}

void TextRibbon::setTokens(std::size_t first, const std::vector<RibbonToken>& tokens) {
  QScrollBar* bar = verticalScrollBar();
  const bool at_end = growing_ && bar->value() >= bar->maximum() - bar->singleStep();
  tokens_.resize(std::min(first, tokens_.size()));
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  showWords({});
  if (at_end) bar->setValue(bar->maximum());
}

void TextRibbon::clear(const QString& explanation) {
  tokens_.clear();
  growing_ = false;
  showWords(explanation);
}

void TextRibbon::setGrowing(bool growing) {
  if (growing == growing_) return;
  growing_ = growing;
  if (growing && tokens_.empty()) showWords({});
  viewport()->update();
}

void TextRibbon::showWords(const QString& explanation) {
  std::vector<Word> words;
  words.reserve(tokens_.size());
  for (const RibbonToken& token : tokens_) {
    words.push_back({.text = shown_text(token),
                     .ends_line = ends_line(token),
                     .joins_before = !token.is_special && !starts_word(token.text)});
  }
  setWords(std::move(words), explanation, true);
}

void TextRibbon::setScaleMaximum(double maximum) {
  if (maximum == scale_) return;
  scale_ = maximum;
  viewport()->update();
}

QString TextRibbon::text() const {
  QString all;
  for (const RibbonToken& token : tokens_) all += token.text;
  return all;
}

QColor TextRibbon::tokenColor(int index) const {
  const double value = tokens_[static_cast<std::size_t>(index)].value;
  return std::isnan(value) ? palette().color(QPalette::Base) : cividis(value / scale_);
}

double TextRibbon::widthOf(int index, const QString& text, const QFontMetricsF& metrics) const {
  if (text.isEmpty()) return kUnfinished;
  if (!tokens_[static_cast<std::size_t>(index)].is_special) return metrics.horizontalAdvance(text);
  return QFontMetricsF(scaled_font(font(), kSpecialScale)).horizontalAdvance(text) + 2 * kSpecialPad;
}

void TextRibbon::paintEvent(QPaintEvent* event) {
  TokenFlow::paintEvent(event);
  QPainter painter(viewport());
  if (growing_) {
    const QFontMetricsF metrics(font());
    QPointF at(kMargin, kMargin);
    if (!tokens_.empty()) {
      const QRectF last = tokenRect(tokenCount() - 1);
      at = ends_line(tokens_.back()) ? QPointF(kMargin, last.top() + verticalScrollBar()->singleStep())
                                     : last.topRight() + QPointF(2, 0);
    }
    painter.fillRect(QRectF(at, QSizeF(metrics.averageCharWidth(), metrics.height())),
                     palette().color(QPalette::Highlight));
  }
  if (hasFocus()) return;
  painter.setPen(grid_line(palette()));
  painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
}

void TextRibbon::paintToken(QPainter& painter, int index, const QRectF& rect, const QString& text) {
  const RibbonToken& token = tokens_[static_cast<std::size_t>(index)];
  const QColor background = tokenColor(index);
  const bool is_known = !std::isnan(token.value);
  if (is_known) painter.fillRect(rect, background);
  const QColor ink = is_known           ? readable_text_on(background)
                     : token.is_special ? secondary_text(palette())
                                        : palette().color(QPalette::Text);
  painter.setPen(ink);
  painter.setFont(token.is_special ? scaled_font(font(), kSpecialScale) : font());
  if (text.isEmpty()) {
    painter.fillRect(QRectF(rect.center().x() - 1, rect.center().y() - 1, 2, 2), ink);
  } else {
    painter.drawText(rect, Qt::AlignVCenter | (token.is_special ? Qt::AlignHCenter : Qt::AlignLeft), text);
  }
  if (!token.is_marked) return;
  painter.fillRect(QRectF(rect.left(), rect.bottom() + 1, rect.width(), kMark), per_sequence_color());
}

void TextRibbon::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy) && tokenCount() > 0) {
    QGuiApplication::clipboard()->setText(text());
    return;
  }
  TokenFlow::keyPressEvent(event);
}

}  // namespace vernier::ui
