#include "engine/cpu/context.h"

#include <cstdlib>
#include <string>

#include "vernier/error.h"

namespace vernier::cpu {

void Scratch::Free::operator()(float* values) const {
  std::free(values);
}

float* Scratch::floats(std::size_t count) {
  const std::size_t needed = padded(count == 0 ? 1 : count) * sizeof(float);
  if (needed > bytes_) {
    values_.reset();  // the old contents are not needed, so the peak is the new size alone
    bytes_ = 0;
    values_.reset(static_cast<float*>(std::aligned_alloc(64, needed)));
    if (!values_) {
      Error error(ErrorCode::kOutOfMemory, "[cpu scratch] memory: got none, expected " + std::to_string(needed) +
                                               " bytes. Use a smaller micro-batch.");
      error.needed_bytes = needed;
      throw error;
    }
    bytes_ = needed;
  }
  return values_.get();
}

}  // namespace vernier::cpu
