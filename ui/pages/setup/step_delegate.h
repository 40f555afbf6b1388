// A step in the list at the left of the page: its state's shape, its title, and one line under it.
#pragma once

#include <QStyledItemDelegate>

namespace vernier::ui {

class StepDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace vernier::ui
