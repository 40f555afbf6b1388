// What was asked and answered, to paste into a report.
#pragma once

#include <QString>

#include "ui/session/ask_session.h"

namespace vernier::ui {

QString ask_markdown(const AskSession& session, const QString& run_name);

}  // namespace vernier::ui
