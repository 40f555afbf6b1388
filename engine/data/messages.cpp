#include "engine/data/messages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::ordered_json;

constexpr std::array<std::pair<std::string_view, std::string_view>, 29> kRoles = {{
    {"user", "user"},
    {"human", "user"},
    {"prompter", "user"},
    {"instruction", "user"},
    {"question", "user"},
    {"customer", "user"},
    {"assistant", "assistant"},
    {"gpt", "assistant"},
    {"gpt-3.5", "assistant"},
    {"gpt-4", "assistant"},
    {"chatgpt", "assistant"},
    {"chatbot", "assistant"},
    {"bot", "assistant"},
    {"ai", "assistant"},
    {"model", "assistant"},
    {"bard", "assistant"},
    {"bing", "assistant"},
    {"claude", "assistant"},
    {"output", "assistant"},
    {"response", "assistant"},
    {"answer", "assistant"},
    {"function_call", "assistant"},
    {"system", "system"},
    {"developer", "developer"},
    {"tool", "tool"},
    {"observation", "tool"},
    {"function_response", "tool"},
    {"tool_response", "tool"},
    {"function", "tool"},
}};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// "" for one that is not known.
std::string role_of(const std::string& spelling) {
  const std::string name = lower(spelling);
  for (const auto& [known, role] : kRoles) {
    if (known == name) return std::string(role);
  }
  return "";
}

// OpenAI's list of parts; templates for text alone expect a string.
std::string joined_parts(const ordered_json& parts, const std::string& key, const std::string& place) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const ordered_json& part = parts[i];
    if (part.is_object() && part.value("type", ordered_json("text")) == "text" && part.contains("text") &&
        part["text"].is_string()) {
      out += part["text"].get_ref<const std::string&>();
      continue;
    }
    std::string kind = part.type_name();
    if (part.is_object() && part.contains("type") && part["type"].is_string()) {
      kind = "a part of type \"" + part["type"].get<std::string>() + "\"";
    }
    fail(ErrorCode::kInvalidInput, place,
         key + "[" + std::to_string(i) + "]: got " + kind +
             ", expected {\"type\": \"text\", \"text\": ...}: Vernier trains on text alone.");
  }
  return out;
}

// Templates write arguments out as JSON, so that a string would be quoted twice.
void read_arguments(ordered_json& message) {
  const auto calls = message.find("tool_calls");
  if (calls == message.end() || !calls->is_array()) return;
  for (ordered_json& call : *calls) {
    if (!call.is_object()) continue;
    const auto function = call.find("function");
    ordered_json& holder = function != call.end() && function->is_object() ? *function : call;
    const auto arguments = holder.find("arguments");
    if (arguments == holder.end() || !arguments->is_string()) continue;
    auto read = ordered_json::parse(arguments->get_ref<const std::string&>(), nullptr, false);
    if (read.is_object()) *arguments = std::move(read);
  }
}

ordered_json read_message(const ordered_json& given, const std::string& key, const std::string& place) {
  const auto wrong = [&](const std::string& what) { fail(ErrorCode::kInvalidInput, place, key + what); };
  if (!given.is_object())
    wrong(std::string(": got a JSON ") + given.type_name() + ", expected an object with role and content.");
  const bool sharegpt = is_sharegpt_message(given);
  const char* role_key = sharegpt ? "from" : "role";
  const char* content_key = sharegpt ? "value" : "content";
  if (!given.contains(role_key)) wrong(": there is no \"role\" (or \"from\").");
  if (!given[role_key].is_string())
    wrong("." + std::string(role_key) + ": got a JSON " + given[role_key].type_name() + ", expected text.");
  const auto spelling = given[role_key].get<std::string>();
  std::string role = role_of(spelling);
  // A template may know roles of its own ("ipython"); ShareGPT's spelling is no template's.
  if (role.empty() && sharegpt)
    wrong(".from: got \"" + spelling + "\", expected human, gpt, system, tool or another spelling of these.");
  if (role.empty()) role = spelling;

  ordered_json out = {{"role", role}};
  const auto content = given.find(content_key);
  if (content == given.end() || content->is_null()) {
    if (!given.contains("tool_calls")) wrong(std::string(".") + content_key + " is missing.");
    out["content"] = "";
  } else if (content->is_string()) {
    out["content"] = *content;
  } else if (content->is_array()) {
    out["content"] = joined_parts(*content, key + "." + content_key, place);
  } else {
    wrong(std::string(".") + content_key + ": got a JSON " + content->type_name() + ", expected text.");
  }
  for (const auto& item : given.items()) {
    if (item.key() != role_key && item.key() != content_key) out[item.key()] = item.value();
  }
  read_arguments(out);
  return out;
}

}  // namespace

ordered_json made_message(const std::string& role, const std::string& content) {
  return {{"role", role}, {"content", content}};
}

bool is_sharegpt_message(const ordered_json& message) {
  return message.is_object() && message.contains("from") && !message.contains("role");
}

ordered_json read_message_list(const ordered_json& list, const std::string& key, const std::string& place) {
  if (!list.is_array()) {
    fail(ErrorCode::kInvalidInput, place, key + ": got a JSON " + list.type_name() + ", expected a list of messages.");
  }
  ordered_json out = ordered_json::array();
  for (std::size_t i = 0; i < list.size(); ++i) {
    out.push_back(read_message(list[i], key + "[" + std::to_string(i) + "]", place));
  }
  return out;
}

}  // namespace vernier
