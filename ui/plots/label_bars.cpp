#include "ui/plots/label_bars.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/plots/table_export.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

constexpr int kGap = 8;
constexpr int kIcon = 12;
constexpr int kWheelRows = 3;
constexpr int kWheelNotch = 120;
constexpr double kLostLine = 2.0;  // of labels that are cut away

}  // namespace

LabelBars::LabelBars(QWidget* parent) : QAbstractScrollArea(parent), messages_(new MessageBar(this)) {
  setObjectName(QStringLiteral("labelBars"));
  setAccessibleName(tr("Rows by what is learnt of them"));
  setToolTip(
      tr("Every row as a bar of its tokens: filled is learnt, hatched is only read, dashed is cut away by max_length. "
         "Choose one to read it as the tokenizer sees it."));
  setFocusPolicy(Qt::StrongFocus);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  viewport()->setMouseTracking(true);
  viewport()->setCursor(Qt::ArrowCursor);
  connect(verticalScrollBar(), &QScrollBar::valueChanged, viewport(), qOverload<>(&QWidget::update));
  // A table stands for the rows that it was opened for; when others come, it goes.
  connect(this, &LabelBars::rowsReplaced, this, [this] {
    for (DataTableDialog* table : findChildren<DataTableDialog*>()) table->close();
  });
}

void LabelBars::setRows(int count, BarSource bar, Readout readout) {
  count_ = count;
  Q_EMIT rowsReplaced();
  bar_ = std::move(bar);
  readout_ = std::move(readout);
  hovered_ = -1;
  if (current_ >= count_) current_ = -1;
  layOut();
  describe();
  viewport()->update();
}

void LabelBars::refresh() {
  describe();
  viewport()->update();
}

void LabelBars::setScale(int tokens, int cut_at) {
  if (tokens == scale_ && cut_at == cut_at_) return;
  scale_ = std::max(1, tokens);
  cut_at_ = cut_at;
  refresh();
}

void LabelBars::setExplanation(const QString& explanation) {
  explanation_ = explanation;
  refresh();
}

void LabelBars::setCurrent(int index, bool scroll) {
  current_ = index;
  if (index >= 0 && scroll) {
    QScrollBar* bar = verticalScrollBar();
    if (index < bar->value()) bar->setValue(index);
    if (index >= bar->value() + visibleRows()) bar->setValue(index - visibleRows() + 1);
  }
  describe();
  viewport()->update();
}

QSize LabelBars::sizeHint() const {
  return {600, header_height_ + 12 * pitch_};
}

int LabelBars::visibleRows() const {
  return std::max(1, (viewport()->height() - header_height_) / pitch_);
}

int LabelBars::firstVisible() const {
  return verticalScrollBar()->value();
}

double LabelBars::xOf(double tokens) const {
  const double width = std::max(1, viewport()->width() - left_ - right_);
  return left_ + width * tokens / scale_;
}

QRectF LabelBars::barRect(int index) const {
  const double top = header_height_ + static_cast<double>(index - firstVisible()) * pitch_;
  return {double(left_), top + 2, std::max(1.0, double(viewport()->width() - left_ - right_)), pitch_ - 4.0};
}

int LabelBars::indexAt(double y) const {
  if (y < header_height_) return -1;
  const int index = firstVisible() + static_cast<int>((y - header_height_) / pitch_);
  return index < count_ ? index : -1;
}

void LabelBars::layOut() {
  const QFontMetrics metrics(font());
  pitch_ = metrics.height() + 4;
  header_height_ = metrics.height() + 10;
  left_ = metrics.horizontalAdvance(grouped(std::max(9999, count_))) + 2 * kGap;
  right_ = metrics.horizontalAdvance(QStringLiteral("99 999")) + kIcon + 3 * kGap;
  verticalScrollBar()->setPageStep(visibleRows());
  verticalScrollBar()->setSingleStep(1);
  verticalScrollBar()->setRange(0, std::max(0, count_ - visibleRows()));
}

void LabelBars::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  paint(painter);
  if (!hasFocus()) return;
  painter.setBrush(Qt::NoBrush);
  painter.setPen(palette().color(QPalette::Highlight));
  painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
}

void LabelBars::paint(QPainter& painter) {
  painter.fillRect(viewport()->rect(), palette().color(QPalette::Base));
  if (count_ == 0) {
    painter.setPen(secondary_text(palette()));
    painter.drawText(viewport()->rect().adjusted(24, 8, -24, -8), Qt::AlignCenter | Qt::TextWordWrap, explanation_);
  } else {
    const int last = std::min(count_, firstVisible() + visibleRows() + 1);
    for (int i = firstVisible(); i < last; ++i) paintRow(painter, i);
    if (cut_at_ > 0 && cut_at_ <= scale_) {
      painter.setPen(QPen(legible(per_sequence_color(), palette().color(QPalette::Base)), 1.5));
      const double x = xOf(cut_at_);
      painter.drawLine(QPointF(x, header_height_), QPointF(x, barRect(last - 1).bottom() + 2));
    }
    paintHeader(painter);
  }
}

