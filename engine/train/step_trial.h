// How long a training step of a model takes here, without its weights.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/core/micro_batch.h"
#include "engine/io/model_config.h"
#include "engine/io/peft_adapter.h"
#include "engine/model/decoder.h"
#include "engine/ops/backend.h"
#include "vernier/run_config.h"

namespace vernier {

// Milliseconds of a step on `tokens` tokens in micro-batches like `batch`, update included. Times the model with one
// and with two of its layers, with random weights, and goes on in a straight line; of a large micro-batch only as much
// as takes some seconds. adapter: null with method full. pass: what is computed again. Errors: kOutOfMemory where not
// even that fits.
double predict_step_ms(Backend& backend, const ModelConfig& model, DType dtype, const AdapterConfig* adapter,
                       const RunConfig& config, PassOptions pass, const MicroBatch& batch, double tokens);

}  // namespace vernier
