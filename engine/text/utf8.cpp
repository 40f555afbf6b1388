#include "engine/text/utf8.h"

namespace vernier {

Utf8Char decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0u) == 0x80u; };
  const std::uint8_t first = byte(0);
  if (first < 0x80u) return {first, 1};
  if (first >= 0xC2u && first <= 0xDFu && continues(1)) return {(first & 0x1Fu) << 6 | (byte(1) & 0x3Fu), 2};
  if ((first & 0xF0u) == 0xE0u && continues(1) && continues(2)) {
    const std::uint32_t c = (first & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
    // Overlong forms and surrogates are no characters.
    if (c >= 0x800u && (c < 0xD800u || c > 0xDFFFu)) return {c, 3};
  }
  if (first >= 0xF0u && first <= 0xF4u && continues(1) && continues(2) && continues(3)) {
    const std::uint32_t c =
        (first & 0x07u) << 18 | (byte(1) & 0x3Fu) << 12 | (byte(2) & 0x3Fu) << 6 | (byte(3) & 0x3Fu);
    if (c >= 0x10000u && c <= 0x10FFFFu) return {c, 4};
  }
  return {};
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    if (static_cast<std::uint8_t>(text.front()) < 0x80u) {
      text.remove_prefix(1);
      continue;
    }
    const Utf8Char c = decode_utf8(text);
    if (c.code_point == kBadUtf8) return false;
    text.remove_prefix(c.length);
  }
  return true;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80u) {
    out += static_cast<char>(c);
  } else if (c < 0x800u) {
    out += static_cast<char>(0xC0u | c >> 6);
    out += static_cast<char>(0x80u | (c & 0x3Fu));
  } else if (c < 0x10000u) {
    out += static_cast<char>(0xE0u | c >> 12);
    out += static_cast<char>(0x80u | (c >> 6 & 0x3Fu));
    out += static_cast<char>(0x80u | (c & 0x3Fu));
  } else {
    out += static_cast<char>(0xF0u | c >> 18);
    out += static_cast<char>(0x80u | (c >> 12 & 0x3Fu));
    out += static_cast<char>(0x80u | (c >> 6 & 0x3Fu));
    out += static_cast<char>(0x80u | (c & 0x3Fu));
  }
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Char c = decode_utf8(text);
    out.append(c.code_point == kBadUtf8 ? kReplacement : text.substr(0, c.length));
    text.remove_prefix(c.length);
  }
  return out;
}

bool is_unicode_space(std::uint32_t c) {
  return (c >= 0x09u && c <= 0x0Du) || c == 0x20u || c == 0x85u || c == 0xA0u || c == 0x1680u ||
         (c >= 0x2000u && c <= 0x200Au) || c == 0x2028u || c == 0x2029u || c == 0x202Fu || c == 0x205Fu || c == 0x3000u;
}

}  // namespace vernier
