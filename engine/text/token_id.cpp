#include "engine/text/token_id.h"

#include <nlohmann/json.hpp>

#include "vernier/error.h"

namespace vernier {

std::int32_t read_token_id(const nlohmann::json& value, const std::string& what, const std::string& place) {
  // A float would be cut, or has no integer at all; unsigned values beyond int64 wrap around.
  const bool whole = value.is_number_integer() &&
                     (!value.is_number_unsigned() || value.get<std::uint64_t>() <= std::uint64_t{kMaxTokenId});
  const bool fits = whole && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() <= kMaxTokenId;
  if (!fits) {
    const std::string got = value.is_number() ? value.dump() : "a JSON " + std::string(value.type_name());
    fail(ErrorCode::kInvalidInput, place,
         what + ": got " + got + ", expected a token id from 0 to " + std::to_string(kMaxTokenId) + ".");
  }
  return value.get<std::int32_t>();
}

}  // namespace vernier
