// The parts of str's methods that filters use too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/jinja/value.h"

namespace vernier::jinja {

// str.strip(): white space where `characters` is null. Parts of `text`.
std::string_view strip_left(std::string_view text, const std::string* characters);
std::string_view strip_right(std::string_view text, const std::string* characters);
inline std::string_view strip(std::string_view text, const std::string* characters) {
  return strip_right(strip_left(text, characters), characters);
}
// First `count` occurrences; all where it is negative.
std::string replace_all(const std::string& text, const std::string& from, const std::string& to, std::int64_t count,
                        Budget& budget);
std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends);
// Offset of `part` in text from `from` on; npos where there is none. Takes linear time, whatever the texts are.
std::size_t find_text(std::string_view text, std::string_view part, std::size_t from = 0);
// Offset of the last one.
std::size_t find_last_text(std::string_view text, std::string_view part);
std::string centered(const std::string& text, std::int64_t width, std::string_view fill, Budget& budget);

}  // namespace vernier::jinja
