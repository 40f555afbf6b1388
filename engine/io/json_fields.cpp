#include "engine/io/json_fields.h"

#include <cmath>

#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::json;

std::string shown(double value) {
  return json(value).dump();
}

// A whole number, also one written as 8192.0.
std::optional<std::int64_t> whole(const json& value) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) return {};
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_number_float()) return {};
  const double number = value.get<double>();
  if (!(std::abs(number) < 9e15) || number != std::floor(number)) return {};
  return static_cast<std::int64_t>(number);
}

const json& empty_object() {
  static const json object = json::object();
  return object;
}

}  // namespace

std::string shown_json(const json& value) {
  // Containers are named, not printed: they may be huge.
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list of " + std::to_string(value.size());
  const std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  return text.size() <= 80 ? text : text.substr(0, 77) + "...";
}

JsonFields::JsonFields(const json& object, std::string place, std::string path)
    : object_(&object), place_(std::move(place)), path_(std::move(path)) {
  if (!object.is_object()) {
    const std::string what = path_.empty() ? "" : path_.substr(0, path_.size() - 1) + ": ";
    fail(ErrorCode::kInvalidInput, place_, what + "got " + shown_json(object) + ", expected an object.");
  }
}

const json* JsonFields::find(const char* key) const {
  const auto found = object_->find(key);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

bool JsonFields::has(const char* key) const {
  return find(key) != nullptr;
}

bool JsonFields::has_or_null(const char* key) const {
  return object_->contains(key);
}

void JsonFields::wrong(const char* key, const std::string& expected) const {
  const json* value = find(key);
  fail(ErrorCode::kInvalidInput, place_,
       path_ + key + ": got " + (value == nullptr ? "nothing" : shown_json(*value)) + ", expected " + expected + ".");
}

void JsonFields::missing(const char* key) const {
  fail(ErrorCode::kInvalidInput, place_, path_ + key + ": got nothing, expected a value; the file is incomplete.");
}

std::optional<std::int64_t> JsonFields::optional_integer(const char* key, std::int64_t min, std::int64_t max) const {
  const json* value = find(key);
  if (value == nullptr) return {};
  const std::optional<std::int64_t> number = whole(*value);
  if (!number || *number < min || *number > max) {
    wrong(key, "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return number;
}

std::int64_t JsonFields::integer(const char* key, std::int64_t otherwise, std::int64_t min, std::int64_t max) const {
  return optional_integer(key, min, max).value_or(otherwise);
}

std::int64_t JsonFields::integer(const char* key, std::int64_t min, std::int64_t max) const {
  const std::optional<std::int64_t> value = optional_integer(key, min, max);
  if (!value) missing(key);
  return *value;
}

std::optional<double> JsonFields::optional_number(const char* key, double above, double max) const {
  const json* value = find(key);
  if (value == nullptr) return {};
  const double number = value->is_number() ? value->get<double>() : NAN;
  if (!(number > above && number <= max)) wrong(key, "a number above " + shown(above) + ", at most " + shown(max));
  return number;
}

double JsonFields::number(const char* key, double otherwise, double above, double max) const {
  return optional_number(key, above, max).value_or(otherwise);
}

bool JsonFields::boolean(const char* key, bool otherwise) const {
  const json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) wrong(key, "true or false");
  return value->get<bool>();
}

std::string JsonFields::string(const char* key, const std::string& otherwise) const {
  const json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_string()) wrong(key, "a string");
  return value->get<std::string>();
}

std::vector<double> JsonFields::numbers(const char* key, double above) const {
  const json* value = find(key);
  if (value == nullptr) return {};
  std::vector<double> numbers;
  if (!value->is_array()) wrong(key, "a list of numbers");
  for (const json& item : *value) {
    const double number = item.is_number() ? item.get<double>() : NAN;
    if (!(number > above && std::isfinite(number))) wrong(key, "a list of numbers above " + shown(above));
    numbers.push_back(number);
  }
  return numbers;
}

std::vector<std::string> JsonFields::strings(const char* key) const {
  const json* value = find(key);
  if (value == nullptr) return {};
  std::vector<std::string> strings;
  if (!value->is_array()) wrong(key, "a list of strings");
  for (const json& item : *value) {
    if (!item.is_string()) wrong(key, "a list of strings");
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

JsonFields JsonFields::object(const char* key) const {
  const json* value = find(key);
  return {value == nullptr ? empty_object() : *value, place_, path_ + key + "."};
}

}  // namespace vernier
