// Keys and values of the tokens a sequence has seen, for decoding.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/io/model_config.h"
#include "engine/ops/backend.h"

namespace vernier {

// One sequence. Layer l holds keys and values [capacity, K*E], already rotated. Thread: one thread at a time.
class KvCache {
 public:
  // dtype: what the passes compute in. Zeroed, so that a path that reads past `length` (a planted fault) reads
  // something defined.
  KvCache(Backend& backend, const ModelConfig& config, std::int64_t capacity, DType dtype);

  std::int64_t capacity() const { return capacity_; }
  // Tokens seen so far; the decoder advances it.
  std::int64_t length() const { return length_; }
  void advance(std::int64_t tokens) { length_ += tokens; }
  void clear();

  // Rows [first, first + count).
  TensorView keys(std::int64_t layer, std::int64_t first, std::int64_t count) const;
  TensorView values(std::int64_t layer, std::int64_t first, std::int64_t count) const;

 private:
  TensorView part(std::int64_t index, std::int64_t first, std::int64_t count) const;

  Backend& backend_;
  DType dtype_;
  std::int64_t capacity_;
  std::int64_t rows_;
  std::int64_t layers_;
  std::int64_t width_;
  std::int64_t length_ = 0;
  std::unique_ptr<DeviceBuffer> memory_;
};

}  // namespace vernier
