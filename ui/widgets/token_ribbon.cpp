#include "ui/widgets/token_ribbon.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLabel>
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
constexpr int kBarWidth = 180;
constexpr int kBarHeight = 8;

QString ordinal_choice(std::int32_t higher) {
  if (higher == 0) return TokenRibbon::tr("rank 1, the model's first choice");
  const QString rank = grouped(rank_from_one(higher));
  if (higher == 1) return TokenRibbon::tr("rank %1: 1 token scored higher").arg(rank);
  return TokenRibbon::tr("rank %1: %2 tokens scored higher").arg(rank, grouped(higher));
}

}  // namespace

// The strip above the text: what the colours mean, and which quantity they show.
class TokenRibbon::Legend : public QWidget {
 public:
  explicit Legend(TokenRibbon* ribbon) : QWidget(ribbon), ribbon_(ribbon), by_(new QComboBox(this)) {
    by_->setObjectName("ribbonColorBy");
    by_->setAccessibleName(TokenRibbon::tr("Colour by"));
    by_->addItem(TokenRibbon::tr("Loss"));
    by_->addItem(TokenRibbon::tr("Entropy"));
    by_->setToolTip(TokenRibbon::tr(
        "Loss: how much this token surprised the model, −ln p. Entropy: how unsure the model was before "
        "it saw the token. High loss at low entropy: it was sure, and wrong."));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(kMargin, 4, kMargin, 4);
    layout->addWidget(by_);
    layout->addStretch(1);
    QObject::connect(by_, &QComboBox::currentIndexChanged, ribbon,
                     [ribbon](int index) { ribbon->setColorBy(index == 0 ? ColorBy::kLoss : ColorBy::kEntropy); });
  }

  void showColorBy(ColorBy by) { by_->setCurrentIndex(by == ColorBy::kLoss ? 0 : 1); }

  QSize sizeHint() const override {
    return {kBarWidth * 3, std::max(by_->sizeHint().height() + 8, kBarHeight + fontMetrics().height() + 16)};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setFont(scaled_font(font(), 0.9));
    const QFontMetrics metrics(painter.font());
    int x = by_->geometry().right() + 16;
    const QRect bar(x, 8, std::clamp(width() - x - 160, 60, kBarWidth), kBarHeight);
    const double top = ribbon_->scaleMaximum();
    paint_color_bar(
        painter, bar, cividis,
        {{0.0, QStringLiteral("0")}, {0.5, figure(top / 2, 2)}, {1.0, figure(top, 2) + TokenRibbon::tr(" nats")}},
        palette());
    x = bar.right() + 24;
    const QRect sample(x, 6, 24, kBarHeight + 6);
    painter.fillRect(sample, hatching(palette()));
    painter.setPen(axis_line(palette()));
    painter.drawRect(sample);
    painter.setPen(secondary_text(palette()));
    const int left = sample.right() + 8;
    QString words = TokenRibbon::tr("masked, no loss");
    if (metrics.horizontalAdvance(words) > width() - left) words = TokenRibbon::tr("masked");
    if (metrics.horizontalAdvance(words) > width() - left) return;  // the tooltip says it
    painter.drawText(left, sample.center().y() + metrics.ascent() / 2, words);
  }

 private:
  TokenRibbon* ribbon_;
  QComboBox* by_;
};

TokenRibbon::TokenRibbon(QWidget* parent) : QAbstractScrollArea(parent), legend_(new Legend(this)) {
  setObjectName("tokenRibbon");
  setAccessibleName(tr("Tokens coloured by loss"));
  setToolTip(
      tr("Every token of the sequence as the model sees it, coloured by what it cost. Hatched tokens are masked."));
  setFocusPolicy(Qt::StrongFocus);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  viewport()->setMouseTracking(true);
  viewport()->setCursor(Qt::ArrowCursor);
  clear(tr("Choose a sequence to read it token by token."));
}

void TokenRibbon::setTokens(const StepTokens& tokens, PieceLookup pieces) {
  const bool same = tokens.step == tokens_.step && tokens.sequence.index == tokens_.sequence.index;
  tokens_ = tokens;
  pieces_ = std::move(pieces);
  explanation_.clear();
  hovered_ = -1;
  if (tokens_.tokens.empty()) explanation_ = tr("The tokens of this sequence were not recorded.");
  if (!same || selected_ >= static_cast<int>(tokens_.tokens.size())) selected_ = -1;
  chooseScale();
  layOut();
  if (!same) verticalScrollBar()->setValue(0);
  describeSelection();
  viewport()->update();
}

void TokenRibbon::setSelectedPosition(int position) {
  const auto found = std::find_if(tokens_.tokens.begin(), tokens_.tokens.end(),
                                  [position](const TokenRecord& token) { return token.position == position; });
  selected_ = found == tokens_.tokens.end() ? -1 : static_cast<int>(found - tokens_.tokens.begin());
  if (selected_ >= 0) {
    const QRectF rect = cells_[static_cast<std::size_t>(selected_)].rect;
    QScrollBar* bar = verticalScrollBar();
    if (rect.top() < bar->value()) bar->setValue(static_cast<int>(rect.top()) - kMargin);
    if (rect.bottom() > bar->value() + viewport()->height()) {
      bar->setValue(static_cast<int>(rect.bottom()) - viewport()->height() + kMargin);
    }
  }
  describeSelection();
  viewport()->update();
}

