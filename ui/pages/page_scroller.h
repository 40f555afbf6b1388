// A page that scrolls where the window is too low for all of it. The wheel moves the page: boxes and tabs in it leave
// it alone, and numbers and sliders take it only while they have the keyboard.
#pragma once

#include <QScrollArea>

namespace vernier::ui {

class PageScroller : public QScrollArea {
  Q_OBJECT

 public:
  explicit PageScroller(QWidget* parent = nullptr);

  // Takes the page's layout. It is never lower than the layout's minimum.
  QWidget* page() const { return widget(); }
  // The one that the widget is in; null for none.
  static PageScroller* around(const QWidget* widget);
};

}  // namespace vernier::ui
