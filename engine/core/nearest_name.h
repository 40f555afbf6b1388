// "Did you mean ...?" for keys, columns and names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vernier {

// Edits (insert, delete, substitute, swap of neighbours: the "optimal string alignment" distance) between two strings
// of bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate with the fewest edits to `name`, the first of equals; "" where none is near: a third of the longer
// one's bytes at most.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace vernier
