// Ids in the files of a tokenizer.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace vernier {

// Sixteen times the largest vocabulary there is. Tables are as long as the highest id: one from a damaged file must not
// fill the memory.
inline constexpr std::int32_t kMaxTokenId = (1 << 22) - 1;

// value as a whole number from 0 to kMaxTokenId. Throws Error{kInvalidInput} for anything else, `what` it was to be
// included ("vocab: \"the\"").
std::int32_t read_token_id(const nlohmann::json& value, const std::string& what, const std::string& place);

}  // namespace vernier
