#include "engine/text/jinja/string_methods.h"

#include <algorithm>
#include <cstring>

#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/operators.h"
#include "engine/text/jinja/runtime.h"
#include "engine/text/jinja/unicode.h"
#include "engine/text/utf8.h"

namespace vernier::jinja {
namespace {

// The characters of `text`, from `start` to `stop` as a slice takes them: the range of find(), count() etc.
struct Part {
  std::string_view text;
  std::int64_t first = 0;  // index of its first character
  bool empty_range = false;
};

Part part_of(Runtime& runtime, const Value& self, const Bound& bound, std::size_t at) {
  const std::int64_t size = self.string().length();
  const auto clamp = [&](std::int64_t index) {
    if (index < 0) index = std::max<std::int64_t>(index + size, 0);
    return index;
  };
  const std::int64_t first = clamp(bound.integer(at, 0));
  const std::int64_t last = std::min(clamp(bound.integer(at + 1, size)), size);
  runtime.budget.search(self.text().size());
  if (first > last) return {{}, first, true};
  const std::size_t begin = offset_of(self.text(), first);
  const std::string_view rest = std::string_view(self.text()).substr(begin);
  return {rest.substr(0, offset_of(rest, last - first)), first, false};
}

std::int64_t find_in(Runtime& runtime, const Value& self, Arguments& arguments, const char* name, bool last) {
  const Bound bound(name, arguments, {"/sub", "/start", "/end"}, 1);
  const std::string& wanted = bound.text(0, name);
  const Part part = part_of(runtime, self, bound, 1);
  if (part.empty_range) return -1;
  const std::size_t at = last ? find_last_text(part.text, wanted) : find_text(part.text, wanted);
  return at == std::string_view::npos ? -1 : part.first + count_characters(part.text.substr(0, at));
}

Value method_find(Runtime& runtime, const Value& self, Arguments& arguments) {
  return Value::integer(find_in(runtime, self, arguments, "find", false));
}
Value method_rfind(Runtime& runtime, const Value& self, Arguments& arguments) {
  return Value::integer(find_in(runtime, self, arguments, "rfind", true));
}
Value method_index(Runtime& runtime, const Value& self, Arguments& arguments) {
  const std::int64_t at = find_in(runtime, self, arguments, "index", false);
  if (at < 0) throw RenderError("substring not found");
  return Value::integer(at);
}
Value method_rindex(Runtime& runtime, const Value& self, Arguments& arguments) {
  const std::int64_t at = find_in(runtime, self, arguments, "rindex", true);
  if (at < 0) throw RenderError("substring not found");
  return Value::integer(at);
}

Value method_count(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("count", arguments, {"/sub", "/start", "/end"}, 1);
  const std::string& wanted = bound.text(0, "count");
  const Part part = part_of(runtime, self, bound, 1);
  if (part.empty_range) return Value::integer(0);
  if (wanted.empty()) return Value::integer(count_characters(part.text) + 1);
  std::int64_t count = 0;
  for (std::size_t at = find_text(part.text, wanted); at != std::string_view::npos;
       at = find_text(part.text, wanted, at + wanted.size())) {
    ++count;
  }
  return Value::integer(count);
}

Value ends_or_starts(Runtime& runtime, const Value& self, Arguments& arguments, const char* name, bool ends) {
  const Bound bound(name, arguments, {"/prefix", "/start", "/end"}, 1);
  const Part part = part_of(runtime, self, bound, 1);
  const auto matches = [&](const Value& affix) {
    if (!affix.is_string()) {
      throw RenderError(std::string(name) + " first arg must be str or a tuple of str, not " + type_name(affix));
    }
    return !part.empty_range && (ends ? part.text.ends_with(affix.text()) : part.text.starts_with(affix.text()));
  };
  if (!bound[0]->is(Type::kTuple)) return Value::boolean(matches(*bound[0]));
  const auto& affixes = bound[0]->list().items;
  return Value::boolean(std::any_of(affixes.begin(), affixes.end(), matches));
}
Value method_startswith(Runtime& runtime, const Value& self, Arguments& arguments) {
  return ends_or_starts(runtime, self, arguments, "startswith", false);
}
Value method_endswith(Runtime& runtime, const Value& self, Arguments& arguments) {
  return ends_or_starts(runtime, self, arguments, "endswith", true);
}

Value stripped(Runtime& runtime, const Value& self, Arguments& arguments, const char* name, bool left, bool right) {
  const Bound bound(name, arguments, {"/chars"});
  const std::string* characters = bound.given(0) && !bound[0]->is_none() ? &bound.text(0, name) : nullptr;
  runtime.budget.look(self.text().size());
  std::string_view text = self.text();
  if (left) text = strip_left(text, characters);
  if (right) text = strip_right(text, characters);
  return text.size() == self.text().size() ? self : make_string(std::string(text), runtime.budget);
}
Value method_strip(Runtime& runtime, const Value& self, Arguments& arguments) {
  return stripped(runtime, self, arguments, "strip", true, true);
}
Value method_lstrip(Runtime& runtime, const Value& self, Arguments& arguments) {
  return stripped(runtime, self, arguments, "lstrip", true, false);
}
Value method_rstrip(Runtime& runtime, const Value& self, Arguments& arguments) {
  return stripped(runtime, self, arguments, "rstrip", false, true);
}

Value method_removeprefix(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("removeprefix", arguments, {"/prefix"}, 1);
  const std::string& prefix = bound.text(0, "removeprefix");
  return self.text().starts_with(prefix) ? make_string(self.text().substr(prefix.size()), runtime.budget) : self;
}
Value method_removesuffix(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("removesuffix", arguments, {"/suffix"}, 1);
  const std::string& suffix = bound.text(0, "removesuffix");
  if (!self.text().ends_with(suffix)) return self;
  return make_string(self.text().substr(0, self.text().size() - suffix.size()), runtime.budget);
}

Value list_of(Runtime& runtime, const std::vector<std::string_view>& parts, Type type = Type::kList) {
  std::vector<Value> items;
  items.reserve(parts.size());
  for (const std::string_view part : parts) items.push_back(make_string(std::string(part), runtime.budget));
  return make_list(std::move(items), runtime.budget, type);
}

// At runs of white space, from the left.
std::vector<std::string_view> split_at_spaces(std::string_view text, std::int64_t limit) {
  std::vector<std::string_view> out;
  for (;;) {
    text = strip_left(text, nullptr);
    if (text.empty()) return out;
    if (limit >= 0 && static_cast<std::int64_t>(out.size()) == limit) {
      out.push_back(text);
      return out;
    }
    std::size_t end = 0;
    while (end < text.size()) {
      const Utf8Char c = decode_utf8(text.substr(end));
      if (is_space(c.code_point)) break;
      end += c.length;
    }
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::vector<std::string_view> split_at_spaces_from_right(std::string_view text, std::int64_t limit) {
  std::vector<std::string_view> out;
  for (;;) {
    text = strip_right(text, nullptr);
    if (text.empty()) break;
    if (limit >= 0 && static_cast<std::int64_t>(out.size()) == limit) {
      out.push_back(text);
      break;
    }
    std::size_t start = text.size();
    while (start > 0) {
      std::size_t before = start - 1;
      while (before > 0 && (static_cast<std::uint8_t>(text[before]) & 0xC0u) == 0x80u) --before;
      if (is_space(decode_utf8(text.substr(before)).code_point)) break;
      start = before;
    }
    out.push_back(text.substr(start));
    text = text.substr(0, start);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

Value split_from(Runtime& runtime, const Value& self, Arguments& arguments, const char* name, bool right) {
  const Bound bound(name, arguments, {"sep", "maxsplit"});
  const std::int64_t limit = bound.integer(1, -1);
  const std::string_view text = self.text();
  runtime.budget.search(text.size());
  runtime.budget.make(text.size());
  if (!bound.given(0) || bound[0]->is_none()) {
    return list_of(runtime, right ? split_at_spaces_from_right(text, limit) : split_at_spaces(text, limit));
  }
  const std::string& separator = bound.text(0, name);
  if (separator.empty()) throw RenderError("empty separator");
  std::vector<std::string_view> parts;
  if (right) {
    // Read backwards, so that the whole takes linear time.
    const std::string back(text.rbegin(), text.rend());
    const std::string back_separator(separator.rbegin(), separator.rend());
    std::size_t from = 0;
    while (limit < 0 || static_cast<std::int64_t>(parts.size()) < limit) {
      const std::size_t at = find_text(back, back_separator, from);
      if (at == std::string_view::npos) break;
      parts.push_back(text.substr(text.size() - at, at - from));
      from = at + separator.size();
    }
    parts.push_back(text.substr(0, text.size() - from));
    std::reverse(parts.begin(), parts.end());
  } else {
    std::size_t from = 0;
    while (limit < 0 || static_cast<std::int64_t>(parts.size()) < limit) {
      const std::size_t at = find_text(text, separator, from);
      if (at == std::string_view::npos) break;
      parts.push_back(text.substr(from, at - from));
      from = at + separator.size();
    }
    parts.push_back(text.substr(from));
  }
  return list_of(runtime, parts);
}
Value method_split(Runtime& runtime, const Value& self, Arguments& arguments) {
  return split_from(runtime, self, arguments, "split", false);
}
Value method_rsplit(Runtime& runtime, const Value& self, Arguments& arguments) {
  return split_from(runtime, self, arguments, "rsplit", true);
}

Value partition_at(Runtime& runtime, const Value& self, Arguments& arguments, const char* name, bool right) {
  const Bound bound(name, arguments, {"/sep"}, 1);
  const std::string& separator = bound.text(0, name);
  if (separator.empty()) throw RenderError("empty separator");
  const std::string_view text = self.text();
  runtime.budget.search(text.size());
  const std::size_t at = right ? find_last_text(text, separator) : find_text(text, separator);
  if (at != std::string_view::npos) {
    return list_of(runtime, {text.substr(0, at), separator, text.substr(at + separator.size())}, Type::kTuple);
  }
  if (right) return list_of(runtime, {"", "", text}, Type::kTuple);
  return list_of(runtime, {text, "", ""}, Type::kTuple);
}
Value method_partition(Runtime& runtime, const Value& self, Arguments& arguments) {
  return partition_at(runtime, self, arguments, "partition", false);
}
Value method_rpartition(Runtime& runtime, const Value& self, Arguments& arguments) {
  return partition_at(runtime, self, arguments, "rpartition", true);
}

Value method_splitlines(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("splitlines", arguments, {"keepends"});
  runtime.budget.look(self.text().size());
  return list_of(runtime, split_lines(self.text(), bound.flag(0)));
}

Value method_join(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("join", arguments, {"/iterable"}, 1);
  const std::vector<Value> items = items_of(*bound[0], runtime.budget);
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is_string()) {
      throw RenderError("sequence item " + std::to_string(i) + ": expected str instance, " + type_name(items[i]) +
                        " found");
    }
    if (i > 0) out += self.text();
    out += items[i].text();
    runtime.budget.check_output(out.size());
  }
  return make_string(std::move(out), runtime.budget);
}

Value method_replace(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("replace", arguments, {"/old", "/new", "/count"}, 2);
  return make_string(replace_all(self.text(), bound.text(0, "replace"), bound.text(1, "replace"), bound.integer(2, -1),
                                 runtime.budget),
                     runtime.budget);
}

Value method_format(Runtime& runtime, const Value& self, Arguments& arguments) {
  return brace_format(runtime, self.text(), arguments);
}
Value method_format_map(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("format_map", arguments, {"/mapping"}, 1);
  if (!bound[0]->is_dict()) throw RenderError("format_map() takes a mapping");
  Arguments named;
  for (const auto& [key, value] : bound[0]->dict().items) named.keywords.emplace_back(str(key, runtime.budget), value);
  return brace_format(runtime, self.text(), named);
}

template <std::string (*map)(std::string_view)>
Value method_case(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("str method", arguments, {});
  runtime.budget.make(self.text().size());
  return make_string(map(self.text()), runtime.budget);
}

// At least one character, and all pass.
template <bool (*test)(std::uint32_t)>
Value method_all(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("str method", arguments, {});
  std::string_view text = self.text();
  runtime.budget.look(text.size());
  if (text.empty()) return Value::boolean(false);
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    if (!test(c.code_point)) return Value::boolean(false);
    text.remove_prefix(c.length);
  }
  return Value::boolean(true);
}

// At least one cased character, and none of the other case.
template <bool (*wanted)(std::uint32_t), bool (*other)(std::uint32_t)>
Value method_is_case(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("str method", arguments, {});
  std::string_view text = self.text();
  runtime.budget.look(text.size());
  bool found = false;
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    if (other(c.code_point) || is_title(c.code_point)) return Value::boolean(false);
    found |= wanted(c.code_point);
    text.remove_prefix(c.length);
  }
  return Value::boolean(found);
}

Value method_istitle(Runtime& runtime, const Value& self, Arguments& arguments) {
  (void)Bound("istitle", arguments, {});
  std::string_view text = self.text();
  runtime.budget.look(text.size());
  bool found = false, after_cased = false;
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    const bool big = is_upper(c.code_point) || is_title(c.code_point), small = is_lower(c.code_point);
    if ((big && after_cased) || (small && !after_cased)) return Value::boolean(false);
    after_cased = big || small;
    found |= after_cased;
    text.remove_prefix(c.length);
  }
  return Value::boolean(found);
}

Value method_isascii(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("isascii", arguments, {});
  return Value::boolean(self.string().is_ascii());
}
Value method_isidentifier(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("isidentifier", arguments, {});
  std::string_view text = self.text();
  bool start = true;
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    if (start ? !is_identifier_start(c.code_point) : !is_identifier_part(c.code_point)) return Value::boolean(false);
    start = false;
    text.remove_prefix(c.length);
  }
  return Value::boolean(!start);
}
Value method_isprintable(Runtime& /*runtime*/, const Value& self, Arguments& arguments) {
  (void)Bound("isprintable", arguments, {});
  std::string_view text = self.text();
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    if (!is_printable(c.code_point)) return Value::boolean(false);
    text.remove_prefix(c.length);
  }
  return Value::boolean(true);
}

