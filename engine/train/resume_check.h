// What a run may not change between its parts: that it goes on as the run it was, or says why not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/io/safetensors.h"
#include "engine/train/checkpoint.h"
#include "vernier/run_config.h"

namespace vernier {

// What of `run.json` a run may find changed when it goes on: how long it trains and how fast, what is saved, shown and
// checked, where its files lie (their content is checked by TrainedInputs), and what else changes no update. Every
// other key that differs is Error{kInvalidInput} with both values.
void check_same_settings(const RunConfig& then, const RunConfig& now);

// All of small tensors and evenly spaced blocks of large ones: to read every byte of a large model takes too long.
std::string weights_fingerprint(const ShardedSafetensors& files);

// Error{kInvalidInput} where rows or weights are not those that the checkpoint was trained with. weights "": they do
// not matter (method full goes on from its own).
void check_same_data(const TrainedInputs& then, const TrainedInputs& now, std::string_view data_path);
void check_same_weights(const TrainedInputs& then, const std::string& weights, std::string_view model_path);

}  // namespace vernier
