// What a model folder says about its tokenizer beside the vocabulary: tokenizer_config.json, special_tokens_map.json
// and added_tokens.json.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/text/added_tokens.h"

namespace vernier {

struct TokenizerConfig {
  bool present = false;  // the folder has a tokenizer_config.json
  std::optional<bool> add_bos_token;
  std::optional<bool> add_eos_token;
  std::optional<bool> add_prefix_space;
  std::optional<bool> legacy;
  // Contents; nothing where the files do not say, "" where they say null.
  std::optional<std::string> bos_token;
  std::optional<std::string> eos_token;
  std::optional<std::string> unk_token;
  std::optional<std::string> pad_token;
  std::vector<std::string> additional_special_tokens;
  std::vector<AddedToken> added_tokens;  // by id
  // What these files say of an added token in two ways, as "<x>": got ...; "" where they agree. A tokenizer.json says
  // more of its tokens and stands above them; beside a tokenizer.model nothing does.
  std::string contradiction;

  // Files that are missing leave the defaults. Throws Error{kInvalidInput} for one that is damaged.
  static TokenizerConfig load(const std::string& model_dir);
};

}  // namespace vernier
