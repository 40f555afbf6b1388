// What the plots with axes share: how an axis looks, and where the names at the ends of their lines stand.
#pragma once

#include <QFont>
#include <QPalette>
#include <vector>

class QCPAxis;

namespace vernier::ui {

// Quiet lines, small figures, ticks that point outwards, no ticks between them. `font` is the plot's own.
void style_axis(QCPAxis& axis, const QPalette& palette, const QFont& font);

// Centres of rows of text, `height` high, as near as they can be to where they are wanted and none over another; the
// last one not below `bottom`. `wanted` ascends, in pixels downwards.
std::vector<double> part_rows(std::vector<double> wanted, double height, double bottom);

}  // namespace vernier::ui
