#include "engine/data/dataset.h"

#include <algorithm>

namespace vernier {

std::string_view to_string(LabelReason reason) {
  switch (reason) {
    case LabelReason::kEverything:
      return "everything";
    case LabelReason::kCompletion:
      return "completion";
    case LabelReason::kAssistant:
      return "assistant";
    case LabelReason::kEndOfTurn:
      return "end_of_turn";
    case LabelReason::kAddedToken:
      return "added_token";
    case LabelReason::kPrompt:
      return "prompt";
    case LabelReason::kOtherTurn:
      return "other_turn";
    case LabelReason::kGivenLabelled:
      return "given_labelled";
    case LabelReason::kGivenMasked:
      return "given_masked";
  }
  return "everything";
}

bool is_labelled(LabelReason reason) {
  switch (reason) {
    case LabelReason::kEverything:
    case LabelReason::kCompletion:
    case LabelReason::kAssistant:
    case LabelReason::kEndOfTurn:
    case LabelReason::kGivenLabelled:
      return true;
    case LabelReason::kAddedToken:
    case LabelReason::kPrompt:
    case LabelReason::kOtherTurn:
    case LabelReason::kGivenMasked:
      return false;
  }
  return false;
}

std::int64_t count_row_targets(std::span<const std::int32_t> labels) {
  if (labels.empty()) return 0;
  return std::count_if(labels.begin() + 1, labels.end(), [](std::int32_t label) { return label != kNoLabel; });
}

std::int32_t TokenDataset::length(std::int64_t index) const {
  const auto i = static_cast<std::size_t>(index);
  const std::size_t end = i + 1 < rows_.size() ? rows_[i + 1].first_id : ids_.size();
  return static_cast<std::int32_t>(end - rows_[i].first_id);
}

TokenRow TokenDataset::row(std::int64_t index) const {
  const auto i = static_cast<std::size_t>(index);
  const Entry& entry = rows_[i];
  const auto length_of_row = static_cast<std::size_t>(length(index));
  const std::size_t span_end = i + 1 < rows_.size() ? rows_[i + 1].first_span : spans_.size();
  TokenRow out;
  out.input_ids = std::span(ids_).subspan(entry.first_id, length_of_row);
  out.labels = std::span(labels_).subspan(entry.first_id, length_of_row);
  out.spans = std::span(spans_).subspan(entry.first_span, span_end - entry.first_span);
  out.source_row = entry.source_row;
  out.cut_tokens = entry.cut_tokens;
  return out;
}

void TokenDataset::append(const TokenRow& row) {
  rows_.push_back({row.source_row, ids_.size(), spans_.size(), row.cut_tokens});
  ids_.insert(ids_.end(), row.input_ids.begin(), row.input_ids.end());
  labels_.insert(labels_.end(), row.labels.begin(), row.labels.end());
  spans_.insert(spans_.end(), row.spans.begin(), row.spans.end());
}

TokenDataset TokenDataset::select(std::span<const std::int64_t> indices) const {
  TokenDataset out;
  for (const std::int64_t index : indices) out.append(row(index));
  return out;
}

}  // namespace vernier
