// How wide text is, for controls that hold a number of characters.
#pragma once

#include <QFontMetrics>

namespace vernier::ui {

// The width of a usual character of Latin text: what a font with Chinese calls its average is twice as wide.
int character_width(const QFontMetrics& metrics);

}  // namespace vernier::ui
