// One micro-batch through one of the decoder's three paths, with all that somebody may want to see of it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/micro_batch.h"
#include "engine/model/decoder.h"
#include "vernier/parity.h"

namespace vernier {

struct PassRequest {
  ParityPath path = ParityPath::kEval;
  std::span<const std::int32_t> logit_rows = {};  // rows of the micro-batch, rising
  bool hidden_states = false;
  // One weight a target, in the order of find_targets(): adds the gradient of sum w loss to the adapter's or weights'
  // gradients. Not with kDecode. Empty: none.
  std::span<const float> row_weights = {};
  FaultKind fault = FaultKind::kNone;  // planted
  std::uint64_t dropout_seed = 0;      // of planted dropout; there is no other
};

struct PassResult {
  std::vector<float> logits;                      // [logit_rows.size(), V]
  std::vector<float> token_loss;                  // [N], of predicting token n + 1; 0 where it has no target
  std::vector<std::vector<float>> hidden_states;  // [L + 1][N * D]
};

// What FaultKind::kLogitsOffByOne takes for `rows` of a micro-batch: each one's neighbour before it in its sequence,
// the first one itself.
std::vector<std::int32_t> rows_before(const MicroBatch& batch, std::span<const std::int32_t> rows);

// kTrain keeps activations, kEval does not, kDecode feeds each sequence through a KV cache, one token at a time; all
// without dropout.
PassResult run_pass(Decoder& decoder, const MicroBatch& batch, const PassRequest& request);

}  // namespace vernier
