// Where the button of a check leads that no setting mends: to the place of the cause.
#pragma once

#include <QString>

#include "vernier/preflight.h"

namespace vernier::ui {

struct FixPlace {
  enum class Kind {
    kNone,       // the check passes, or its own changes mend it
    kControl,    // `target`: the object name of a control of the set-up
    kRows,       // `target`: which rows the Labels step shows, see LabelsStep::show_rows()
    kCheckAgain  // the cause lies outside of the set-up
  };
  Kind kind = Kind::kNone;
  QString target;
  QString label;     // of the button: "Choose another model…"
  QString tool_tip;  // a sentence
};

FixPlace fix_place(const PreflightCheck& check, const RunConfig& config);

}  // namespace vernier::ui
