// Every literal colour of the window. Hues say what a thing is, maps say how much; both are safe for colour-blind eyes.
#pragma once

#include <QBrush>
#include <QColor>
#include <QPalette>

namespace vernier::ui {

// Magnitude, t in [0, 1] (clamped; NaN gives a neutral grey): dark blue to yellow, even steps of lightness.
QColor cividis(double t);
// Signed difference, t in [-1, 1] (clamped; NaN gives a neutral grey): blue, white at 0, orange.
QColor blue_orange(double t);

// Series, after Okabe and Ito (2008).
QColor per_token_color();     // blue
QColor per_sequence_color();  // vermilion
QColor gradient_color();      // reddish purple
QColor rate_color();          // bluish green
QColor throughput_color();    // orange
QColor memory_color();        // sky blue
// The n-th of several series of one kind, repeating after six. Where they can meet, give each a dash of its own too.
QColor nth_series_color(int n);

// States. Colour comes second: a shape and a word go with each.
enum class StateColor { kNeutral, kInfo, kGood, kWarning, kBad };
QColor state_color(StateColor state, const QPalette& palette);

// WCAG 2's contrast ratio of two opaque colours, 1 to 21.
double contrast_ratio(const QColor& a, const QColor& b);
// Black or white, whichever is easier to read on `background` (at least 4.5 : 1 on every colour).
QColor readable_text_on(const QColor& background);
// `hue`, moved towards black or white until text in it reaches 4.5 : 1 on `background`.
QColor legible(const QColor& hue, const QColor& background);

bool is_dark(const QPalette& palette);
QColor secondary_text(const QPalette& palette);
QColor grid_line(const QPalette& palette);
QColor axis_line(const QPalette& palette);
// Between two curves, over grid and base.
QColor gap_shade(const QPalette& palette);
// A noisy line behind its own smoothed one: the same hue, quieter.
QColor raw_line(const QColor& hue, const QPalette& palette);
// Tooltips and read-outs painted over a plot.
QColor readout_background(const QPalette& palette);
// Within a dark outline, so that the two together show on every colour.
QColor light_outline();
// What lies under a picture before anything is painted.
QColor paper();
QColor mixed(const QColor& a, const QColor& b, double share_of_b);

// What stands where there is nothing to measure: a masked token, a position without a target.
QBrush hatching(const QPalette& palette);

}  // namespace vernier::ui
