// Where a figure stands on a small axis, and which figures are written beside it.
#pragma once

#include <vector>

namespace vernier::ui {

// Linear or logarithmic, from what has to be in sight. On a logarithmic one 0 stands at the lower edge.
class FigureScale {
 public:
  FigureScale() = default;
  // least, most: in any order and of any size; values that are no finite numbers are left out before.
  static FigureScale linear(double least, double most);
  // Whole decades around the positive ones of `values`; a decade around 1 where there is none.
  static FigureScale logarithmic(const std::vector<double>& values);

  bool is_logarithmic() const { return logarithmic_; }
  double lower() const { return lower_; }
  double upper() const { return upper_; }
  // 0 at the lower edge, 1 at the upper one; clamped.
  double share(double value) const;
  // Two to about `most` figures from the lower edge to the upper one.
  std::vector<double> ticks(int most) const;

 private:
  bool logarithmic_ = false;
  double lower_ = 0.0;
  double upper_ = 1.0;
};

}  // namespace vernier::ui
