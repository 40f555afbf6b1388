// For work that cannot be cut short and leaves nothing behind that were to be saved.
#pragma once

#include <cstdlib>
#include <stop_token>

#include "app/cli/command.h"

namespace vernier::cli {

// While one lives, an interrupt ends the program at once, with the status of an interrupted one: minutes of a pass over
// a large batch are not waited for.
class EndAtOnce {
 public:
  explicit EndAtOnce(const std::stop_token& stop) : callback_(stop, [] { std::_Exit(kInterrupted); }) {}

 private:
  std::stop_callback<void (*)()> callback_;
};

}  // namespace vernier::cli
