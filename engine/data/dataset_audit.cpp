#include "engine/data/dataset_audit.h"

#include <algorithm>
#include <nlohmann/json.hpp>
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
      return "whose own labels are all -100 behind the never predicted first token";
  }
  return "";
}

}  // namespace

nlohmann::json audit_to_json(const DatasetAudit& audit) {
  nlohmann::json lost = nlohmann::json::object();
  for (int i = 0; i < kNumLostReasons; ++i) {
    lost[std::string(to_string(static_cast<LostReason>(i)))] = audit.lost[static_cast<std::size_t>(i)];
  }
  nlohmann::json histogram = nlohmann::json::array();
  for (std::size_t bin = 0; bin < audit.length_histogram.size(); ++bin) {
    const std::int64_t from = std::int64_t{1} << bin;
    histogram.push_back({{"from", from}, {"to", 2 * from - 1}, {"rows", audit.length_histogram[bin]}});
  }
  return {{"rows", audit.rows},
          {"tokens", audit.tokens},
          {"labelled_tokens", audit.labelled_tokens},
          {"truncated", audit.truncated},
          {"cut_tokens", audit.cut_tokens},
          {"rows_without_labels", audit.lost_rows()},
          {"without_labels_by_reason", lost},
          {"empty", audit.empty},
          {"duplicates", audit.duplicates},
          {"double_bos", audit.double_bos},
          {"placeholders", audit.placeholders},
          {"special_tokens_in_content", audit.special_tokens},
          {"unclosed_turns", audit.unclosed_turns},
          {"conversations_without_template", audit.unrendered},
          {"tool_calls_not_rendered", audit.unwritten_calls},
          {"tools_not_rendered", audit.unwritten_tools},
          {"end_outside_generation", audit.ends_outside},
          {"generation_not_found", audit.lost_spans},
          {"looks_like_csv", audit.looks_like_table},
          {"length_histogram", histogram}};
}

DatasetAudit audit_from_json(const nlohmann::json& json) {
  DatasetAudit audit;
  json.at("rows").get_to(audit.rows);
  json.at("tokens").get_to(audit.tokens);
  json.at("labelled_tokens").get_to(audit.labelled_tokens);
  json.at("truncated").get_to(audit.truncated);
  json.at("cut_tokens").get_to(audit.cut_tokens);
  for (int i = 0; i < kNumLostReasons; ++i) {
    const std::string reason(to_string(static_cast<LostReason>(i)));
    json.at("without_labels_by_reason").at(reason).get_to(audit.lost[static_cast<std::size_t>(i)]);
  }
  json.at("empty").get_to(audit.empty);
  json.at("duplicates").get_to(audit.duplicates);
  json.at("double_bos").get_to(audit.double_bos);
  json.at("placeholders").get_to(audit.placeholders);
  json.at("special_tokens_in_content").get_to(audit.special_tokens);
  json.at("unclosed_turns").get_to(audit.unclosed_turns);
  json.at("conversations_without_template").get_to(audit.unrendered);
  json.at("tool_calls_not_rendered").get_to(audit.unwritten_calls);
  json.at("tools_not_rendered").get_to(audit.unwritten_tools);
  json.at("end_outside_generation").get_to(audit.ends_outside);
  json.at("generation_not_found").get_to(audit.lost_spans);
  json.at("looks_like_csv").get_to(audit.looks_like_table);
  for (const nlohmann::json& bin : json.at("length_histogram")) {
    audit.length_histogram.push_back(bin.at("rows").get<std::int64_t>());
  }
  return audit;
}

std::string no_targets_message(const DatasetAudit& audit, const LabelOptions& labels) {
  if (audit.rows == 0) return kNoRows;
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
      return out +
             "the labels given are all -100 behind the first token, which is never predicted. Check how the file was "
             "made.";
  }
  return out;
}

std::string cut_targets_message(std::int64_t rows, const LabelOptions& labels) {
  return "none of the " + std::to_string(rows) +
         " rows has a token to learn: in every row packing cuts in front of each token with a label, and a piece's "
         "first token is never predicted (max_length " +
         std::to_string(labels.max_length) + "). Raise max_length.";
}

