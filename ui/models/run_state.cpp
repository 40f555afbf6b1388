#include "ui/models/run_state.h"

#include <QCoreApplication>
#include <cmath>

namespace vernier::ui {
namespace {

struct Words {
  Q_DECLARE_TR_FUNCTIONS(RunState)
};

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
      return Words::tr("No run open");
    case Activity::kReady:
      return Words::tr("Ready to start");
    case Activity::kLoading:
      return Words::tr("Loading");
    case Activity::kRunning:
      return Words::tr("Running");
    case Activity::kPaused:
      return Words::tr("Paused");
    case Activity::kStopping:
      return Words::tr("Stopping");
    case Activity::kFinished:
      return Words::tr("Finished");
    case Activity::kStopped:
      return Words::tr("Stopped");
    case Activity::kFailed:
      return Words::tr("Failed");
    case Activity::kInterrupted:
      break;
  }
  return Words::tr("Interrupted");
}

bool is_active(Activity activity) {
  return activity == Activity::kLoading || activity == Activity::kRunning || activity == Activity::kPaused ||
         activity == Activity::kStopping;
}

QString to_duration(double seconds) {
  if (!(seconds >= 0.0) || !std::isfinite(seconds) || seconds > 3.15e9) return {};
  const auto whole = static_cast<qint64>(std::ceil(seconds));
  if (whole < 60) return Words::tr("%1 s").arg(whole);
  if (whole < 3600) return Words::tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
  return Words::tr("%1 h %2 min").arg(whole / 3600).arg(whole / 60 % 60);
}

}  // namespace vernier::ui
