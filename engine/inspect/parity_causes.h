// Reads from the pattern of a disagreement what may have caused it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/core/micro_batch.h"
#include "engine/inspect/parity.h"
#include "engine/inspect/pass.h"
#include "engine/inspect/reference.h"

namespace vernier {

// What a path that disagrees with the reference looks like from inside. Deviations are relative to the spread of the
// reference's logits.
struct ParityEvidence {
  ParityPath path = ParityPath::kEval;
  const MicroBatch& batch;
  const ModelConfig& config;
  const ReferenceResult& reference;
  const PassResult& run;         // logits of all rows, hidden states
  double rerun_deviation = 0.0;  // of the logits between two runs with different seeds
  double logit_deviation = 0.0;  // of the logits from the reference
  ParityTolerance tolerance;     // what counts as rounding
  double top_argmax_share = 0.0;
  double reference_top_argmax_share = 0.0;
  // The same path, with hidden states, on another batch.
  std::function<PassResult(const MicroBatch&)> run_again;
  // The reference of another configuration or batch on the same weights, for trying out an explanation.
  std::function<ReferenceResult(const ModelConfig&, const MicroBatch&)> reference_of;
  // The same with the adapter's scale multiplied by a factor; none without an adapter.
  std::function<ReferenceResult(const ModelConfig&, const MicroBatch&, double factor)> reference_scaled = nullptr;
  std::int64_t lora_rank = 1;
};

// Two sentences: what may be wrong, and the figures that say so.
struct LikelyCause {
  std::string cause;
  std::string evidence;
};

// Most likely first. Nothing in here knows whether a fault was planted.
std::vector<LikelyCause> likely_causes(const ParityEvidence& evidence);

// The worst token's deviation of every hidden state: ParityPathReport::state_deviations.
std::vector<double> state_deviations(const ParityEvidence& evidence);

}  // namespace vernier
