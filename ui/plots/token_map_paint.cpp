// What TokenMap paints: cells, marks, words, the key above and the strips around.
#include <QPainter>
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "ui/plots/token_map.h"
#include "ui/style/color_maps.h"
#include "ui/style/contrast.h"
#include "ui/style/paint.h"

namespace vernier::ui {
namespace {

constexpr double kSmallest = 3.0;      // narrower or lower cells carry no marks
constexpr double kTextWidth = 14.0;    // narrower cells carry no text
constexpr double kElidedWidth = 34.0;  // narrower cells carry no text that does not fit
constexpr double kRoomyHeight = 19.0;  // of a cell whose word two outlines leave free
constexpr int kLeast = 34;             // margin left of the grid
constexpr int kWidestLabel = 150;
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
constexpr int kStrip = 20;        // height of a strip's bars
constexpr int kStripsFrom = 300;  // height of the map from which it has room for them
constexpr int kRowBars = 100;
constexpr int kBarWords = 4;  // between the end of a row's bar and its figure
constexpr int kRowScroll = 8;
constexpr int kShades = 256;  // that an image tells apart

}  // namespace

QFont TokenMap::smallFont() const {
  return scaled_font(font(), 0.9);
}

QRect TokenMap::colorBarRect() const {
  const int wide = width() >= kWideEnough ? kWideBar : kNarrowBar;
  return {std::max(left_, width() - kRight - wide), kBarTop, wide, kBarHeight};
}

QRect TokenMap::keyRect() const {
  return {left_, kKeyTop, std::max(80, colorBarRect().left() - left_ - kGap), key_height_};
}

QRectF TokenMap::overviewRect() const {
  return {static_cast<double>(left_), static_cast<double>(height() - kOverviewHeight - 8),
          static_cast<double>(std::max(1, width() - left_ - right_)), static_cast<double>(kOverviewHeight)};
}

QRectF TokenMap::rowScrollRect() const {
  const QRectF grid = view_.grid();
  return {grid.right() + 4, grid.top(), static_cast<double>(kRowScroll), grid.height()};
}

bool TokenMap::showsStrips() const {
  return cells_ && height() >= kStripsFrom;
}

void TokenMap::layOut() {
  const QFontMetrics metrics(smallFont());
  int label = 0;
  const int rows = cells_ ? cells_->rows() : 0;
  for (int row = 0; row < rows; ++row) label = std::max(label, metrics.horizontalAdvance(cells_->row_label(row)));
  left_ = std::clamp(label + 12, kLeast, std::min(kWidestLabel, std::max(kLeast, width() / 4)));
  const bool has_bars = cells_ && !cells_->row_bars().caption.isEmpty();
  right_ = kRight + (has_bars ? kRowBars : 0) + kRowScroll;
  // Two lines of words at most, above the bar's own words in any case.
  key_height_ = kKeyLines * metrics.lineSpacing();
  strips_top_ = std::max(kKeyTop + key_height_, kBarTop + kBarHeight + 4 + metrics.height()) + 4;
  strip_height_ = metrics.height() + kStrip + 2;
  const double strips = showsStrips() ? strip_height_ * static_cast<double>(cells_->strips().size()) : 0.0;
  // The caption of the bars beside the rows stands above them.
  const double top = strips_top_ + std::max(strips, has_bars ? metrics.height() + 2.0 : 0.0);
  const double bottom = 2.0 * metrics.height() + kMarkerRow + kOverviewHeight + 16;
  view_.setGrid(QRectF(left_, top, std::max(1, width() - left_ - right_), std::max(1.0, height() - top - bottom)),
                metrics.height() + 2.0);
  key_.clear();
  for (const QString& words : cells_ ? cells_->keys(rowCount()) : QStringList()) {
    key_ = words;
    if (metrics.boundingRect(keyRect(), Qt::AlignLeft | Qt::TextWordWrap, key_).height() <= key_height_) break;
  }
  update();
}

QColor TokenMap::colorOf(double shade) const {
  return cells_->is_signed() ? blue_orange(shade) : cividis(shade);
}

void TokenMap::fillImages() {
  const int columns = cells_ ? cells_->columns() : 0;
  overview_ = QImage(std::max(1, columns), 1, QImage::Format_RGB32);
  for (int column = 0; column < columns; ++column) {
    const double shade = cells_->overview(column);
    overview_.setPixelColor(column, 0, std::isnan(shade) ? grid_line(palette()) : cividis(shade));
  }
}

void TokenMap::paint(QPainter& painter, Medium medium) {
  painter.fillRect(rect(), palette().color(QPalette::Base));
  painter.setFont(font());
  if (!cells_ || !explanation_.isEmpty()) {
    painter.setPen(secondary_text(palette()));
    painter.drawText(rect().adjusted(24, 24, -24, -24), Qt::AlignCenter | Qt::TextWordWrap, explanation_);
    return;
  }
  paintGrid(painter, medium);
  if (showsStrips()) paintStrips(painter);
  paintColumns(painter);
  paintRows(painter);
  paintRowBars(painter);
  paintKey(painter);
  paintOverview(painter);
}

void TokenMap::paintGrid(QPainter& painter, Medium medium) {
  const QFont small = smallFont();
  painter.save();
  painter.setClipRect(view_.grid());
  if (columnWidth() < kTextWidth || view_.rowHeight() < QFontMetricsF(small).height()) {
    paintImage(painter);
  } else if (medium == Medium::kScreen) {
    tiles_.draw(painter, view_, devicePixelRatioF(), [&](QPainter& cells, int column, int first, int last) {
      for (int row = first; row < last; ++row) {
        const QRectF cell(0, (row - first) * view_.rowHeight(), columnWidth(), view_.rowHeight());
        paintCell(cells, cell, column, row, small);
      }
    });
  } else {
    for (int column = view_.firstColumn(); column < view_.lastColumn(); ++column) {
      for (int row = view_.firstRow(); row < view_.lastRow(); ++row) {
        paintCell(painter, cellRect(column, row), column, row, small);
      }
    }
  }
  painter.restore();
}

// Cells without words: a picture of one pixel each, made once, and outlines where they are large enough for them.
void TokenMap::paintImage(QPainter& painter) {
  if (image_.isNull()) {
    std::array<QRgb, kShades> colors{};
    const double low = cells_->is_signed() ? -1.0 : 0.0;
    for (int i = 0; i < kShades; ++i)
      colors[static_cast<std::size_t>(i)] = colorOf(low + (1.0 - low) * i / (kShades - 1)).rgb();
    const QRgb unknown = colorOf(std::nan("")).rgb();
    image_ = QImage(view_.columns(), view_.rows(), QImage::Format_RGB32);
    for (int row = 0; row < view_.rows(); ++row) {
      auto* line = reinterpret_cast<QRgb*>(image_.scanLine(row));
      for (int column = 0; column < view_.columns(); ++column) {
        const double share = (cells_->shade(column, row) - low) / (1.0 - low);
        line[column] =
            std::isnan(share) ? unknown : colors[static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * (kShades - 1))];
      }
    }
  }
  const int first = view_.firstColumn();
  const int first_row = view_.firstRow();
  const QRect from(first, first_row, view_.lastColumn() - first, view_.lastRow() - first_row);
  const QRectF to(view_.columnLeft(first), view_.rowTop(first_row), from.width() * columnWidth(),
                  from.height() * view_.rowHeight());
  const double scale = painter.device()->devicePixelRatioF();
  const QSize pixels = (to.size() * scale).toSize().expandedTo({1, 1});
  if (pixels.width() < from.width() || pixels.height() < from.height()) {
    if (scaled_.isNull() || scaled_from_ != from || scaled_.size() != pixels) {
      scaled_ = image_.copy(from).scaled(pixels, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
      scaled_from_ = from;
    }
    painter.drawImage(to, scaled_);
  } else {
    painter.drawImage(to, image_, from);
  }
  if (columnWidth() < kSmallest || view_.rowHeight() < kSmallest) return;
  for (int column = first; column < view_.lastColumn(); ++column) {
    for (int row = first_row; row < view_.lastRow(); ++row) {
      if (cells_->is_marked(column, row)) paintTrueOutline(painter, cellRect(column, row));
    }
  }
}

void TokenMap::paintCell(QPainter& painter, const QRectF& cell, int column, int row, const QFont& small) const {
  const QRectF inner = cell.adjusted(0, 0, -1.0, -1.0);
  const double shade = cells_->shade(column, row);
  const QColor color = colorOf(shade);
  painter.fillRect(inner, std::isnan(shade) ? hatching_under_text(palette()) : QBrush(color));
  painter.setFont(small);
  const QFontMetricsF metrics(small);
  QString text = cells_->text(column, row);
  if (inner.width() >= kElidedWidth) text = metrics.elidedText(text, Qt::ElideRight, inner.width() - 4);
  if (metrics.horizontalAdvance(text) + 4 <= inner.width()) {
    painter.setPen(std::isnan(shade) ? palette().color(QPalette::Text) : readable_text_on(color));
    painter.drawText(inner, Qt::AlignCenter, text);
  }
  if (cells_->is_marked(column, row)) paintTrueOutline(painter, inner);
}

void TokenMap::paintTrueOutline(QPainter& painter, const QRectF& cell) const {
  painter.setBrush(Qt::NoBrush);
  if (cell.width() < kTextWidth || cell.height() < kTextWidth) {
    painter.setPen(QPen(per_sequence_color(), 1.0));
    painter.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5));
    return;
  }
  // Light within dark, so that the outline shows on every colour; where the cell is low it would cover the word.
  if (cell.height() >= kRoomyHeight) {
    painter.setPen(QPen(light_outline(), 3.0, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    painter.drawRect(cell.adjusted(1.5, 1.5, -1.5, -1.5));
  }
  painter.setPen(QPen(per_sequence_color(), 2.0, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
  painter.drawRect(cell.adjusted(1.0, 1.0, -1.0, -1.0));
}

void TokenMap::paintStrips(QPainter& painter) {
  const QRectF grid = view_.grid();
  painter.save();
  painter.setFont(smallFont());
  const QFontMetricsF metrics(painter.font());
  double top = strips_top_;
  for (const MapStrip& strip : cells_->strips()) {
    const QRectF caption(grid.left(), top, grid.width(), metrics.height());
    painter.setPen(secondary_text(palette()));
    const double room = grid.width() - metrics.horizontalAdvance(strip.top) - kGap;
    painter.drawText(caption, Qt::AlignLeft, metrics.elidedText(strip.caption, Qt::ElideRight, room));
    painter.drawText(caption, Qt::AlignRight, strip.top);
    const QRectF bars(grid.left(), top + metrics.height(), grid.width(), kStrip - 2);
    painter.setPen(grid_line(palette()));
    painter.drawLine(bars.bottomLeft(), bars.bottomRight());
    const auto bar = [&](double left, double width, double value) {
      const double height = std::clamp(value / strip.maximum, 0.0, 1.0) * bars.height();
      if (!(height > 0.0)) return;  // nor is there one for what is no number
      painter.fillRect(QRectF(left, bars.bottom() - height, width, height).intersected(bars), strip.color);
    };
    const int first = view_.firstColumn();
    const int last = view_.lastColumn();
    const auto value_of = [&strip](int column) {
      return static_cast<double>(strip.values[static_cast<std::size_t>(column)]);
    };
    if (columnWidth() >= 1.0) {
      const double gap = columnWidth() >= kSmallest ? 1.0 : 0.0;
      for (int column = first; column < last; ++column) {
        bar(view_.columnLeft(column), columnWidth() - gap, value_of(column));
      }
    } else {
      // Where several columns share a pixel, it shows the highest of them.
      std::vector<double> highest(static_cast<std::size_t>(bars.width()) + 1, 0.0);
      for (int column = first; column < last; ++column) {
        const double pixel = std::clamp(view_.columnLeft(column) - bars.left(), 0.0, bars.width());
        double& most = highest[static_cast<std::size_t>(pixel)];
        if (value_of(column) > most) most = value_of(column);
      }
      for (std::size_t pixel = 0; pixel < highest.size(); ++pixel) {
        bar(bars.left() + static_cast<double>(pixel), 1.0, highest[pixel]);
      }
    }
    top += strip_height_;
  }
  painter.restore();
}

void TokenMap::paintColumns(QPainter& painter) {
  const QRectF grid = view_.grid();
  painter.save();
  // The first column's number may stand over its left end.
  painter.setClipRect(QRectF(grid.left() - kGap, 0, grid.width() + kGap, height()));
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setFont(smallFont());
  // Numbers so far apart that they do not touch.
  const double room = QFontMetricsF(painter.font()).horizontalAdvance("00000");
  const int every = std::max(1, static_cast<int>(nice_ceiling(room / columnWidth())));
  for (int column = view_.firstColumn(); column < view_.lastColumn(); ++column) {
    paintColumn(painter, column, cells_->position(column) % every == 0);
  }
  paintMarks(painter);
  painter.restore();
}

// What stands below the cells: whether the true token is further down, the token read, its position.
void TokenMap::paintColumn(QPainter& painter, int column, bool has_number) {
  const QFontMetricsF metrics(painter.font());
  const double bottom = view_.grid().bottom();
  const double x = view_.columnLeft(column);
  const double middle = x + columnWidth() / 2;
  const TokenMapCells::Below below = cells_->below(column, view_.firstRow() + rowCount());
  if (below == TokenMapCells::Below::kFurther) {
    const double half = std::clamp(columnWidth() / 2 - 1, 0.5, 4.0);
    painter.setPen(Qt::NoPen);
    painter.setBrush(per_sequence_color());
    painter.drawPolygon(QPolygonF{QPointF(middle - half, bottom + 4), QPointF(middle + half, bottom + 4),
                                  QPointF(middle, bottom + 4 + 1.6 * half)});
  }
  if (below == TokenMapCells::Below::kNone) {
    painter.fillRect(QRectF(x, bottom + 3, columnWidth(), kMarkerRow - 6), hatching(palette()));
  }
  const double text_top = bottom + kMarkerRow;
  painter.setPen(column == selected_ ? palette().color(QPalette::Text) : secondary_text(palette()));
  if (columnWidth() >= kTextWidth && middle >= view_.grid().left() && middle <= view_.grid().right()) {
    const QString word = metrics.elidedText(cells_->input(column), Qt::ElideRight, columnWidth() - 2);
    painter.drawText(QRectF(x, text_top, columnWidth(), metrics.height()), Qt::AlignCenter, word);
  }
  if (has_number) {
    const QString number = QString::number(cells_->position(column));
    const double width = metrics.horizontalAdvance(number) + 2;
    const QRectF grid = view_.grid();
    if (middle - width / 2 < grid.left() - kGap || middle + width / 2 > grid.right()) return;  // it would be cut
    painter.drawText(QRectF(middle - width / 2, text_top + metrics.height(), width, metrics.height()), Qt::AlignCenter,
                     number);
  }
}

void TokenMap::paintMarks(QPainter& painter) {
  const QRectF grid = view_.grid();
  painter.setBrush(Qt::NoBrush);
  if (selected_ >= 0) {
    painter.setPen(QPen(palette().color(QPalette::Text), 2.0));
    painter.drawRect(
        QRectF(view_.columnLeft(selected_) - 1, grid.top() - 1, std::max(2.0, columnWidth() + 1), grid.height() + 2));
    const QRectF cell = cellRect(selected_, selected_row_).intersected(grid);
    if (cell.height() >= kSmallest) painter.drawRect(cell.adjusted(0, 0, -1, -1));
  }
  if (hovered_) {
    painter.setPen(QPen(palette().color(QPalette::Text), 1.0));
    painter.drawRect(cellRect(hovered_->x(), hovered_->y()).adjusted(0.5, 0.5, -1.5, -1.5));
  }
}

void TokenMap::paintRows(QPainter& painter) {
  const QRectF grid = view_.grid();
  painter.save();
  painter.setClipRect(QRectF(0, grid.top(), grid.left(), grid.height()));
  painter.setFont(smallFont());
  const QFontMetricsF metrics(painter.font());
  const int every = std::max(1, static_cast<int>(nice_ceiling(metrics.height() / view_.rowHeight())));
  for (int row = view_.firstRow(); row < view_.lastRow(); ++row) {
    if (row % every != 0 || view_.rowTop(row) + metrics.height() > grid.bottom() + metrics.height() / 2) continue;
    const QRectF cell(0, view_.rowTop(row), left_ - 6, std::max(view_.rowHeight(), metrics.height()));
    painter.setPen(selected_ >= 0 && row == selected_row_ ? palette().color(QPalette::Text)
                                                          : secondary_text(palette()));
    painter.drawText(cell, Qt::AlignRight | Qt::AlignVCenter,
                     metrics.elidedText(cells_->row_label(row), Qt::ElideRight, cell.width()));
  }
  painter.restore();
  if (view_.shareOfRows() >= 1.0) return;
  // The part of all rows that is in sight.
  const QRectF strip = rowScrollRect();
  painter.fillRect(strip, grid_line(palette()));
  painter.fillRect(QRectF(strip.left(), strip.top() + view_.shareAbove() * strip.height(), strip.width(),
                          std::max(8.0, view_.shareOfRows() * strip.height())),
                   secondary_text(palette()));
}

void TokenMap::paintRowBars(QPainter& painter) {
  const MapRowBars& bars = cells_->row_bars();
  if (bars.caption.isEmpty()) return;
  const QRectF grid = view_.grid();
  const double left = grid.right() + kRowScroll + 8;
  const double room = kRowBars - 16;
  painter.save();
  painter.setFont(smallFont());
  painter.setPen(secondary_text(palette()));
  // Beside the strips' bars, which end with the cells: in as many lines as it takes.
  const QRectF caption(left, strips_top_, room, grid.top() - strips_top_ - 2);
  painter.drawText(caption, Qt::AlignLeft | Qt::AlignBottom | Qt::TextWordWrap, bars.caption);
  painter.setClipRect(QRectF(left - 1, grid.top(), room + 2, grid.height()));
  const auto width_of = [&](float value) {
    return std::isnan(value) ? 0.0 : std::clamp(static_cast<double>(value) / bars.maximum, 0.0, 1.0) * room;
  };
  for (int row = view_.firstRow(); row < view_.lastRow(); ++row) {
    const QRectF place(left, view_.rowTop(row) + 1, room, std::max(1.0, view_.rowHeight() - 3));
    const auto i = static_cast<std::size_t>(row);
    painter.fillRect(QRectF(place.topLeft(), QSizeF(width_of(bars.values[i]), place.height())), bars.color);
    if (!bars.others.empty()) {
      painter.setPen(QPen(palette().color(QPalette::Text), 1.0));
      painter.setBrush(Qt::NoBrush);
      painter.drawRect(QRectF(place.left() + 0.5, place.top() + 0.5, width_of(bars.others[i]), place.height() - 1));
    } else if (const QFontMetricsF metrics(painter.font()); place.height() >= metrics.height()) {
      // Behind the bar, or in one that leaves no room.
      const QString words = figure(static_cast<double>(bars.values[i]), 2);
      const double end = width_of(bars.values[i]);
      const bool is_behind = end + kBarWords + metrics.horizontalAdvance(words) <= room;
      painter.setPen(is_behind ? secondary_text(palette()) : readable_text_on(bars.color));
      painter.drawText(
          is_behind ? place.adjusted(end + kBarWords, 0, 0, 0) : place.adjusted(0, 0, end - room - kBarWords, 0),
          (is_behind ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, words);
    }
  }
  painter.restore();
}

void TokenMap::paintKey(QPainter& painter) {
  painter.save();
  painter.setFont(smallFont());
  painter.setPen(secondary_text(palette()));
  painter.drawText(keyRect(), Qt::AlignLeft | Qt::TextWordWrap, key_);
  const bool is_signed = cells_->is_signed();
  paint_color_bar(
      painter, colorBarRect(),
      [this, is_signed](double share) { return colorOf(is_signed ? 2.0 * share - 1.0 : share); }, cells_->ticks(),
      palette());
  painter.restore();
}

void TokenMap::paintOverview(QPainter& painter) {
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
