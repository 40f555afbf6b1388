#include "engine/text/added_tokens.h"

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

// Good enough for what sits beside a token: every non-ASCII character counts as part of a word.
bool is_word(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte >= 0x80u || byte == '_' || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
         (byte >= 'A' && byte <= 'Z');
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
    nodes_[node].token = static_cast<std::int32_t>(i);
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
  std::size_t at = 0;
  while (at < text.size() && !nodes_.empty()) {
    if (!can_start_[static_cast<std::uint8_t>(text[at])]) {
      ++at;
      continue;
    }
    const std::int32_t index = match(text.substr(at));
    if (index < 0) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[index];
    const std::string_view found = text.substr(at, token.content.size());
    std::size_t end = at + found.size();
    if (token.single_word && ((at > 0 && is_word(text[at - 1])) || (end < text.size() && is_word(text[end])))) {
      at = end;
      continue;
    }
    std::string_view before = text.substr(begin, at - begin);
    if (token.lstrip) before.remove_suffix(trailing_space(before));
    if (!before.empty()) visit(before, nullptr);
    visit(found, &token);
    if (token.rstrip) end += leading_space(text.substr(end));
    begin = at = end;
  }
  if (begin < text.size()) visit(text.substr(begin), nullptr);
}

}  // namespace vernier
