// What a run is doing, in words.
#pragma once

#include <QString>

#include "vernier/events.h"

namespace vernier::ui {

// kNone: nothing is open. kReady: a configuration waits for its start. kLoading to kFailed: as the engine tells.
// kInterrupted: the process of an opened run died.
enum class Activity {
  kNone,
  kReady,
  kLoading,
  kRunning,
  kPaused,
  kStopping,
  kFinished,
  kStopped,
  kFailed,
  kInterrupted
};

Activity activity_of(RunState state);
// From RunInfo's or RunSummary's state; kFailed for "damaged".
Activity activity_of_name(const std::string& state);
// "Running", "Ready to start", ...
QString to_words(Activity activity);
// A thread is working on the run.
bool is_active(Activity activity);

// 75 s as "1 min 15 s"; "" for what is no time.
QString to_duration(double seconds);

}  // namespace vernier::ui
