// A tokenizer.json: read, then used both ways.
#include <cstdint>
#include <memory>
#include <string>

#include "engine/text/fast/json_tokenizer.h"
#include "input_file.h"
#include "vernier/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vernier;
  static const std::string kText =
      "Hello  w\u00f6rld, it's 1234\n\n\tna\u00efve \u4f60\u597d\U0001F600 <s> e\u0301\xFF x";
  try {
    const std::unique_ptr<Tokenizer> tokenizer =
        load_json_tokenizer(fuzz::input_file("tokenizer.json", {data, size}), TokenizerConfig{});
    for (const bool special : {false, true}) {
      const std::vector<PlacedToken> placed = tokenizer->encode_placed(kText, special);
      for (const PlacedToken& token : placed) {
        if (token.begin != PlacedToken::kNotInText && token.begin > kText.size()) __builtin_trap();
      }
      const std::vector<std::int32_t> ids = tokenizer->encode(kText, special);
      if (ids.size() != placed.size()) __builtin_trap();
      tokenizer->decode(ids, special);
    }
    StreamDecoder decoder(*tokenizer);
    for (std::int32_t id = -1; id <= std::min(tokenizer->vocab_size(), 64); ++id) {
      tokenizer->piece(id);
      if (id >= 0 && id < tokenizer->vocab_size()) decoder.push(id);
    }
    decoder.finish();
  } catch (const Error&) {
  }
  return 0;
}
