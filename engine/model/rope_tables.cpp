#include "engine/model/rope_tables.h"

#include <algorithm>
#include <cmath>

#include "engine/io/rope_scaling.h"

namespace vernier {
namespace {

// Up to here a rotary embedding is as it was trained.
std::int64_t trained_length(const ModelConfig& config, const RopeParameters& rope) {
  return rope.original_max_position_embeddings > 0 ? rope.original_max_position_embeddings
                                                   : config.max_position_embeddings;
}

// The seq_len that rope_frequencies() has to know for a sequence of that length; 0 where it does not matter.
std::int64_t relevant_length(const ModelConfig& config, std::int64_t seq_len) {
  std::int64_t relevant = 0;
  for (const RopeParameters& rope : config.ropes) {
    const std::int64_t trained = trained_length(config, rope);
    if (seq_len <= trained) continue;
    if (rope.type == "dynamic") relevant = seq_len;
    if (rope.type == "longrope") relevant = std::max(relevant, trained + 1);  // short or long, whatever the excess
  }
  return relevant;
}

}  // namespace

const RopeTables::Block* RopeTables::find(std::int64_t seq_len, std::int64_t positions) const {
  for (const Block& block : blocks_) {
    if (block.seq_len == seq_len && block.count >= positions) return &block;
  }
  return nullptr;
}

void RopeTables::prepare(const MicroBatch& batch, std::int64_t row_length) {
  // What this micro-batch needs; positions one more than it has, for those that a planted fault shifts.
  const std::int64_t usual = std::min<std::int64_t>(config_.max_position_embeddings, 2048) + 1;
  std::vector<Block>& needed = needed_;
  std::vector<std::int64_t>& relevant = relevant_;  // by sequence
  needed.assign(1, {0, 0, usual});
  relevant.clear();
  for (std::size_t s = 0; s + 1 < batch.cu_seqlens.size(); ++s) {
    std::int64_t length = row_length;
    for (std::int32_t n = batch.cu_seqlens[s]; n < batch.cu_seqlens[s + 1]; ++n) {
      length = std::max<std::int64_t>(length, batch.position_ids[static_cast<std::size_t>(n)] + 1);
    }
    relevant.push_back(relevant_length(config_, length));
    auto block = std::ranges::find(needed, relevant.back(), &Block::seq_len);
    if (block == needed.end()) block = needed.insert(needed.end(), {relevant.back(), 0, 0});
    block->count = std::max(block->count, length + 1);
  }

  const bool found = std::ranges::all_of(needed, [&](const Block& b) { return find(b.seq_len, b.count) != nullptr; });
  if (!found) {
    const bool first_stays = find(0, needed[0].count) != nullptr;
    std::int64_t rows = 0;
    for (Block& block : needed) {
      if (const Block* old = find(block.seq_len, 0)) {  // grows by doubling
        block.count = std::max(block.count, old->count >= block.count ? old->count : 2 * old->count);
      }
      block.first = rows;
      rows += block.count;
    }
    const bool grows = rows > capacity_;
    if (grows) {
      capacity_ = rows;
      tables_.clear();
      for (std::size_t r = 0; r < config_.ropes.size(); ++r) {
        tables_.push_back(backend_.allocate(static_cast<std::size_t>(rows * config_.rotary_dim) * sizeof(float)));
      }
    }
    for (const Block& block : needed) {
      if (grows || !first_stays || block.first > 0) fill(block);
    }
    std::swap(blocks_, needed);
  }

  rows_ = batch.position_ids;
  if (std::ranges::all_of(relevant, [](std::int64_t length) { return length == 0; })) return;
  own_rows_.assign(batch.position_ids.begin(), batch.position_ids.end());
  for (std::size_t s = 0; s < relevant.size(); ++s) {
    const auto first = static_cast<std::int32_t>(find(relevant[s], 0)->first);
    for (std::int32_t n = batch.cu_seqlens[s]; n < batch.cu_seqlens[s + 1]; ++n) {
      own_rows_[static_cast<std::size_t>(n)] += first;
    }
  }
  rows_ = own_rows_;
}

void RopeTables::fill(const Block& block) {
  const std::int64_t half = config_.rotary_dim / 2;
  std::vector<float> values(static_cast<std::size_t>(block.count * config_.rotary_dim));
  for (std::size_t r = 0; r < config_.ropes.size(); ++r) {
    const RopeFrequencies frequencies = rope_frequencies(config_, config_.ropes[r], block.seq_len);
    for (std::int64_t position = 0; position < block.count; ++position) {
      float* row = values.data() + position * config_.rotary_dim;
      for (std::int64_t i = 0; i < half; ++i) {
        // In float32, as Transformers multiplies them.
        const float angle =
            static_cast<float>(frequencies.inv_freq[static_cast<std::size_t>(i)]) * static_cast<float>(position);
        row[i] = static_cast<float>(std::cos(static_cast<double>(angle)) * frequencies.attention_scaling);
        row[half + i] = static_cast<float>(std::sin(static_cast<double>(angle)) * frequencies.attention_scaling);
      }
    }
    float* to = static_cast<float*>(tables_[r]->data()) + block.first * config_.rotary_dim;
    backend_.upload(to, values.data(), values.size() * sizeof(float));
  }
}

ConstTensorView RopeTables::table(std::int32_t rope) const {
  const auto& buffer = tables_[static_cast<std::size_t>(rope)];
  return {static_cast<const float*>(buffer->data()), capacity_, config_.rotary_dim};
}

bool turns_by_length(const ModelConfig& config) {
  return std::ranges::any_of(
      config.ropes, [](const RopeParameters& rope) { return rope.type == "dynamic" || rope.type == "longrope"; });
}

bool longrope_switches(const ModelConfig& config, std::int64_t before, std::int64_t after) {
  return std::ranges::any_of(config.ropes, [&](const RopeParameters& rope) {
    const std::int64_t trained = trained_length(config, rope);
    return rope.type == "longrope" && before <= trained && after > trained;
  });
}

}  // namespace vernier
