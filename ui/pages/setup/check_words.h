// The pre-flight's checks in the user's words.
#pragma once

#include <QString>
#include <QStringList>

#include "ui/widgets/state_icon.h"
#include "vernier/preflight.h"

namespace vernier::ui {

// "Longest rows first"; the id itself for one that is not known here.
QString title_of(const PreflightCheck& check);
// Why it is checked and what it means where it does not pass: a sentence or two.
QString meaning_of(const PreflightCheck& check);
// What was found, as a sentence to be read: figures with thin spaces.
QString finding_of(const PreflightCheck& check);
// "Pass", "Warning", "Fail": the word beside the shape.
QString word_of(CheckStatus status);
StateShape shape_of(CheckStatus status);
// What a fix would change of `config`, one setting a line: "max_length: 30 to 512".
QStringList changes_of(const RunConfig& config, const std::string& fix_changes);

}  // namespace vernier::ui
