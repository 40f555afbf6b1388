// Files that the user names: told from what cannot be read before anything waits for it.
#pragma once

#include <string>

namespace vernier {

// Refuses what is no regular file: a named pipe would be waited for, and no signal ends that. what: "file", "data
// file". Errors: kNotFound, kInvalidInput, kIo.
void check_input_file(const std::string& path, const std::string& what = "file");

// The whole file. Errors: as check_input_file.
std::string read_input_file(const std::string& path, const std::string& what = "file");

}  // namespace vernier
