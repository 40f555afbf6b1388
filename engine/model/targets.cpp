#include "engine/model/targets.h"

#include <algorithm>

#include "engine/core/micro_batch.h"

namespace vernier {

void find_targets(const MicroBatch& batch, TargetRows& out) {
  out.rows.clear();
  out.targets.clear();
  out.sequence.clear();
  out.counts.assign(batch.sequences.size(), 0);
  for (std::size_t s = 0; s < batch.sequences.size(); ++s) {
    const std::int32_t begin = batch.cu_seqlens[s];
    const std::int32_t end = batch.cu_seqlens[s + 1];
    for (std::int32_t token = begin + 1; token < end; ++token) {
      const std::int32_t label = batch.labels[static_cast<std::size_t>(token)];
      if (label < 0) continue;
      out.rows.push_back(token - 1);
      out.targets.push_back(label);
      out.sequence.push_back(static_cast<std::int32_t>(s));
      ++out.counts[s];
    }
  }
}

std::vector<std::int32_t> kept_positions(const LogitsToKeep& keep, std::int64_t length) {
  std::vector<std::int32_t> kept;
  if (!keep.positions.empty()) {
    for (const std::int64_t position : keep.positions) {
      if (position >= 0 && position < length) kept.push_back(static_cast<std::int32_t>(position));
    }
    std::sort(kept.begin(), kept.end());
    kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
    return kept;
  }
  const std::int64_t first = keep.last > 0 ? std::max<std::int64_t>(0, length - keep.last) : 0;
  for (std::int64_t position = first; position < length; ++position)
    kept.push_back(static_cast<std::int32_t>(position));
  return kept;
}

}  // namespace vernier