Value justified(Runtime& runtime, const Value& self, Arguments& arguments, const char* name, char where) {
  const Bound bound(name, arguments, {"/width", "/fillchar"}, 1);
  const std::string fill = bound.given(1) ? bound.text(1, name) : " ";
  if (count_characters(fill) != 1) throw RenderError("The fill character must be exactly one character long");
  const std::int64_t width = to_index(*bound[0]);
  if (where == '^') return make_string(centered(self.text(), width, fill, runtime.budget), runtime.budget);
  const std::int64_t missing = std::max<std::int64_t>(std::max<std::int64_t>(width, 0) - self.string().length(), 0);
  runtime.budget.make_many(static_cast<std::uint64_t>(missing), fill.size());
  std::string padding;
  for (std::int64_t i = 0; i < missing; ++i) padding += fill;
  return make_string(where == '<' ? self.text() + padding : padding + self.text(), runtime.budget);
}
Value method_center(Runtime& runtime, const Value& self, Arguments& arguments) {
  return justified(runtime, self, arguments, "center", '^');
}
Value method_ljust(Runtime& runtime, const Value& self, Arguments& arguments) {
  return justified(runtime, self, arguments, "ljust", '<');
}
Value method_rjust(Runtime& runtime, const Value& self, Arguments& arguments) {
  return justified(runtime, self, arguments, "rjust", '>');
}
Value method_zfill(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("zfill", arguments, {"/width"}, 1);
  const std::int64_t missing = std::max<std::int64_t>(to_index(*bound[0]), 0) - self.string().length();
  if (missing <= 0) return self;
  runtime.budget.make(static_cast<std::uint64_t>(missing));
  std::string out = self.text();
  const bool sign = !out.empty() && (out[0] == '-' || out[0] == '+');
  return make_string(out.insert(sign ? 1 : 0, static_cast<std::size_t>(missing), '0'), runtime.budget);
}

