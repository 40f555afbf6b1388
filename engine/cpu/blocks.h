// Splits a range over the pool.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/cpu/thread_pool.h"

namespace vernier::cpu {

// Runs body(first, last) over [0, count) in blocks of `block`; the split does not depend on the thread count.
template <typename Body>
void parallel_blocks(ThreadPool& pool, std::int64_t count, std::int64_t block, const Body& body) {
  pool.parallel_for((count + block - 1) / block,
                    [&](std::int64_t task, int) { body(task * block, std::min(count, (task + 1) * block)); });
}

// Rows of `cols` floats that make a block worth handing to another thread.
inline std::int64_t rows_per_block(std::int64_t cols) {
  return std::max<std::int64_t>(1, 8192 / std::max<std::int64_t>(1, cols));
}

}  // namespace vernier::cpu
