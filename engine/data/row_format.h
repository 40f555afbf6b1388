// What the rows of a data file mean: which keys hold what.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vernier/run_config.h"

namespace vernier {

enum class DataFormat {
  kMessages,
  kShareGpt,
  kAlpaca,
  kQuestionAnswer,
  kPromptCompletion,
  kMessageTree,
  kText,
  kTokens
};
// As in `dataset.format`: "messages", "sharegpt", "alpaca", "question_answer", "prompt_completion", "oasst",
// "text", "tokens".
std::string_view to_string(DataFormat format);
// nothing for another name.
std::optional<DataFormat> data_format_of(std::string_view name);

// One of our columns, as a format reads it.
struct FormatColumn {
  std::string_view name;
  bool required = false;
};
std::vector<FormatColumn> columns_of(DataFormat format);

// A text that is learnt whole.
struct WholeText {
  std::string text;
};
struct PromptCompletion {
  std::string prompt;
  std::string completion;
};
// Messages as chat templates expect them: {"role": ..., "content": ..., ...}.
struct Conversation {
  nlohmann::ordered_json messages = nlohmann::ordered_json::array();
  nlohmann::ordered_json tools;     // null: none
  std::size_t prompt_messages = 0;  // so many make the prompt; 0 where prompt and completion are not told apart
};
struct GivenTokens {
  std::vector<std::int32_t> input_ids;
  std::vector<std::int32_t> labels;  // as input_ids; empty where the row gives none
};
using RowContent = std::variant<WholeText, PromptCompletion, Conversation, GivenTokens>;

// Thread: const members from any thread.
class RowFormat {
 public:
  // The format that `options` names, or that the first row shows. Throws Error{kInvalidInput} that lists the row's
  // keys where none fits, or where options.columns names something unknown.
  RowFormat(const DatasetOptions& options, const nlohmann::ordered_json& first_row, const std::string& place);

  DataFormat format() const { return format_; }
  // One content, or several where a row holds several examples (Self-Instruct's `instances`, the branches of a tree).
  // Errors name `place` and the key.
  std::vector<RowContent> read(const nlohmann::ordered_json& row, const std::string& place) const;
  // Whether the row has the columns of a format.
  bool fits(DataFormat format, const nlohmann::ordered_json& row) const;
  // The key that holds our column `name` in this row; the name itself where none does.
  std::string key_of(const nlohmann::ordered_json& row, std::string_view name) const;

 private:
  // The value of the first of `names` (after mapping) that the row has; nullptr for none, or null.
  const nlohmann::ordered_json* find(const nlohmann::ordered_json& row, std::string_view name) const;
  const nlohmann::ordered_json& need(const nlohmann::ordered_json& row, std::string_view name,
                                     const std::string& place) const;
  // Tables cannot hold lists, so that many files keep them as JSON in a text.
  nlohmann::ordered_json need_list(const nlohmann::ordered_json& row, std::string_view name,
                                   const std::string& place) const;
  // null where the row has none, or an empty text in its place.
  nlohmann::ordered_json optional_list(const nlohmann::ordered_json& row, std::string_view name,
                                       const std::string& place) const;
  std::string need_text(const nlohmann::ordered_json& row, std::string_view name, const std::string& place) const;
  std::string text_or_empty(const nlohmann::ordered_json& row, std::string_view name, const std::string& place) const;
  bool recognise(const nlohmann::ordered_json& row);

  Conversation read_messages(const nlohmann::ordered_json& row, const std::string& place) const;
  std::vector<RowContent> read_alpaca(const nlohmann::ordered_json& row, const std::string& place) const;
  std::vector<RowContent> read_message_tree(const nlohmann::ordered_json& row, const std::string& place) const;
  RowContent read_prompt_completion(const nlohmann::ordered_json& row, const std::string& place) const;
  GivenTokens read_tokens(const nlohmann::ordered_json& row, const std::string& place) const;

  DataFormat format_ = DataFormat::kText;
  std::map<std::string, std::string> columns_;
};

}  // namespace vernier
