// Labels in words.
#pragma once

#include <QString>

#include "vernier/data.h"

namespace vernier::ui {

// "the completion", on a legend.
QString reason_name(LabelReason reason);
// Why such a stretch is learnt or not, as a sentence.
QString reason_sentence(LabelReason reason);
// "no turn of the assistant", behind a number of rows or on a button.
QString lost_name(LostReason reason);
// What it means and what to do, as a sentence.
QString lost_advice(LostReason reason);

}  // namespace vernier::ui
