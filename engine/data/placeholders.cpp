#include "engine/data/placeholders.h"

#include <algorithm>

namespace vernier {

bool has_placeholder(std::string_view text) {
  for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
    const std::string_view inside = text.substr(at + 2, std::min(text.find("}}", at + 2), text.size()) - at - 2);
    const bool closed = at + 2 + inside.size() < text.size();
    const auto is_name = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ' ' ||
             c == '-';
    };
    if (closed && !inside.empty() && inside.size() <= 64 && std::all_of(inside.begin(), inside.end(), is_name))
      return true;
  }
  return false;
}

}  // namespace vernier
