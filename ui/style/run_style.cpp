#include "ui/style/run_style.h"

#include <QGuiApplication>
#include <QPainter>
#include <QPixmap>

#include "ui/style/color_maps.h"
#include "ui/style/contrast.h"

namespace vernier::ui {

QColor run_color(int run) {
  switch (run % kRunStyles) {
    case 0:
      return per_token_color();
    case 1:
      return per_sequence_color();
    case 2:
      return rate_color();
    default:
      return gradient_color();
  }
}

Qt::PenStyle run_pen_style(int run) {
  switch (run % kRunStyles) {
    case 0:
      return Qt::SolidLine;
    case 1:
      return Qt::DashLine;
    case 2:
      return Qt::DotLine;
    default:
      return Qt::DashDotLine;
  }
}

QIcon run_icon(int run, int size) {
  // On rows of a list, every other of which is a little darker.
  const QColor color = visible(run_color(run), QGuiApplication::palette().color(QPalette::AlternateBase));
  QIcon icon;
  for (const int scale : {1, 2, 3}) {
    QPixmap pixmap(size * scale, size * scale);
    pixmap.setDevicePixelRatio(scale);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setPen(QPen(color, 2.0, run_pen_style(run), Qt::FlatCap));
    painter.drawLine(QPointF(0, size / 2.0), QPointF(size, size / 2.0));
    painter.end();
    for (const QIcon::Mode mode : {QIcon::Normal, QIcon::Selected, QIcon::Disabled}) icon.addPixmap(pixmap, mode);
  }
  return icon;
}

}  // namespace vernier::ui
