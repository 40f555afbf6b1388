#include "ui/models/run_state.h"

#include <QCoreApplication>
#include <cmath>

namespace vernier::ui {
namespace {

QString words(const char* text) {
  return QCoreApplication::translate("RunState", text);
}

}  // namespace

Activity activity_of(RunState state) {
  switch (state) {
    case RunState::kLoading:
      return Activity::kLoading;
    case RunState::kRunning:
      return Activity::kRunning;
    case RunState::kPaused:
      return Activity::kPaused;
    case RunState::kStopping:
      return Activity::kStopping;
    case RunState::kFinished:
      return Activity::kFinished;
    case RunState::kStopped:
      return Activity::kStopped;
    case RunState::kFailed:
      break;
  }
  return Activity::kFailed;
}

Activity activity_of_name(const std::string& state) {
  for (const RunState known : {RunState::kLoading, RunState::kRunning, RunState::kPaused, RunState::kStopping,
                               RunState::kFinished, RunState::kStopped}) {
    if (state == to_string(known)) return activity_of(known);
  }
  return state == "interrupted" ? Activity::kInterrupted : Activity::kFailed;
}

QString to_words(Activity activity) {
  switch (activity) {
    case Activity::kNone:
      return words("No run open");
    case Activity::kReady:
      return words("Ready to start");
    case Activity::kLoading:
      return words("Loading");
    case Activity::kRunning:
      return words("Running");
    case Activity::kPaused:
      return words("Paused");
    case Activity::kStopping:
      return words("Stopping");
    case Activity::kFinished:
      return words("Finished");
    case Activity::kStopped:
      return words("Stopped");
    case Activity::kFailed:
      return words("Failed");
    case Activity::kInterrupted:
      break;
  }
  return words("Interrupted");
}

bool is_active(Activity activity) {
  return activity == Activity::kLoading || activity == Activity::kRunning || activity == Activity::kPaused ||
         activity == Activity::kStopping;
}

QString to_duration(double seconds) {
  if (!(seconds >= 0.0) || !std::isfinite(seconds) || seconds > 3.15e9) return {};
  const auto whole = static_cast<qint64>(std::ceil(seconds));
  if (whole < 60) return words("%1 s").arg(whole);
  if (whole < 3600) return words("%1 min %2 s").arg(whole / 60).arg(whole % 60);
  return words("%1 h %2 min").arg(whole / 3600).arg(whole / 60 % 60);
}

}  // namespace vernier::ui
