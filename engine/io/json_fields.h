// Typed, range-checked access to the members of a JSON object that somebody else wrote.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace vernier {

// Every error is Error{kInvalidInput} "[place] key: got X, expected Y.". A key that is null counts as missing unless a
// function says otherwise. Keeps references: the object and its JSON must outlive it.
class JsonFields {
 public:
  // path: what stands before a key in messages, such as "rope_scaling.".
  JsonFields(const nlohmann::json& object, std::string place, std::string path = "");

  bool has(const char* key) const;                    // there and not null
  bool has_or_null(const char* key) const;            // there, perhaps null
  const nlohmann::json* find(const char* key) const;  // nullptr where missing or null
  const std::string& place() const { return place_; }

  std::int64_t integer(const char* key, std::int64_t min, std::int64_t max) const;  // required
  std::int64_t integer(const char* key, std::int64_t otherwise, std::int64_t min, std::int64_t max) const;
  std::optional<std::int64_t> optional_integer(const char* key, std::int64_t min, std::int64_t max) const;
  // Finite, min < value <= max; a whole number is taken too.
  double number(const char* key, double otherwise, double above, double max) const;
  std::optional<double> optional_number(const char* key, double above, double max) const;
  bool boolean(const char* key, bool otherwise) const;
  std::string string(const char* key, const std::string& otherwise) const;
  // A list of finite numbers above `above`; empty where missing.
  std::vector<double> numbers(const char* key, double above) const;
  std::vector<std::string> strings(const char* key) const;
  // Error where the member is there and no object; an empty object where missing.
  JsonFields object(const char* key) const;

  [[noreturn]] void wrong(const char* key, const std::string& expected) const;
  [[noreturn]] void missing(const char* key) const;

 private:
  const nlohmann::json* object_;
  std::string place_;
  std::string path_;
};

// A JSON value for a message, cut where long.
std::string shown_json(const nlohmann::json& value);

}  // namespace vernier
