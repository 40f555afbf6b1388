// Python's operators on values.
#pragma once

#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/value.h"

namespace vernier::jinja {

class Runtime;

// Arithmetic: kAdd to kPow.
Value binary(Op op, const Value& a, const Value& b, Budget& budget);
Value negate(const Value& value);
Value plus(const Value& value);
// Comparison: kEq to kNotIn.
bool compare_with(Op op, const Value& a, const Value& b, Budget& budget);
// value[start:stop:step]; undefined or None where left out.
Value slice(const Value& value, const Value& start, const Value& stop, const Value& step, Budget& budget);

// text % arguments, as printf.
Value percent_format(const std::string& text, const Value& arguments, Budget& budget);
// text.format(...) with attribute and item access as the runtime has it.
struct Arguments;
Value brace_format(Runtime& runtime, const std::string& text, const Arguments& arguments);
// One value by a format specification such as "<10" or ".2f".
std::string format_value(const Value& value, std::string_view specification, Budget& budget);
// Fixed ('f'), exponent ('e') or general ('g') notation, as C's printf gives and Python too.
std::string format_double(double value, char kind, int precision, bool alternate = false);

// All of `text` as a number in decimal notation; false where it is none.
bool parse_double(std::string_view text, double& out);

// json.dumps(value, ensure_ascii=..., indent=..., separators=..., sort_keys=...).
struct JsonStyle {
  bool ensure_ascii = false;
  bool sort_keys = false;
  std::optional<std::string> indent;
  std::string item_separator = ", ";
  std::string key_separator = ": ";
};
std::string json_dumps(const Value& value, const JsonStyle& style, Budget& budget);

}  // namespace vernier::jinja
