// Hidden states that a model has been asked for, and their way through its final norm and head.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/model/decoder.h"
#include "vernier/logit_grid.h"

namespace vernier {

// What one model made of a row of T tokens.
struct AskedStates {
  Decoder* decoder = nullptr;
  std::vector<std::vector<float>> states;  // [L + 1][T * D], or the last alone; the last is after the final norm
};

enum class KeptStates { kAll, kLast };

AskedStates ask_states(Decoder& decoder, const std::vector<std::int32_t>& input_ids, KeptStates kept);
// The model that is shown first, and for kTunedAgainstBase the base model after it. The adapter's strength is 1
// afterwards. Errors: kInvalidInput for no or unknown tokens, and for models of two shapes.
std::vector<AskedStates> ask_states(const ModelPair& models, const std::vector<std::int32_t>& input_ids, Asked asked,
                                    KeptStates kept);

// Reads kept states as the decoder itself would. Takes memory for one chunk of positions.
class HeadReader {
 public:
  explicit HeadReader(Decoder& decoder);

  // Positions that are read at once: so many that their logits stay small.
  std::int64_t chunk() const { return chunk_; }
  // states [count, D] with count <= chunk(); is_normed: after the final norm already. logits [count, V]. Valid until
  // the next read.
  const std::vector<float>& read(const float* states, std::int64_t count, bool is_normed);

 private:
  Decoder& decoder_;
  std::int64_t chunk_ = 0;
  std::unique_ptr<DeviceBuffer> states_, normed_, inv_rms_;
  std::vector<std::int32_t> rows_;
  std::vector<std::uint16_t> halves_;
  std::vector<float> logits_;
};

}  // namespace vernier
