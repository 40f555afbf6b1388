#include "engine/data/row_format.h"

#include <algorithm>
#include <array>
#include <limits>

#include "engine/core/nearest_name.h"
#include "engine/core/strict_json.h"
#include "engine/data/attention_mask.h"
#include "engine/data/dataset.h"
#include "engine/data/messages.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;

constexpr std::array<std::pair<std::string_view, DataFormat>, 8> kFormats = {{
    {"messages", DataFormat::kMessages},
    {"sharegpt", DataFormat::kShareGpt},
    {"alpaca", DataFormat::kAlpaca},
    {"question_answer", DataFormat::kQuestionAnswer},
    {"prompt_completion", DataFormat::kPromptCompletion},
    {"oasst", DataFormat::kMessageTree},
    {"text", DataFormat::kText},
    {"tokens", DataFormat::kTokens},
}};

// Our name of a column, and the keys it is sought under where `columns` does not say.
struct Column {
  std::string_view name;
  std::array<std::string_view, 4> keys;
};
constexpr std::array<Column, 16> kColumns = {{
    {"messages", {"messages", "conversations", "conversation"}},
    {"tools", {"tools"}},
    {"system", {"system", "system_prompt"}},
    {"instruction", {"instruction"}},
    {"input", {"input", "context"}},
    {"output", {"output", "response"}},
    {"history", {"history"}},
    {"instances", {"instances"}},
    {"question", {"question"}},
    {"answer", {"answer"}},
    {"prompt", {"prompt"}},
    {"completion", {"completion", "response"}},
    {"text", {"text", "content"}},
    {"input_ids", {"input_ids"}},
    {"labels", {"labels"}},
    {"attention_mask", {"attention_mask"}},
}};

std::string kind_of(const ordered_json& value) {
  return "a JSON " + std::string(value.type_name());
}

std::string listed_keys(const ordered_json& row) {
  std::string out;
  int count = 0;
  for (const auto& item : row.items()) {
    if (++count > 12) return out + ", ...";
    out += (out.empty() ? "" : ", ") + item.key();
  }
  return out.empty() ? "none" : out;
}

std::vector<std::int32_t> read_ids(const ordered_json& list, const std::string& key, const std::string& place) {
  if (!list.is_array()) {
    fail(ErrorCode::kInvalidInput, place, key + ": got " + kind_of(list) + ", expected a list of token ids.");
  }
  std::vector<std::int32_t> out;
  out.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    const ordered_json& value = list[i];
    const bool fits =
        value.is_number_integer() &&
        (!value.is_number_unsigned() ||
         value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()));
    const std::int64_t id = fits ? value.get<std::int64_t>() : -1;
    if (!fits || id < std::numeric_limits<std::int32_t>::min()) {
      std::string shown = value.is_number() ? value.dump() : kind_of(value);
      fail(ErrorCode::kInvalidInput, place,
           key + "[" + std::to_string(i) + "]: got " + shown + ", expected a token id.");
    }
    out.push_back(static_cast<std::int32_t>(id));
  }
  return out;
}

// What to do about a row of no known format. Some files wrap their rows into one object.
std::string hint(const ordered_json& row) {
  for (const auto& item : row.items()) {
    if (!item.value().is_array() || item.value().empty() || !item.value().front().is_object()) continue;
    return "Its \"" + item.key() + "\" is a list of " + std::to_string(item.value().size()) +
           " objects: if these are the rows, save that list alone as the file.";
  }
  return "dataset.columns can map names.";
}

// OpenAssistant's message with the answers to it.
bool is_tree_node(const ordered_json& value) {
  return value.is_object() && value.contains("text") && value.contains("role") && value.contains("replies");
}

// Deeper conversations are refused, so that walking over them cannot exhaust the stack.
constexpr std::size_t kMaxTurns = 200;

// Adds the conversations that end below `node`, whose own message ends `path`. False where the assistant says nothing
// there.
bool add_branches(const ordered_json& node, ordered_json& path, std::vector<ordered_json>& out,
                  const std::string& place) {
  if (!is_tree_node(node) || !node["replies"].is_array()) {
    fail(ErrorCode::kInvalidInput, place, "a message of the tree: expected text, role and a list of replies.");
  }
  if (path.size() == kMaxTurns) {
    fail(ErrorCode::kInvalidInput, place, "the tree is deeper than " + std::to_string(kMaxTurns) + " messages.");
  }
  path.push_back({{"role", node["role"]}, {"content", node["text"]}});
  bool found = false;
  for (const ordered_json& reply : node["replies"]) found = add_branches(reply, path, out, place) || found;
  if (!found && node["role"] == "assistant") {
    out.push_back(path);
    found = true;
  }
  path.erase(path.size() - 1);
  return found;
}

}  // namespace

