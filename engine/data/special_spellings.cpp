#include "engine/data/special_spellings.h"

namespace vernier {

SpecialSpellings::SpecialSpellings(const Tokenizer& tokenizer) {
  for (std::int32_t id = 0; id < tokenizer.vocab_size(); ++id) {
    if (!tokenizer.is_special(id)) continue;
    std::string spelling = tokenizer.piece(id);
    // One that is a single byte says nothing.
    if (spelling.size() > 1) by_first_byte_[static_cast<unsigned char>(spelling[0])].push_back(std::move(spelling));
  }
}

std::string_view SpecialSpellings::find(std::string_view text) const {
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const std::string& spelling : by_first_byte_[static_cast<unsigned char>(text[at])]) {
      if (text.compare(at, spelling.size(), spelling) == 0) return spelling;
    }
  }
  return {};
}

}  // namespace vernier
