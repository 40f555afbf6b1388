// Filters on texts and numbers.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "engine/text/jinja/filter_tables.h"
#include "engine/text/jinja/operators.h"
#include "engine/text/jinja/runtime.h"
#include "engine/text/jinja/string_methods.h"
#include "engine/text/jinja/unicode.h"
#include "engine/text/utf8.h"

namespace vernier::jinja {
namespace {

// soft_str(value).
Value text_of(Runtime& runtime, const Value& value) {
  return value.is_string() ? value : make_string(str(value, runtime.budget), runtime.budget);
}

Value filter_string(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("string", arguments, {});
  return text_of(runtime, self);
}

template <std::string (*map)(std::string_view)>
Value filter_case(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("filter", arguments, {});
  const Value text = text_of(runtime, self);
  runtime.budget.make(text.text().size());
  return make_string(map(text.text()), runtime.budget);
}

// Words begin after white space and one of "-({[<".
Value filter_title(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("do_title", arguments, {});
  const Value given = text_of(runtime, self);
  std::string_view text = given.text();
  runtime.budget.make(text.size());
  const auto breaks = [](std::uint32_t c) {
    return c == '-' || c == '(' || c == '{' || c == '[' || c == '<' || is_space(c);
  };
  std::string out;
  while (!text.empty()) {
    std::size_t end = 0;
    const bool is_break = breaks(decode_utf8(text).code_point);
    while (end < text.size()) {
      const Utf8Char c = decode_utf8(text.substr(end));
      if (breaks(c.code_point) != is_break) break;
      end += c.length;
    }
    const std::size_t first = decode_utf8(text).length;
    out += to_upper(text.substr(0, first)) + to_lower(text.substr(first, end - first));
    text.remove_prefix(end);
  }
  return make_string(std::move(out), runtime.budget);
}

Value filter_trim(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_trim", arguments, {"chars"});
  const Value text = text_of(runtime, self);
  runtime.budget.look(text.text().size());
  const std::string* characters = bound.given(0) && !bound[0]->is_none() ? &bound.text(0, "strip") : nullptr;
  const std::string_view out = strip(text.text(), characters);
  return out.size() == text.text().size() ? text : make_string(std::string(out), runtime.budget);
}

Value filter_replace(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_replace", arguments, {"old", "new", "count"}, 2);
  return make_string(replace_all(str(self, runtime.budget), str(*bound[0], runtime.budget),
                                 str(*bound[1], runtime.budget), bound.integer(2, -1), runtime.budget),
                     runtime.budget);
}

Value filter_center(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_center", arguments, {"width"});
  const Value text = text_of(runtime, self);
  return make_string(centered(text.text(), bound.integer(0, 80), " ", runtime.budget), runtime.budget);
}

Value filter_indent(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_indent", arguments, {"width", "first", "blank"});
  std::string indention = "    ";
  if (bound.given(0)) {
    if (bound[0]->is_string()) {
      indention = bound[0]->text();
    } else {
      const std::int64_t width = std::max<std::int64_t>(to_index(*bound[0]), 0);
      runtime.budget.make(static_cast<std::uint64_t>(width));
      indention.assign(static_cast<std::size_t>(width), ' ');
    }
  }
  if (self.is_undefined()) raise_undefined(self);
  if (!self.is_string()) {
    throw RenderError("unsupported operand type(s) for +=: '" + type_name(self) + "' and 'str'");
  }
  const std::string text = self.text() + "\n";
  const bool blank = bound.flag(2);
  std::string out = bound.flag(1) ? indention : "";
  bool is_first = true;
  for (const std::string_view line : split_lines(text, false)) {
    runtime.budget.make(line.size() + indention.size() + 1);
    if (!is_first) {
      out += '\n';
      if (blank || !line.empty()) out += indention;
    }
    is_first = false;
    out += line;
  }
  return make_string(std::move(out), runtime.budget);
}

Value filter_truncate(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_truncate", arguments, {"length", "killwords", "end", "leeway"});
  constexpr std::int64_t kLongest = std::int64_t{1} << 40;
  const std::int64_t length = std::min(bound.integer(0, 255), kLongest);
  const std::int64_t leeway = std::min(bound.integer(3, 5), kLongest);
  const std::string end = bound.given(2) ? to_text(*bound[2]) : "...";
  const std::int64_t end_length = count_characters(end);
  if (length < end_length) {
    throw RenderError("expected length >= " + std::to_string(end_length) + ", got " + std::to_string(length));
  }
  if (leeway < 0) throw RenderError("expected leeway >= 0, got " + std::to_string(leeway));
  if (length_of(self) <= length + leeway) return self;
  const std::string& text = to_text(self);
  std::string cut = text.substr(0, offset_of(text, length - end_length));
  if (!bound.flag(1)) {
    const std::size_t space = cut.rfind(' ');
    if (space != std::string::npos) cut.resize(space);
  }
  return make_string(cut + end, runtime.budget);
}

Value filter_wordcount(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("do_wordcount", arguments, {});
  const Value given = text_of(runtime, self);
  std::string_view text = given.text();
  runtime.budget.look(text.size());
  std::int64_t count = 0;
  bool in_word = false;
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    const bool word = is_alnum(c.code_point) || c.code_point == '_';
    count += word && !in_word ? 1 : 0;
    in_word = word;
    text.remove_prefix(c.length);
  }
  return Value::integer(count);
}

// Lines of at most `width` characters, broken at spaces and behind hyphens, as Python's textwrap does.
std::vector<std::string> wrapped(std::string_view line, std::int64_t width, bool break_long, bool break_hyphens) {
  std::vector<std::string> chunks;
  const auto space = [](char c) { return c == ' ' || c == '\t' || (c >= '\n' && c <= '\r'); };
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = at;
    if (space(line[at])) {
      while (end < line.size() && space(line[end])) ++end;
    } else {
      while (end < line.size() && !space(line[end])) {
        const bool hyphen = break_hyphens && line[end] == '-' && end > at + 1 && end + 1 < line.size() &&
                            is_alpha(static_cast<std::uint8_t>(line[end - 1])) &&
                            is_alpha(static_cast<std::uint8_t>(line[end - 2])) &&
                            is_alpha(decode_utf8(line.substr(end + 1)).code_point);
        ++end;
        if (hyphen) break;
      }
    }
    chunks.emplace_back(line.substr(at, end - at));
    at = end;
  }
  const auto blank = [](const std::string& chunk) { return strip(chunk, nullptr).empty(); };
  std::vector<std::string> lines;
  std::size_t next = 0;
  while (next < chunks.size()) {
    std::vector<std::string> current;
    std::int64_t used = 0;
    if (!lines.empty() && blank(chunks[next])) ++next;
    while (next < chunks.size()) {
      const std::int64_t size = count_characters(chunks[next]);
      if (used + size > width) break;
      current.push_back(chunks[next++]);
      used += size;
    }
    if (next < chunks.size() && count_characters(chunks[next]) > width) {
      const std::int64_t left = std::max<std::int64_t>(width - used, 1);
      if (break_long) {
        const std::size_t cut = offset_of(chunks[next], left);
        current.push_back(chunks[next].substr(0, cut));
        chunks[next].erase(0, cut);
      } else if (current.empty()) {
        current.push_back(chunks[next++]);
      }
    }
    if (!current.empty() && blank(current.back())) current.pop_back();
    if (current.empty()) continue;
    std::string text;
    for (const std::string& chunk : current) text += chunk;
    lines.push_back(std::move(text));
  }
  return lines;
}

