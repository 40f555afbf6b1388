// Sentences about what a data set turned out to hold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vernier/data.h"

namespace vernier {

// One sentence for a data set in which no row has anything to learn: how many rows, and the most likely cause. Training
// on such a set is refused with it (other tools stop later with "The model did not return a loss"). "" where there is
// something to learn.
std::string no_targets_message(const DatasetAudit& audit, const LabelOptions& labels);

// Sentences for the user about all else that is worth a look, the weightiest first. of_file: "train.jsonl".
std::vector<std::string> audit_notes(const DatasetAudit& audit, const LabelOptions& labels, const std::string& of_file);

// One about rows to evaluate on that are also trained on.
std::string overlap_note(std::int64_t overlap, std::int64_t eval_rows);

}  // namespace vernier
