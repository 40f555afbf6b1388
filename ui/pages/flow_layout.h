// Rows that break where the window is too narrow for them.
#pragma once

#include <QLayout>
#include <QList>
#include <QString>

namespace vernier::ui {

// Items from left to right, each as wide as it wants to be, in as many rows as that takes.
class FlowLayout : public QLayout {
  Q_OBJECT

 public:
  FlowLayout(int horizontal_spacing, int vertical_spacing, QWidget* parent = nullptr);
  ~FlowLayout() override;

  void addItem(QLayoutItem* item) override;
  int count() const override;
  QLayoutItem* itemAt(int index) const override;
  QLayoutItem* takeAt(int index) override;
  Qt::Orientations expandingDirections() const override { return {}; }
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override;
  QSize minimumSize() const override;
  void setGeometry(const QRect& rect) override;

 private:
  // Places the items where `moves`. Returns the height they take.
  int arrange(const QRect& rect, bool moves) const;

  QList<QLayoutItem*> items_;
  int horizontal_spacing_;
  int vertical_spacing_;
};

// Adds a field with its caption in front, which stay together; the caption's letter leads to the field. The pair of
// them.
QWidget* add_captioned(QLayout& row, const QString& caption, QWidget* field);

}  // namespace vernier::ui
