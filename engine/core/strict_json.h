// JSON text -> nlohmann::json, strictly: bounded depth, no repeated keys, no NUL, errors with the byte offset.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace vernier {

// Deeper nesting than this is refused, so that no recursive walk over a parsed value can exhaust the stack.
inline constexpr int kMaxJsonDepth = 256;

// Json: nlohmann::json, or nlohmann::ordered_json where the order of keys matters. `name` says in messages what was
// read. Throws Error{kInvalidInput} for what is not JSON or UTF-8, and for a key that occurs twice in one object.
template <typename Json>
Json parse_strict_json(std::string_view text, std::string_view name);

extern template nlohmann::json parse_strict_json<nlohmann::json>(std::string_view, std::string_view);
extern template nlohmann::ordered_json parse_strict_json<nlohmann::ordered_json>(std::string_view, std::string_view);

}  // namespace vernier
