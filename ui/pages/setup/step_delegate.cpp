#include "ui/pages/setup/step_delegate.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QPainter>
#include <algorithm>

#include "ui/pages/setup/steps_model.h"
#include "ui/style/color_maps.h"
#include "ui/style/text_width.h"
#include "ui/style/theme.h"

namespace vernier::ui {
namespace {

constexpr int kShape = 16;
constexpr int kColumns = 28;  // characters

}  // namespace

void StepDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  QStyleOptionViewItem row = option;
  initStyleOption(&row, index);
  row.text.clear();
  const QStyle* style = option.widget != nullptr ? option.widget->style() : QApplication::style();
  style->drawControl(QStyle::CE_ItemViewItem, &row, painter, option.widget);

  painter->save();
  const bool selected = option.state.testFlag(QStyle::State_Selected);
  const QRect inner = option.rect.adjusted(kSpaceMedium, kSpaceSmall, -kSpaceSmall, -kSpaceSmall);
  const int line = option.fontMetrics.height();
  const QRectF shape(inner.left(), inner.top() + (line - kShape) / 2.0, kShape, kShape);
  paint_state(*painter, shape, static_cast<StateShape>(index.data(StepsModel::kStateRole).toInt()), option.palette,
              selected);
  const QColor ink = option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text);
  const QRect text = inner.adjusted(kShape + kSpaceSmall, 0, 0, 0);
  painter->setFont(option.font);
  painter->setPen(ink);
  painter->drawText(text.left(), text.top() + option.fontMetrics.ascent(),
                    option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, text.width()));
  painter->setPen(selected ? ink : secondary_text(option.palette));
  painter->drawText(text.adjusted(0, line + kSpaceTiny / 2, 0, 0), Qt::TextWordWrap,
                    index.data(StepsModel::kSummaryRole).toString());
  painter->restore();
}

QSize StepDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const auto* view = qobject_cast<const QAbstractItemView*>(option.widget);
  const int width = view != nullptr ? view->viewport()->width() : character_width(option.fontMetrics) * kColumns;
  const int text = width - kSpaceMedium - kShape - 2 * kSpaceSmall;
  const QRect summary = option.fontMetrics.boundingRect(QRect(0, 0, text, QWIDGETSIZE_MAX), Qt::TextWordWrap,
                                                        index.data(StepsModel::kSummaryRole).toString());
  const int line = option.fontMetrics.height();
  return {width, line + kSpaceTiny / 2 + std::max(line, summary.height()) + 2 * kSpaceSmall};
}

}  // namespace vernier::ui
