// checkpoints/step-N/ of a run folder: everything needed to go on as if the run had never ended.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/model_config.h"
#include "engine/model/adapter.h"
#include "engine/model/weights.h"
#include "engine/train/optimizer.h"

namespace vernier {

// Tells whether a run that goes on is given what it was trained with.
struct TrainedInputs {
  std::int64_t rows = 0;  // to train on
  std::string data;       // fingerprint of their tokens and labels, in order
  std::string weights;    // that of the frozen weights; "" with method full
};

// Data order and dropout are drawn from (seed, step), so these numbers are the whole sampler and random state.
struct TrainerState {
  std::int64_t step = 0;
  std::int64_t optimizer_updates = 0;  // fewer than steps where a step had nothing to learn
  std::uint64_t seed = 0;
  std::optional<TrainedInputs> inputs;  // none in checkpoints of earlier versions
};

// What is trained. Both may be given; the adapter is what is trained where there is one.
struct TrainedModel {
  const ModelConfig& config;
  ModelWeights& weights;
  Adapter* adapter = nullptr;
  DType result_dtype = DType::kBF16;  // of method full's model/
};

std::filesystem::path checkpoint_folder(const std::filesystem::path& run_dir, std::int64_t step);
// The steps that have a folder, newest first.
std::vector<std::int64_t> list_checkpoints(const std::filesystem::path& run_dir);

// The folder appears whole or not at all: adapter_config.json and adapter_model.safetensors, or weights.safetensors
// (float32, whatever the model came in); optimizer.safetensors; trainer_state.json, with a checksum of the other files.
// Errors: kNoSpace, kIo; older checkpoints stay as they are.
void save_checkpoint(const std::filesystem::path& run_dir, const TrainedModel& model, Backend& backend,
                     const Optimizer& optimizer, const TrainerState& state);
// Removes all but the newest `keep`.
void prune_checkpoints(const std::filesystem::path& run_dir, std::int64_t keep);
// Removes what a killed process left half written. The caller holds the run's lock.
void remove_leftovers(const std::filesystem::path& run_dir);

// Reads the state after checking that every file is there and as it was written. Errors: kInvalidInput, kNotFound, kIo.
TrainerState check_checkpoint_files(const std::filesystem::path& folder);
// The weights of method full, and the optimizer's moments, from a folder that check_checkpoint_files accepted. (An
// adapter is read by Adapter::load.) Errors: kInvalidInput for tensors that do not fit this model.
void load_weights(const std::filesystem::path& folder, ModelWeights& weights);
void load_optimizer(const std::filesystem::path& folder, Backend& backend, Optimizer& optimizer,
                    const TrainerState& state);

// adapter/ of the run folder, or for method full model/: a Hugging Face checkpoint with the tokenizer of
// `model_dir`. In place of what was there, whole or not at all. Returns the folder's name.
std::string write_result(const std::filesystem::path& run_dir, const TrainedModel& model,
                         const std::filesystem::path& model_dir);

}  // namespace vernier
