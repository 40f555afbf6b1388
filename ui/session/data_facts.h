// What reading the data told about the rows of a run: for its steps, its packing and its memory.
#pragma once

#include <optional>

#include "ui/session/draft_facts.h"

namespace vernier::ui {

class DataSession;

// Nothing while rows are being read, or where none has something to learn.
std::optional<RowFacts> row_facts(const DataSession& data);

}  // namespace vernier::ui
