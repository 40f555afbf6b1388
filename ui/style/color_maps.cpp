#include "ui/style/color_maps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "ui/style/cividis_table.h"
#include "ui/style/contrast.h"

namespace vernier::ui {
namespace {

const QColor kNotANumber(0x80, 0x80, 0x80);

double linear_channel(double c) {
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color) {
  return 0.2126 * linear_channel(color.redF()) + 0.7152 * linear_channel(color.greenF()) +
         0.0722 * linear_channel(color.blueF());
}

QColor interpolated(const std::uint32_t* table, int size, double t) {
  const double at = std::clamp(t, 0.0, 1.0) * (size - 1);
  const int low = std::min(static_cast<int>(at), size - 2);
  return mixed(QColor::fromRgb(table[low]), QColor::fromRgb(table[low + 1]), at - low);
}

constexpr double kTextRatio = 4.5;
constexpr double kShapeRatio = 3.0;

QColor reaching(double ratio, const QColor& hue, const QColor& background) {
  const QColor pole = readable_text_on(background);
  QColor color = hue;
  for (int i = 1; i <= 20 && contrast_ratio(color, background) < ratio; ++i) color = mixed(hue, pole, i / 20.0);
  return color;
}

QColor hue_of(StateColor state) {
  switch (state) {
    case StateColor::kNeutral:
      break;
    case StateColor::kInfo:
      return {0x00, 0x72, 0xB2};
    case StateColor::kGood:
      return {0x00, 0x9E, 0x73};
    case StateColor::kWarning:
      return {0xE6, 0x9F, 0x00};
    case StateColor::kBad:
      return {0xD5, 0x5E, 0x00};
  }
  return {};
}

// ColorBrewer's hues, ends darkened alike so that +x and -x weigh the same: even from blue over white to orange.
constexpr std::array<std::uint32_t, 9> kBlueOrange = {0x08519c, 0x3182bd, 0x6baed6, 0xbdd7e7, 0xf7f7f7,
                                                      0xfdd0a2, 0xfd9a4b, 0xe0620d, 0x9c3d04};

}  // namespace

QColor cividis(double t) {
  if (std::isnan(t)) return kNotANumber;
  return interpolated(kCividis.data(), static_cast<int>(kCividis.size()), t);
}

QColor blue_orange(double t) {
  if (std::isnan(t)) return kNotANumber;
  return interpolated(kBlueOrange.data(), static_cast<int>(kBlueOrange.size()), (std::clamp(t, -1.0, 1.0) + 1.0) / 2.0);
}

QColor per_token_color() {
  return {0x00, 0x72, 0xB2};
}
QColor per_sequence_color() {
  return {0xD5, 0x5E, 0x00};
}
QColor gradient_color() {
  return {0xCC, 0x79, 0xA7};
}
QColor rate_color() {
  return {0x00, 0x9E, 0x73};
}
QColor throughput_color() {
  return {0xE6, 0x9F, 0x00};
}
QColor memory_color() {
  return {0x56, 0xB4, 0xE9};
}

QColor nth_series_color(int n) {
  static constexpr QRgb kHues[] = {0xff0072b2, 0xffd55e00, 0xff009e73, 0xffcc79a7, 0xffe69f00, 0xff56b4e9};
  return QColor::fromRgb(kHues[static_cast<std::size_t>(n) % std::size(kHues)]);
}

QColor state_color(StateColor state, const QPalette& palette) {
  if (state == StateColor::kNeutral) return secondary_text(palette);
  // Of the grounds that a state stands on the window's is the harder one, in either theme.
  return visible(hue_of(state), palette.color(QPalette::Window));
}

double contrast_ratio(const QColor& a, const QColor& b) {
  const auto [dark, light] = std::minmax({luminance(a), luminance(b)});
  return (light + 0.05) / (dark + 0.05);
}

QColor readable_text_on(const QColor& background) {
  return contrast_ratio(Qt::white, background) > contrast_ratio(Qt::black, background) ? QColor(Qt::white)
                                                                                       : QColor(Qt::black);
}

QColor legible(const QColor& hue, const QColor& background) {
  return reaching(kTextRatio, hue, background);
}

QColor visible(const QColor& hue, const QColor& background) {
  return reaching(kShapeRatio, hue, background);
}

bool is_dark(const QPalette& palette) {
  return luminance(palette.color(QPalette::Base)) < 0.18;
}

QColor secondary_text(const QPalette& palette) {
  const QColor base = palette.color(QPalette::Window);
  return legible(mixed(palette.color(QPalette::WindowText), base, 0.4), base);
}

QColor grid_line(const QPalette& palette) {
  return mixed(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.1);
}

QColor axis_line(const QPalette& palette) {
  return visible(mixed(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.45),
                 palette.color(QPalette::Window));
}

QColor gap_shade(const QPalette& palette) {
  QColor color = palette.color(QPalette::Text);
  color.setAlphaF(is_dark(palette) ? 0.26f : 0.17f);
  return color;
}

QColor raw_line(const QColor& hue, const QPalette& palette) {
  const QColor base = palette.color(QPalette::Base);
  return visible(mixed(base, hue, is_dark(palette) ? 0.85 : 0.75), base);
}

QColor readout_background(const QPalette& palette) {
  QColor color = palette.color(QPalette::Base);
  color.setAlphaF(0.92f);
  return color;
}

QColor mixed(const QColor& a, const QColor& b, double share_of_b) {
  const auto mix = [share_of_b](float x, float y) { return static_cast<float>(x + (y - x) * share_of_b); };
  return QColor::fromRgbF(mix(a.redF(), b.redF()), mix(a.greenF(), b.greenF()), mix(a.blueF(), b.blueF()),
                          mix(a.alphaF(), b.alphaF()));
}

QColor light_outline() {
  return Qt::white;
}
QColor paper() {
  return Qt::white;
}

QBrush hatching_under_text(const QPalette& palette) {
  return {mixed(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.3), Qt::BDiagPattern};
}

QBrush hatching(const QPalette& palette) {
  const QColor base = palette.color(QPalette::Base);
  return {visible(mixed(base, palette.color(QPalette::Text), 0.3), base), Qt::BDiagPattern};
}

}  // namespace vernier::ui
