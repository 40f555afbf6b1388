// What another thread has asked of a run.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "vernier/run.h"

namespace vernier {

struct Question {
  std::string text;
  std::int64_t max_new_tokens = 0;
};

// Members are read and written under `mutex`; `changed` is notified after each change.
struct RunControl::Impl {
  mutable std::mutex mutex;
  std::condition_variable_any changed;
  bool pause = false;
  std::int64_t single_steps = 0;  // asked for and not yet done
  bool save = false;
  bool parity = false;
  std::optional<Question> question;
  std::optional<ReturnLogits> return_logits;  // new since it was last taken
};

}  // namespace vernier