Value method_expandtabs(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Bound bound("expandtabs", arguments, {"tabsize"});
  const std::int64_t size = bound.integer(0, 8);
  std::string out;
  std::int64_t column = 0;
  for (std::string_view text = self.text(); !text.empty();) {
    const Utf8Char c = decode_utf8(text);
    if (c.code_point == '\t') {
      const std::int64_t count = size > 0 ? size - column % size : 0;
      runtime.budget.make(static_cast<std::uint64_t>(count));
      out.append(static_cast<std::size_t>(count), ' ');
      column += count;
    } else {
      out += text.substr(0, c.length);
      column = c.code_point == '\n' || c.code_point == '\r' ? 0 : column + 1;
    }
    text.remove_prefix(c.length);
  }
  return make_string(std::move(out), runtime.budget);
}

constexpr std::array<Builtin, 44> kMethods = {{
    {"capitalize", method_case<to_capitalized>},
    {"casefold", method_case<to_casefold>},
    {"center", method_center},
    {"count", method_count},
    {"endswith", method_endswith},
    {"expandtabs", method_expandtabs},
    {"find", method_find},
    {"format", method_format},
    {"format_map", method_format_map},
    {"index", method_index},
    {"isalnum", method_all<is_alnum>},
    {"isalpha", method_all<is_alpha>},
    {"isascii", method_isascii},
    {"isdecimal", method_all<is_decimal>},
    {"isdigit", method_all<is_digit>},
    {"isidentifier", method_isidentifier},
    {"islower", method_is_case<is_lower, is_upper>},
    {"isnumeric", method_all<is_numeric>},
    {"isprintable", method_isprintable},
    {"isspace", method_all<is_space>},
    {"istitle", method_istitle},
    {"isupper", method_is_case<is_upper, is_lower>},
    {"join", method_join},
    {"ljust", method_ljust},
    {"lower", method_case<to_lower>},
    {"lstrip", method_lstrip},
    {"partition", method_partition},
    {"removeprefix", method_removeprefix},
    {"removesuffix", method_removesuffix},
    {"replace", method_replace},
    {"rfind", method_rfind},
    {"rindex", method_rindex},
    {"rjust", method_rjust},
    {"rpartition", method_rpartition},
    {"rsplit", method_rsplit},
    {"rstrip", method_rstrip},
    {"split", method_split},
    {"splitlines", method_splitlines},
    {"startswith", method_startswith},
    {"strip", method_strip},
    {"swapcase", method_case<to_swapped_case>},
    {"title", method_case<to_title>},
    {"upper", method_case<to_upper>},
    {"zfill", method_zfill},
}};

