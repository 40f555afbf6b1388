#include "engine/core/micro_batch.h"

namespace vernier {

void MicroBatch::append(std::int64_t row, const std::int32_t* ids, const std::int32_t* labels_of_row,
                        std::int32_t length, std::int32_t begin_in_row) {
  if (cu_seqlens.empty()) cu_seqlens.push_back(0);
  const auto begin = static_cast<std::int32_t>(input_ids.size());
  input_ids.insert(input_ids.end(), ids, ids + length);
  labels.insert(labels.end(), labels_of_row, labels_of_row + length);
  for (std::int32_t p = 0; p < length; ++p) {
    position_ids.push_back(p);
    row_keys.push_back((static_cast<std::uint64_t>(row) << 32) | static_cast<std::uint32_t>(begin_in_row + p));
  }
  const std::int32_t packed_row = sequences.empty() ? 0 : sequences.back().packed_row + 1;
  sequences.push_back({row, begin, length, packed_row});
  cu_seqlens.push_back(begin + length);
}

void MicroBatch::clear() {
  input_ids.clear();
  position_ids.clear();
  labels.clear();
  cu_seqlens.clear();
  sequences.clear();
  row_keys.clear();
}

std::vector<MicroBatch> micro_batches_of(const Batch& batch, bool packed) {
  std::vector<MicroBatch> all;
  for (std::size_t b = 0; b < batch.input_ids.size(); ++b) {
    if (all.empty() || !packed) all.emplace_back();
    all.back().append(static_cast<std::int64_t>(b), batch.input_ids[b].data(), batch.labels[b].data(),
                      static_cast<std::int32_t>(batch.lengths[b]));
  }
  return all;
}

}  // namespace vernier
