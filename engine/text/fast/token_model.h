// The "model" of tokenizer.json: from a word to token ids.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace vernier {

// A token and the bytes of the word that it covers. Byte tokens that together stand for one character (byte fallback)
// cover it with the first of them.
struct ModelToken {
  std::int32_t id = 0;
  std::uint32_t bytes = 0;
};

// Thread: const members from several threads.
class TokenModel {
 public:
  virtual ~TokenModel() = default;
  // Appends the tokens of `word`, which is valid UTF-8 unless the model works on bytes. A word can be a whole text:
  // `stop` is looked at within it (Error{kCancelled}).
  virtual void tokenize(std::string_view word, std::vector<ModelToken>& out, const std::stop_token& stop) const = 0;
  // The pieces by id, as the file spells them; "" for ids that it leaves out.
  virtual const std::vector<std::string>& pieces() const = 0;

  // BPE (Sennrich et al. 2016) or Unigram (Kudo 2018); a missing type is told from the members, as HF tokenizers does.
  // byte_level: the pre-tokenizer or normalizer maps bytes to characters; the model then works on the bytes themselves.
  // Throws Error{kUnsupported} for another type or option, kInvalidInput for a damaged model.
  static std::unique_ptr<TokenModel> from_json(const nlohmann::json& json, bool byte_level, const std::string& place);
};

// GPT-2's mapping of bytes to printable characters, undone: the bytes that a piece stands for; false where a character
// is outside the mapping.
bool byte_level_bytes(std::string_view piece, std::string& bytes);

}  // namespace vernier
