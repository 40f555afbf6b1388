// What LogitHeatMap paints: cells, marks, words, the key above and the strip below.
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/plots/logit_heat_map.h"
#include "ui/style/color_maps.h"

namespace vernier::ui {
namespace {

constexpr double kNarrowPainted = 3.0;  // narrower columns come from the image
constexpr double kTextWidth = 14.0;     // narrower cells carry no text
constexpr double kElidedWidth = 34.0;   // narrower cells carry no text that does not fit
constexpr int kLeft = 34;
constexpr int kRight = 12;
constexpr int kKeyTop = 4;
constexpr int kGap = 12;
constexpr int kBarTop = 8;
constexpr int kBarHeight = 8;
constexpr int kWideBar = 220;
constexpr int kNarrowBar = 110;
constexpr int kWideEnough = 640;  // of the map, for the wide bar
constexpr int kKeyLines = 2;
constexpr int kMarkerRow = 14;  // below the grid: true tokens that are not among the shown
constexpr int kOverviewHeight = 10;

QFont small_font(const QFont& font) {
  return scaled_font(font, 0.9);
}

}  // namespace

QRect LogitHeatMap::colorBarRect() const {
  const int wide = width() >= kWideEnough ? kWideBar : kNarrowBar;
  return {std::max(kLeft, width() - kRight - wide), kBarTop, wide, kBarHeight};
}

QRect LogitHeatMap::keyRect() const {
  return {kLeft, kKeyTop, std::max(80, colorBarRect().left() - kLeft - kGap), key_height_};
}

QRectF LogitHeatMap::overviewRect() const {
  return QRectF(kLeft, height() - kOverviewHeight - 8, std::max(1, width() - kLeft - kRight), kOverviewHeight);
}

void LogitHeatMap::layOut() {
  const QFontMetrics metrics(small_font(font()));
  // Two lines of words at most, above the bar's own words in any case.
  key_height_ = kKeyLines * metrics.lineSpacing();
  const int top = std::max(kKeyTop + key_height_, kBarTop + kBarHeight + 4 + metrics.height()) + 4;
  const int bottom = 2 * metrics.height() + kMarkerRow + kOverviewHeight + 16;
  const QRectF grid(kLeft, top, std::max(1, width() - kLeft - kRight), std::max(1, height() - top - bottom));
  view_.setGrid(grid, metrics.height() + 2.0);

  const QStringList keys = {
      tr("Likeliest next token on top. Outlined: the true one; \u25be not among the first %1; hatched: none."),
      tr("Outlined: the true token; \u25be not among the first %1; hatched: none."),
      tr("Outlined: true token; \u25be beyond the first %1."), tr("\u25be beyond %1")};
  for (const QString& words : keys) {
    key_ = words.arg(rowCount());
    if (metrics.boundingRect(keyRect(), Qt::AlignLeft | Qt::TextWordWrap, key_).height() <= key_height_) break;
  }
  update();
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
  paintKey(painter);
  paintOverview(painter);
}

void LogitHeatMap::paintGrid(QPainter& painter) {
  const QRectF grid = view_.grid();
  painter.save();
  painter.setClipRect(grid);
  const int first = view_.firstColumn();
  const int last = view_.lastColumn();
  if (columnWidth() < kNarrowPainted) {
    painter.setRenderHint(QPainter::SmoothPixmapTransform, columnWidth() < 1.0);
    painter.drawImage(QRectF(view_.columnLeft(first), grid.top(), (last - first) * columnWidth(), grid.height()),
                      cells_, QRectF(first, 0, last - first, rowCount()));
  } else {
    const QFont small = small_font(font());
    for (int column = first; column < last; ++column) {
      const int rows = static_cast<int>(views_[static_cast<std::size_t>(column)].top.size());
      for (int row = 0; row < std::min(rows, rowCount()); ++row) paintCell(painter, column, row, small);
    }
  }
  painter.restore();
}

void LogitHeatMap::paintCell(QPainter& painter, int column, int row, const QFont& small) {
  const PositionView& view = views_[static_cast<std::size_t>(column)];
  const TopToken& token = view.top[static_cast<std::size_t>(row)];
  const double gap = columnWidth() > kTextWidth ? 1.0 : 0.0;
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
  const QRectF grid = view_.grid();
  painter.save();
  painter.setClipRect(QRectF(grid.left(), 0, grid.width(), height()));
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setFont(small_font(font()));
  // Numbers so far apart that they do not touch.
  const double room = QFontMetricsF(painter.font()).horizontalAdvance("00000");
  const int every = std::max(1, static_cast<int>(nice_ceiling(room / columnWidth())));
  for (int column = view_.firstColumn(); column < view_.lastColumn(); ++column) {
    paintColumn(painter, column, views_[static_cast<std::size_t>(column)].position % every == 0);
  }
  paintMarks(painter);
  painter.restore();
}

// What stands below the cells: whether the true token is further down, the token read, its position.
void LogitHeatMap::paintColumn(QPainter& painter, int column, bool has_number) {
  const PositionView& view = views_[static_cast<std::size_t>(column)];
  const QFontMetricsF metrics(painter.font());
  const double bottom = view_.grid().bottom();
  const double x = view_.columnLeft(column);
  const double middle = x + columnWidth() / 2;
  if (view.target_rank >= std::min(rowCount(), static_cast<int>(view.top.size()))) {
    const double half = std::clamp(columnWidth() / 2 - 1, 0.5, 4.0);
    painter.setPen(Qt::NoPen);
    painter.setBrush(per_sequence_color());
    painter.drawPolygon(QPolygonF{QPointF(middle - half, bottom + 4), QPointF(middle + half, bottom + 4),
                                  QPointF(middle, bottom + 4 + 1.6 * half)});
  }
  if (view.target_rank < 0) {
    painter.fillRect(QRectF(x, bottom + 3, columnWidth(), kMarkerRow - 6), hatching(palette()));
  }
  const double text_top = bottom + kMarkerRow;
  painter.setPen(column == selected_ ? palette().color(QPalette::Text) : secondary_text(palette()));
  if (columnWidth() >= kTextWidth) {
    const QString word = metrics.elidedText(pieceOf(view.input_id), Qt::ElideRight, columnWidth() - 2);
    painter.drawText(QRectF(x, text_top, columnWidth(), metrics.height()), Qt::AlignCenter, word);
  }
  if (has_number) {
    const QString number = QString::number(view.position);
    const double width = metrics.horizontalAdvance(number) + 2;
    painter.drawText(QRectF(middle - width / 2, text_top + metrics.height(), width, metrics.height()), Qt::AlignCenter,
                     number);
  }
}

void LogitHeatMap::paintMarks(QPainter& painter) {
  const QRectF grid = view_.grid();
  painter.setBrush(Qt::NoBrush);
  if (selected_ >= 0) {
    painter.setPen(QPen(palette().color(QPalette::Text), 2.0));
    painter.drawRect(
        QRectF(view_.columnLeft(selected_) - 1, grid.top() - 1, std::max(2.0, columnWidth() + 1), grid.height() + 2));
  }
  if (hovered_) {
    painter.setPen(QPen(palette().color(QPalette::Text), 1.0));
    painter.drawRect(cellRect(hovered_->x(), hovered_->y()).adjusted(0.5, 0.5, -1.5, -1.5));
  }
}

void LogitHeatMap::paintRows(QPainter& painter) {
  painter.save();
  painter.setFont(small_font(font()));
  painter.setPen(secondary_text(palette()));
  for (int row = 0; row < rowCount(); ++row) {
    const QRectF cell = cellRect(0, row);
    painter.drawText(QRectF(0, cell.top(), kLeft - 6, cell.height()), Qt::AlignRight | Qt::AlignVCenter,
                     QString::number(rank_from_one(row)));
  }
  painter.restore();
}

void LogitHeatMap::paintKey(QPainter& painter) {
  painter.save();
  painter.setFont(small_font(font()));
  painter.setPen(secondary_text(palette()));
  painter.drawText(keyRect(), Qt::AlignLeft | Qt::TextWordWrap, key_);
  paint_color_bar(painter, colorBarRect(), cividis,
                  {{0.0, tr("0 %")}, {0.5, tr("probability 50 %")}, {1.0, tr("100 %")}}, palette());
  painter.restore();
}

void LogitHeatMap::paintOverview(QPainter& painter) {
  const QRectF strip = overviewRect();
  painter.save();
  painter.setRenderHint(QPainter::SmoothPixmapTransform, columnCount() > strip.width());
  painter.drawImage(strip, overview_);
  if (view_.shareInSight() < 1.0) {
    painter.setPen(QPen(palette().color(QPalette::Text), 1.5));
    painter.drawRect(QRectF(strip.left() + view_.shareBefore() * strip.width(), strip.top() - 2,
                            std::max(4.0, view_.shareInSight() * strip.width()), strip.height() + 4));
  }
  painter.restore();
}

}  // namespace vernier::ui
