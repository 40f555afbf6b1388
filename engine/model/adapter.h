// A LoRA adapter in a backend's memory (Hu et al. 2021).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/io/peft_adapter.h"
#include "engine/model/parameters.h"

namespace vernier {

// The linear layers that LoRA can adapt; a layer has the first seven, or where the checkpoint holds them fused, kQkv
// and kGateUp instead of their parts.
enum class LinearKind { kQ, kK, kV, kO, kGate, kUp, kDown, kQkv, kGateUp };
inline constexpr int kNumLinearKinds = 9;

// Thread: one thread at a time.
class Adapter {
 public:
  // A new adapter, as PEFT makes it: A uniform within +-1/sqrt(in) (Kaiming uniform with a = sqrt(5)) from philox, B
  // zero. Errors: as adapter_targets; kUnsupported for DoRA.
  static std::unique_ptr<Adapter> create(Backend& backend, const ModelConfig& model, const AdapterConfig& config,
                                         std::uint64_t seed);
  // Errors: as AdapterReader; kUnsupported for DoRA.
  static std::unique_ptr<Adapter> load(Backend& backend, const ModelConfig& model, const std::filesystem::path& folder);

  const AdapterConfig& config() const { return config_; }
  const std::vector<AdapterTarget>& targets() const { return targets_; }
  // A and B of every target by their PEFT keys, A before B.
  ParameterSet& set() { return set_; }
  const ParameterSet& set() const { return set_; }

  // Empty where the layer's linear is not adapted. The scale is multiplied by the strength.
  LoraView view(std::int64_t layer, LinearKind kind) const;
  // da and db of the same linear; empty without gradients.
  ProjectionGrads gradients(std::int64_t layer, LinearKind kind) const;
  std::int64_t rank(std::int64_t layer, LinearKind kind) const;

  // Multiplies the low-rank part: 1 as trained, 0 the base model.
  void set_strength(double strength) { strength_ = strength; }
  double strength() const { return strength_; }

  // adapter_config.json and adapter_model.safetensors (float32) into a folder that exists.
  void write_files(const std::filesystem::path& folder, const ModelConfig& model) const;
  // A folder of its own, whole or not at all, in place of what was there.
  void write(const std::filesystem::path& folder, const ModelConfig& model) const;

 private:
  Adapter(Backend& backend, const ModelConfig& model, AdapterConfig config, std::vector<AdapterTarget> targets);
  std::int64_t target_of(std::int64_t layer, LinearKind kind) const;

  AdapterConfig config_;
  std::vector<AdapterTarget> targets_;
  ParameterSet set_;                 // A of target i is tensor 2 i, B tensor 2 i + 1
  std::vector<std::int64_t> index_;  // [L * kNumLinearKinds], -1: not adapted
  double strength_ = 1.0;
};

}  // namespace vernier
