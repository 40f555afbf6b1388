#include "engine/model/rope_tables.h"

#include <algorithm>
#include <cmath>

#include "engine/io/rope_scaling.h"

namespace vernier {
namespace {

// The seq_len that rope_frequencies() has to know for rows of that many positions; 0 where it does not matter.
std::int64_t relevant_length(const ModelConfig& config, std::int64_t seq_len) {
  std::int64_t relevant = 0;
  for (const RopeParameters& rope : config.ropes) {
    const std::int64_t trained = rope.original_max_position_embeddings > 0 ? rope.original_max_position_embeddings
                                                                           : config.max_position_embeddings;
    if (seq_len <= trained) continue;
    if (rope.type == "dynamic") relevant = seq_len;
    if (rope.type == "longrope") relevant = std::max(relevant, trained + 1);  // short or long, whatever the excess
  }
  return relevant;
}

}  // namespace

void RopeTables::prepare(std::int64_t positions, std::int64_t seq_len) {
  const std::int64_t relevant = relevant_length(config_, seq_len);
  if (positions <= positions_ && relevant == seq_len_) return;
  if (positions > positions_) {
    const std::int64_t usual = std::min<std::int64_t>(config_.max_position_embeddings, 2048) + 1;
    positions_ = std::max({positions, 2 * positions_, usual});
    tables_.clear();
  }
  seq_len_ = relevant;
  const std::int64_t half = config_.rotary_dim / 2;
  std::vector<float> values(static_cast<std::size_t>(positions_ * config_.rotary_dim));
  tables_.resize(config_.ropes.size());
  for (std::size_t r = 0; r < config_.ropes.size(); ++r) {
    const RopeFrequencies frequencies = rope_frequencies(config_, config_.ropes[r], relevant);
    for (std::int64_t position = 0; position < positions_; ++position) {
      float* row = values.data() + position * config_.rotary_dim;
      for (std::int64_t i = 0; i < half; ++i) {
        // In float32, as Transformers multiplies them.
        const float angle =
            static_cast<float>(frequencies.inv_freq[static_cast<std::size_t>(i)]) * static_cast<float>(position);
        row[i] = static_cast<float>(std::cos(static_cast<double>(angle)) * frequencies.attention_scaling);
        row[half + i] = static_cast<float>(std::sin(static_cast<double>(angle)) * frequencies.attention_scaling);
      }
    }
    if (!tables_[r]) tables_[r] = backend_.allocate(values.size() * sizeof(float));
    backend_.upload(tables_[r]->data(), values.data(), values.size() * sizeof(float));
  }
}

ConstTensorView RopeTables::table(std::int32_t rope) const {
  const auto& buffer = tables_[static_cast<std::size_t>(rope)];
  return {static_cast<const float*>(buffer->data()), positions_, config_.rotary_dim};
}

}  // namespace vernier
