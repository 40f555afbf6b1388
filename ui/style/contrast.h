// Colours that can be seen on what they stand on, by WCAG 2: text needs 4.5 : 1 (see legible()), lines and shapes 3
// : 1.
#pragma once

#include <QBrush>
#include <QColor>
#include <QPalette>

namespace vernier::ui {

// `hue`, moved towards black or white until a line or shape of it reaches 3 : 1 on `background`.
QColor visible(const QColor& hue, const QColor& background);

// hatching() for what has text on it: fainter, so that the text is not lost in it. A frame or the text tells its
// extent.
QBrush hatching_under_text(const QPalette& palette);

}  // namespace vernier::ui
