// Greedy and sampled generation through the KV cache.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "engine/model/decoder.h"
#include "vernier/model.h"

namespace vernier {

// Throws Error{kInvalidInput} that names `where` and the position of an id that the vocabulary does not have, or says
// that there is none at all.
void check_token_ids(std::string_view where, const std::vector<std::int32_t>& input_ids, std::int64_t vocab_size);

// Temperature, then top-k, then top-p (the smallest set whose probability reaches top_p), as Transformers orders them;
// drawn from philox by (seed, position). temperature 0 takes the largest logit, the lowest id of equals. Ends after
// max_new_tokens, or at one of eos_ids (which is given out too) unless stop_at_eos is off. Errors: kInvalidInput for an
// empty prompt, ids out of range and options out of range.
class TokenGenerator {
 public:
  // The decoder must outlive it; other passes may go through it between two tokens.
  TokenGenerator(Decoder& decoder, const std::vector<std::int32_t>& input_ids, const GenerateOptions& options);

  // Nothing once the end is reached. alone: no other pass goes through the decoder before the next token, so that a
  // device may begin with it.
  std::optional<GeneratedToken> next(bool alone = false);

 private:
  void begin();

  Decoder& decoder_;
  GenerateOptions options_;
  std::optional<KvCache> cache_;
  std::vector<std::int32_t> ids_;  // not fed yet
  std::vector<std::int32_t> all_;  // the prompt and what was given
  std::vector<float> logits_;      // [V]
  std::int64_t given_ = 0;
  bool ended_ = false;
  bool begun_ = false;  // ids_ are fed, their logits not read
};

// All of them, until the callback says no or `stop` is asked for.
std::vector<GeneratedToken> generate_tokens(Decoder& decoder, const std::vector<std::int32_t>& input_ids,
                                            const GenerateOptions& options, const TokenCallback& callback = {},
                                            std::stop_token stop = {});

}  // namespace vernier
