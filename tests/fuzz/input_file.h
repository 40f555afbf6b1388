// The bytes of one input as a file for readers that take a path.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>

namespace vernier::fuzz {

// A folder of this process, for good: libFuzzer ends without destructors. In memory where the system has that.
inline const std::filesystem::path& input_folder() {
  static const std::filesystem::path folder = [] {
    std::error_code ignored;
    const std::filesystem::path memory = "/dev/shm";
    std::filesystem::path out =
        std::filesystem::is_directory(memory, ignored) ? memory : std::filesystem::temp_directory_path();
    out /= "vernier-fuzz-" + std::to_string(::getpid());
    std::filesystem::create_directories(out);
    std::atexit([] {
      std::error_code failed;
      std::filesystem::remove_all(input_folder(), failed);
    });
    return out;
  }();
  return folder;
}

inline std::string input_file(const std::string& name, std::span<const std::uint8_t> bytes) {
  const std::string path = (input_folder() / name).string();
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size() || std::fclose(file) != 0)
    std::abort();
  return path;
}

}  // namespace vernier::fuzz
