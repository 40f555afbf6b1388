#include "ui/widgets/excess_delegate.h"

#include <QApplication>
#include <QPainter>
#include <QStyle>
#include <algorithm>
#include <cmath>

#include "ui/style/color_maps.h"

namespace vernier::ui {
namespace {

constexpr double kStrongest = 0.55;  // of the bar's hue over the table's: text in front stays readable

}  // namespace

void ExcessDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  QStyleOptionViewItem cell = option;
  initStyleOption(&cell, index);
  const QStyle* style = cell.widget != nullptr ? cell.widget->style() : QApplication::style();
  style->drawPrimitive(QStyle::PE_PanelItemViewItem, &cell, painter, cell.widget);
  const double value = index.data(value_role_).toDouble();
  const double scale = index.data(scale_role_).toDouble();
  const QRectF place = QRectF(option.rect).adjusted(4, 3, -4, -3);
  const double half = place.width() / 2;
  const QPointF middle(place.left() + half, place.top());
  painter->save();
  if (scale > 0.0 && value != 0.0) {
    const double length = std::max(1.0, std::min(1.0, std::abs(value) / scale) * half);
    QColor hue = value > 0.0 ? per_sequence_color() : per_token_color();
    hue.setAlphaF(kStrongest);
    painter->fillRect(QRectF(value > 0.0 ? middle.x() : middle.x() - length, place.top(), length, place.height()), hue);
  }
  painter->setPen(axis_line(cell.palette));
  painter->drawLine(middle, QPointF(middle.x(), place.bottom()));
  const bool is_selected = cell.state.testFlag(QStyle::State_Selected);
  painter->setPen(cell.palette.color(is_selected ? QPalette::HighlightedText : QPalette::Text));
  // On the side that the bar leaves free.
  painter->drawText(place, Qt::AlignVCenter | (value > 0.0 ? Qt::AlignLeft : Qt::AlignRight), cell.text);
  painter->restore();
}

}  // namespace vernier::ui
