// A run is saved before the process goes, as when its window is closed.
#pragma once

#include <QObject>

namespace vernier {

// Closes every window on SIGINT, SIGTERM and SIGHUP, SIGHUP apart where it was ignored, as under nohup. A second signal
// ends the process at once. Call once, on the GUI thread.
void close_on_signals(QObject* owner);

}  // namespace vernier
