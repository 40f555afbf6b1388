// JSON files, read strictly and written whole or not at all.
#include <nlohmann/json.hpp>
#include <string>

#include "engine/io/atomic_file.h"

namespace vernier {

using nlohmann::json;

json parse_json(std::string_view text, std::string_view name) {
  return parse_strict_json<json>(text, name);
}

json read_json_file(const std::filesystem::path& path) {
  return parse_json(read_text_file(path), path.filename().string());
}

void write_json_file(const std::filesystem::path& path, const json& value) {
  write_text_file(path, value.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace vernier
