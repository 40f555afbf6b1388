// Long texts take seconds to tokenize: whoever asks for a stop should not wait for their end.
#pragma once

#include <cstddef>
#include <stop_token>

#include "vernier/error.h"

namespace vernier {

// Looks at a stop token once in `every` calls.
class StopCheck {
 public:
  explicit StopCheck(const std::stop_token& stop, std::size_t every = 1024) : stop_(stop), every_(every) {}
  // Throws Error{kCancelled}.
  void operator()() {
    if (++calls_ % every_ != 0 || !stop_.stop_requested()) return;
    fail(ErrorCode::kCancelled, "tokenizer", "stopped in the middle of a text.");
  }

 private:
  const std::stop_token& stop_;
  std::size_t every_;
  std::size_t calls_ = 0;
};

}  // namespace vernier
