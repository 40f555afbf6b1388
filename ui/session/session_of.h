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

}  // namespace vernier::ui
