// `tokenizer.json`: a tokenizer in the format of HF tokenizers (BPE and Unigram).
#pragma once

#include <memory>
#include <string>

#include "engine/text/tokenizer_config.h"
#include "vernier/tokenizer.h"

namespace vernier {

// `path` names the file; the configuration adds special tokens and what is put around a text, as Transformers has it.
// Throws Error{kIo} where the file cannot be read, kInvalidInput where it is damaged, kUnsupported naming a part that
// Vernier does not have.
std::unique_ptr<Tokenizer> load_json_tokenizer(const std::string& path, const TokenizerConfig& config);

}  // namespace vernier
