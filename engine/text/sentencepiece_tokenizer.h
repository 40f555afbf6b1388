// `tokenizer.model`: a SentencePiece vocabulary (BPE or Unigram), as Transformers' LlamaTokenizer uses it.
#pragma once

#include <memory>
#include <string>

#include "engine/text/tokenizer_config.h"
#include "vernier/tokenizer.h"

namespace vernier {

// `path` names the model file. Without any tokenizer configuration (config.present false and no special tokens given)
// nothing in the text is special, as with the sentencepiece library itself.
// Throws Error{kIo} where the file cannot be read, kInvalidInput where it is damaged.
std::unique_ptr<Tokenizer> load_sentencepiece_tokenizer(const std::string& path, const TokenizerConfig& config);

}  // namespace vernier
