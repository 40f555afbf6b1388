// What goes to stdout: data only. A pipe that was closed or a full disk is an Error{kIo}, never a signal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "vernier/error.h"

namespace vernier::cli {

// Thrown where nobody reads stdout any more.
class ReaderGone : public Error {
 public:
  using Error::Error;
};

// Writes and hands on at once, so that a reader of a stream sees each piece as it comes.
void print(std::string_view text);
// The value on one line. Bytes that are no UTF-8 become U+FFFD, numbers that are not finite become null.
void print_json(const nlohmann::json& value);
// Throws where earlier output was lost; for the end of the program.
void check_output();

// A message or a warning on stderr, on one line. Control characters, which names and data may hold, are shown as
// \u001b and the like: they must not reach a terminal.
void print_note(std::string_view text);

// "1.234", with `digits` after the point; "nan" where it is none.
std::string fixed(double value, int digits);
// "12.3 MB" and so on, in powers of 1000.
std::string bytes_text(double bytes);

}  // namespace vernier::cli
