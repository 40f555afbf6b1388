// Parity checks as files: Markdown to read, CSV to count with.
#pragma once

#include <QString>
#include <vector>

#include "vernier/parity.h"

namespace vernier::ui {

// One check in full, with the causes and their evidence, and a line for each of the others.
QString parity_markdown(const std::vector<ParityReport>& reports, std::size_t shown, const QString& run_name);
// A row for each path of each check, all figures with 9 digits; NaN is left empty.
QString parity_csv(const std::vector<ParityReport>& reports);

}  // namespace vernier::ui
