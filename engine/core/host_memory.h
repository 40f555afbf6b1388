// What the machine has left of its main memory.
#pragma once

#include <cstdint>

namespace vernier {

// Bytes that can be used without swapping; the largest number where the system does not tell.
std::uint64_t free_host_bytes();

}  // namespace vernier
