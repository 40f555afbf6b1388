#include "engine/text/tokenizer_config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "engine/text/token_id.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::json;

std::optional<json> read_object(const std::filesystem::path& path) {
  std::error_code status;
  if (!std::filesystem::is_regular_file(path, status)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) fail(ErrorCode::kIo, path.string(), "the file cannot be read.");
  json object = json::parse(text.str(), nullptr, false);
  if (object.is_discarded() || !object.is_object()) {
    fail(ErrorCode::kInvalidInput, path.string(), "not a JSON object: the file is damaged.");
  }
  return object;
}

std::string shown(std::string_view content) {
  return json(content).dump(-1, ' ', false, json::error_handler_t::replace);
}

// A token is written as a string or as {"content": ..., ...}.
std::optional<std::string> token_text(const json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("content") && value["content"].is_string()) {
    return value["content"].get<std::string>();
  }
  return std::nullopt;
}

void read_token(const json& object, const char* key, const std::string& where, std::optional<std::string>& out) {
  const auto it = object.find(key);
  if (it == object.end() || out) return;
  out = token_text(*it);
  if (!out) fail(ErrorCode::kInvalidInput, where, std::string(key) + ": expected a text or an object with content.");
}

void read_flag(const json& object, const char* key, const std::string& where, std::optional<bool>& out) {
  const auto it = object.find(key);
  if (it == object.end() || it->is_null()) return;
  if (!it->is_boolean()) fail(ErrorCode::kInvalidInput, where, std::string(key) + ": expected true or false.");
  out = it->get<bool>();
}

void read_additional(const json& object, const std::string& where, std::vector<std::string>& out) {
  const auto it = object.find("additional_special_tokens");
  if (it == object.end() || !it->is_array()) return;
  for (const json& entry : *it) {
    const auto text = token_text(entry);
    if (!text) fail(ErrorCode::kInvalidInput, where, "additional_special_tokens: expected a list of texts.");
    if (std::find(out.begin(), out.end(), *text) == out.end()) out.push_back(*text);
  }
}

void read_added(const json& decoder, const std::string& where, std::vector<AddedToken>& out) {
  if (!decoder.is_object()) fail(ErrorCode::kInvalidInput, where, "added_tokens_decoder: expected an object.");
  for (const auto& item : decoder.items()) {
    const json& value = item.value();
    AddedToken token;
    const auto text = token_text(value);
    const json id = json::parse(item.key(), nullptr, false);
    if (!text || id.is_discarded()) {
      fail(ErrorCode::kInvalidInput, where, "added_tokens_decoder: expected \"id\": {\"content\": ...}.");
    }
    token.content = *text;
    token.id = read_token_id(id, "added token \"" + token.content + "\"", where);
    const auto flag = [&](const char* key, bool fallback) {
      std::optional<bool> read;
      if (value.is_object()) read_flag(value, key, where, read);
      return read.value_or(fallback);
    };
    token.special = flag("special", false);
    token.lstrip = flag("lstrip", false);
    token.rstrip = flag("rstrip", false);
    token.single_word = flag("single_word", false);
    token.normalized = flag("normalized", !token.special);
    out.push_back(std::move(token));
  }
}

// The first of the tokens that two entries give two ids, or of the ids that they give two tokens.
std::string find_contradiction(const std::vector<AddedToken>& tokens) {
  std::map<std::string_view, std::int32_t> ids;
  std::map<std::int32_t, std::string_view> contents;
  for (const AddedToken& token : tokens) {
    const std::int32_t id = ids.emplace(token.content, token.id).first->second;
    if (id != token.id) {
      return "added token " + shown(token.content) + ": got the ids " + std::to_string(id) + " and " +
             std::to_string(token.id) + ", expected one.";
    }
    const std::string_view content = contents.emplace(token.id, token.content).first->second;
    if (content != token.content) {
      return "added tokens: got " + shown(content) + " and " + shown(token.content) + " for id " +
             std::to_string(token.id) + ", expected one.";
    }
  }
  return "";
}

}  // namespace

TokenizerConfig TokenizerConfig::load(const std::string& model_dir) {
  const std::filesystem::path folder(model_dir);
  TokenizerConfig out;
  if (const auto object = read_object(folder / "tokenizer_config.json")) {
    const std::string where = (folder / "tokenizer_config.json").string();
    out.present = true;
    read_flag(*object, "add_bos_token", where, out.add_bos_token);
    read_flag(*object, "add_eos_token", where, out.add_eos_token);
    read_flag(*object, "add_prefix_space", where, out.add_prefix_space);
    read_flag(*object, "legacy", where, out.legacy);
    read_token(*object, "bos_token", where, out.bos_token);
    read_token(*object, "eos_token", where, out.eos_token);
    read_token(*object, "unk_token", where, out.unk_token);
    read_token(*object, "pad_token", where, out.pad_token);
    read_additional(*object, where, out.additional_special_tokens);
    if (object->contains("added_tokens_decoder"))
      read_added((*object)["added_tokens_decoder"], where, out.added_tokens);
  }
  if (const auto object = read_object(folder / "special_tokens_map.json")) {
    const std::string where = (folder / "special_tokens_map.json").string();
    read_token(*object, "bos_token", where, out.bos_token);
    read_token(*object, "eos_token", where, out.eos_token);
    read_token(*object, "unk_token", where, out.unk_token);
    read_token(*object, "pad_token", where, out.pad_token);
    read_additional(*object, where, out.additional_special_tokens);
  }
  std::vector<AddedToken> listed;
  if (const auto object = read_object(folder / "added_tokens.json")) {
    const std::string where = (folder / "added_tokens.json").string();
    for (const auto& item : object->items()) {
      AddedToken token;
      token.content = item.key();
      token.id = read_token_id(item.value(), "added token \"" + token.content + "\"", where);
      listed.push_back(std::move(token));
    }
  }
  std::vector<AddedToken> all = out.added_tokens;
  all.insert(all.end(), listed.begin(), listed.end());
  out.contradiction = find_contradiction(all);
  for (AddedToken& token : listed) {
    const bool known = std::any_of(out.added_tokens.begin(), out.added_tokens.end(),
                                   [&](const AddedToken& other) { return other.content == token.content; });
    if (!known) out.added_tokens.push_back(std::move(token));
  }
  std::sort(out.added_tokens.begin(), out.added_tokens.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  return out;
}

}  // namespace vernier
