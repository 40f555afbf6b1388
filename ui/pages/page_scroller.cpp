#include "ui/pages/page_scroller.h"

#include <QLayout>

namespace vernier::ui {
namespace {

// A scroll area gives its widget the height that it would like; this one is content with what it needs.
class Page : public QWidget {
 public:
  using QWidget::QWidget;
  int heightForWidth(int width) const override { return layout()->totalMinimumHeightForWidth(width); }
};

}  // namespace

PageScroller::PageScroller(QWidget* parent) : QScrollArea(parent) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::NoFocus);  // what is in it can be reached, and comes into sight
  setWidgetResizable(true);
  setWidget(new Page(this));
}

}  // namespace vernier::ui
