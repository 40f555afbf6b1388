#include "engine/text/jinja/unicode.h"

#include <unicode/ucasemap.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <memory>

#include "engine/text/utf8.h"

namespace vernier::jinja {
namespace {

using MapFunction = std::int32_t (*)(const UCaseMap*, char*, std::int32_t, const char*, std::int32_t, UErrorCode*);

std::string map_case(std::string_view text, MapFunction function) {
  struct Close {
    void operator()(UCaseMap* map) const { ucasemap_close(map); }
  };
  // The root locale's mappings are the ones without a language's own rules. Const use is safe from several threads.
  static const std::unique_ptr<UCaseMap, Close> map = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<UCaseMap, Close>(ucasemap_open("", 0, &status));
  }();
  std::string out(text.size() + 16, '\0');
  for (;;) {
    UErrorCode status = U_ZERO_ERROR;
    const std::int32_t size = function(map.get(), out.data(), static_cast<std::int32_t>(out.size()), text.data(),
                                       static_cast<std::int32_t>(text.size()), &status);
    if (status == U_BUFFER_OVERFLOW_ERROR) {
      out.resize(static_cast<std::size_t>(size));
      continue;
    }
    out.resize(U_FAILURE(status) ? 0 : static_cast<std::size_t>(size));
    return out;
  }
}

char ascii_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

UChar32 code(std::uint32_t c) {
  return c == kBadUtf8 ? 0xFFFD : static_cast<UChar32>(c);
}

// The title case of one character: where the upper case is several characters, the first of them.
std::string title_of(std::string_view character, std::uint32_t c) {
  const std::string upper = to_upper(character);
  const Utf8Char first = decode_utf8(upper);
  if (first.length < upper.size()) return upper.substr(0, first.length) + to_lower(upper.substr(first.length));
  std::string out;
  append_utf8(out, static_cast<std::uint32_t>(u_totitle(code(c))));
  return out;
}

bool is_cased(std::uint32_t c) {
  return is_lower(c) || is_upper(c) || is_title(c);
}

}  // namespace

std::string to_upper(std::string_view text) {
  if (!is_ascii(text)) return map_case(text, ucasemap_utf8ToUpper);
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), ascii_upper);
  return out;
}

std::string to_lower(std::string_view text) {
  if (!is_ascii(text)) return map_case(text, ucasemap_utf8ToLower);
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), ascii_lower);
  return out;
}

std::string to_casefold(std::string_view text) {
  return is_ascii(text) ? to_lower(text) : map_case(text, ucasemap_utf8FoldCase);
}

std::string to_title(std::string_view text) {
  std::string out;
  bool in_word = false;
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    const std::string_view character = text.substr(0, c.length);
    out += in_word ? to_lower(character) : title_of(character, c.code_point);
    in_word = is_cased(c.code_point);
    text.remove_prefix(c.length);
  }
  return out;
}

std::string to_capitalized(std::string_view text) {
  if (text.empty()) return {};
  const Utf8Char c = decode_utf8(text);
  return title_of(text.substr(0, c.length), c.code_point) + to_lower(text.substr(c.length));
}

std::string to_swapped_case(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    const std::string_view character = text.substr(0, c.length);
    out += is_upper(c.code_point)   ? to_lower(character)
           : is_lower(c.code_point) ? to_upper(character)
                                    : std::string(character);
    text.remove_prefix(c.length);
  }
  return out;
}

bool is_space(std::uint32_t c) {
  return (c >= 0x1Cu && c <= 0x1Fu) || is_unicode_space(c);
}
bool is_alpha(std::uint32_t c) {
  return u_isalpha(code(c)) != 0;
}
bool is_decimal(std::uint32_t c) {
  return u_getIntPropertyValue(code(c), UCHAR_NUMERIC_TYPE) == U_NT_DECIMAL;
}
bool is_digit(std::uint32_t c) {
  const int type = u_getIntPropertyValue(code(c), UCHAR_NUMERIC_TYPE);
  return type == U_NT_DECIMAL || type == U_NT_DIGIT;
}
bool is_numeric(std::uint32_t c) {
  return u_getIntPropertyValue(code(c), UCHAR_NUMERIC_TYPE) != U_NT_NONE;
}
bool is_alnum(std::uint32_t c) {
  return is_alpha(c) || is_numeric(c);
}
bool is_lower(std::uint32_t c) {
  return u_isULowercase(code(c)) != 0;
}
bool is_upper(std::uint32_t c) {
  return u_isUUppercase(code(c)) != 0;
}
bool is_title(std::uint32_t c) {
  return u_istitle(code(c)) != 0 && !is_upper(c);
}

bool is_printable(std::uint32_t c) {
  if (c == ' ') return true;
  if (c == kBadUtf8) return false;
  switch (u_charType(code(c))) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_SURROGATE:
    case U_PRIVATE_USE_CHAR:
    case U_UNASSIGNED:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_SPACE_SEPARATOR:
      return false;
    default:
      return true;
  }
}

bool is_identifier_start(std::uint32_t c) {
  return c == '_' || u_hasBinaryProperty(code(c), UCHAR_XID_START) != 0;
}
bool is_identifier_part(std::uint32_t c) {
  return u_hasBinaryProperty(code(c), UCHAR_XID_CONTINUE) != 0;
}
int decimal_value(std::uint32_t c) {
  return u_charDigitValue(code(c));
}

std::size_t offset_of(std::string_view text, std::int64_t index) {
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index) at += decode_utf8(text.substr(at)).length;
  return at;
}

std::int64_t count_characters(std::string_view text) {
  std::int64_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    at += static_cast<std::uint8_t>(text[at]) < 0x80u ? 1 : decode_utf8(text.substr(at)).length;
  }
  return count;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<std::uint8_t>(c) < 0x80u; });
}

}  // namespace vernier::jinja
