// Runs a command for tests that ask other programs.
#pragma once

#include <array>
#include <cstdio>
#include <string>
#include <utility>

namespace vernier::test {

// What the command writes to stdout, and its status (0: well).
inline std::pair<std::string, int> run_command(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {"", -1};
  std::string output;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), got);
  }
  return {output, ::pclose(pipe)};
}

}  // namespace vernier::test
