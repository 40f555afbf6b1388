// What the machine has left of its main memory.
#pragma once

#include <cstdint>
#include <filesystem>

namespace vernier {

// Bytes that can be used without swapping, nor being ended for passing a limit of the control groups (containers, batch
// systems) that the program runs in; the largest number where the system does not tell.
std::uint64_t free_host_bytes();

// What the limits leave of the memory groups that `list`, as /proc/self/cgroup, names under `root`: of version 2 the
// group and all above it, of version 1 (in `root`/memory) likewise. The largest number where there is none.
std::uint64_t free_bytes_of_groups(const std::filesystem::path& list, const std::filesystem::path& root);

}  // namespace vernier