Value filter_wordwrap(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_wordwrap", arguments, {"width", "break_long_words", "wrapstring", "break_on_hyphens"});
  const std::int64_t width = bound.integer(0, 79);
  if (width <= 0) throw RenderError("invalid width " + std::to_string(width) + " (must be > 0)");
  const std::string separator = bound.given(2) && !bound[2]->is_none() ? to_text(*bound[2]) : "\n";
  std::string out;
  bool is_first = true;
  runtime.budget.make(8 * to_text(self).size());
  for (const std::string_view paragraph : split_lines(self.text(), false)) {
    const auto lines = wrapped(paragraph, width, !bound.given(1) || bound.flag(1), !bound.given(3) || bound.flag(3));
    if (!is_first) out += separator;
    is_first = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i > 0) out += separator;
      out += lines[i];
      runtime.budget.check_output(out.size());
    }
  }
  return make_string(std::move(out), runtime.budget);
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '"':
        out += "&#34;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Value filter_escape(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("escape", arguments, {});
  const std::string text = str(self, runtime.budget);
  runtime.budget.make(6 * text.size());
  return make_string(escaped(text), runtime.budget);
}

// Takes <!-- --> and tags away, and makes one space of each run of white space.
Value filter_striptags(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("do_striptags", arguments, {});
  std::string text = str(self, runtime.budget);
  runtime.budget.make(text.size());
  const auto remove = [&](std::string_view open, std::string_view close) {
    std::string out;
    for (std::size_t at = 0;;) {
      const std::size_t begin = find_text(text, open, at);
      const std::size_t end = begin == std::string::npos ? begin : find_text(text, close, begin);
      if (end == std::string::npos) {
        text = out + text.substr(at);
        return;
      }
      out.append(text, at, begin - at);
      at = end + close.size();
    }
  };
  remove("<!--", "-->");
  remove("<", ">");
  std::string out;
  bool pending = false;
  for (std::string_view rest = text; !rest.empty();) {
    const Utf8Char c = decode_utf8(rest);
    if (is_space(c.code_point)) {
      pending = !out.empty();
    } else {
      if (pending) out += ' ';
      pending = false;
      out += rest.substr(0, c.length);
    }
    rest.remove_prefix(c.length);
  }
  static constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&#34;", "\""}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
  for (const auto& [entity, character] : kEntities) {
    out = replace_all(out, std::string(entity), std::string(character), -1, runtime.budget);
  }
  return make_string(std::move(out), runtime.budget);
}

