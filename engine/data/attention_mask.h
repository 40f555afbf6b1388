// Which tokens of a row that comes as ids are padding.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/data/row_format.h"

namespace vernier {

// 1 or true for a token, 0 or false for padding. Throws Error{kInvalidInput} with `place` and the file's `key` for
// anything else, and where there are not num_tokens of them.
std::vector<bool> read_attention_mask(const nlohmann::ordered_json& list, std::size_t num_tokens,
                                      const std::string& key, const std::string& place);

// Padding at both ends is no part of the row; what the mask leaves out between tokens is read, and not learnt.
void apply_attention_mask(const std::vector<bool>& mask, GivenTokens& row);

}  // namespace vernier
