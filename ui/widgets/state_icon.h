// Shapes that say a state before any colour does.
#pragma once

#include <QIcon>
#include <QPainter>
#include <QPalette>

#include "vernier/events.h"
#include "vernier/parity.h"

namespace vernier::ui {

enum class StateShape { kHollow, kCircle, kTriangle, kOctagon, kInfo };

StateShape shape_of(ParityVerdict verdict);
StateShape shape_of(MessageLevel level);
// Circle with a tick, triangle with an exclamation mark, octagon with a cross, hollow circle, circle with an i.
// is_selected: on the ground of a selected row, from which none of the states' colours stands out: on a plate.
void paint_state(QPainter& painter, const QRectF& rect, StateShape shape, const QPalette& palette,
                 bool is_selected = false);
QIcon state_icon(StateShape shape, const QPalette& palette, int size);

}  // namespace vernier::ui
