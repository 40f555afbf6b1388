#include "ui/pages/flow_layout.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPair>
#include <QWidget>
#include <algorithm>
#include <utility>

#include "ui/style/theme.h"

namespace vernier::ui {

FlowLayout::FlowLayout(int horizontal_spacing, int vertical_spacing, QWidget* parent)
    : QLayout(parent), horizontal_spacing_(horizontal_spacing), vertical_spacing_(vertical_spacing) {
  setContentsMargins(0, 0, 0, 0);
}

FlowLayout::~FlowLayout() {
  qDeleteAll(items_);
}

void FlowLayout::addItem(QLayoutItem* item) {
  items_.append(item);
}

int FlowLayout::count() const {
  return static_cast<int>(items_.size());
}

QLayoutItem* FlowLayout::itemAt(int index) const {
  return items_.value(index);
}

QLayoutItem* FlowLayout::takeAt(int index) {
  return index >= 0 && index < items_.size() ? items_.takeAt(index) : nullptr;
}

int FlowLayout::heightForWidth(int width) const {
  return arrange(QRect(0, 0, width, 0), false);
}

QSize FlowLayout::sizeHint() const {
  int width = 0;
  int height = 0;
  for (const QLayoutItem* item : items_) {
    if (item->isEmpty()) continue;
    width += (width > 0 ? horizontal_spacing_ : 0) + item->sizeHint().width();
    height = std::max(height, item->sizeHint().height());
  }
  return {width, height};
}

QSize FlowLayout::minimumSize() const {
  QSize size;
  for (const QLayoutItem* item : items_) size = size.expandedTo(item->minimumSize());
  return size;
}

void FlowLayout::setGeometry(const QRect& rect) {
  QLayout::setGeometry(rect);
  arrange(rect, true);
}

int FlowLayout::arrange(const QRect& rect, bool moves) const {
  QList<QPair<QLayoutItem*, QSize>> row;
  int x = rect.left();
  int y = rect.top();
  int row_height = 0;
  // Items stand in the middle of their row.
  const auto end_row = [&] {
    int left = rect.left();
    for (const auto& [item, size] : std::as_const(row)) {
      if (moves) item->setGeometry(QRect(QPoint(left, y + (row_height - size.height()) / 2), size));
      left += size.width() + horizontal_spacing_;
    }
    row.clear();
  };
  for (QLayoutItem* item : items_) {
    if (item->isEmpty()) continue;
    const QSize wanted(std::min(item->sizeHint().width(), std::max(rect.width(), item->minimumSize().width())),
                       item->sizeHint().height());
    if (row_height > 0 && x + wanted.width() > rect.left() + rect.width()) {
      end_row();
      x = rect.left();
      y += row_height + vertical_spacing_;
      row_height = 0;
    }
    row.emplaceBack(item, wanted);
    x += wanted.width() + horizontal_spacing_;
    row_height = std::max(row_height, wanted.height());
  }
  end_row();
  return y + row_height - rect.top();
}

QWidget* add_captioned(QLayout& row, const QString& caption, QWidget* field) {
  auto* pair = new QWidget(field->parentWidget());
  auto* layout = new QHBoxLayout(pair);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kSpaceSmall);
  auto* label = new QLabel(caption, pair);
  label->setBuddy(field);
  layout->addWidget(label);
  layout->addWidget(field);
  row.addWidget(pair);
  return pair;
}

}  // namespace vernier::ui
