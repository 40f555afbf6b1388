// What every CPU operation is handed: the pool and scratch memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/cpu/thread_pool.h"

namespace vernier::cpu {

// 64-byte aligned memory that grows to the largest request seen and is then reused, so that a step allocates nothing.
// One operation uses it at a time: it asks once for all it needs and divides the block itself.
class Scratch {
 public:
  // At least `count` floats, not initialised, valid until the next call. Throws Error{kOutOfMemory}.
  float* floats(std::size_t count);
  std::size_t bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(float* values) const;
  };
  std::unique_ptr<float, Free> values_;
  std::size_t bytes_ = 0;
};

// `count` floats rounded up to whole cache lines, for dividing a scratch block.
constexpr std::size_t padded(std::size_t count) {
  return (count + 15) / 16 * 16;
}

struct CpuContext {
  ThreadPool& pool;
  Scratch scratch;
};

}  // namespace vernier::cpu
