#include "ui/pages/roomy_delegate.h"

#include <QApplication>
#include <QPainter>
#include <QStyle>

#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr QMargins kAir(kSpaceTiny, kSpaceTiny, kSpaceTiny, kSpaceTiny);

}  // namespace

void RoomyDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  // The whole cell is coloured, its text stands in the middle.
  QStyleOptionViewItem cell = option;
  initStyleOption(&cell, index);
  const QStyle* style = cell.widget != nullptr ? cell.widget->style() : QApplication::style();
  style->drawPrimitive(QStyle::PE_PanelItemViewItem, &cell, painter, cell.widget);
  QStyleOptionViewItem inner = option;
  inner.rect = option.rect.marginsRemoved(kAir);
  QStyledItemDelegate::paint(painter, inner, index);
}

QSize RoomyDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  // Text that wraps gets its height from the width that the air leaves.
  QStyleOptionViewItem inner = option;
  if (option.rect.width() > 0) inner.rect = option.rect.marginsRemoved(kAir);
  return QStyledItemDelegate::sizeHint(inner, index).grownBy(kAir);
}

}  // namespace vernier::ui
