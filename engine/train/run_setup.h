// Everything a run trains with, loaded and checked before anything is written.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/io/peft_adapter.h"
#include "engine/model/decoder.h"
#include "engine/train/checkpoint.h"
#include "engine/train/memory_plan.h"
#include "engine/train/optimizer.h"
#include "engine/train/run_data.h"
#include "vernier/run_config.h"
#include "vernier/tokenizer.h"

namespace vernier {

// A checkpoint to go on from; folder empty: none.
struct ResumePoint {
  std::filesystem::path folder;
  TrainerState state;
  std::vector<std::string> warnings;  // newer ones that are damaged
};

// The newest checkpoint whose files are as they were written. Errors: kInvalidInput where there are checkpoints and
// none of them is good, or the newest good one belongs to another seed.
ResumePoint find_resume_point(const std::filesystem::path& run_dir, const RunConfig& config);

// Refuses what this build does not do, without reading a file. Error{kUnsupported}.
void check_supported(const RunConfig& config);

// The adapter that a run starts anew. Errors: kInvalidInput where lora.target_modules names what this model has not.
AdapterConfig run_adapter_config(const RunConfig& config, const ModelConfig& model);

// What of the run file's lora differs from the adapter that training goes on from, and so does not count; "" where
// nothing does.
std::string own_adapter_note(const LoraOptions& asked, const AdapterConfig& own);

// Of the capture of a row of that length.
std::int64_t captured_rows(const ReturnLogits& asked, std::int64_t longest_row);
MemoryNeeds memory_needs(const RunConfig& config, const RunData& data);

// nullptr where a batch file makes do without one. Errors: as Tokenizer::load.
std::unique_ptr<Tokenizer> load_run_tokenizer(const RunConfig& config);

struct RunSetup {
  std::unique_ptr<Backend> backend;
  DType dtype = DType::kF32;  // what passes compute in
  ModelConfig model_config;
  std::unique_ptr<ModelWeights> weights;
  std::unique_ptr<Adapter> adapter;      // none with method full
  std::unique_ptr<Tokenizer> tokenizer;  // may be missing with a batch file
  std::unique_ptr<Decoder> decoder;
  std::unique_ptr<Optimizer> optimizer;
  RunData data;
  TrainedInputs inputs;
  MemoryPlan memory;
  std::vector<std::string> warnings;

  DType result_dtype = DType::kBF16;  // the checkpoint's own, or what config.json says of weights to come

  TrainedModel trained() const { return {model_config, *weights, adapter.get(), result_dtype}; }
  ParameterSet& parameters() { return adapter ? adapter->set() : weights->set(); }
};

// Loads what is trained and makes room for its passes; backend, dtype, model_config and data are there already. `run`
// stays where it is from here on. Errors: as below.
void load_trained(RunSetup& run, const RunConfig& config, const ResumePoint& resume, const LoadProgress& progress,
                  std::stop_token stop);

// Errors: as the parts'; kCancelled where `stop` is asked for.
std::unique_ptr<RunSetup> load_run(const RunConfig& config, const std::string& device, const ResumePoint& resume,
                                   const LoadProgress& progress, std::stop_token stop);

}  // namespace vernier
