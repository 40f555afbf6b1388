// Sessions that belong to the workbench without its knowing them.
#pragma once

#include "ui/session/workbench.h"

namespace vernier::ui {

// The workbench's one session of a kind, made when it is first asked for, so that views share it.
template <typename Session>
Session& session_of(Workbench& workbench) {
  auto* found = workbench.findChild<Session*>(QString(), Qt::FindDirectChildrenOnly);
  return *(found != nullptr ? found : new Session(&workbench));
}
// The same of one that is made of something else as well.
template <typename Session, typename Part>
Session& session_of(Workbench& workbench, const Part& part) {
  auto* found = workbench.findChild<Session*>(QString(), Qt::FindDirectChildrenOnly);
  return *(found != nullptr ? found : new Session(part, &workbench));
}

// Lets go of them before a window in another language, as they hold words, but for what somebody waits for or asked
// for: loaded models, answers, lessons' experiments. No view may be there.
void renew_sessions(Workbench& workbench);

}  // namespace vernier::ui
