#include "ui/widgets/parity_path.h"

#include <QCoreApplication>
#include <QPolygonF>

#include "ui/style/color_maps.h"

namespace vernier::ui {

QString parity_path_name(ParityPath path) {
  switch (path) {
    case ParityPath::kTrain:
      return QCoreApplication::translate("ParityPath", "Training");
    case ParityPath::kEval:
      return QCoreApplication::translate("ParityPath", "Evaluation");
    case ParityPath::kDecode:
      break;
  }
  return QCoreApplication::translate("ParityPath", "KV cache");
}

QColor parity_path_color(ParityPath path) {
  switch (path) {
    case ParityPath::kTrain:
      return per_token_color();
    case ParityPath::kEval:
      return per_sequence_color();
    case ParityPath::kDecode:
      break;
  }
  return rate_color();
}

void paint_parity_point(QPainter& painter, const QPointF& at, ParityPath path, bool is_hollow) {
  const QColor color = parity_path_color(path);
  painter.setPen(QPen(color, 1.5));
  painter.setBrush(is_hollow ? QBrush(Qt::NoBrush) : QBrush(color));
  if (path == ParityPath::kTrain) {
    painter.drawEllipse(at, kParityPoint, kParityPoint);
  } else if (path == ParityPath::kEval) {
    painter.drawRect(QRectF(at.x() - kParityPoint, at.y() - kParityPoint, 2 * kParityPoint, 2 * kParityPoint));
  } else {
    painter.drawPolygon(QPolygonF({at + QPointF(0, -kParityPoint - 0.5), at + QPointF(kParityPoint + 0.5, kParityPoint),
                                   at + QPointF(-kParityPoint - 0.5, kParityPoint)}));
  }
}

}  // namespace vernier::ui
