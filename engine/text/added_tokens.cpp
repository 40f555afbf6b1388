#include "engine/text/added_tokens.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "engine/text/utf8.h"

namespace vernier {
namespace {

// The white space at the end of `text`, in bytes.
std::size_t trailing_space(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0) {
    std::size_t begin = end - 1;
    while (begin > 0 && end - begin < 4 && (static_cast<std::uint8_t>(text[begin]) & 0xC0u) == 0x80u) --begin;
    const Utf8Char c = decode_utf8(text.substr(begin, end - begin));
    if (c.length != end - begin || !is_unicode_space(c.code_point)) break;
    end = begin;
  }
  return text.size() - end;
}

std::size_t leading_space(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Utf8Char c = decode_utf8(text.substr(at));
    if (!is_unicode_space(c.code_point)) break;
    at += c.length;
  }
  return at;
}

// \w of Rust's regex crate (UTS 18).
bool is_word(std::uint32_t c) {
  const auto code_point = static_cast<UChar32>(c);
  constexpr std::uint32_t kOthers =
      U_GC_MN_MASK | U_GC_MC_MASK | U_GC_ME_MASK | U_GC_ND_MASK | U_GC_PC_MASK;  // marks, digits, "_" and its like
  return c != kBadUtf8 &&
         (u_hasBinaryProperty(code_point, UCHAR_ALPHABETIC) != 0 || (U_GET_GC_MASK(code_point) & kOthers) != 0 ||
          u_hasBinaryProperty(code_point, UCHAR_JOIN_CONTROL) != 0);
}

bool starts_with_word(std::string_view text) {
  return !text.empty() && is_word(decode_utf8(text).code_point);
}

bool ends_with_word(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && (static_cast<std::uint8_t>(text[--begin]) & 0xC0u) == 0x80u) {
  }
  return starts_with_word(text.substr(begin));
}

}  // namespace

AddedTokenMatcher::AddedTokenMatcher(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)), nodes_(1) {
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const std::string& content = tokens_[i].content;
    if (content.empty()) continue;
    can_start_[static_cast<std::uint8_t>(content.front())] = true;
    std::int32_t node = 0;
    for (const char c : content) {
      const auto byte = static_cast<std::uint8_t>(c);
      std::int32_t next = child(node, byte);
      if (next < 0) {
        next = static_cast<std::int32_t>(nodes_.size());
        auto& children = nodes_[node].children;
        children.insert(std::lower_bound(children.begin(), children.end(), std::pair(byte, std::int32_t{0})),
                        std::pair(byte, next));
        nodes_.emplace_back();
      }
      node = next;
    }
    if (nodes_[node].token < 0) nodes_[node].token = static_cast<std::int32_t>(i);  // of equal ones the first
  }
}

std::int32_t AddedTokenMatcher::child(std::int32_t node, std::uint8_t byte) const {
  const auto& children = nodes_[node].children;
  const auto it = std::lower_bound(children.begin(), children.end(), std::pair(byte, std::int32_t{0}));
  return it != children.end() && it->first == byte ? it->second : -1;
}

std::int32_t AddedTokenMatcher::match(std::string_view text) const {
  std::int32_t found = -1;
  std::int32_t node = 0;
  for (const char c : text) {
    node = child(node, static_cast<std::uint8_t>(c));
    if (node < 0) break;
    if (nodes_[node].token >= 0) found = nodes_[node].token;
  }
  return found;
}

void AddedTokenMatcher::split(std::string_view text,
                              const std::function<void(std::string_view, const AddedToken*)>& visit) const {
  std::size_t begin = 0;  // of the stretch not yet given out
  for (std::size_t at = 0; at < text.size();) {
    const std::int32_t index = can_start_[static_cast<std::uint8_t>(text[at])] ? match(text.substr(at)) : -1;
    if (index < 0) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[index];
    const std::string_view found = text.substr(at, token.content.size());
    const std::size_t end = at + found.size();
    const std::string_view rest = text.substr(end);
    if (token.single_word && (ends_with_word(text.substr(0, at)) || starts_with_word(rest))) {
      at = end;
      continue;
    }
    std::size_t start = at;
    if (token.lstrip) start = std::max(begin, at - trailing_space(text.substr(0, at)));
    if (start > begin) visit(text.substr(begin, start - begin), nullptr);
    // White space that one takes along may hold others, which still count unless nothing is left of them; behind such
    // a one the text goes on.
    const std::size_t stop = end + (token.rstrip ? leading_space(rest) : 0);
    if (start < stop) visit(found, &token);
    begin = stop;
    at = end;
  }
  if (begin < text.size()) visit(text.substr(begin), nullptr);
}

}  // namespace vernier