std::string quoted(std::string_view text, bool query) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    const bool plain = (byte < 0x80u && std::isalnum(byte) != 0) || c == '_' || c == '.' || c == '-' || c == '~' ||
                       (c == '/' && !query);
    if (plain) {
      out += c;
    } else if (query && c == ' ') {
      out += '+';
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

Value filter_urlencode(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("do_urlencode", arguments, {});
  const auto part = [&](const Value& value) {
    const std::string text = str(value, runtime.budget);
    runtime.budget.make(3 * text.size());
    return quoted(text, true);
  };
  const bool iterable = self.is_dict() || self.is_sequence() || self.is(Type::kView) || self.is(Type::kIterator);
  if (!iterable) {
    const std::string text = str(self, runtime.budget);
    runtime.budget.make(3 * text.size());
    return make_string(quoted(text, false), runtime.budget);
  }
  std::string out;
  const auto add = [&](const Value& key, const Value& value) {
    if (!out.empty()) out += '&';
    out += part(key) + "=" + part(value);
  };
  if (self.is_dict()) {
    for (const auto& [key, value] : self.dict().items) add(key, value);
  } else {
    for (const Value& pair : items_of(self, runtime.budget)) {
      const std::vector<Value> both = items_of(pair, runtime.budget);
      if (both.size() != 2) throw RenderError("|urlencode takes pairs");
      add(both[0], both[1]);
    }
  }
  return make_string(std::move(out), runtime.budget);
}

Value filter_xmlattr(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_xmlattr", arguments, {"autospace"});
  if (!self.is_dict()) throw RenderError("'" + type_name(self) + "' object has no attribute 'items'");
  std::string out;
  for (const auto& [key, value] : self.dict().items) {
    if (value.is_none() || value.is_undefined()) continue;
    if (to_text(key).find_first_of(" \t\n\r\f\v/>=") != std::string::npos) {
      throw RenderError("Invalid character in attribute name: " + repr(key, runtime.budget));
    }
    if (!out.empty()) out += ' ';
    out += escaped(key.text()) + "=\"" + escaped(str(value, runtime.budget)) + "\"";
  }
  if (!out.empty() && (!bound.given(0) || bound.flag(0))) out.insert(0, " ");
  return make_string(std::move(out), runtime.budget);
}

Value filter_format(Runtime& runtime, const Value& self, Arguments& arguments) {
  if (!arguments.positional.empty() && !arguments.keywords.empty()) {
    throw RenderError("can't handle positional and keyword arguments at the same time");
  }
  const Value text = text_of(runtime, self);
  if (arguments.keywords.empty()) {
    return percent_format(text.text(), make_list(std::move(arguments.positional), runtime.budget, Type::kTuple),
                          runtime.budget);
  }
  auto dict = std::make_unique<Dict>();
  for (const auto& [key, value] : arguments.keywords)
    dict->set(make_string(key, runtime.budget), value, runtime.budget);
  return percent_format(text.text(), Value::of(Type::kDict, dict.release()), runtime.budget);
}

Value filter_tojson(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("tojson", arguments, {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style;
  style.ensure_ascii = bound.flag(0);
  style.sort_keys = bound.flag(3);
  if (bound.given(1) && !bound[1]->is_none()) {
    if (bound[1]->is_string()) {
      style.indent = bound[1]->text();
    } else {
      const std::int64_t width = std::clamp<std::int64_t>(to_index(*bound[1]), 0, 1000);
      style.indent = std::string(static_cast<std::size_t>(width), ' ');
    }
    style.item_separator = ",";
  }
  if (bound.given(2) && !bound[2]->is_none()) {
    const std::vector<Value> separators = items_of(*bound[2], runtime.budget);
    if (separators.size() != 2) throw RenderError("tojson: separators takes two texts");
    style.item_separator = to_text(separators[0]);
    style.key_separator = to_text(separators[1]);
  }
  return make_string(json_dumps(self, style, runtime.budget), runtime.budget);
}

// int(text, base): white space, sign, prefix and single underscores as Python allows them.
bool parse_integer(std::string_view text, std::int64_t base, std::int64_t& out) {
  text = strip(text, nullptr);
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.size() > 2 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    const std::int64_t prefix = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (prefix != 0 && (base == prefix || base == 0)) {
      base = prefix;
      text.remove_prefix(text[2] == '_' ? 3 : 2);
    }
  }
  if (base == 0) base = 10;
  std::string digits = negative ? "-" : "";
  bool after_digit = false;
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    const int decimal = c.code_point < 0x80u ? -1 : decimal_value(c.code_point);
    if (c.code_point == '_') {
      if (!after_digit) return false;
    } else if (decimal >= 0) {
      digits += static_cast<char>('0' + decimal);
    } else {
      digits += text.substr(0, c.length);
    }
    after_digit = c.code_point != '_';
    text.remove_prefix(c.length);
  }
  if (!after_digit) return false;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), out, static_cast<int>(base));
  if (result.ec == std::errc::result_out_of_range) throw LimitError("an integer of more than 64 bits: limit reached");
  return result.ec == std::errc() && result.ptr == digits.data() + digits.size();
}

