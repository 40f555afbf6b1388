// The CUDA device of a machine that has none: a stand-in that a test can break.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "tests/parity/stand_in_device.h"

namespace vernier::test {

// What the functions of engine/ops/cuda_backend.h give in a program with stand_in_cuda.cpp. Any thread.
class StandInCuda {
 public:
  // Of every device made from now on.
  const std::shared_ptr<StandInFaults> faults = std::make_shared<StandInFaults>();

  // Why it cannot be used; "" for nothing.
  void set_problem(const std::string& problem) {
    const std::lock_guard lock(mutex_);
    problem_ = problem;
  }
  std::string problem() const {
    if (faults->lost()) return "The GPU was lost to this program; restart it to compute on a GPU again.";
    const std::lock_guard lock(mutex_);
    return problem_;
  }
  // 0: what the machine has.
  void set_free_bytes(std::size_t bytes) { free_bytes_ = bytes; }
  std::size_t free_bytes() const { return free_bytes_; }
  // A machine whose device is whole, as at the start of the program.
  void reset() {
    faults->forget();
    set_problem("");
    set_free_bytes(0);
  }

 private:
  mutable std::mutex mutex_;
  std::string problem_;
  std::atomic<std::size_t> free_bytes_ = 0;
};

StandInCuda& stand_in_cuda();

// As engine/cuda/devices.cpp says it.
inline constexpr const char* kDriverTooOld =
    "The NVIDIA driver is too old: got one for CUDA 11.4, expected CUDA 12.4 or later; update the driver.";

}  // namespace vernier::test
