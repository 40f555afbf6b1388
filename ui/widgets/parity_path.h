// The name, colour and shape of a path in everything that speaks of parity.
#pragma once

#include <QColor>
#include <QPainter>
#include <QString>

#include "vernier/parity.h"

namespace vernier::ui {

// "Training", "Evaluation", "KV cache".
QString parity_path_name(ParityPath path);
QColor parity_path_color(ParityPath path);
// Circle, square, triangle, centred on `at`.
void paint_parity_point(QPainter& painter, const QPointF& at, ParityPath path, bool is_hollow);
inline constexpr double kParityPoint = 3.5;  // half of its width

}  // namespace vernier::ui
