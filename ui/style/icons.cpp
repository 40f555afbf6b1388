#include "ui/style/icons.h"

#include <QApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>
#include <QSvgRenderer>
#include <utility>

namespace vernier::ui {
namespace {

// All shapes are drawn on a square of 24 units with a pen of 1.8.
void draw(Icon icon, QPainter& painter, const QColor& ink) {
  QPainterPath path;
  bool fill = false;
  switch (icon) {
    case Icon::kStart:
      path.moveTo(4, 11);
      path.lineTo(12, 4);
      path.lineTo(20, 11);
      path.moveTo(6, 10);
      path.lineTo(6, 20);
      path.lineTo(18, 20);
      path.lineTo(18, 10);
      break;
    case Icon::kSetUp:  // three sliders
      for (const auto& [y, knob] : {std::pair(6.0, 9.0), std::pair(12.0, 15.5), std::pair(18.0, 7.5)}) {
        path.moveTo(4, y);
        path.lineTo(knob - 2, y);
        path.addEllipse(QPointF(knob, y), 2, 2);
        path.moveTo(knob + 2, y);
        path.lineTo(20, y);
      }
      break;
    case Icon::kRun:
      path.moveTo(4, 4);
      path.lineTo(4, 20);
      path.lineTo(20, 20);
      path.moveTo(7, 7);
      path.cubicTo(9, 15, 12, 16, 19, 16.5);
      break;
    case Icon::kInspect:
      path.addEllipse(QPointF(10.5, 10.5), 6, 6);
      path.moveTo(15, 15);
      path.lineTo(20, 20);
      break;
    case Icon::kCompare:  // two curves on one pair of axes
      path.moveTo(4, 4);
      path.lineTo(4, 20);
      path.lineTo(20, 20);
      path.moveTo(7, 6);
      path.cubicTo(9, 12, 12, 13, 19, 13);
      path.moveTo(7, 9);
      path.cubicTo(9, 16, 12, 17, 19, 17);
      break;
    case Icon::kLessons:  // an open book
      path.moveTo(12, 7);
      path.cubicTo(9.5, 5, 6.5, 5, 3.5, 5.5);
      path.lineTo(3.5, 18);
      path.cubicTo(6.5, 17.5, 9.5, 17.5, 12, 19.5);
      path.cubicTo(14.5, 17.5, 17.5, 17.5, 20.5, 18);
      path.lineTo(20.5, 5.5);
      path.cubicTo(17.5, 5, 14.5, 5, 12, 7);
      path.lineTo(12, 19.5);
      break;
    case Icon::kPlay:
      path.moveTo(8, 5);
      path.lineTo(19, 12);
      path.lineTo(8, 19);
      path.closeSubpath();
      fill = true;
      break;
    case Icon::kPause:
      path.addRect(7, 5, 3.2, 14);
      path.addRect(13.8, 5, 3.2, 14);
      fill = true;
      break;
    case Icon::kStep:
      path.moveTo(6, 5);
      path.lineTo(14, 12);
      path.lineTo(6, 19);
      path.closeSubpath();
      path.addRect(16.5, 5, 2.4, 14);
      fill = true;
      break;
    case Icon::kStop:
      path.addRect(6.5, 6.5, 11, 11);
      fill = true;
      break;
    case Icon::kResume:
      path.arcMoveTo(5, 5, 14, 14, 60);
      path.arcTo(5, 5, 14, 14, 60, 290);
      path.moveTo(16, 2.5);
      path.lineTo(16, 7);
      path.lineTo(11.5, 7);
      break;
    case Icon::kFolder:
      path.moveTo(3.5, 18.5);
      path.lineTo(3.5, 6);
      path.lineTo(9, 6);
      path.lineTo(11, 8.5);
      path.lineTo(20.5, 8.5);
      path.lineTo(20.5, 18.5);
      path.closeSubpath();
      break;
    case Icon::kSave:
      path.moveTo(12, 4);
      path.lineTo(12, 14.5);
      path.moveTo(7.5, 10.5);
      path.lineTo(12, 15);
      path.lineTo(16.5, 10.5);
      path.moveTo(4.5, 16);
      path.lineTo(4.5, 20);
      path.lineTo(19.5, 20);
      path.lineTo(19.5, 16);
      break;
    case Icon::kUndo:
      path.moveTo(9, 4.5);
      path.lineTo(4.5, 9);
      path.lineTo(9, 13.5);
      path.moveTo(4.5, 9);
      path.lineTo(14, 9);
      path.arcTo(9, 9, 10, 10, 90, -180);
      path.lineTo(9, 19);
      break;
    case Icon::kRedo:
      path.moveTo(15, 4.5);
      path.lineTo(19.5, 9);
      path.lineTo(15, 13.5);
      path.moveTo(19.5, 9);
      path.lineTo(10, 9);
      path.arcTo(5, 9, 10, 10, 90, 180);
      path.lineTo(15, 19);
      break;
    case Icon::kCopy:
      path.addRect(8.5, 8.5, 11, 11);
      path.moveTo(5, 15.5);
      path.lineTo(5, 5);
      path.lineTo(15.5, 5);
      break;
    case Icon::kCheck:
      path.moveTo(5, 12.5);
      path.lineTo(10, 17.5);
      path.lineTo(19, 7);
      break;
    case Icon::kClose:
      path.moveTo(7, 7);
      path.lineTo(17, 17);
      path.moveTo(17, 7);
      path.lineTo(7, 17);
      break;
    case Icon::kInfo:
      path.addEllipse(QPointF(12, 12), 8, 8);
      path.moveTo(12, 11);
      path.lineTo(12, 16);
      path.moveTo(12, 7.6);
      path.lineTo(12, 8.2);
      break;
    case Icon::kWarning:
      path.moveTo(12, 4.5);
      path.lineTo(20.5, 19);
      path.lineTo(3.5, 19);
      path.closeSubpath();
      path.moveTo(12, 10);
      path.lineTo(12, 14);
      path.moveTo(12, 16.2);
      path.lineTo(12, 16.6);
      break;
    case Icon::kError:
      path.moveTo(8.5, 3.5);
      path.lineTo(15.5, 3.5);
      path.lineTo(20.5, 8.5);
      path.lineTo(20.5, 15.5);
      path.lineTo(15.5, 20.5);
      path.lineTo(8.5, 20.5);
      path.lineTo(3.5, 15.5);
      path.lineTo(3.5, 8.5);
      path.closeSubpath();
      path.moveTo(9, 9);
      path.lineTo(15, 15);
      path.moveTo(15, 9);
      path.lineTo(9, 15);
      break;
    case Icon::kDemo:
      path.moveTo(9.5, 4);
      path.lineTo(9.5, 10);
      path.lineTo(4.5, 19.5);
      path.lineTo(19.5, 19.5);
      path.lineTo(14.5, 10);
      path.lineTo(14.5, 4);
      path.moveTo(8, 4);
      path.lineTo(16, 4);
      path.moveTo(7.5, 15);
      path.lineTo(16.5, 15);
      break;
    case Icon::kMore:
      path.moveTo(12, 6);
      path.lineTo(12, 18);
      [[fallthrough]];
    case Icon::kLess:
      path.moveTo(6, 12);
      path.lineTo(18, 12);
      break;
  }
  painter.setRenderHint(QPainter::Antialiasing);
  if (fill) {
    painter.fillPath(path, ink);
  } else {
    painter.strokePath(path, QPen(ink, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  }
}

class LineIconEngine : public QIconEngine {
 public:
  explicit LineIconEngine(Icon icon) : icon_(icon) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    const QPalette palette = QApplication::palette();
    QColor ink = palette.color(mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active, QPalette::WindowText);
    if (mode == QIcon::Selected) ink = palette.color(QPalette::HighlightedText);
    painter->save();
    const qreal side = std::min(rect.width(), rect.height());
    painter->translate(rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2);
    painter->scale(side / 24, side / 24);
    draw(icon_, *painter, ink);
    painter->restore();
  }

  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap out(size);
    out.fill(Qt::transparent);
    QPainter painter(&out);
    paint(&painter, QRect(QPoint(0, 0), size), mode, state);
    return out;
  }

  QIconEngine* clone() const override { return new LineIconEngine(icon_); }

 private:
  Icon icon_;
};

}  // namespace

QIcon make_icon(Icon icon) {
  return QIcon(new LineIconEngine(icon));
}

QIcon window_icon() {
  QSvgRenderer renderer(QStringLiteral(":/icons/org.vernier.Vernier.svg"));
  QIcon icon;
  for (const int size : {16, 24, 32, 48, 64, 128, 256}) {
    QPixmap pixmap(size, size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    painter.end();
    icon.addPixmap(pixmap);
  }
  return icon;
}

}  // namespace vernier::ui
