// What Python's str knows of Unicode: cases and classes of characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vernier::jinja {

// Full mappings ("ß" becomes "SS"), as str.upper() etc. All take and give UTF-8.
std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_casefold(std::string_view text);
std::string to_title(std::string_view text);
std::string to_capitalized(std::string_view text);
std::string to_swapped_case(std::string_view text);

// str.isspace(): Unicode's White_Space and U+001C to U+001F.
bool is_space(std::uint32_t c);
bool is_alpha(std::uint32_t c);
bool is_decimal(std::uint32_t c);
bool is_digit(std::uint32_t c);
bool is_numeric(std::uint32_t c);
bool is_alnum(std::uint32_t c);
bool is_lower(std::uint32_t c);
bool is_upper(std::uint32_t c);
bool is_title(std::uint32_t c);
// repr() writes it as it is.
bool is_printable(std::uint32_t c);
bool is_identifier_start(std::uint32_t c);
bool is_identifier_part(std::uint32_t c);
int decimal_value(std::uint32_t c);  // -1: no decimal digit

// Byte offset of the `index`-th character; text.size() past the end.
std::size_t offset_of(std::string_view text, std::int64_t index);
std::int64_t count_characters(std::string_view text);
bool is_ascii(std::string_view text);

}  // namespace vernier::jinja
