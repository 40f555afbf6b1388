// Special tokens spelled out in a text that should hold none.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "vernier/tokenizer.h"

namespace vernier {

// Thread: const members from any thread.
class SpecialSpellings {
 public:
  explicit SpecialSpellings(const Tokenizer& tokenizer);
  // The first one in the text; "" for none.
  std::string_view find(std::string_view text) const;

 private:
  std::array<std::vector<std::string>, 256> by_first_byte_;
};

}  // namespace vernier
