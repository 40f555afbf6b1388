// PEFT LoRA adapters: adapter_config.json and adapter_model.safetensors, in and out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/io/atomic_file.h"
#include "engine/io/model_config.h"
#include "engine/io/safetensors.h"
#include "engine/io/tensor_names.h"
#include "vernier/run_config.h"

namespace vernier {

// What adapter_config.json says, by PEFT's names (peft.LoraConfig).
struct AdapterConfig {
  std::int64_t r = 8;
  double lora_alpha = 8.0;
  double lora_dropout = 0.0;
  bool use_rslora = false;
  bool use_dora = false;
  // Either names: a module is adapted when its path is one of them or ends with "." and one of them; or, where
  // target_pattern is set, a regular expression that the whole path must match, or "all-linear".
  std::vector<std::string> target_modules;
  std::optional<std::string> target_pattern;
  std::vector<std::string> exclude_modules;  // the same, for modules to leave out
  std::optional<std::string> exclude_pattern;
  std::vector<std::int64_t> layers_to_transform;  // empty: all; does not apply to target_pattern
  std::vector<std::string> layers_pattern;        // what stands before the layer's number; empty: anything
  // Rank and alpha of single modules, in the file's order: the first pattern that matches the path or its end counts.
  std::vector<std::pair<std::string, std::int64_t>> rank_pattern;
  std::vector<std::pair<std::string, double>> alpha_pattern;
  std::string base_model_name_or_path;
};

// An adapted projection: y += scale * (x A^T) B^T, A [r, in], B [out, r]; with DoRA (Liu et al. 2024) also a magnitude
// [out].
struct AdapterTarget {
  LinearModule module;
  std::int64_t r = 0;
  double alpha = 0.0;
  double scale = 0.0;  // alpha / r, or alpha / sqrt(r) with rsLoRA (Kalajdzievski 2023)
};

// The tensors' names in adapter_model.safetensors.
struct AdapterKeys {
  std::string a;          // "base_model.model.<path>.lora_A.weight"
  std::string b;          // "base_model.model.<path>.lora_B.weight"
  std::string magnitude;  // "base_model.model.<path>.lora_magnitude_vector"
};
AdapterKeys adapter_keys(std::string_view module_path);

// Errors: kNotFound without the file; kInvalidInput for values that cannot be; kUnsupported, by name, for another
// peft_type and for options that change what is computed and that Vernier does not have.
AdapterConfig read_adapter_config(const std::filesystem::path& folder);
AdapterConfig adapter_config_from_text(std::string_view text, const std::string& place = "adapter_config.json");
// For a run that starts a new adapter. "all-linear" as the only target is the pattern of that name.
AdapterConfig adapter_config_from_options(const LoraOptions& options, const std::string& base_model);

// The projections that the configuration adapts, in the model's order, matched as PEFT matches them.
// Errors, at `place`: kInvalidInput where none is; kUnsupported where it asks for the embedding or the head.
std::vector<AdapterTarget> adapter_targets(const AdapterConfig& adapter, const ModelConfig& model,
                                           const std::string& place = "adapter_config.json");
// Names in target_modules that match no projection. PEFT tolerates them in files; in a run file they are mistakes.
std::vector<std::string> unmatched_target_modules(const AdapterConfig& adapter, const ModelConfig& model);

// A run folder stands for the adapter in it. Error{kInvalidInput} for a run that trained every weight, with where its
// model is; any other folder comes back as it is.
std::filesystem::path adapter_folder(const std::filesystem::path& given);

// An adapter folder (or a run's) opened for a model; every key and shape has been checked.
// Errors of the constructor: as adapter_folder, read_adapter_config and adapter_targets; kInvalidInput listing the keys
// that are missing or unexpected, or naming a tensor of another shape; kUnsupported where there is only
// adapter_model.bin.
class AdapterReader {
 public:
  AdapterReader(const std::filesystem::path& given, const ModelConfig& model);

  const AdapterConfig& config() const { return config_; }
  const std::vector<AdapterTarget>& targets() const { return targets_; }
  // The values of targets()[index] as float32: a [r, in], b [out, r], magnitude [out] (with DoRA, else ignored).
  void read(std::size_t index, float* a, float* b, float* magnitude = nullptr) const;

 private:
  void check_keys(const ModelConfig& model);
  AdapterKeys keys_of(std::size_t index) const;

  AdapterConfig config_;
  std::vector<AdapterTarget> targets_;
  std::unique_ptr<SafetensorsFile> file_;
  std::string key_prefix_;  // what stands before "layers." in this file's keys
  std::size_t module_prefix_size_ = 0;
  std::string magnitude_suffix_;
};

// The values of one target, float32, shapes as AdapterTarget; magnitude only with DoRA.
struct AdapterValues {
  std::span<const float> a;
  std::span<const float> b;
  std::span<const float> magnitude;
};

// Writes adapter_config.json and adapter_model.safetensors into a folder that exists; values[i] belong to targets[i].
// PeftModel.from_pretrained loads the result onto the same base model without a missing or unexpected key.
// Errors: as AtomicFile; values of a wrong size are our bug, Error{kInternal}.
void write_adapter_files(const std::filesystem::path& folder, const AdapterConfig& adapter, const ModelConfig& model,
                         std::span<const AdapterTarget> targets, std::span<const AdapterValues> values,
                         DType dtype = DType::kF32);
// The same as a folder of its own, which appears whole or not at all.
void write_adapter(const std::filesystem::path& folder, ExistingFolder existing, const AdapterConfig& adapter,
                   const ModelConfig& model, std::span<const AdapterTarget> targets,
                   std::span<const AdapterValues> values, DType dtype = DType::kF32);

}  // namespace vernier
