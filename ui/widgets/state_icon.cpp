#include "ui/widgets/state_icon.h"

#include <QPainterPath>
#include <QPixmap>
#include <cmath>
#include <numbers>

#include "ui/style/color_maps.h"

namespace vernier::ui {
namespace {

constexpr double kOnPlate = 0.78;  // so that a triangle's corners stay on it

QPolygonF polygon(const QRectF& rect, int corners, double turn) {
  QPolygonF points;
  for (int i = 0; i < corners; ++i) {
    const double angle = turn + 2.0 * std::numbers::pi * i / corners;
    points << rect.center() + QPointF(std::sin(angle) * rect.width(), -std::cos(angle) * rect.height()) / 2.0;
  }
  return points;
}

StateColor color_of(StateShape shape) {
  switch (shape) {
    case StateShape::kHollow:
      return StateColor::kNeutral;
    case StateShape::kCircle:
      return StateColor::kGood;
    case StateShape::kTriangle:
      return StateColor::kWarning;
    case StateShape::kOctagon:
      return StateColor::kBad;
    case StateShape::kInfo:
      return StateColor::kInfo;
  }
  return StateColor::kNeutral;
}

}  // namespace

StateShape shape_of(ParityVerdict verdict) {
  switch (verdict) {
    case ParityVerdict::kAgrees:
      return StateShape::kCircle;
    case ParityVerdict::kDrifting:
      return StateShape::kTriangle;
    case ParityVerdict::kDiffers:
      return StateShape::kOctagon;
  }
  return StateShape::kHollow;
}

StateShape shape_of(MessageLevel level) {
  switch (level) {
    case MessageLevel::kInfo:
      return StateShape::kInfo;
    case MessageLevel::kWarning:
      return StateShape::kTriangle;
    case MessageLevel::kError:
      return StateShape::kOctagon;
  }
  return StateShape::kInfo;
}

void paint_state(QPainter& painter, const QRectF& rect, StateShape shape, const QPalette& palette, bool is_selected) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, true);
  const double room = std::min(rect.width(), rect.height());
  const double size = is_selected ? room * kOnPlate : room;
  QRectF box(0, 0, size, size);
  box.moveCenter(rect.center());
  if (is_selected) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(palette.color(QPalette::Base));
    painter.drawEllipse(rect.center(), room / 2, room / 2);
  }
  const QColor color = state_color(color_of(shape), palette);
  const QColor mark = readable_text_on(color);
  const QPen stroke(mark, size * 0.11, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
  const auto at = [&box, size](double x, double y) { return box.topLeft() + QPointF(x, y) * size; };
  painter.setPen(Qt::NoPen);
  painter.setBrush(color);
  switch (shape) {
    case StateShape::kHollow:
      painter.setBrush(Qt::NoBrush);
      painter.setPen(QPen(color, size * 0.12));
      painter.drawEllipse(box.adjusted(size * 0.1, size * 0.1, -size * 0.1, -size * 0.1));
      break;
    case StateShape::kCircle:
      painter.drawEllipse(box);
      painter.setPen(stroke);
      painter.drawPolyline(QPolygonF{at(0.28, 0.52), at(0.44, 0.68), at(0.73, 0.34)});
      break;
    case StateShape::kTriangle:
      painter.setPen(QPen(color, size * 0.12, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
      painter.drawPolygon(QPolygonF{at(0.5, 0.1), at(0.94, 0.9), at(0.06, 0.9)});
      painter.setPen(stroke);
      painter.drawLine(at(0.5, 0.36), at(0.5, 0.62));
      painter.drawPoint(at(0.5, 0.8));
      break;
    case StateShape::kOctagon:
      painter.drawPolygon(
          polygon(box.adjusted(-size * 0.03, -size * 0.03, size * 0.03, size * 0.03), 8, std::numbers::pi / 8));
      painter.setPen(stroke);
      painter.drawLine(at(0.34, 0.34), at(0.66, 0.66));
      painter.drawLine(at(0.66, 0.34), at(0.34, 0.66));
      break;
    case StateShape::kInfo:
      painter.drawEllipse(box);
      painter.setPen(stroke);
      painter.drawLine(at(0.5, 0.47), at(0.5, 0.73));
      painter.drawPoint(at(0.5, 0.27));
      break;
  }
  painter.restore();
}

QIcon state_icon(StateShape shape, const QPalette& palette, int size) {
  QIcon icon;
  for (const int scale : {1, 2, 3}) {
    // On a selected row the state keeps its colour, which tinting would take away.
    for (const QIcon::Mode mode : {QIcon::Normal, QIcon::Selected}) {
      QPixmap pixmap(size * scale, size * scale);
      pixmap.setDevicePixelRatio(scale);
      pixmap.fill(Qt::transparent);
      QPainter painter(&pixmap);
      paint_state(painter, QRectF(0, 0, size, size), shape, palette, mode == QIcon::Selected);
      painter.end();
      icon.addPixmap(pixmap, mode);
    }
  }
  return icon;
}

}  // namespace vernier::ui
