// How runs are told apart where several are drawn: a hue and a line style each, so that neither has to carry it alone.
#pragma once

#include <QColor>
#include <QIcon>
#include <QPalette>
#include <QPen>

namespace vernier::ui {

inline constexpr int kRunStyles = 4;

// run: 0 to kRunStyles - 1; more begin again.
QColor run_color(int run);
Qt::PenStyle run_pen_style(int run);
// A stretch of its line.
QIcon run_icon(int run, int size);

}  // namespace vernier::ui
