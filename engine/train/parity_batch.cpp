#include "engine/train/parity_batch.h"

#include <algorithm>

namespace vernier {

MicroBatch parity_batch(std::span<const MicroBatch> batches, std::int32_t most_tokens) {
  MicroBatch out;
  bool labelled = false;
  for (const MicroBatch& batch : batches) {
    for (const SequenceRef& sequence : batch.sequences) {
      const std::int32_t room = most_tokens - static_cast<std::int32_t>(out.input_ids.size());
      const std::int32_t length = std::min(sequence.length, room);
      if (length < 2) continue;
      out.append(sequence.row, batch.input_ids.data() + sequence.begin, batch.labels.data() + sequence.begin, length);
      for (std::int32_t t = sequence.begin + 1; t < sequence.begin + length; ++t) {
        labelled = labelled || batch.labels[static_cast<std::size_t>(t)] >= 0;
      }
    }
  }
  if (!labelled) out.labels = out.input_ids;
  return out;
}

}  // namespace vernier
