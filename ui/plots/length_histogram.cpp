#include "ui/plots/length_histogram.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "ui/plots/picture_export.h"
#include "ui/plots/table_export.h"
#include "ui/style/color_maps.h"
#include "ui/style/paint.h"
#include "ui/widgets/message_bar.h"

namespace vernier::ui {
namespace {

constexpr double kBarPitch = 7.0;
constexpr double kGrip = 6.0;  // so near the line the mouse takes it
constexpr int kShiftStep = 16;
constexpr int kMostLine = 1 << 20;
constexpr double kHandle = 5.0;
constexpr double kGap = 4.0;
// Beyond the line and beyond most rows there is room to drag it.
constexpr double kRoomBehind = 1.15;

}  // namespace

LengthHistogram::LengthHistogram(QWidget* parent) : QWidget(parent), messages_(new MessageBar(this)) {
  setObjectName(QStringLiteral("lengthHistogram"));
  setAccessibleName(tr("Lengths of the rows"));
  setToolTip(
      tr("How many rows have how many tokens. Drag the line, or move it by the arrow keys: what lies behind it is cut "
         "away, and the counts follow. L switches to logarithmic lengths."));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  clear(tr("The lengths of the rows stand here once they are read."));
}

void LengthHistogram::setCounts(std::vector<std::int64_t> rows_by_length) {
  counts_ = std::move(rows_by_length);
  while (!counts_.empty() && counts_.back() == 0) counts_.pop_back();
  longest_ = std::max(0, static_cast<int>(counts_.size()) - 1);
  shortest_ = static_cast<int>(std::find_if(counts_.begin(), counts_.end(), [](auto rows) { return rows > 0; }) -
                               counts_.begin());
  explanation_ = counts_.empty() ? tr("There are no rows.") : QString();
  makeBins();
}

void LengthHistogram::clear(const QString& explanation) {
  counts_.clear();
  bins_.clear();
  shortest_ = longest_ = 0;
  explanation_ = explanation;
  makeBins();
}

void LengthHistogram::setLine(int tokens) {
  if (tokens == line_) return;
  line_ = tokens;
  // While it is dragged the axis stays as it is.
  if (dragging_) {
    describe();
    update();
  } else {
    makeBins();
  }
}

void LengthHistogram::setCutsRows(bool cuts) {
  if (cuts_ == cuts) return;
  cuts_ = cuts;
  describe();
  update();
}

void LengthHistogram::setLogarithmic(bool on) {
  logarithmic_ = on;
  makeBins();
}

QSize LengthHistogram::sizeHint() const {
  return {600, 7 * fontMetrics().height()};
}
QSize LengthHistogram::minimumSizeHint() const {
  return {240, 5 * fontMetrics().height()};
}

QRectF LengthHistogram::plotRect() const {
  const QFontMetricsF metrics(font());
  const double left = metrics.horizontalAdvance(grouped(most_)) + 12.0;
  return QRectF(left, metrics.height() + kGap, std::max(1.0, width() - left - 12.0),
                std::max(1.0, height() - 2.0 * metrics.height() - 3.0 * kGap));
}

double LengthHistogram::xOf(double tokens) const {
  const QRectF plot = plotRect();
  const double share =
      logarithmic_ ? std::log(std::max(1.0, tokens)) / std::log(std::max(2.0, double(end_))) : tokens / end_;
  return plot.left() + share * plot.width();
}

int LengthHistogram::tokensAt(double x) const {
  const QRectF plot = plotRect();
  const double share = (x - plot.left()) / plot.width();
  const double tokens = logarithmic_ ? std::exp(share * std::log(std::max(2.0, double(end_)))) : share * end_;
  return static_cast<int>(std::lround(std::clamp(tokens, 1.0, double(kMostLine))));
}

void LengthHistogram::makeBins() {
  bins_.clear();
  most_ = 1;
  // Few very long rows must not press all others into one bar.
  std::int64_t all = 0, up_to = 0;
  for (const std::int64_t rows : counts_) all += rows;
  int usual = 0;
  while (usual < longest_ && static_cast<double>(up_to) < 0.995 * static_cast<double>(all)) {
    up_to += counts_[static_cast<std::size_t>(usual++)];
  }
  const int wanted = logarithmic_ ? std::max(longest_, line_) : std::max(usual, std::min(line_, 2 * longest_));
  end_ = std::max(8, static_cast<int>(std::ceil(wanted * kRoomBehind)));
  if (!counts_.empty()) {
    for (int first = 0; first <= std::min(longest_, end_);) {
      const int next = std::max(first + 1, tokensAt(xOf(first) + kBarPitch));
      Bin bin{first, std::min(next - 1, longest_), 0};
      for (int n = bin.first; n <= bin.last; ++n) bin.rows += counts_[static_cast<std::size_t>(n)];
      most_ = std::max(most_, bin.rows);
      bins_.push_back(bin);
      first = next;
    }
    // What lies behind the right edge.
    if (!bins_.empty() && bins_.back().last < longest_) {
      Bin rest{bins_.back().last + 1, longest_, 0};
      for (int n = rest.first; n <= rest.last; ++n) rest.rows += counts_[static_cast<std::size_t>(n)];
      if (rest.rows > 0) bins_.push_back(rest);
    }
  }
  describe();
  update();
}

int LengthHistogram::binAt(double x) const {
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    if (x >= xOf(bins_[i].first) && x < xOf(bins_[i].last + 1.0)) return static_cast<int>(i);
  }
  return -1;
}