std::string_view to_string(DataFormat format) {
  for (const auto& [name, value] : kFormats) {
    if (value == format) return name;
  }
  return "text";
}

std::optional<DataFormat> data_format_of(std::string_view name) {
  const auto known = std::find_if(kFormats.begin(), kFormats.end(), [&](const auto& f) { return f.first == name; });
  return known == kFormats.end() ? std::nullopt : std::optional(known->second);
}

std::vector<FormatColumn> columns_of(DataFormat format) {
  switch (format) {
    case DataFormat::kMessages:
    case DataFormat::kShareGpt:
      return {{"messages", true}, {"system"}, {"tools"}};
    case DataFormat::kAlpaca:
      // instances stand in for input and output.
      return {{"instruction", true}, {"input"}, {"output"}, {"system"}, {"history"}, {"instances"}};
    case DataFormat::kQuestionAnswer:
      return {{"question", true}, {"answer", true}, {"system"}};
    case DataFormat::kPromptCompletion:
      return {{"prompt", true}, {"completion", true}, {"tools"}};
    case DataFormat::kMessageTree:
      return {{"prompt", true}};
    case DataFormat::kText:
      return {{"text", true}};
    case DataFormat::kTokens:
      return {{"input_ids", true}, {"labels"}, {"attention_mask"}};
  }
  return {};
}

RowFormat::RowFormat(const DatasetOptions& options, const ordered_json& first_row, const std::string& place)
    : columns_(options.columns) {
  for (const auto& [name, key] : columns_) {
    std::vector<std::string> names;
    for (const Column& column : kColumns) names.emplace_back(column.name);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string near = nearest_name(name, names);
      fail(ErrorCode::kInvalidInput, "dataset.columns",
           "got \"" + name + "\", expected a name that Vernier knows, such as \"" +
               (near.empty() ? names.front() : near) + "\".");
    }
    if (!first_row.contains(key)) {
      fail(ErrorCode::kInvalidInput, place,
           "there is no \"" + key + "\", which dataset.columns names for " + name + ": the row has " +
               listed_keys(first_row) + ".");
    }
  }
  if (options.format == "auto" || options.format.empty()) {
    if (!recognise(first_row)) {
      fail(ErrorCode::kInvalidInput, place,
           "no known format: the row has " + listed_keys(first_row) +
               ", expected messages, conversations, prompt and completion, instruction and output, question and "
               "answer, text, or input_ids. " +
               hint(first_row));
    }
    return;
  }
  const std::optional<DataFormat> known = data_format_of(options.format);
  if (!known) {
    std::vector<std::string> names = {"auto"};
    std::string listed = "auto";
    for (const auto& [name, value] : kFormats) {
      names.emplace_back(name);
      listed += ", " + std::string(name);
    }
    const std::string near = nearest_name(options.format, names);
    fail(ErrorCode::kInvalidInput, "dataset.format",
         "got \"" + options.format + "\", expected one of " + listed + "." +
             (near.empty() ? "" : " Did you mean " + near + "?"));
  }
  format_ = *known;
}

bool RowFormat::fits(DataFormat format, const ordered_json& row) const {
  const auto has = [&](std::string_view name) { return row.contains(key_of(row, name)); };
  const auto is_sharegpt = [&] {
    const ordered_json& list = row[key_of(row, "messages")];
    return list.is_array() && !list.empty() && is_sharegpt_message(list.front());
  };
  switch (format) {
    case DataFormat::kTokens:
      return has("input_ids");
    case DataFormat::kShareGpt:
      return has("messages") && is_sharegpt();
    case DataFormat::kMessages:
      return has("messages") && !is_sharegpt();
    case DataFormat::kMessageTree:
      return has("prompt") && is_tree_node(row[key_of(row, "prompt")]);
    case DataFormat::kPromptCompletion:
      return has("prompt") && has("completion");
    case DataFormat::kAlpaca:
      return has("instruction") && (has("output") || has("instances"));
    case DataFormat::kQuestionAnswer:
      return has("question") && has("answer");
    case DataFormat::kText:
      return has("text");
  }
  return false;
}

