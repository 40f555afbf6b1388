// What a capture holds of one sequence of a pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/core/micro_batch.h"
#include "vernier/dtype.h"
#include "vernier/run_config.h"
#include "vernier/run_store.h"

namespace vernier {

// One sequence's positions that `keep` chooses, with their targets; its logits are still to come.
struct CapturedRow {
  Capture capture;
  std::vector<std::int32_t> rows;  // of the micro-batch, whose logits they are
};
CapturedRow captured_row(std::int64_t vocab_size, const MicroBatch& batch, std::size_t sequence,
                         const LogitsToKeep& keep, std::int64_t step);

// What a capture's logits are kept as where passes compute in `dtype`: exactly in float32, else as float16, which is
// finer than what bfloat16 computes.
DType captured_as(DType dtype);
// Bytes of a capture's file, but for a few of its header.
std::uint64_t captured_bytes(std::int64_t positions, std::int64_t row_length, std::int64_t vocab_size, DType kept_as);

}  // namespace vernier
