// What of a row is learnt.
#pragma once

#include <cstdint>

namespace vernier {

// Names as in a run file. Both set: what lies in both.
struct LabelOptions {
  bool assistant_only_loss = false;
  bool completion_only_loss = false;
  std::int64_t max_length = 1024;  // tokens; longer rows are cut at the end
};

}  // namespace vernier
