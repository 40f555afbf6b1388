#include "engine/data/dataset_audit.h"

#include <algorithm>
#include <numeric>

namespace vernier {

std::int64_t DatasetAudit::lost_rows() const {
  return std::accumulate(lost.begin(), lost.end(), std::int64_t{0});
}

namespace {

// Behind a number of rows.
std::string_view in_words(LostReason reason) {
  switch (reason) {
    case LostReason::kPromptTooLong:
      return "whose labels all lie behind max_length";
    case LostReason::kNoAssistantTurn:
      return "without a turn of the assistant";
    case LostReason::kEmpty:
      return "with nothing to learn in them";
    case LostReason::kAllMasked:
      return "whose own labels are all -100";
  }
  return "";
}

}  // namespace

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
      if (!labels.response_part.empty())
        return out + "there is nothing behind response_part \"" + labels.response_part + "\". Check its spelling.";
      return out + "there is no message with the role assistant. Check the roles, or turn off assistant_only_loss.";
    case LostReason::kEmpty:
      return out + "the text to learn is empty, or a single token. Check which columns are read.";
    case LostReason::kAllMasked:
      return out + "the labels given are all -100. Check how the file was made.";
  }
  return out;
}

std::string overlap_note(std::int64_t overlap, std::int64_t eval_rows) {
  return std::to_string(overlap) + " of the " + std::to_string(eval_rows) +
         " rows to evaluate on are also trained on: the evaluation shows what was learnt by heart, too.";
}

std::vector<std::string> audit_notes(const DatasetAudit& audit, const LabelOptions& labels,
                                     const std::string& of_file) {
  std::vector<std::string> out;
  const auto note = [&](std::int64_t count, const std::string& what) {
    if (count > 0)
      out.push_back(std::to_string(count) + " of the " + std::to_string(audit.rows) + " rows of " + of_file + what);
  };
  std::string reasons;
  for (int i = 0; i < kNumLostReasons; ++i) {
    const std::int64_t count = audit.lost[static_cast<std::size_t>(i)];
    if (count == 0) continue;
    reasons +=
        (reasons.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(in_words(static_cast<LostReason>(i)));
  }
  note(audit.lost_rows(), " have no token with a label and are left out (" + reasons + ").");
  note(audit.unclosed_turns,
       " end the assistant's turn without a special token of this tokenizer: a model that learns from them does not "
       "learn to stop. Choose a chat_template whose end of turn is one token.");
  note(audit.truncated, " are longer than max_length " + std::to_string(labels.max_length) + " and are cut.");
  note(audit.duplicates, " give exactly the tokens and labels of an earlier one.");
  note(audit.special_tokens, " spell a special token in their content: the model reads it as the token itself.");
  note(audit.placeholders, " hold a placeholder such as {{name}} that was never filled in.");
  note(audit.double_bos, " bring a BOS of their own: the tokenizer's second one is left out.");
  note(audit.unrendered,
       " are conversations, and the model has no chat template: they are laid out in Alpaca's way. Choose one with "
       "chat_template.");
  return out;
}

}  // namespace vernier
