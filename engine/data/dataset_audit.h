// What a data set turned out to hold, counted over every row.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/data/row_labeller.h"

namespace vernier {

struct DatasetAudit {
  std::int64_t rows = 0;                             // read; the data set has rows - lost_rows() of them
  std::int64_t tokens = 0;                           // of all rows, after cutting
  std::int64_t labelled_tokens = 0;                  // of these, those with a label
  std::int64_t truncated = 0;                        // rows cut at max_length
  std::int64_t cut_tokens = 0;                       // in all
  std::array<std::int64_t, kNumLostReasons> lost{};  // rows without anything to learn, by LostReason
  std::int64_t duplicates = 0;                       // rows whose tokens and labels are exactly those of an earlier row
  std::int64_t double_bos = 0;    // rows whose text brought its own BOS beside the tokenizer's, which was left out
  std::int64_t placeholders = 0;  // rows with something like {{name}} in the text
  bool has_template = false;      // the model's chat template was there to use
  // [k]: rows of 2^k to 2^(k+1) - 1 tokens before cutting; rows without tokens are nowhere.
  std::vector<std::int64_t> length_histogram;

  std::int64_t lost_rows() const;
};

// One sentence for a data set in which no row has anything to learn: how many rows, and the most likely cause. Training
// on such a set is refused with it (other tools stop later with "The model did not return a loss"). "" where there is
// something to learn.
std::string no_targets_message(const DatasetAudit& audit, const LabelOptions& labels);

}  // namespace vernier
