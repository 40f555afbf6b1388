// A checkpoint's weights with a LoRA adapter added in, a few rows at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/io/model_config.h"
#include "engine/io/peft_adapter.h"
#include "engine/io/safetensors.h"

namespace vernier {

// Reads the rows of W + scale * B A, computed in float32; with DoRA each row times magnitude / its norm (Liu et al.
// 2024), as PEFT merges. Tensors without an adapter come as they are. Only one target's A and B are in memory.
// Thread: one thread at a time.
class MergedWeights {
 public:
  // `model` is that of model_dir; its tensor_prefix is found here. adapter_dir "": the weights alone.
  // Errors: as check_checkpoint and AdapterReader.
  MergedWeights(const std::filesystem::path& model_dir, ModelConfig model, const std::filesystem::path& adapter_dir);

  const ModelConfig& config() const { return config_; }
  const ShardedSafetensors& file() const { return file_; }
  // nullptr without an adapter.
  const AdapterReader* adapter() const { return adapter_.get(); }
  // The adapter changes this tensor.
  bool changes(const std::string& name) const { return target_of_.contains(name); }
  // Rows [first_row, first_row + rows) of a tensor, row-major.
  void read(const std::string& name, std::span<const std::int64_t> shape, std::int64_t first_row, std::int64_t rows,
            float* out);

 private:
  void load_target(std::size_t target);

  ModelConfig config_;
  ShardedSafetensors file_;
  std::unique_ptr<AdapterReader> adapter_;
  std::map<std::string, std::size_t> target_of_;  // tensor -> index of the adapter's target
  std::size_t loaded_ = static_cast<std::size_t>(-1);
  std::vector<float> a_, b_, magnitude_;
};

}  // namespace vernier
