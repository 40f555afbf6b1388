// The "normalizer" of tokenizer.json.
#pragma once

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

  // nullptr for null. Sequence, Prepend, Replace, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents.
  // Throws Error{kUnsupported} naming any other type, kInvalidInput for a damaged one.
  static std::unique_ptr<Normalizer> from_json(const nlohmann::json& json, const std::string& place);
};

}  // namespace vernier
