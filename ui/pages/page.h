// A page of the window: one entry of the rail at the left.
#pragma once

#include <QWidget>

namespace vernier::ui {

class Page : public QWidget {
  Q_OBJECT

 public:
  using QWidget::QWidget;

  // Where the keyboard goes when the page is chosen.
  virtual void take_focus() = 0;
  // Puts splitters and panels back as they were at the first start.
  virtual void reset_layout() {}
  // Something that it shows is still being worked out.
  virtual bool is_busy() { return false; }
};

}  // namespace vernier::ui
