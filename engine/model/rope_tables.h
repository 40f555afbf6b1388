// cos and sin of every position, in a backend's memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/core/micro_batch.h"
#include "engine/io/model_config.h"
#include "engine/ops/backend.h"

namespace vernier {

// One table for each of config.ropes, [P, rotary_dim] as vernier::Rope reads it. `dynamic` and `longrope` turn a
// sequence by its length: tables then hold a block of rows for each length that matters, behind the block of all other
// sequences, so that a sequence turns the same whatever it is packed with. Thread: one thread at a time.
class RopeTables {
 public:
  RopeTables(Backend& backend, const ModelConfig& config) : backend_(backend), config_(config) {}

  // Makes the tables cover the micro-batch. row_length: of its only sequence, where that goes on beyond the
  // micro-batch (0: it does not). Allocates only to grow.
  void prepare(const MicroBatch& batch, std::int64_t row_length = 0);
  // [N] Each token's row of the tables; the row behind it is there too. Valid until the micro-batch changes.
  std::span<const std::int32_t> rows() const { return rows_; }
  ConstTensorView table(std::int32_t rope) const;

 private:
  struct Block {
    std::int64_t seq_len = 0;  // that rope_frequencies() gets; 0 where it does not matter
    std::int64_t first = 0, count = 0;
  };
  // The block of such a length with room for so many positions; null: none.
  const Block* find(std::int64_t seq_len, std::int64_t positions) const;
  void fill(const Block& block);

  Backend& backend_;
  const ModelConfig& config_;
  std::vector<std::unique_ptr<DeviceBuffer>> tables_;
  std::int64_t capacity_ = 0;           // rows of each
  std::vector<Block> blocks_;           // the first for those whose length does not matter
  std::vector<Block> needed_;           // of prepare(), kept so that a step allocates nothing
  std::vector<std::int64_t> relevant_;  // likewise
  std::vector<std::int32_t> own_rows_;
  std::span<const std::int32_t> rows_;
};

// Whether sequences turn by their length.
bool turns_by_length(const ModelConfig& config);
// Whether a sequence that grows from `before` tokens to `after` is turned otherwise from its first token on: where
// longrope goes over from its short factors to its long ones. (`dynamic` changes with every token; there a cache keeps
// what it has, as Transformers' does.)
bool longrope_switches(const ModelConfig& config, std::int64_t before, std::int64_t after);

}  // namespace vernier
