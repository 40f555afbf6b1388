// The "pre_tokenizer" of tokenizer.json: cutting a text into words.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/text/fast/mapped_text.h"

namespace vernier {

// Bytes [begin, end) of the text.
struct WordRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct WordList {
  MappedText text;
  std::vector<WordRange> words;
  bool starts = true;  // nothing was cut away before the first word when the text was put together
};

// Thread: const members from several threads.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  // Cuts the words further and, for some types, changes their text. `first`: the text stands at the beginning of what
  // is encoded.
  virtual void apply(WordList& list, bool first, bool track) const = 0;

  // nullptr for null. Sequence, Split, ByteLevel, Metaspace, Whitespace, WhitespaceSplit, Digits, Punctuation. The
  // mapping of bytes to characters that ByteLevel does is left out: the model works on bytes.
  // Throws Error{kUnsupported} naming any other type, kInvalidInput for a damaged one.
  static std::unique_ptr<PreTokenizer> from_json(const nlohmann::json& json, const std::string& place);
};

}  // namespace vernier
