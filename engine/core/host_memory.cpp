#include "engine/core/host_memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

namespace vernier {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

// Names of a memory group's files in the two versions of control groups.
struct Names {
  const char* limit;
  const char* used;
  const char* reclaimable;  // in memory.stat: of what is used, files' pages that are given back when others need them
};
constexpr Names kVersion1 = {"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};
constexpr Names kVersion2 = {"memory.max", "memory.current", "inactive_file"};

// Nothing for what is no number, as "max".
std::optional<std::uint64_t> number_in(const fs::path& file) {
  std::ifstream in(file);
  std::uint64_t number = 0;
  if (!(in >> number)) return std::nullopt;
  return number;
}

std::uint64_t stat_in(const fs::path& group, const std::string& wanted) {
  std::ifstream in(group / "memory.stat");
  std::string name;
  std::uint64_t bytes = 0;
  while (in >> name >> bytes) {
    if (name == wanted) return bytes;
  }
  return 0;
}

std::uint64_t free_bytes_of(const fs::path& group, const Names& names) {
  const std::optional<std::uint64_t> limit = number_in(group / names.limit), used = number_in(group / names.used);
  if (!limit || !used) return kUnlimited;
  const std::uint64_t held = *used - std::min(*used, stat_in(group, names.reclaimable));
  return *limit - std::min(*limit, held);
}

}  // namespace

std::uint64_t free_bytes_of_groups(const fs::path& list, const fs::path& root) {
  std::uint64_t free = kUnlimited;
  std::ifstream in(list);
  std::string line;  // "4:memory:/a/b", of version 2 "0::/a/b"
  while (std::getline(in, line)) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = ',' + line.substr(first + 1, second - first - 1) + ',';
    const bool is_version_2 = controllers == ",,";
    if (!is_version_2 && controllers.find(",memory,") == std::string::npos) continue;
    const fs::path top = is_version_2 ? root : root / "memory";
    // In a container the path may be one of the machine's outside; its group is then the top.
    free = std::min(free, free_bytes_of(top, is_version_2 ? kVersion2 : kVersion1));
    fs::path group = top;
    for (const fs::path& part : fs::path(line.substr(second + 1)).relative_path()) {
      group /= part;
      free = std::min(free, free_bytes_of(group, is_version_2 ? kVersion2 : kVersion1));
    }
  }
  return free;
}

std::uint64_t free_host_bytes() {
  std::uint64_t free = free_bytes_of_groups("/proc/self/cgroup", "/sys/fs/cgroup");
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  std::uint64_t kibibytes = 0;
  while (file >> name >> kibibytes) {
    if (name == "MemAvailable:") return std::min(free, kibibytes * 1024);
    std::getline(file, unit);
  }
  return free;
}

}  // namespace vernier