void TokenRibbon::clear(const QString& explanation) {
  tokens_ = {};
  explanation_ = explanation;
  selected_ = hovered_ = -1;
  layOut();
  describeSelection();
  viewport()->update();
}

void TokenRibbon::setColorBy(ColorBy by) {
  if (by_ == by) return;
  by_ = by;
  setAccessibleName(by == ColorBy::kLoss ? tr("Tokens coloured by loss") : tr("Tokens coloured by entropy"));
  legend_->showColorBy(by);
  chooseScale();
  viewport()->update();
}

void TokenRibbon::setScaleMaximum(double nats) {
  wanted_scale_ = nats;
  chooseScale();
  viewport()->update();
}

int TokenRibbon::selectedPosition() const {
  return selected_ < 0 ? -1 : tokens_.tokens[static_cast<std::size_t>(selected_)].position;
}

QRectF TokenRibbon::tokenRect(int index) const {
  return cells_[static_cast<std::size_t>(index)].rect.translated(0, -verticalScrollBar()->value());
}

QColor TokenRibbon::tokenColor(int index) const {
  const TokenRecord& token = tokens_.tokens[static_cast<std::size_t>(index)];
  return token.is_target ? cividis(valueOf(token) / scale_) : palette().color(QPalette::Base);
}

QStringList TokenRibbon::readout(int index) const {
  const TokenRecord& token = tokens_.tokens[static_cast<std::size_t>(index)];
  const auto name = [this](std::int32_t id) {
    return QStringLiteral("“%1”  id %2").arg(visible_piece(pieces_ ? pieces_(id) : QString(), id)).arg(id);
  };
  QStringList lines = {name(token.input_id), tr("position %1").arg(grouped(token.position))};
  if (!token.is_target) {
    lines << tr("masked: its label is -100, no loss is counted");
    return lines;
  }
  lines << tr("loss %1 nats, probability %2").arg(figure(token.loss), percent(std::exp(-double{token.loss}), 2));
  lines << tr("entropy %1 nats").arg(figure(token.entropy));
  lines << ordinal_choice(token.rank);
  if (token.argmax >= 0 && token.argmax != token.input_id) {
    lines << tr("the model would have said %1").arg(name(token.argmax));
  }
  return lines;
}

bool TokenRibbon::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip) return true;  // shown at once, by mouseMoveEvent
  if (event->type() == QEvent::Leave) {
    hovered_ = -1;
    viewport()->update();
  }
  return QAbstractScrollArea::viewportEvent(event);
}

void TokenRibbon::paintEvent(QPaintEvent* event) {
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
    const int end = line + 1 < static_cast<int>(line_starts_.size()) ? line_starts_[static_cast<std::size_t>(line) + 1]
                                                                     : static_cast<int>(cells_.size());
    for (int i = line_starts_[static_cast<std::size_t>(line)]; i < end; ++i) paintToken(painter, i, tokenRect(i));
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

void TokenRibbon::paintFocus(QPainter& painter) {
  if (!hasFocus()) return;
  painter.setBrush(Qt::NoBrush);
  painter.setPen(palette().color(QPalette::Highlight));
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
}

void TokenRibbon::paintToken(QPainter& painter, int index, const QRectF& rect) {
  const TokenRecord& token = tokens_.tokens[static_cast<std::size_t>(index)];
  const QColor background = tokenColor(index);
  painter.fillRect(rect, background);
  if (!token.is_target) painter.fillRect(rect, hatching(palette()));
  painter.setPen(token.is_target ? readable_text_on(background) : palette().color(QPalette::Text));
  painter.drawText(rect, Qt::AlignCenter, cells_[static_cast<std::size_t>(index)].text);
}

void TokenRibbon::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  layOut();
}

void TokenRibbon::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const int index = indexAt(event->position() + QPointF(0, verticalScrollBar()->value()));
  if (index >= 0) select(index);
}

void TokenRibbon::mouseMoveEvent(QMouseEvent* event) {
  const int index = indexAt(event->position() + QPointF(0, verticalScrollBar()->value()));
  if (index == hovered_) return;
  hovered_ = index;
  viewport()->update();
  if (index < 0) {
    QToolTip::hideText();
    return;
  }
  QStringList lines = readout(index);
  for (QString& line : lines) line = line.toHtmlEscaped();
  QToolTip::showText(event->globalPosition().toPoint(),
                     QStringLiteral("<p style='white-space:pre'>%1</p>").arg(lines.join("<br>")), viewport(),
                     tokenRect(index).toAlignedRect());
}

