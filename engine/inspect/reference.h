// The unfused reference: what the decoder should compute, written down as plainly as it can be said.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/core/micro_batch.h"
#include "engine/io/model_config.h"
#include "engine/io/peft_adapter.h"
#include "engine/model/adapter.h"
#include "engine/model/weights.h"

namespace vernier {

// Plain loops in float64: the full T x T attention with its mask, logits [N, V], softmax by definition. It shares no
// code with the decoder but for the names of tensors and the rotary frequencies.
struct ReferenceResult {
  std::vector<double> logits;                      // [N, V]
  std::vector<std::vector<double>> hidden_states;  // [L + 1][N * D], as Decoder::hidden_states()
  std::vector<double> token_loss;                  // [N], of predicting token n + 1; 0 where it has no target, nats
  std::int64_t num_targets = 0;
  double loss_per_token = 0.0;  // 0 without targets
};

// A tensor's values by the name its file has for it.
using TensorValues = std::function<std::vector<float>(const std::string& name)>;

// The LoRA branch (Hu et al. 2021): y += strength * scale * (x A^T) B^T for every target, without dropout; with DoRA
// (Liu et al. 2024) each output is then scaled to its magnitude.
struct ReferenceLora {
  std::vector<AdapterTarget> targets;
  TensorValues values;  // by adapter_keys(); a magnitude as PEFT's modules call it, with ".weight" behind its key
  double strength = 1.0;
  bool use_dora = false;
};

// Every feature of ModelConfig. lora may be null. Takes 2 N (parameters) multiplications and N V doubles. One thread.
ReferenceResult reference_forward(const ModelConfig& config, const TensorValues& weights, const ReferenceLora* lora,
                                  const MicroBatch& batch);
// The same on a loaded model; adapter may be null.
ReferenceResult reference_forward(const ModelConfig& config, const ModelWeights& weights, const Adapter* adapter,
                                  const MicroBatch& batch);

}  // namespace vernier