std::string dropped_duplicates(const DatasetAudit& audit, const std::string& of_file) {
  return std::to_string(audit.duplicates) + " of the " + std::to_string(audit.rows) + " rows of " + of_file +
         " give exactly the tokens and labels of an earlier one and are left out.";
}

DataNote overlap_note(std::int64_t overlap, std::int64_t eval_rows) {
  return {"eval_overlap",
          std::to_string(overlap) + " of the " + std::to_string(eval_rows) +
              " rows to evaluate on are also trained on: the evaluation shows what was learnt by heart, too.",
          ""};
}

std::vector<DataNote> audit_notes(const DatasetAudit& audit, const LabelOptions& labels, const std::string& of_file) {
  std::vector<DataNote> out;
  const auto note = [&](const char* id, std::int64_t count, const std::string& what, const char* fix = "") {
    if (count == 0) return;
    const std::string of = std::to_string(count) + " of the " + std::to_string(audit.rows) + " rows of " + of_file;
    out.push_back({id, of + what, fix});
  };
  const auto note_turns = [&](const char* id, std::int64_t count, const std::string& what, const char* fix) {
    if (count == 0) return;
    out.push_back({id, std::to_string(count) + " of the assistant's turns in " + of_file + what, fix});
  };
  std::string reasons;
  for (int i = 0; i < kNumLostReasons; ++i) {
    const std::int64_t count = audit.lost[static_cast<std::size_t>(i)];
    if (count == 0) continue;
    reasons +=
        (reasons.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(in_words(static_cast<LostReason>(i)));
  }
  note("rows_without_labels", audit.lost_rows(), " have no token with a label and are left out (" + reasons + ").");
  note("unclosed_turns", audit.unclosed_turns,
       " end the assistant's turn without a special token of this tokenizer: a model that learns from them does not "
       "learn to stop.",
       "Choose a chat_template whose end of turn is one token.");
  note("end_outside_generation", audit.ends_outside,
       " end the assistant's turn behind the chat template's {% generation %} block: the token that ends it is not "
       "learnt, and the model does not learn to stop.",
       "Move {% endgeneration %} behind the token that ends the turn.");
  note_turns("generation_not_found", audit.lost_spans,
             " are changed behind their {% generation %} block, as by a filter around a macro: they cannot be found in "
             "what the chat template renders, and are not learnt.",
             "Put {% generation %} around what is written last, outside of filters and macros.");
  note_turns("tool_calls_not_rendered", audit.unwritten_calls,
             " carry tool_calls that the chat template does not render: these turns are masked.",
             "Choose a chat_template that renders tool calls.");
  note("tools_not_rendered", audit.unwritten_tools,
       " bring tools that the chat template does not render: the model never sees them.",
       "Choose a chat_template that renders tools.");
  if (audit.looks_like_table) {
    out.push_back({"looks_like_csv", of_file + " is read as plain text; its first line looks like the header of a CSV.",
                   "If it is one, let its name end in .csv or .tsv."});
  }
  note("truncated", audit.truncated,
       " are longer than max_length " + std::to_string(labels.max_length) + " and are cut.",
       "Raise max_length, or split long rows with \"packing\": \"bfd_split\".");
  if (!labels.drop_duplicates) {
    note("duplicates", audit.duplicates, " give exactly the tokens and labels of an earlier one.",
         "Leave them out with drop_duplicates.");
  }
  note("special_tokens_in_content", audit.special_tokens,
       " spell a special token in their content: the model reads it as the token itself.");
  note("placeholders", audit.placeholders, " hold a placeholder such as {{name}} that was never filled in.");
  note("double_bos", audit.double_bos, " bring a BOS of their own: the tokenizer's second one is left out.");
  note("no_chat_template", audit.unrendered,
       " are conversations, and the model has no chat template: they are laid out in Alpaca's way.",
       "Choose one with chat_template.");
  return out;
}

}  // namespace vernier
