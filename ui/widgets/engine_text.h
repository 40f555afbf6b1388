// The engine speaks English, on the command line and in what it writes down. The window says it in its own language.
#pragma once

#include <QString>
#include <string>

namespace vernier::ui {

// A word or sentence of the engine in the window's language, as far as it is a known phrase; else as it is.
QString engine_text(const std::string& text);

}  // namespace vernier::ui
