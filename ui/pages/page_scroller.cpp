#include "ui/pages/page_scroller.h"

#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QEvent>
#include <QLayout>
#include <QPointer>
#include <QScrollBar>
#include <QTabBar>

namespace vernier::ui {
namespace {

// A scroll area gives its widget the height that it would like; this one is content with what it needs.
class Page : public QWidget {
 public:
  using QWidget::QWidget;
  int heightForWidth(int width) const override { return layout()->totalMinimumHeightForWidth(width); }
};

// The wheel scrolls the page, and changes nothing that happens to come under the pointer on the way.
class WheelGuard : public QObject {
 public:
  using QObject::QObject;
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() != QEvent::Wheel && event->type() != QEvent::Polish) return false;
    auto* widget = qobject_cast<QWidget*>(watched);
    // Else the wheel that is kept from a number gives it the keyboard first, and the next one goes through.
    if (event->type() == QEvent::Polish) {
      if (widget != nullptr && widget->focusPolicy() == Qt::WheelFocus && is_turned(widget)) {
        widget->setFocusPolicy(Qt::StrongFocus);
      }
      return false;
    }
    if (widget == nullptr || !is_guarded(widget) || PageScroller::around(widget) == nullptr) return false;
    event->ignore();  // whoever is around it gets it
    return true;
  }

 private:
  static bool is_guarded(const QWidget* widget) {
    // The pointer stays on a box where something was just chosen.
    if (qobject_cast<const QComboBox*>(widget) != nullptr || qobject_cast<const QTabBar*>(widget) != nullptr) {
      return true;
    }
    return is_turned(widget) && !widget->hasFocus();
  }
  static bool is_turned(const QWidget* widget) {
    return qobject_cast<const QAbstractSpinBox*>(widget) != nullptr ||
           (qobject_cast<const QAbstractSlider*>(widget) != nullptr &&
            qobject_cast<const QScrollBar*>(widget) == nullptr);
  }
};

}  // namespace

PageScroller::PageScroller(QWidget* parent) : QScrollArea(parent) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::NoFocus);  // what is in it can be reached, and comes into sight
  setWidgetResizable(true);
  setWidget(new Page(this));
  static QPointer<QObject> guard;
  if (guard == nullptr) {
    guard = new WheelGuard(qApp);
    qApp->installEventFilter(guard);
  }
}

PageScroller* PageScroller::around(const QWidget* widget) {
  for (QWidget* at = widget->parentWidget(); at != nullptr && !at->isWindow(); at = at->parentWidget()) {
    if (auto* scroller = qobject_cast<PageScroller*>(at)) return scroller;
  }
  return nullptr;
}

}  // namespace vernier::ui