QString LengthHistogram::binText(const Bin& bin) const {
  const QString rows = with_grouped(tr("rows: %n", nullptr, static_cast<int>(bin.rows)), bin.rows);
  if (bin.first == bin.last) return tr("%1 tokens: %2").arg(grouped(bin.first), rows);
  return tr("%1 to %2 tokens: %3").arg(grouped(bin.first), grouped(bin.last), rows);
}

void LengthHistogram::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter);
  if (hasFocus()) {
    painter.setPen(palette().color(QPalette::Highlight));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
  if (dragging_ || !hovered_ || !explanation_.isEmpty()) return;
  if (const int bin = binAt(hovered_->x()); bin >= 0 && plotRect().contains(*hovered_)) {
    paint_readout(painter, *hovered_, rect(), {binText(bins_[static_cast<std::size_t>(bin)])}, {}, palette());
  }
}

void LengthHistogram::paint(QPainter& painter) {
  painter.fillRect(rect(), palette().color(QPalette::Base));
  if (!explanation_.isEmpty()) {
    painter.setPen(secondary_text(palette()));
    painter.drawText(rect().adjusted(16, 8, -16, -8), Qt::AlignCenter | Qt::TextWordWrap, explanation_);
    return;
  }
  const QRectF plot = plotRect();
  paintAxes(painter, plot);
  const QColor fill = legible(per_token_color(), palette().color(QPalette::Base));
  for (const Bin& bin : bins_) {
    if (bin.rows == 0) continue;
    const double left = xOf(bin.first), right = std::min(xOf(bin.last + 1.0), plot.right());
    if (left >= plot.right()) continue;
    const double height = std::max(1.0, plot.height() * static_cast<double>(bin.rows) / static_cast<double>(most_));
    const QRectF bar(left, plot.bottom() - height, std::max(1.0, right - left - 1.0), height);
    // Rows that stay whole are filled, those that are cut are hollow.
    const double cut = cuts_ ? std::clamp(xOf(line_ + 1.0), bar.left(), bar.right()) : bar.right();
    if (cut > bar.left()) painter.fillRect(QRectF(bar.left(), bar.top(), cut - bar.left(), bar.height()), fill);
    if (cut < bar.right()) {
      painter.setPen(QPen(fill, 1.0));
      painter.setBrush(Qt::NoBrush);
      painter.drawRect(QRectF(cut, bar.top(), bar.right() - cut, bar.height()).adjusted(0.5, 0.5, -0.5, 0));
    }
  }
  paintLine(painter, plot);
}

void LengthHistogram::paintAxes(QPainter& painter, const QRectF& plot) {
  const QFontMetricsF metrics(font());
  painter.setPen(grid_line(palette()));
  painter.drawLine(plot.topLeft(), plot.topRight());
  painter.setPen(axis_line(palette()));
  painter.drawLine(plot.bottomLeft(), plot.bottomRight());
  painter.setPen(secondary_text(palette()));
  const QRectF top(0, plot.top() - metrics.height() / 2, plot.left() - kGap, metrics.height());
  painter.drawText(top, Qt::AlignRight | Qt::AlignVCenter, grouped(most_));
  painter.drawText(top.translated(0, plot.height()), Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("0"));

  const double unit_width = metrics.horizontalAdvance(tr("tokens")) + 2 * kGap;
  double free_from = plot.left();
  const auto tick = [&](int tokens) {
    const double x = xOf(tokens);
    const QString word = grouped(tokens);
    const double width = metrics.horizontalAdvance(word), left = x - width / 2;
    if (x > plot.right() || left < free_from - kGap || left + width > plot.right() - unit_width) return;
    painter.setPen(axis_line(palette()));
    painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 3));
    painter.setPen(secondary_text(palette()));
    painter.drawText(QPointF(left, plot.bottom() + kGap + metrics.ascent()), word);
    free_from = left + width + 4 * kGap;
  };
  if (logarithmic_) {
    for (int tokens = 1; tokens <= end_; tokens *= 2) tick(tokens);
  } else {
    const int step = std::max(1, static_cast<int>(nice_ceiling(end_ / 6.0)));
    for (int tokens = 0; tokens <= end_; tokens += step) tick(tokens);
  }
  painter.setPen(secondary_text(palette()));
  painter.drawText(QRectF(plot.right() - unit_width, plot.bottom() + kGap, unit_width, metrics.height()),
                   Qt::AlignRight, tr("tokens"));
}

