// Rows of token ids with their labels, and why each label is what it is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vernier/data.h"

namespace vernier {

// A row, seen in the data set that holds it.
struct TokenRow {
  std::span<const std::int32_t> input_ids;
  std::span<const std::int32_t> labels;  // labels[i] is the label of token i, or kNoLabel
  std::span<const LabelSpan> spans;      // cover the row without gaps
  std::int64_t source_row = 0;           // of the data file, from 0
  std::int32_t cut_tokens = 0;           // lost to max_length
};

// A token's label counts only where a token before it can predict it.
std::int64_t count_row_targets(std::span<const std::int32_t> labels);

// Thread: const members from any thread.
class TokenDataset {
 public:
  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  std::int64_t num_tokens() const { return static_cast<std::int64_t>(ids_.size()); }
  TokenRow row(std::int64_t index) const;
  std::int32_t length(std::int64_t index) const;
  std::int64_t source_row(std::int64_t index) const { return rows_[static_cast<std::size_t>(index)].source_row; }

  // spans must cover the row.
  void append(const TokenRow& row);
  // The rows at `indices`, in that order.
  TokenDataset select(std::span<const std::int64_t> indices) const;

 private:
  struct Entry {
    std::int64_t source_row;
    std::size_t first_id;
    std::size_t first_span;
    std::int32_t cut_tokens;
  };
  std::vector<Entry> rows_;
  std::vector<std::int32_t> ids_;
  std::vector<std::int32_t> labels_;
  std::vector<LabelSpan> spans_;
};

}  // namespace vernier
