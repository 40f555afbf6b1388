// What the engine says, as far as the window can say it in other languages.
#pragma once

#include <span>

namespace vernier::ui {

// Marked for translation in the context "Engine". %1, %2, ... stand for what differs from time to time. Of those that
// fit a text the first holds.
std::span<const char* const> engine_phrases();

}  // namespace vernier::ui
