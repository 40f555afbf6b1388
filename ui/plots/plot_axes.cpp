#include "ui/plots/plot_axes.h"

#include <qcustomplot.h>

#include <algorithm>

#include "ui/style/color_maps.h"
#include "ui/style/paint.h"

namespace vernier::ui {

void style_axis(QCPAxis& axis, const QPalette& palette, const QFont& font) {
  const QFont small = scaled_font(font, 0.9);
  const QColor quiet = legible(secondary_text(palette), palette.color(QPalette::Base));
  axis.setBasePen(QPen(axis_line(palette), 1.0));
  axis.setTickPen(QPen(axis_line(palette), 1.0));
  axis.setSubTicks(false);
  axis.setTickLengthIn(0);
  axis.setTickLengthOut(4);
  axis.setTickLabelFont(small);
  axis.setTickLabelColor(quiet);
  axis.setLabelFont(small);
  axis.setLabelColor(quiet);
  axis.setLabelPadding(2);
  axis.grid()->setPen(QPen(grid_line(palette), 1.0));
  axis.grid()->setZeroLinePen(QPen(grid_line(palette), 1.0));
}

std::vector<double> part_rows(std::vector<double> wanted, double height, double bottom) {
  for (std::size_t i = 1; i < wanted.size(); ++i) wanted[i] = std::max(wanted[i], wanted[i - 1] + height);
  // Those pushed out at the bottom push back.
  for (auto row = wanted.rbegin(); row != wanted.rend(); ++row) {
    *row = std::min(*row, bottom);
    bottom = *row - height;
  }
  return wanted;
}

}  // namespace vernier::ui
