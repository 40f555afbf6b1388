// str() and repr().
#include <charconv>
#include <cmath>
#include <cstdio>

#include "engine/text/jinja/unicode.h"
#include "engine/text/jinja/value.h"
#include "engine/text/utf8.h"

namespace vernier::jinja {
namespace {

void append_items(std::string& out, const std::vector<Value>& items, Budget& budget) {
  const char* separator = "";
  for (const Value& item : items) {
    out += separator;
    append_repr(out, item, budget);
    separator = ", ";
  }
}

template <typename Items, typename KeyText>
void append_pairs(std::string& out, const Items& items, const KeyText& append_key, Budget& budget) {
  out += '{';
  const char* separator = "";
  for (const auto& item : items) {
    out += separator;
    append_key(item.first);
    out += ": ";
    append_repr(out, item.second, budget);
    separator = ", ";
  }
  out += '}';
}

void append_escape(std::string& out, std::uint32_t c) {
  char text[16];
  const char* format = c < 0x100u ? "\\x%02x" : c < 0x10000u ? "\\u%04x" : "\\U%08x";
  std::snprintf(text, sizeof text, format, c);
  out += text;
}

}  // namespace

std::string float_repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  std::string out;
  if (text.front() == '-') {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  int exponent = 0;
  const bool negative = text[e + 1] == '-';
  std::from_chars(text.data() + e + 2, text.data() + text.size(), exponent);
  if (negative) exponent = -exponent;
  std::string digits(1, text[0]);
  if (e > 1) digits += text.substr(2, e - 2);
  const int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {
    out += digits[0];
    if (count > 1) out.append(".").append(digits, 1);
    std::snprintf(buffer, sizeof buffer, "e%c%02d", negative ? '-' : '+', std::abs(exponent));
    return out + buffer;
  }
  if (exponent < 0) return out + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const int whole = exponent + 1;
  if (count <= whole) return out + digits + std::string(static_cast<std::size_t>(whole - count), '0') + ".0";
  return out + digits.substr(0, static_cast<std::size_t>(whole)) + "." + digits.substr(static_cast<std::size_t>(whole));
}

void append_string_repr(std::string& out, std::string_view text) {
  const bool double_quotes = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  const char quote = double_quotes ? '"' : '\'';
  out += quote;
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    if (c.code_point == static_cast<std::uint8_t>(quote) || c.code_point == '\\') {
      out += '\\';
      out += static_cast<char>(c.code_point);
    } else if (c.code_point == '\n') {
      out += "\\n";
    } else if (c.code_point == '\r') {
      out += "\\r";
    } else if (c.code_point == '\t') {
      out += "\\t";
    } else if (!is_printable(c.code_point)) {
      append_escape(out, c.code_point == kBadUtf8 ? static_cast<std::uint8_t>(text[0]) : c.code_point);
    } else {
      out += text.substr(0, c.length);
    }
    text.remove_prefix(c.length);
  }
  out += quote;
}

void append_repr(std::string& out, const Value& value, Budget& budget) {
  const DepthGuard guard(budget);
  budget.step();
  budget.check_output(out.size());
  switch (value.type()) {
    case Type::kString:
      budget.make(value.text().size());
      append_string_repr(out, value.text());
      return;
    case Type::kUndefined:
      out += "Undefined";
      return;
    case Type::kNone:
      out += "None";
      return;
    case Type::kBool:
      out += value.as_bool() ? "True" : "False";
      return;
    case Type::kInt:
      out += std::to_string(value.as_int());
      return;
    case Type::kFloat:
      out += float_repr(value.as_double());
      return;
    case Type::kList:
      out += '[';
      append_items(out, value.list().items, budget);
      out += ']';
      return;
    case Type::kTuple:
      out += '(';
      append_items(out, value.list().items, budget);
      out += value.list().items.size() == 1 ? ",)" : ")";
      return;
    case Type::kView:
      out.append(value.list().view_name).append("([");
      append_items(out, value.list().items, budget);
      out += "])";
      return;
    case Type::kDict:
      append_pairs(
          out, value.dict().items, [&](const Value& key) { append_repr(out, key, budget); }, budget);
      return;
    case Type::kRange: {
      const Range& range = value.range();
      out += "range(" + std::to_string(range.start) + ", " + std::to_string(range.stop);
      if (range.step != 1) out += ", " + std::to_string(range.step);
      out += ")";
      return;
    }
    case Type::kNamespace:
      out += "<Namespace ";
      append_pairs(
          out, value.names().items, [&](const std::string& key) { append_string_repr(out, key); }, budget);
      out += ">";
      return;
    case Type::kIterator:
    case Type::kLoop:
    case Type::kCallable:
      out.append("<").append(type_name(value)).append(" object>");
      return;
  }
}

void append_str(std::string& out, const Value& value, Budget& budget) {
  if (value.is_string()) {
    out += value.text();
  } else if (!value.is_undefined()) {
    append_repr(out, value, budget);
  }
  budget.check_output(out.size());
}

std::string repr(const Value& value, Budget& budget) {
  std::string out;
  append_repr(out, value, budget);
  return out;
}

std::string str(const Value& value, Budget& budget) {
  std::string out;
  append_str(out, value, budget);
  return out;
}

}  // namespace vernier::jinja
