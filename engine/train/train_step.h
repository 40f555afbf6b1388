// One optimizer step over its micro-batches, and the same forward pass without learning. The trainer and the benchmark
// do their work here.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/model/decoder.h"
#include "engine/train/optimizer.h"
#include "engine/train/recorded_passes.h"
#include "engine/train/step_losses.h"
#include "engine/train/step_signals.h"
#include "vernier/run_config.h"

namespace vernier {

// Called after a micro-batch's forward pass, while the decoder holds its hidden states. first_sequence: index in the
// step of the micro-batch's first sequence.
using ForwardHook = std::function<void(const MicroBatch& batch, std::int64_t first_sequence)>;

// Both return with losses.finish() done. Nothing is allocated once the largest step was seen.

// Zeroes the gradients, then adds up those of `normalization`'s loss over all micro-batches; how the step is split into
// them changes nothing but rounding. pass.keep_activations is set here. recorded: of this decoder, runs what it takes;
// null: nothing is recorded. probe: of the same gradients, takes their norm part by part in the one look that is made
// at them. Returns the gradients' norm.
double forward_backward(Decoder& decoder, Optimizer& optimizer, std::span<const MicroBatch> batches,
                        LossNormalization normalization, PassOptions pass, StepLosses& losses,
                        const ForwardHook& hook = {}, RecordedPasses* recorded = nullptr,
                        GradientProbe* probe = nullptr);

// The losses alone. `between` is asked before each micro-batch with the share that is done; false ends it, and then
// false is returned.
bool forward_losses(Decoder& decoder, std::span<const MicroBatch> batches, PassOptions pass, StepLosses& losses,
                    const std::function<bool(double)>& between = {});

// The seed of a step's dropout: nothing but the run's seed and the step, so that a resumed run draws the same.
std::uint64_t dropout_seed(std::uint64_t seed, std::int64_t step);

}  // namespace vernier
