// The "normalizer" of tokenizer.json.
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/text/fast/mapped_text.h"

namespace vernier {

// Thread: const members from several threads.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  // `track`: keep the origins of the bytes. The text is valid UTF-8 and stays so.
  virtual void apply(MappedText& text, bool track) const = 0;

  // nullptr for null. Sequence, Prepend, Replace, NFC, NFD, NFKC, NFKD, Nmt, Lowercase, Precompiled,
  // Strip, StripAccents.
  // Throws Error{kUnsupported} naming any other type, kInvalidInput for a damaged one.
  static std::unique_ptr<Normalizer> from_json(const nlohmann::json& json, const std::string& place);
};

// A tokenizer.json may blow a text up without end. Throws Error{kInvalidInput} where `to` bytes out of `from` are too
// many.
void check_normalizer_growth(std::size_t from, std::size_t to);

}  // namespace vernier
