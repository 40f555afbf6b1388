// The flat micro-batch that the whole engine computes on. There is no padding anywhere.
#pragma once

#include <cstdint>
#include <vector>

#include "vernier/model.h"

namespace vernier {

// Where a sequence of a micro-batch came from and where it stands.
struct SequenceRef {
  std::int64_t row = 0;     // row of the data set (or of the batch file), from 0
  std::int32_t begin = 0;   // first token in the micro-batch
  std::int32_t length = 0;  // tokens
  // Row of max_length tokens that it was packed into, counted in the micro-batch; without packing a row of its own.
  std::int32_t packed_row = 0;
};

// S sequences one behind the other, N tokens in all. Attention is block-diagonal by cu_seqlens, RoPE reads
// position_ids. labels follow Transformers: labels[i] is the label OF token i, which the token before it predicts; -100
// means none. row_keys name a token independently of the micro-batch it is in: (row << 32) | position in
// the row.
struct MicroBatch {
  std::vector<std::int32_t> input_ids;     // [N]
  std::vector<std::int32_t> position_ids;  // [N]
  std::vector<std::int32_t> labels;        // [N]
  std::vector<std::int32_t> cu_seqlens;    // [S + 1], starts with 0, ends with N
  std::vector<SequenceRef> sequences;      // [S]
  std::vector<std::uint64_t> row_keys;     // [N]

  // Appends a sequence at positions 0, 1, ...; of a row that is split, the part that begins with its token `begin`.
  void append(std::int64_t row, const std::int32_t* ids, const std::int32_t* labels_of_row, std::int32_t length,
              std::int32_t begin_in_row = 0);
  void clear();
};

// A batch file's rows without their padding: one micro-batch a row, or (packed) one for all.
std::vector<MicroBatch> micro_batches_of(const Batch& batch, bool packed);

}  // namespace vernier
