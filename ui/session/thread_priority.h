// Lets the window go first where every core is busy.
#pragma once

namespace vernier::ui {

// The calling thread, and those that it starts from here on, yield to the GUI thread. Nothing where the system knows
// no priority of a single thread.
void yield_to_gui();

}  // namespace vernier::ui
