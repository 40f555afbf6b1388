#include "ui/session/session_of.h"

#include "ui/session/ask_session.h"
#include "ui/session/lesson_session.h"
#include "ui/session/model_shelf.h"

namespace vernier::ui {

void renew_sessions(Workbench& workbench) {
  for (QObject* session : workbench.findChildren<QObject*>(QString(), Qt::FindDirectChildrenOnly)) {
    const bool stays = qobject_cast<ModelShelf*>(session) != nullptr || qobject_cast<AskSession*>(session) != nullptr ||
                       qobject_cast<LessonSession*>(session) != nullptr;
    if (!stays) delete session;
  }
}

}  // namespace vernier::ui