void TokenRibbon::keyPressEvent(QKeyEvent* event) {
  const int count = static_cast<int>(cells_.size());
  if (count == 0) return QAbstractScrollArea::keyPressEvent(event);
  const int line = selected_ < 0 ? 0 : lineOf(selected_);
  const double x = selected_ < 0 ? 0.0 : cells_[static_cast<std::size_t>(selected_)].rect.center().x();
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

void TokenRibbon::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  viewport()->update();
}

void TokenRibbon::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  viewport()->update();
}

void TokenRibbon::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) layOut();
}

void TokenRibbon::layOut() {
  if (legend_ == nullptr) return;  // while the base class is built
  const int legend_height = explanation_.isEmpty() ? legend_->sizeHint().height() : 0;
  legend_->setVisible(legend_height > 0);
  setViewportMargins(0, legend_height, 0, 0);
  legend_->setGeometry(frameWidth(), frameWidth(), width() - 2 * frameWidth(), legend_height);

  const QFontMetricsF metrics(font());
  const double cell_height = std::ceil(metrics.height()) + 4.0;
  line_height_ = cell_height + 4.0;
  const double right = std::max(80, viewport()->width() - kMargin);
  cells_.resize(tokens_.tokens.size());
  line_starts_.clear();
  double x = kMargin;
  double y = kMargin;
  bool breaks = true;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const std::int32_t id = tokens_.tokens[i].input_id;
    const QString piece = pieces_ ? pieces_(id) : QString();
    cells_[i].text = visible_piece(piece, id);
    const double width = std::ceil(metrics.horizontalAdvance(cells_[i].text)) + 2 * kCellPad;
    if (breaks || (x + width > right && x > kMargin)) {
      if (i > 0) y += line_height_;
      x = kMargin;
      line_starts_.push_back(static_cast<int>(i));
    }
    cells_[i].rect = QRectF(x, y, width, cell_height);
    x += width + kCellGap;
    breaks = breaks_line(piece);
  }
  const int content = cells_.empty() ? 0 : static_cast<int>(y + line_height_) + kMargin;
  verticalScrollBar()->setPageStep(viewport()->height());
  verticalScrollBar()->setSingleStep(static_cast<int>(line_height_));
  verticalScrollBar()->setRange(0, std::max(0, content - viewport()->height()));
}

void TokenRibbon::chooseScale() {
  scale_ = wanted_scale_;
  if (!(scale_ > 0.0)) {
    double most = 0.0;
    for (const TokenRecord& token : tokens_.tokens) {
      const double value = valueOf(token);
      if (token.is_target && std::isfinite(value)) most = std::max(most, value);
    }
    scale_ = nice_ceiling(most);
  }
  legend_->update();
}

double TokenRibbon::valueOf(const TokenRecord& token) const {
  return by_ == ColorBy::kLoss ? double{token.loss} : double{token.entropy};
}

int TokenRibbon::indexAt(const QPointF& content) const {
  const auto [first, last] = linesWithin(content.y(), content.y());
  for (int line = first; line < last; ++line) {
    const std::size_t next = static_cast<std::size_t>(line) + 1;
    const int end = next < line_starts_.size() ? line_starts_[next] : static_cast<int>(cells_.size());
    for (int i = line_starts_[static_cast<std::size_t>(line)]; i < end; ++i) {
      if (cells_[static_cast<std::size_t>(i)].rect.contains(content)) return i;
    }
  }
  return -1;
}

std::pair<int, int> TokenRibbon::linesWithin(double top, double bottom) const {
  const int count = static_cast<int>(line_starts_.size());
  const int first = static_cast<int>(std::floor((top - kMargin) / line_height_));
  const int last = static_cast<int>(std::floor((bottom - kMargin) / line_height_)) + 1;
  return {std::clamp(first, 0, count), std::clamp(last, 0, count)};
}

void TokenRibbon::select(int index) {
  if (index == selected_) return;
  const int position = tokens_.tokens[static_cast<std::size_t>(index)].position;
  setSelectedPosition(position);
  emit tokenSelected(position);
}

int TokenRibbon::lineOf(int index) const {
  return static_cast<int>(std::upper_bound(line_starts_.begin(), line_starts_.end(), index) - line_starts_.begin()) - 1;
}

int TokenRibbon::indexOnLine(int line, double x) const {
  const int clamped = std::clamp(line, 0, static_cast<int>(line_starts_.size()) - 1);
  const std::size_t next = static_cast<std::size_t>(clamped) + 1;
  const int end = next < line_starts_.size() ? line_starts_[next] : static_cast<int>(cells_.size());
  int best = line_starts_[static_cast<std::size_t>(clamped)];
  for (int i = best; i < end; ++i) {
    if (cells_[static_cast<std::size_t>(i)].rect.left() <= x) best = i;
  }
  return best;
}

void TokenRibbon::describeSelection() {
  if (!explanation_.isEmpty()) {
    setAccessibleDescription(explanation_);
  } else if (selected_ >= 0) {
    setAccessibleDescription(readout(selected_).join(QStringLiteral(", ")));
  } else {
    setAccessibleDescription(tr("%1 tokens, none selected").arg(tokens_.tokens.size()));
  }
}

}  // namespace vernier::ui