void LengthHistogram::paintLine(QPainter& painter, const QRectF& plot) {
  const QFontMetricsF metrics(font());
  const QColor color = legible(per_sequence_color(), palette().color(QPalette::Base));
  const double x = std::min(xOf(line_), plot.right());
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setPen(QPen(color, dragging_ || hasFocus() ? 2.5 : 1.5));
  painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
  QPainterPath handle;
  handle.moveTo(x - kHandle, plot.top() - kHandle);
  handle.lineTo(x + kHandle, plot.top() - kHandle);
  handle.lineTo(x, plot.top() + 2);
  handle.closeSubpath();
  painter.fillPath(handle, color);
  painter.setRenderHint(QPainter::Antialiasing, false);
  const QString word =
      line_ > end_ ? tr("max_length %1, further right").arg(grouped(line_)) : tr("max_length %1").arg(grouped(line_));
  const double width = metrics.horizontalAdvance(word);
  const double left = x + kHandle + kGap + width > plot.right() ? x - kHandle - kGap - width : x + kHandle + kGap;
  painter.setPen(color);
  painter.drawText(QPointF(std::max(left, 2.0), metrics.ascent() + 1), word);
}

void LengthHistogram::moveLine(int tokens) {
  const int wanted = std::clamp(tokens, 1, kMostLine);
  if (wanted == line_) return;
  setLine(wanted);
  Q_EMIT lineMoved(wanted);
}

bool LengthHistogram::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && hovered_ && binAt(hovered_->x()) >= 0) return true;  // it has a read-out
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) makeBins();
  return QWidget::event(event);
}

void LengthHistogram::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  messages_->setGeometry(0, 0, width(), messages_->sizeHint().height());
  makeBins();
}

void LengthHistogram::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !explanation_.isEmpty()) return;
  // A click takes the line there.
  dragging_ = true;
  moveLine(tokensAt(event->position().x()));
  update();
}

void LengthHistogram::mouseMoveEvent(QMouseEvent* event) {
  hovered_ = event->position();
  const bool near = std::abs(event->position().x() - xOf(line_)) < kGrip;
  setCursor(dragging_ || near ? Qt::SplitHCursor : Qt::ArrowCursor);
  if (dragging_) moveLine(tokensAt(std::min(event->position().x(), plotRect().right())));
  update();
}

void LengthHistogram::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !dragging_) return;
  dragging_ = false;
  makeBins();
}

void LengthHistogram::leaveEvent(QEvent* event) {
  QWidget::leaveEvent(event);
  hovered_.reset();
  update();
}

void LengthHistogram::keyPressEvent(QKeyEvent* event) {
  const int step = event->modifiers() & Qt::ShiftModifier ? kShiftStep : 1;
  switch (event->key()) {
    case Qt::Key_Left:
      return moveLine(line_ - step);
    case Qt::Key_Right:
      return moveLine(line_ + step);
    case Qt::Key_PageUp:
      return moveLine(line_ * 2);
    case Qt::Key_PageDown:
      return moveLine(line_ / 2);
    case Qt::Key_Home:
      return moveLine(shortest_);
    case Qt::Key_End:
      return moveLine(longest_);
    case Qt::Key_L:
      return setLogarithmic(!logarithmic_);
    default:
      QWidget::keyPressEvent(event);
  }
}

PaintPicture LengthHistogram::painted() {
  return [this](QPaintDevice& device, const QSize&) {
    QPainter painter(&device);
    painter.setFont(font());
    paint(painter);
  };
}

bool LengthHistogram::savePicture(const QString& path) {
  return save_picture(path, size(), painted(), *messages_);
}

void LengthHistogram::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  QAction* logarithmic = menu.addAction(tr("&Logarithmic lengths"));
  logarithmic->setCheckable(true);
  logarithmic->setChecked(logarithmic_);
  connect(logarithmic, &QAction::toggled, this, &LengthHistogram::setLogarithmic);
  menu.addSeparator();
  add_picture_actions(menu, *this, QStringLiteral("lengths"), painted(), *messages_);
  add_table_actions(
      menu, *this, tr("Lengths of the rows"), QStringLiteral("lengths"), [this] { return table(); }, *messages_);
  menu.exec(event->globalPos());
}

TableData LengthHistogram::table() const {
  std::vector<Bin> rows;
  std::copy_if(bins_.begin(), bins_.end(), std::back_inserter(rows), [](const Bin& bin) { return bin.rows > 0; });
  TableData table;
  table.headers = {tr("From, tokens"), tr("To, tokens"), tr("Rows")};
  table.rows = static_cast<int>(rows.size());
  table.cell = [rows](int row, int column) {
    const Bin& bin = rows[static_cast<std::size_t>(row)];
    return QString::number(column == 0 ? bin.first : column == 1 ? bin.last : bin.rows);
  };
  return table;
}

void LengthHistogram::describe() {
  if (!explanation_.isEmpty()) {
    setAccessibleDescription(explanation_);
    return;
  }
  std::int64_t above = 0, all = 0;
  for (std::size_t n = 0; n < counts_.size(); ++n) {
    all += counts_[n];
    if (static_cast<int>(n) > line_) above += counts_[n];
  }
  setAccessibleDescription(
      tr("%1 rows of %2 to %3 tokens; max_length is %4, and %5 rows are longer")
          .arg(grouped(all), grouped(shortest_), grouped(longest_), grouped(line_), grouped(above)));
}

}  // namespace vernier::ui
