// What Ctrl+K finds beside the actions: the parts of a page, its settings and its buttons.
#pragma once

#include <functional>

#include "ui/frame/command_palette.h"
#include "ui/pages/page.h"

namespace vernier::ui {

// Everything of the page that can be reached now, named after where it is: "Set up: Training, Learning rate". `show`
// brings the page to the front; the place then comes into sight and has the keyboard.
QList<PaletteEntry> places_of(Page& page, const QString& name, const std::function<void()>& show);

}  // namespace vernier::ui
