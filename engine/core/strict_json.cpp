#include "engine/core/strict_json.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::size_t kMostShown = 100;  // bytes of what was read

// The end of a long text, from a character's first byte on.
std::string shown_end(const std::string& text) {
  if (text.size() <= kMostShown) return text;
  std::size_t begin = text.size() - kMostShown;
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) ++begin;
  return "\xE2\x80\xA6" + text.substr(begin);
}

// nlohmann quotes the whole token that it could not read, up to the rest of the file.
std::string with_short_quote(const std::string& what) {
  constexpr std::string_view kOpens = "; last read: '", kExpected = "'; expected ";
  const std::size_t opens = what.find(kOpens);
  if (opens == std::string::npos) return what;
  const std::size_t begin = opens + kOpens.size();
  std::size_t end = what.rfind(kExpected);
  if (end == std::string::npos || end < begin) end = what.rfind('\'');
  if (end == std::string::npos || end < begin) return what;
  return what.substr(0, begin) + shown_end(what.substr(begin, end - begin)) + what.substr(end);
}

template <typename Json>
class StrictBuilder : public nlohmann::json_sax<Json> {
 public:
  StrictBuilder(Json& root, std::string_view name, bool is_one_line)
      : root_(root), name_(name), is_one_line_(is_one_line) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(typename Json::number_integer_t value) override { return put(value); }
  bool number_unsigned(typename Json::number_unsigned_t value) override { return put(value); }
  bool number_float(typename Json::number_float_t value, const typename Json::string_t&) override { return put(value); }
  bool string(typename Json::string_t& value) override { return put(std::move(value)); }
  bool binary(typename Json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(typename Json::string_t& value) override {
    if (is_there(value)) {
      fail(ErrorCode::kInvalidInput, name_,
           "not valid: the key \"" + shown_end(value) + "\" is there twice in one object.");
    }
    auto& members = open_.back()->template get_ref<typename Json::object_t&>();
    if constexpr (kSearchesInOrder) {
      slot_ = &members.emplace_back(value, nullptr).second;  // [] would search once more
    } else {
      slot_ = &members[value];
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    // nlohmann's text is "[json.exception.parse_error.101] parse error at line 1, column 2: <what>", or without the
    // place where a number is too large.
    std::string what = error.what(), line;
    if (const std::size_t bracket = what.find("] "); bracket != std::string::npos) what = what.substr(bracket + 2);
    constexpr std::string_view kAt = "parse error at ";
    if (const std::size_t colon = what.find(": "); what.starts_with(kAt) && colon != std::string::npos) {
      line = " (" + what.substr(kAt.size(), colon - kAt.size()) + ")";
      // Of one line, which may be any line of a file.
      constexpr std::string_view kFirst = " (line 1, ";
      if (is_one_line_ && line.starts_with(kFirst)) line = " (" + line.substr(kFirst.size());
      what = what.substr(colon + 2);
    }
    what = with_short_quote(what);
    fail(ErrorCode::kInvalidInput, name_,
         "not valid JSON at byte " + std::to_string(position == 0 ? 0 : position - 1) + line + ": " + what + ".");
  }

 private:
  // ordered_json goes through all members of an object to find one.
  static constexpr bool kSearchesInOrder = std::is_same_v<Json, nlohmann::ordered_json>;
  static constexpr std::size_t kFewKeys = 32;

  // Whether the innermost object has the key; notes it where it has many.
  bool is_there(const std::string& key) {
    const Json& object = *open_.back();
    if (!kSearchesInOrder || object.size() < kFewKeys) return object.contains(key);
    std::unordered_set<std::string>& keys = keys_[open_.size()];
    if (object.size() == kFewKeys) {
      keys.clear();
      for (const auto& member : object.items()) keys.insert(member.key());
    }
    return !keys.insert(key).second;
  }

  template <typename Value>
  Json* put_value(Value&& value) {
    if (open_.empty()) {
      root_ = std::forward<Value>(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::forward<Value>(value));
      return &open_.back()->back();
    }
    *slot_ = std::forward<Value>(value);
    return slot_;
  }
  template <typename Value>
  bool put(Value&& value) {
    put_value(std::forward<Value>(value));
    return true;
  }
  bool open(Json value) {
    if (open_.size() >= static_cast<std::size_t>(kMaxJsonDepth)) {
      fail(ErrorCode::kInvalidInput, name_,
           "nested too deeply: expected at most " + std::to_string(kMaxJsonDepth) + " levels.");
    }
    open_.push_back(put_value(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  Json& root_;
  std::string name_;
  bool is_one_line_;
  std::vector<Json*> open_;  // stay valid: only the innermost one grows
  Json* slot_ = nullptr;
  std::map<std::size_t, std::unordered_set<std::string>> keys_;  // by depth, of objects with many
};

}  // namespace

template <typename Json>
Json parse_strict_json(std::string_view text, std::string_view name) {
  // nlohmann takes a NUL for the end of the text.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    fail(ErrorCode::kInvalidInput, name, "not valid JSON at byte " + std::to_string(nul) + ": a NUL byte.");
  }
  Json root;
  StrictBuilder<Json> builder(root, name, text.find('\n') == std::string_view::npos);
  Json::sax_parse(text, &builder);
  return root;
}

template nlohmann::json parse_strict_json<nlohmann::json>(std::string_view, std::string_view);
template nlohmann::ordered_json parse_strict_json<nlohmann::ordered_json>(std::string_view, std::string_view);

}  // namespace vernier