void LabelBars::paintHeader(QPainter& painter) {
  painter.fillRect(QRect(0, 0, viewport()->width(), header_height_), palette().color(QPalette::Base));
  const QFontMetricsF metrics(font());
  const double base = metrics.ascent() + 2;
  painter.setPen(secondary_text(palette()));
  painter.drawText(QRectF(0, 2, left_ - kGap, metrics.height()), Qt::AlignRight, tr("Row"));
  painter.drawText(QRectF(viewport()->width() - right_, 2, right_ - kIcon - 2 * kGap, metrics.height()), Qt::AlignRight,
                   tr("Tokens"));
  const int step = std::max(1, static_cast<int>(nice_ceiling(scale_ / 5.0)));
  double free_from = left_;
  for (int tokens = 0; tokens <= scale_; tokens += step) {
    const double x = xOf(tokens);
    const QString word = grouped(tokens);
    const double width = metrics.horizontalAdvance(word), left = tokens == 0 ? x : x - width / 2;
    if (left < free_from || left + width > viewport()->width() - right_ + kGap) continue;
    painter.setPen(secondary_text(palette()));
    painter.drawText(QPointF(left, base), word);
    painter.setPen(axis_line(palette()));
    painter.drawLine(QPointF(x, header_height_ - 4), QPointF(x, header_height_));
    free_from = left + width + kGap;
  }
  painter.setPen(axis_line(palette()));
  painter.drawLine(QPointF(left_, header_height_ - 0.5), QPointF(viewport()->width() - right_, header_height_ - 0.5));
}

void LabelBars::paintRow(QPainter& painter, int index) {
  const LabelBar row = bar_(index);
  const QRectF bar = barRect(index);
  const QRectF line(0, bar.top() - 2, viewport()->width(), pitch_);
  QColor ink = palette().color(QPalette::Text);
  if (index == current_) {
    painter.fillRect(line, palette().color(QPalette::Highlight));
    // Not below the bar: what is learnt has the accent's hue, too.
    painter.fillRect(bar.adjusted(-2, 0, 2, 0), palette().color(QPalette::Base));
    ink = palette().color(QPalette::HighlightedText);
  } else if (index == hovered_) {
    painter.fillRect(line, palette().color(QPalette::AlternateBase));
  }
  painter.setPen(ink);
  painter.drawText(QRectF(0, line.top(), left_ - kGap, line.height()), Qt::AlignRight | Qt::AlignVCenter, row.name);
  const double right = viewport()->width() - right_;
  painter.drawText(QRectF(right, line.top(), right_ - kIcon - 2 * kGap, line.height()),
                   Qt::AlignRight | Qt::AlignVCenter, grouped(row.tokens));
  if (row.shape != StateShape::kHollow) {
    const QRectF icon(viewport()->width() - kIcon - kGap, line.center().y() - kIcon / 2.0, kIcon, kIcon);
    if (index == current_) painter.fillRect(icon.adjusted(-2, -2, 2, 2), palette().color(QPalette::Base));
    paint_state(painter, icon, row.shape, palette());
  }
  painter.save();
  painter.setClipRect(bar.adjusted(0, -1, 1, 1));
  paintStretches(painter, bar, row);
  painter.restore();
  if (row.tokens <= scale_) return;
  // It goes on beyond the picture.
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setBrush(palette().color(QPalette::Text));
  painter.setPen(Qt::NoPen);
  const double middle = bar.center().y();
  painter.drawPolygon(
      QPolygonF({QPointF(right - 5, middle - 4), QPointF(right, middle), QPointF(right - 5, middle + 4)}));
  painter.setRenderHint(QPainter::Antialiasing, false);
}

void LabelBars::paintStretches(QPainter& painter, const QRectF& bar, const LabelBar& row) {
  if (row.tokens == 0) return;
  const int kept = cut_at_ > 0 ? std::min(cut_at_, row.tokens) : row.tokens;
  const double end = xOf(kept);
  const QColor learnt = legible(per_token_color(), palette().color(QPalette::Base));
  const QRectF whole(bar.left(), bar.top(), std::max(1.0, end - bar.left()), bar.height());
  painter.fillRect(whole, palette().color(QPalette::Base));
  painter.fillRect(whole, hatching(palette()));
  if (kept < row.tokens) {
    const QRectF rest(end, bar.top(), xOf(row.tokens) - end, bar.height());
    painter.fillRect(rest, palette().color(QPalette::Base));
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(axis_line(palette()), 1.0, Qt::DashLine));
    painter.drawRect(rest.adjusted(0, 0.5, -0.5, -0.5));
  }
  // Each stretch is seen, however narrow it is; those that fall into one pixel are one.
  double painted = bar.left() - 1.0;
  for (std::size_t i = 1; i < row.ends.size(); i += 2) {
    const double left = xOf(row.ends[i - 1]);
    const double right = std::max(xOf(row.ends[i]), left + 1.0);
    if (right <= painted) continue;
    if (left > bar.right()) break;
    if (row.ends[i - 1] < kept) {
      painter.fillRect(QRectF(left, bar.top(), std::max(1.0, std::min(right, end) - left), bar.height()), learnt);
    }
    if (row.ends[i] > kept) {
      const double from = std::max(left, end);
      painter.fillRect(QRectF(from, bar.center().y() - kLostLine / 2, right - from, kLostLine), learnt);
    }
    painted = right;
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(axis_line(palette()));
  painter.drawRect(whole.adjusted(0, 0.5, -0.5, -0.5));
}

