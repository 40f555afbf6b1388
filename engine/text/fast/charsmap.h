// SentencePiece's precompiled normalisation, as the "Precompiled" normalizer of tokenizer.json carries it.
#pragma once

#include <memory>
#include <string>

#include "engine/text/fast/normalizer.h"

namespace vernier {

// base64: of a double-array trie (Darts-clone) over what is replaced and the texts that replace it, each ended by 0.
// Throws Error{kInvalidInput} with `place` where it is damaged.
std::unique_ptr<Normalizer> read_charsmap(const std::string& base64, const std::string& place);

}  // namespace vernier