bool parse_float(std::string_view text, double& out) {
  text = strip(text, nullptr);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      plain += text[i];
    } else if (i == 0 || i + 1 >= text.size() || std::isdigit(static_cast<unsigned char>(text[i - 1])) == 0 ||
               std::isdigit(static_cast<unsigned char>(text[i + 1])) == 0) {
      return false;
    }
  }
  std::string bare = to_lower(plain);
  if (!bare.empty() && (bare[0] == '-' || bare[0] == '+')) bare.erase(0, 1);
  const bool word = bare == "inf" || bare == "infinity" || bare == "nan";
  if (!word && (bare.empty() || bare.find_first_not_of("0123456789.e+-") != std::string::npos)) return false;
  return parse_double(plain, out);
}

Value filter_int(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  const Bound bound("do_int", arguments, {"default", "base"});
  const Value otherwise = bound.given(0) ? *bound[0] : Value::integer(0);
  if (self.is_undefined()) raise_undefined(self);
  if (self.is_integral()) return Value::integer(self.as_int());
  double real = 0;
  if (self.is_string()) {
    const std::int64_t base = bound.integer(1, 10);
    if (base != 0 && (base < 2 || base > 36)) return otherwise;
    std::int64_t out = 0;
    if (parse_integer(self.text(), base, out)) return Value::integer(out);
    if (!parse_float(self.text(), real)) return otherwise;
  } else if (self.is(Type::kFloat)) {
    real = self.as_double();
  } else {
    return otherwise;
  }
  if (!std::isfinite(real)) return otherwise;
  if (std::abs(real) >= 9.2e18) throw LimitError("an integer of more than 64 bits: limit reached");
  return Value::integer(static_cast<std::int64_t>(real));
}

Value filter_float(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  const Bound bound("do_float", arguments, {"default"});
  if (self.is_undefined()) raise_undefined(self);
  if (self.is_number()) return Value::real(self.as_double());
  double out = 0;
  if (self.is_string() && parse_float(self.text(), out)) return Value::real(out);
  return bound.given(0) ? *bound[0] : Value::real(0);
}

