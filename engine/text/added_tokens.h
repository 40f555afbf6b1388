// Tokens that are recognised in the text itself, before the tokenizer proper sees it: "<s>", "<|im_start|>", ...
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vernier {

// One entry of `added_tokens_decoder` (tokenizer_config.json) or `added_tokens` (tokenizer.json).
struct AddedToken {
  std::string content;
  std::int32_t id = -1;
  bool special = false;
  bool lstrip = false;       // takes the white space to its left along
  bool rstrip = false;       // ... and to its right
  bool single_word = false;  // only where no letter, digit or underscore touches it
  bool normalized = false;   // sought in the normalized text
};

// Finds added tokens in a text, the leftmost and of these the longest (as Aho-Corasick "leftmost-longest" does).
class AddedTokenMatcher {
 public:
  AddedTokenMatcher() = default;
  explicit AddedTokenMatcher(std::vector<AddedToken> tokens);

  const std::vector<AddedToken>& tokens() const { return tokens_; }
  bool empty() const { return tokens_.empty(); }
  // Cuts `text` at the tokens found. Called in order with (a stretch of text, nullptr) and (the text that is the added
  // token, the token); both are views into `text` and never empty.
  void split(std::string_view text, const std::function<void(std::string_view, const AddedToken*)>& visit) const;

 private:
  struct Node {
    // Children in a sorted list: most nodes have one.
    std::vector<std::pair<std::uint8_t, std::int32_t>> children;
    std::int32_t token = -1;
  };
  std::int32_t child(std::int32_t node, std::uint8_t byte) const;
  // Index of the longest token at the start of `text`; -1: none.
  std::int32_t match(std::string_view text) const;

  std::vector<AddedToken> tokens_;
  std::vector<Node> nodes_;
  std::vector<bool> can_start_ = std::vector<bool>(256, false);
};

}  // namespace vernier
