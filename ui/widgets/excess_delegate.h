// A cell with a bar from the middle: to the right for too much, to the left for too little.
#pragma once

#include <QStyledItemDelegate>

namespace vernier::ui {

// value_role: the signed number; scale_role: the largest size of any. Its text stands over the bar.
class ExcessDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  ExcessDelegate(int value_role, int scale_role, QObject* parent = nullptr)
      : QStyledItemDelegate(parent), value_role_(value_role), scale_role_(scale_role) {}

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 private:
  int value_role_;
  int scale_role_;
};

}  // namespace vernier::ui