Value filter_abs(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("abs", arguments, {});
  if (!self.is_number()) throw RenderError("bad operand type for abs(): '" + type_name(self) + "'");
  if (self.is(Type::kFloat)) return Value::real(std::abs(self.as_double()));
  return self.as_int() < 0 ? negate(self) : Value::integer(self.as_int());
}

Value filter_round(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  const Bound bound("do_round", arguments, {"precision", "method"});
  const std::string method = bound.given(1) ? to_text(*bound[1]) : "common";
  if (method != "common" && method != "ceil" && method != "floor")
    throw RenderError("method must be common, ceil or floor");
  if (self.is_undefined()) raise_undefined(self);
  if (!self.is_number()) throw RenderError("type " + type_name(self) + " doesn't define __round__ method");
  const std::int64_t precision = std::clamp<std::int64_t>(bound.integer(0, 0), -330, 330);
  if (method == "common") {
    if (self.is_integral() && precision >= 0) return Value::integer(self.as_int());
    if (precision >= 0) {
      // The nearest decimal, correctly rounded, as float.__round__ has it.
      double out = 0;
      parse_double(format_double(self.as_double(), 'f', static_cast<int>(precision)), out);
      return Value::real(out);
    }
    const double unit = std::pow(10.0, static_cast<double>(-precision));
    const double out = std::nearbyint(self.as_double() / unit) * unit;
    if (self.is_integral() && !(std::abs(out) < 9.2e18))
      throw LimitError("an integer of more than 64 bits: limit reached");
    return self.is_integral() ? Value::integer(static_cast<std::int64_t>(out)) : Value::real(out);
  }
  const double unit = std::pow(10.0, static_cast<double>(precision));
  const double scaled = self.as_double() * unit;
  return Value::real((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / unit);
}

Value filter_filesizeformat(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("do_filesizeformat", arguments, {"binary"});
  const bool binary = bound.flag(0);
  double bytes = 0;
  if (self.is_undefined()) raise_undefined(self);
  if (self.is_number()) {
    bytes = self.as_double();
  } else if (!self.is_string() || !parse_float(self.text(), bytes)) {
    throw RenderError("could not convert to float: " + repr(self, runtime.budget));
  }
  const double base = binary ? 1024 : 1000;
  if (bytes == 1) return make_string("1 Byte", runtime.budget);
  if (bytes < base) return make_string(format_double(std::trunc(bytes), 'f', 0) + " Bytes", runtime.budget);
  static constexpr std::string_view kPrefixes = "kMGTPEZY";
  double unit = base * base;
  std::size_t i = 0;
  for (; bytes >= unit && i + 1 < kPrefixes.size(); ++i) unit *= base;
  std::string name(1, binary && i == 0 ? 'K' : kPrefixes[i]);
  name += binary ? "iB" : "B";
  return make_string(format_double(base * bytes / unit, 'f', 1) + " " + name, runtime.budget);
}

Value filter_pprint(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("do_pprint", arguments, {});
  return make_string(repr(self, runtime.budget), runtime.budget);
}

constexpr std::array<Builtin, 27> kTextFilters = {{
    {"abs", filter_abs},
    {"capitalize", filter_case<to_capitalized>},
    {"center", filter_center},
    {"e", filter_escape},
    {"escape", filter_escape},
    {"filesizeformat", filter_filesizeformat},
    {"float", filter_float},
    {"forceescape", filter_escape},
    {"format", filter_format},
    {"indent", filter_indent},
    {"int", filter_int},
    {"lower", filter_case<to_lower>},
    {"pprint", filter_pprint},
    {"replace", filter_replace},
    {"round", filter_round},
    {"safe", filter_string},
    {"string", filter_string},
    {"striptags", filter_striptags},
    {"title", filter_title},
    {"tojson", filter_tojson},
    {"trim", filter_trim},
    {"truncate", filter_truncate},
    {"upper", filter_case<to_upper>},
    {"urlencode", filter_urlencode},
    {"wordcount", filter_wordcount},
    {"wordwrap", filter_wordwrap},
    {"xmlattr", filter_xmlattr},
}};

}  // namespace

const Builtin* find_text_filter(std::string_view name) {
  return find_builtin(kTextFilters, name);
}

}  // namespace vernier::jinja
