// Counts calls of operator new in a test program that links allocation_counter.cpp.
#pragma once

#include <cstdint>

namespace vernier::test {

// Of all threads, since the program began.
std::int64_t allocation_count();

}  // namespace vernier::test
