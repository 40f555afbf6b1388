// Widgets as they are drawn: for the tests that look at pixels.
#pragma once

#include <QColor>
#include <QCoreApplication>
#include <QImage>
#include <QTest>
#include <QWidget>
#include <cstdlib>
#include <ctime>

namespace vernier::ui {

// What the calling thread has worked, so that other work on the machine does not count.
inline double thread_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

// Shown, laid out and drawn.
inline void settle(QWidget& widget, const QSize& size) {
  widget.resize(size);
  widget.show();
  QVERIFY(QTest::qWaitForWindowExposed(&widget));
  QCoreApplication::processEvents();
}

// How many pixels within `radius` of a point are closer to `color` than to the background.
inline int pixels_like(const QImage& image, const QPointF& at, int radius, const QColor& color) {
  int count = 0;
  for (int y = -radius; y <= radius; ++y) {
    for (int x = -radius; x <= radius; ++x) {
      const QPoint p = at.toPoint() + QPoint(x, y);
      if (!image.rect().contains(p)) continue;
      const QColor found = image.pixelColor(p);
      const int off = std::abs(found.red() - color.red()) + std::abs(found.green() - color.green()) +
                      std::abs(found.blue() - color.blue());
      count += off < 60 ? 1 : 0;
    }
  }
  return count;
}

}  // namespace vernier::ui
