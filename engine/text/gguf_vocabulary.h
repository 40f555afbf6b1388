// A model folder's tokenizer as GGUF's `tokenizer.ggml.*` metadata tells it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vernier {

struct GgufVocabulary {
  std::string model;  // "llama": SentencePiece BPE by scores; "gpt2": byte-level BPE by merges
  std::string pre;    // how "gpt2" cuts text into words: "llama-bpe", "qwen2", ...
  std::vector<std::string> tokens;
  std::vector<float> scores;        // with "llama"
  std::vector<std::int32_t> types;  // SentencePiece's numbers: 1 normal, 2 unknown, 3 control, 4 user, 5 unused, 6 byte
  std::vector<std::string> merges;  // with "gpt2": "Ġ t"
  std::optional<std::int32_t> bos_id, eos_id, unknown_id, padding_id;
  bool add_bos = false;
  bool add_eos = false;
  std::optional<bool> add_space_prefix;  // with "llama"
  std::string chat_template;             // "" where there is none
};

// Exactly vocab_size tokens: rows of the embedding that no token names become unused ones. Nothing where the folder has
// no tokenizer. Errors: as Tokenizer::load; kUnsupported for a tokenizer that llama.cpp does not have, with what is
// unknown about it.
std::optional<GgufVocabulary> read_gguf_vocabulary(const std::string& model_dir, std::int64_t vocab_size);

}  // namespace vernier