bool RowFormat::recognise(const ordered_json& row) {
  // The more telling formats first.
  for (const DataFormat format :
       {DataFormat::kTokens, DataFormat::kShareGpt, DataFormat::kMessages, DataFormat::kMessageTree,
        DataFormat::kPromptCompletion, DataFormat::kAlpaca, DataFormat::kQuestionAnswer, DataFormat::kText}) {
    if (!fits(format, row)) continue;
    format_ = format;
    return true;
  }
  return false;
}

std::string RowFormat::key_of(const ordered_json& row, std::string_view name) const {
  if (const auto mapped = columns_.find(std::string(name)); mapped != columns_.end()) return mapped->second;
  const auto column = std::find_if(kColumns.begin(), kColumns.end(), [&](const Column& c) { return c.name == name; });
  for (const std::string_view key : column->keys) {
    if (!key.empty() && row.contains(key)) return std::string(key);
  }
  return std::string(name);
}

const ordered_json* RowFormat::find(const ordered_json& row, std::string_view name) const {
  const auto it = row.find(key_of(row, name));
  return it == row.end() || it->is_null() ? nullptr : &*it;
}

const ordered_json& RowFormat::need(const ordered_json& row, std::string_view name, const std::string& place) const {
  const std::string key = key_of(row, name);
  const auto it = row.find(key);
  if (it == row.end()) {
    fail(ErrorCode::kInvalidInput, place,
         "there is no \"" + key + "\", which format " + std::string(to_string(format_)) + " needs: the row has " +
             listed_keys(row) + ".");
  }
  if (it->is_null()) fail(ErrorCode::kInvalidInput, place, key + ": got null, expected a value.");
  return *it;
}

ordered_json RowFormat::need_list(const ordered_json& row, std::string_view name, const std::string& place) const {
  const ordered_json& value = need(row, name, place);
  if (!value.is_string() || !value.get_ref<const std::string&>().starts_with('[')) return value;
  return parse_strict_json<ordered_json>(value.get_ref<const std::string&>(), place + " " + key_of(row, name));
}

ordered_json RowFormat::optional_list(const ordered_json& row, std::string_view name, const std::string& place) const {
  const ordered_json* value = find(row, name);
  if (value == nullptr || *value == "") return nullptr;
  ordered_json list = need_list(row, name, place);
  if (!list.is_array()) {
    fail(ErrorCode::kInvalidInput, place, key_of(row, name) + ": got " + kind_of(list) + ", expected a list.");
  }
  return list;
}

std::string RowFormat::need_text(const ordered_json& row, std::string_view name, const std::string& place) const {
  const ordered_json& value = need(row, name, place);
  if (!value.is_string()) {
    fail(ErrorCode::kInvalidInput, place, key_of(row, name) + ": got " + kind_of(value) + ", expected text.");
  }
  return value.get<std::string>();
}

std::string RowFormat::text_or_empty(const ordered_json& row, std::string_view name, const std::string& place) const {
  return find(row, name) == nullptr ? std::string() : need_text(row, name, place);
}

std::vector<RowContent> RowFormat::read(const ordered_json& row, const std::string& place) const {
  switch (format_) {
    case DataFormat::kMessages:
    case DataFormat::kShareGpt:
      return {read_messages(row, place)};
    case DataFormat::kAlpaca:
      return read_alpaca(row, place);
    case DataFormat::kQuestionAnswer: {
      Conversation out;
      if (const auto system = text_or_empty(row, "system", place); !system.empty())
        out.messages.push_back(made_message("system", system));
      out.messages.push_back(made_message("user", need_text(row, "question", place)));
      out.prompt_messages = out.messages.size();
      out.messages.push_back(made_message("assistant", need_text(row, "answer", place)));
      return {out};
    }
    case DataFormat::kPromptCompletion:
      return {read_prompt_completion(row, place)};
    case DataFormat::kMessageTree:
      return read_message_tree(row, place);
    case DataFormat::kText:
      return {WholeText{need_text(row, "text", place)}};
    case DataFormat::kTokens:
      return {read_tokens(row, place)};
  }
  return {};
}

Conversation RowFormat::read_messages(const ordered_json& row, const std::string& place) const {
  Conversation out;
  out.messages = read_message_list(need_list(row, "messages", place), key_of(row, "messages"), place);
  out.tools = optional_list(row, "tools", place);
  const std::string system = text_or_empty(row, "system", place);
  const bool has_system = !out.messages.empty() && out.messages.front()["role"] == "system";
  if (!system.empty() && !has_system) out.messages.insert(out.messages.begin(), made_message("system", system));
  return out;
}

