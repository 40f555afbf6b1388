// A LoRA adapter in a backend's memory (Hu et al. 2021), or a DoRA one (Liu et al. 2024).
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

// Which linears an adapter adapts and with what rank: all that is known of it without its values.
class AdapterLayout {
 public:
  // targets: as adapter_targets gives them.
  AdapterLayout(const ModelConfig& model, AdapterConfig config, std::vector<AdapterTarget> targets);

  const AdapterConfig& config() const { return config_; }
  const std::vector<AdapterTarget>& targets() const { return targets_; }
  // Index into targets(); -1: the layer's linear is not adapted.
  std::int64_t target_of(std::int64_t layer, LinearKind kind) const;
  std::int64_t rank(std::int64_t layer, LinearKind kind) const;
  // A, B and with DoRA the magnitude of every target by their PEFT keys, in this order.
  std::vector<Parameter> parameters() const;
  // Row norms that DoRA keeps beside them, float32, and where those of a target begin.
  std::int64_t norms_size() const;
  std::int64_t norms_offset(std::size_t target) const;

 private:
  AdapterConfig config_;
  std::vector<AdapterTarget> targets_;
  std::vector<std::int64_t> index_;         // [L * kNumLinearKinds], into targets_
  std::vector<std::int64_t> norms_offset_;  // [targets + 1]
};

// Thread: one thread at a time.
class Adapter {
 public:
  // A new adapter, as PEFT makes it: A uniform within +-1/sqrt(in) (Kaiming uniform with a = sqrt(5)) from philox, B
  // zero. dtype: what passes compute in. DoRA's magnitudes are set by the decoder, which knows the weights:
  // magnitudes_unset(). Errors: as adapter_targets.
  static std::unique_ptr<Adapter> create(Backend& backend, const ModelConfig& model, const AdapterConfig& config,
                                         std::uint64_t seed, DType dtype = DType::kF32);
  // Errors: as AdapterReader.
  static std::unique_ptr<Adapter> load(Backend& backend, const ModelConfig& model, const std::filesystem::path& folder,
                                       DType dtype = DType::kF32);

  const AdapterLayout& layout() const { return layout_; }
  const AdapterConfig& config() const { return layout_.config(); }
  const std::vector<AdapterTarget>& targets() const { return layout_.targets(); }
  // As AdapterLayout::parameters().
  ParameterSet& set() { return set_; }
  const ParameterSet& set() const { return set_; }

  // Empty where the layer's linear is not adapted. The scale is multiplied by the strength.
  LoraView view(std::int64_t layer, LinearKind kind) const;
  // da and db of the same linear; empty without gradients.
  ProjectionGrads gradients(std::int64_t layer, LinearKind kind) const;

  // DoRA's magnitude [1, O], its gradient, and the row norms [1, O] of the adapted weight; empty without DoRA.
  TensorView magnitude(std::int64_t layer, LinearKind kind) const;
  TensorView magnitude_gradient(std::int64_t layer, LinearKind kind) const;
  TensorView norms(std::int64_t layer, LinearKind kind) const;
  // The norms belong to other values than today's. Never without DoRA.
  bool norms_stale() const { return norms_ != nullptr && norms_version_ != set_.version(); }
  void norms_are_fresh() { norms_version_ = set_.version(); }
  // A new DoRA adapter starts with the norms as its magnitudes, so that it changes nothing.
  bool magnitudes_unset() const { return magnitudes_unset_; }
  void set_magnitudes_from_norms(Backend& backend);

  // Multiplies the low-rank part: 1 as trained, 0 the base model.
  void set_strength(double strength);
  double strength() const { return strength_; }

  // adapter_config.json and adapter_model.safetensors (float32) into a folder that exists.
  void write_files(const std::filesystem::path& folder, const ModelConfig& model) const;
  // A folder of its own, whole or not at all, in place of what was there.
  void write(const std::filesystem::path& folder, const ModelConfig& model) const;

 private:
  Adapter(Backend& backend, AdapterLayout layout, DType dtype);

  AdapterLayout layout_;
  ParameterSet set_;
  std::size_t stride_ = 2;  // tensors of a target: A, B, with DoRA a magnitude
  std::unique_ptr<DeviceBuffer> norms_;
  std::uint64_t norms_version_ = 0;
  bool magnitudes_unset_ = false;
  double strength_ = 1.0;
};

}  // namespace vernier
