// The "decoder" of tokenizer.json: from pieces to text.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace vernier {

// Thread: const members from several threads.
class TokenDecoder {
 public:
  virtual ~TokenDecoder() = default;
  // Changes the pieces in place; the text is what is left, joined.
  virtual void apply(std::vector<std::string>& pieces) const = 0;

  // nullptr for null. Sequence, ByteLevel, ByteFallback, Fuse, Strip, Replace, Metaspace.
  // Throws Error{kUnsupported} naming any other type, kInvalidInput for a damaged one.
  static std::unique_ptr<TokenDecoder> from_json(const nlohmann::json& json, const std::string& place);
};

// The text with one U+FFFD for each ill-formed part, as Rust's String::from_utf8_lossy puts it: the bytes of a
// character that breaks off are one part.
// origin: for each byte of the result, and for its end, the byte that it stands for.
std::string lossy_utf8(std::string_view bytes, std::vector<std::size_t>* origin = nullptr);

}  // namespace vernier
