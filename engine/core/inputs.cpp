#include "vernier/inputs.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {

void check_input_file(const std::string& path, const std::string& what) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) fail(ErrorCode::kNotFound, path, "there is no such " + what + ".");
  if (!fs::exists(status)) fail(ErrorCode::kIo, path, "cannot read: " + error.message() + ".");
  if (fs::is_directory(status)) fail(ErrorCode::kInvalidInput, path, "got a folder, expected a " + what + ".");
  if (!fs::is_regular_file(status)) {
    fail(ErrorCode::kInvalidInput, path, "got a pipe or a device, expected a regular file: save it to one first.");
  }
}

std::string read_input_file(const std::string& path, const std::string& what) {
  check_input_file(path, what);
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  // An empty file puts nothing in, which the stream calls a failure.
  if (in && in.peek() != std::ifstream::traits_type::eof()) text << in.rdbuf();
  if (!in.is_open() || in.bad() || text.fail()) fail(ErrorCode::kIo, path, "the " + what + " cannot be read.");
  return text.str();
}

}  // namespace vernier
