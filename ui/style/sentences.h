// Sentences that follow one another.
#pragma once

#include <QStringList>

namespace vernier::ui {

// With a blank between them, where the window's language has one there.
QString in_a_row(const QStringList& sentences);

}  // namespace vernier::ui