std::vector<RowContent> RowFormat::read_alpaca(const ordered_json& row, const std::string& place) const {
  ordered_json before = ordered_json::array();
  if (const auto system = text_or_empty(row, "system", place); !system.empty())
    before.push_back(made_message("system", system));
  const ordered_json history = optional_list(row, "history", place);
  for (std::size_t i = 0; i < history.size(); ++i) {
    const ordered_json& turn = history[i];
    if (!turn.is_array() || turn.size() != 2 || !turn[0].is_string() || !turn[1].is_string()) {
      fail(ErrorCode::kInvalidInput, place,
           key_of(row, "history") + "[" + std::to_string(i) + "]: expected a pair [instruction, output] of texts.");
    }
    before.push_back(made_message("user", turn[0].get<std::string>()));
    before.push_back(made_message("assistant", turn[1].get<std::string>()));
  }
  const std::string instruction = need_text(row, "instruction", place);
  const auto example = [&](const std::string& input, const std::string& output) {
    Conversation out;
    out.messages = before;
    const std::string separator = instruction.empty() || input.empty() ? "" : "\n\n";
    out.messages.push_back(made_message("user", instruction + separator + input));
    out.prompt_messages = out.messages.size();
    out.messages.push_back(made_message("assistant", output));
    return out;
  };
  const ordered_json instances = optional_list(row, "instances", place);
  if (instances.is_null()) return {example(text_or_empty(row, "input", place), need_text(row, "output", place))};
  std::vector<RowContent> out;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const ordered_json& instance = instances[i];
    const std::string instance_place = place + ", instances[" + std::to_string(i) + "]";
    if (!instance.is_object())
      fail(ErrorCode::kInvalidInput, instance_place, "got " + kind_of(instance) + ", expected {input, output}.");
    out.push_back(
        example(text_or_empty(instance, "input", instance_place), need_text(instance, "output", instance_place)));
  }
  return out;
}

// Every answer that no other follows ends one conversation; a tree without any answer is one of its first message.
std::vector<RowContent> RowFormat::read_message_tree(const ordered_json& row, const std::string& place) const {
  const ordered_json& root = need(row, "prompt", place);
  ordered_json path = ordered_json::array();
  std::vector<ordered_json> branches;
  if (!add_branches(root, path, branches, place)) {
    branches.push_back(ordered_json::array({{{"role", root["role"]}, {"content", root["text"]}}}));
  }
  std::vector<RowContent> out;
  for (const ordered_json& branch : branches) {
    Conversation conversation;
    conversation.messages = read_message_list(branch, key_of(row, "prompt"), place);
    out.push_back(std::move(conversation));
  }
  return out;
}

RowContent RowFormat::read_prompt_completion(const ordered_json& row, const std::string& place) const {
  const ordered_json& prompt = need(row, "prompt", place);
  if (!prompt.is_array()) return PromptCompletion{need_text(row, "prompt", place), need_text(row, "completion", place)};
  Conversation out;
  out.messages = read_message_list(prompt, key_of(row, "prompt"), place);
  out.prompt_messages = out.messages.size();
  const std::string key = key_of(row, "completion");
  if (out.messages.empty())
    fail(ErrorCode::kInvalidInput, place, key_of(row, "prompt") + ": the list of messages is empty.");
  const ordered_json completion = read_message_list(need(row, "completion", place), key, place);
  for (const ordered_json& message : completion) out.messages.push_back(message);
  out.tools = optional_list(row, "tools", place);
  return out;
}

GivenTokens RowFormat::read_tokens(const ordered_json& row, const std::string& place) const {
  GivenTokens out;
  out.input_ids = read_ids(need_list(row, "input_ids", place), key_of(row, "input_ids"), place);
  const ordered_json labels = optional_list(row, "labels", place);
  if (!labels.is_null()) {
    out.labels = read_ids(labels, key_of(row, "labels"), place);
    if (out.labels.size() != out.input_ids.size()) {
      fail(ErrorCode::kInvalidInput, place,
           key_of(row, "labels") + ": got " + std::to_string(out.labels.size()) + " labels, expected " +
               std::to_string(out.input_ids.size()) + ", as many as input_ids.");
    }
  }
  const ordered_json mask = optional_list(row, "attention_mask", place);
  if (!mask.is_null()) {
    apply_attention_mask(read_attention_mask(mask, out.input_ids.size(), key_of(row, "attention_mask"), place), out);
  }
  return out;
}

}  // namespace vernier