bool in_set(std::uint32_t c, std::string_view characters) {
  while (!characters.empty()) {
    const Utf8Char other = decode_utf8(characters);
    if (other.code_point == c) return true;
    characters.remove_prefix(other.length);
  }
  return false;
}

}  // namespace

const Builtin* find_string_method(std::string_view name) {
  return find_builtin(kMethods, name);
}

std::string_view strip_left(std::string_view text, const std::string* characters) {
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    if (characters != nullptr ? !in_set(c.code_point, *characters) : !is_space(c.code_point)) break;
    text.remove_prefix(c.length);
  }
  return text;
}

std::string_view strip_right(std::string_view text, const std::string* characters) {
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<std::uint8_t>(text[start]) & 0xC0u) == 0x80u) --start;
    const std::uint32_t c = decode_utf8(text.substr(start)).code_point;
    if (characters != nullptr ? !in_set(c, *characters) : !is_space(c)) break;
    text = text.substr(0, start);
  }
  return text;
}

std::size_t find_text(std::string_view text, std::string_view part, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (part.empty()) return from;
  // memmem() takes linear time; std::string::find() does not.
  const void* found = ::memmem(text.data() + from, text.size() - from, part.data(), part.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::size_t find_last_text(std::string_view text, std::string_view part) {
  if (part.empty()) return text.size();
  if (part.size() > text.size()) return std::string_view::npos;
  // The first one in the texts read backwards.
  const std::string back(text.rbegin(), text.rend());
  const std::string back_part(part.rbegin(), part.rend());
  const std::size_t at = find_text(back, back_part);
  return at == std::string_view::npos ? at : text.size() - at - part.size();
}

std::string replace_all(const std::string& text, const std::string& from, const std::string& to, std::int64_t count,
                        Budget& budget) {
  budget.search(text.size());
  std::string out;
  const auto more = [&] { return count < 0 || count-- > 0; };
  if (from.empty()) {
    // Between all characters.
    for (std::string_view rest = text;;) {
      if (more()) {
        budget.make(to.size());
        out += to;
      } else {
        count = 0;
        out += rest;
        break;
      }
      if (rest.empty()) break;
      const std::size_t size = decode_utf8(rest).length;
      out += rest.substr(0, size);
      rest.remove_prefix(size);
    }
    return out;
  }
  std::size_t at = 0;
  for (;;) {
    const std::size_t found = find_text(text, from, at);
    if (found == std::string::npos || !more()) break;
    budget.make(to.size() + found - at);
    out.append(text, at, found - at).append(to);
    budget.check_output(out.size());
    at = found + from.size();
  }
  return out.append(text, at, std::string::npos);
}

std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char c = decode_utf8(text.substr(at));
    const std::uint32_t code = c.code_point;
    std::size_t end = at + c.length;
    const bool ends = (code >= 0x0Au && code <= 0x0Du) || (code >= 0x1Cu && code <= 0x1Eu) || code == 0x85u ||
                      code == 0x2028u || code == 0x2029u;
    if (ends) {
      if (code == '\r' && end < text.size() && text[end] == '\n') ++end;
      out.push_back(text.substr(start, (keep_ends ? end : at) - start));
      start = end;
    }
    at = end;
  }
  if (start < text.size()) out.push_back(text.substr(start));
  return out;
}

std::string centered(const std::string& text, std::int64_t width, std::string_view fill, Budget& budget) {
  const std::int64_t missing = std::max<std::int64_t>(width, 0) - count_characters(text);
  if (missing <= 0) return text;
  budget.make_many(static_cast<std::uint64_t>(missing), fill.size());
  // str.center() puts the odd one on the left where the width is odd.
  const std::int64_t left = missing / 2 + (missing & width & 1);
  std::string out;
  for (std::int64_t i = 0; i < left; ++i) out += fill;
  out += text;
  for (std::int64_t i = left; i < missing; ++i) out += fill;
  return out;
}

}  // namespace vernier::jinja
