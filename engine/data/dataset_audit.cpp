#include "engine/data/dataset_audit.h"

#include <algorithm>
#include <numeric>

namespace vernier {

std::int64_t DatasetAudit::lost_rows() const {
  return std::accumulate(lost.begin(), lost.end(), std::int64_t{0});
}

std::string no_targets_message(const DatasetAudit& audit, const LabelOptions& labels) {
  if (audit.rows == 0) return "the data file has no rows: expected at least one.";
  if (audit.lost_rows() < audit.rows) return "";
  const auto most = std::max_element(audit.lost.begin(), audit.lost.end());
  const auto reason = static_cast<LostReason>(most - audit.lost.begin());
  std::string out = "none of the " + std::to_string(audit.rows) + " rows has a token to learn: ";
  out += *most == audit.rows ? "in every row " : "in " + std::to_string(*most) + " of them ";
  switch (reason) {
    case LostReason::kPromptTooLong:
      return out + "the prompt alone fills max_length (" + std::to_string(labels.max_length) +
             " tokens). Raise max_length.";
    case LostReason::kNoAssistantTurn:
      return out + "there is no message with the role assistant. Check the roles, or turn off assistant_only_loss.";
    case LostReason::kEmpty:
      return out + "the text to learn is empty, or a single token. Check which columns are read.";
    case LostReason::kAllMasked:
      return out + "the labels given are all -100. Check how the file was made.";
  }
  return out;
}

}  // namespace vernier
