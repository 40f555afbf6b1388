// Words in double braces that a generator of the data was to fill in, and did not.
#pragma once

#include <string_view>

namespace vernier {

// "Hello {{name}}".
bool has_placeholder(std::string_view text);

}  // namespace vernier
