// What a data set turned out to hold, as JSON and as sentences.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "vernier/data.h"

namespace vernier {

// As `vernier-cli data --json` prints it.
nlohmann::json audit_to_json(const DatasetAudit& audit);
// The inverse. Throws nlohmann's exceptions for anything else.
DatasetAudit audit_from_json(const nlohmann::json& json);

inline constexpr const char* kNoRows = "the data file has no rows: expected at least one.";
// One sentence for a data set in which no row has anything to learn: how many rows, and the most likely cause. Training
// on such a set is refused with it (other tools stop later with "The model did not return a loss"). "" where there is
// something to learn.
std::string no_targets_message(const DatasetAudit& audit, const LabelOptions& labels);
// The same where packing cuts all of `rows` rows so that no piece has a token to learn.
std::string cut_targets_message(std::int64_t rows, const LabelOptions& labels);

// Something about the data that is worth a look.
struct DataNote {
  std::string id;       // "truncated"
  std::string message;  // a sentence
  std::string fix;      // what to do about it, a sentence; "" where there is nothing to do

  std::string text() const { return fix.empty() ? message : message + " " + fix; }
};

// About all else, the weightiest first. of_file: "train.jsonl".
std::vector<DataNote> audit_notes(const DatasetAudit& audit, const LabelOptions& labels, const std::string& of_file);

// That the rows of `of_file` which stand twice are left out, by drop_duplicates: a sentence.
std::string dropped_duplicates(const DatasetAudit& audit, const std::string& of_file);

// About rows to evaluate on that are also trained on.
DataNote overlap_note(std::int64_t overlap, std::int64_t eval_rows);

}  // namespace vernier
