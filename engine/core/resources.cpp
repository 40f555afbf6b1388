#include "vernier/resources.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// "" where the variable is unset or empty.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string home_dir() {
  if (const std::string home = environment("HOME"); !home.empty()) return home;
  const passwd* entry = ::getpwuid(::getuid());
  if (entry != nullptr && entry->pw_dir != nullptr && entry->pw_dir[0] == '/') return entry->pw_dir;
  return "/tmp";
}

// The base directory specification has relative values ignored.
std::string base_dir(const char* name, const char* in_home) {
  const std::string value = environment(name);
  return value.empty() || value.front() != '/' ? home_dir() + in_home : value;
}

}  // namespace

std::string resource_dir() {
  if (const std::string wish = environment("VERNIER_RESOURCES"); !wish.empty()) {
    if (!is_folder(wish)) {
      fail(ErrorCode::kNotFound, "resources",
           "VERNIER_RESOURCES: got " + wish + ", expected the folder of Vernier's resources.");
    }
    return wish;
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = program.parent_path().parent_path() / "share" / "vernier";
  if (!error && is_folder(installed)) return installed.string();
  if (is_folder(VERNIER_SOURCE_RESOURCES)) return VERNIER_SOURCE_RESOURCES;
  fail(ErrorCode::kNotFound, "resources",
       "folder: got none at " + installed.string() +
           ", expected the files that come with Vernier. Set VERNIER_RESOURCES to their folder.");
}

std::string default_runs_dir() {
  return base_dir("XDG_DATA_HOME", "/.local/share") + "/vernier/runs";
}

std::string cache_dir() {
  const std::string wish = environment("VERNIER_CACHE_DIR");
  return wish.empty() ? base_dir("XDG_CACHE_HOME", "/.cache") + "/vernier" : wish;
}

}  // namespace vernier
