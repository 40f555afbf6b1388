// UTF-8, as Unicode 15 defines it (table 3-7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace vernier {

// U+2581, which SentencePiece writes for a space.
inline constexpr std::string_view kVisibleSpace = "\xE2\x96\x81";

// U+FFFD in UTF-8: what stands for bytes that are no text.
inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// One decoded character: its code point and how many bytes it took. Bytes that are no UTF-8 give length 1 and
// code_point kBadUtf8.
inline constexpr std::uint32_t kBadUtf8 = 0xFFFFFFFFu;
struct Utf8Char {
  std::uint32_t code_point = kBadUtf8;
  std::size_t length = 1;
};
// `text` must not be empty.
Utf8Char decode_utf8(std::string_view text);

bool is_valid_utf8(std::string_view text);
void append_utf8(std::string& out, std::uint32_t code_point);
// The text with U+FFFD for each byte that belongs to no character.
std::string replace_invalid_utf8(std::string_view text);
// Unicode White_Space, which is what Python's str.strip() and Rust's char::is_whitespace see as white space, except
// for U+001C to U+001F, which only Python does.
bool is_unicode_space(std::uint32_t code_point);

}  // namespace vernier