bool LabelBars::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::ToolTip && count_ > 0) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int index = indexAt(help->pos().y());
    if (index >= 0) {
      QStringList lines = readout_(index);
      for (QString& line : lines) line = line.toHtmlEscaped();
      QToolTip::showText(help->globalPos(), QStringLiteral("<p style='white-space:pre'>%1</p>").arg(lines.join("<br>")),
                         viewport());
      return true;
    }
  }
  if (event->type() == QEvent::Leave) {
    hovered_ = -1;
    viewport()->update();
  }
  return QAbstractScrollArea::viewportEvent(event);
}

void LabelBars::resizeEvent(QResizeEvent* event) {
  QAbstractScrollArea::resizeEvent(event);
  messages_->setGeometry(0, 0, width(), messages_->sizeHint().height());
  layOut();
}

void LabelBars::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (const int index = indexAt(event->position().y()); index >= 0) choose(index);
}

void LabelBars::mouseMoveEvent(QMouseEvent* event) {
  const int index = indexAt(event->position().y());
  if (index == hovered_) return;
  hovered_ = index;
  viewport()->update();
}

void LabelBars::wheelEvent(QWheelEvent* event) {
  wheel_rest_ += event->angleDelta().y() * kWheelRows;
  const int rows = wheel_rest_ / kWheelNotch;
  wheel_rest_ -= rows * kWheelNotch;
  const int before = verticalScrollBar()->value();
  verticalScrollBar()->setValue(before - rows);
  // Where its rows end, the page around them goes on.
  event->setAccepted(rows == 0 || verticalScrollBar()->value() != before);
}

void LabelBars::keyPressEvent(QKeyEvent* event) {
  if (count_ == 0) return QAbstractScrollArea::keyPressEvent(event);
  switch (event->key()) {
    case Qt::Key_Up:
      return choose(std::max(0, current_ - 1));
    case Qt::Key_Down:
      return choose(std::min(count_ - 1, current_ + 1));
    case Qt::Key_PageUp:
      return choose(std::max(0, current_ - visibleRows()));
    case Qt::Key_PageDown:
      return choose(std::min(count_ - 1, std::max(0, current_) + visibleRows()));
    case Qt::Key_Home:
      return choose(0);
    case Qt::Key_End:
      return choose(count_ - 1);
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

void LabelBars::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  add_picture_actions(
      menu, *viewport(), QStringLiteral("labels"),
      [this](QPaintDevice& device, const QSize&) {
        QPainter painter(&device);
        painter.setFont(font());
        paint(painter);
      },
      *messages_);
  add_table_actions(
      menu, *this, tr("Rows by what is learnt of them"), QStringLiteral("labels"), [this] { return table(); },
      *messages_);
  menu.exec(event->globalPos());
}

TableData LabelBars::table() const {
  TableData table;
  table.headers = {tr("Row"), tr("Tokens"), tr("With a label"), tr("First label at")};
  table.rows = count_;
  table.cell = [bar = bar_](int row, int column) {
    const LabelBar one = bar(row);
    if (column == 0) return QString::number(one.row);
    if (column == 1) return QString::number(one.tokens);
    std::int32_t labelled = 0, first = -1;
    for (std::size_t i = 1; i < one.ends.size(); i += 2) {
      labelled += one.ends[i] - one.ends[i - 1];
      if (first < 0) first = one.ends[i - 1];
    }
    return column == 2 ? QString::number(labelled) : first < 0 ? QString() : QString::number(first);
  };
  return table;
}

void LabelBars::focusInEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusInEvent(event);
  viewport()->update();
}

void LabelBars::focusOutEvent(QFocusEvent* event) {
  QAbstractScrollArea::focusOutEvent(event);
  viewport()->update();
}

void LabelBars::changeEvent(QEvent* event) {
  QAbstractScrollArea::changeEvent(event);
  if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) layOut();
}

void LabelBars::choose(int index) {
  if (index == current_) return;
  setCurrent(index);
  Q_EMIT currentChanged(index);
}

void LabelBars::describe() {
  if (count_ == 0) {
    setAccessibleDescription(explanation_);
  } else if (current_ >= 0) {
    setAccessibleDescription(readout_(current_).join(QStringLiteral(", ")));
  } else {
    setAccessibleDescription(tr("%1 rows, none chosen").arg(grouped(count_)));
  }
}

}  // namespace vernier::ui
