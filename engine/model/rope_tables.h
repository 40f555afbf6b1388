// cos and sin of every position, in a backend's memory.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/io/model_config.h"
#include "engine/ops/backend.h"

namespace vernier {

// One table for each of config.ropes, [P, rotary_dim] as vernier::Rope reads it. Thread: one thread at a time.
class RopeTables {
 public:
  RopeTables(Backend& backend, const ModelConfig& config) : backend_(backend), config_(config) {}

  // Makes the tables cover positions below `positions`, for rows of up to seq_len positions (which `dynamic` and
  // `longrope` depend on). Allocates only when they grow or their frequencies change.
  void prepare(std::int64_t positions, std::int64_t seq_len);
  ConstTensorView table(std::int32_t rope) const;

 private:
  Backend& backend_;
  const ModelConfig& config_;
  std::vector<std::unique_ptr<DeviceBuffer>> tables_;
  std::int64_t positions_ = 0;
  std::int64_t seq_len_ = 0;  // that the tables were made for; 0 where they do not depend on it
};

}  // namespace vernier
