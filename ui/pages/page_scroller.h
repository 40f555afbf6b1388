// A page that scrolls where the window is too low for all of it.
#pragma once

#include <QScrollArea>

namespace vernier::ui {

class PageScroller : public QScrollArea {
  Q_OBJECT

 public:
  explicit PageScroller(QWidget* parent = nullptr);

  // Takes the page's layout. It is never lower than the layout's minimum.
  QWidget* page() const { return widget(); }
};

}  // namespace vernier::ui
