#include "engine/io/merged_weights.h"

#include <cmath>
#include <utility>

#include "engine/io/tensor_names.h"

namespace vernier {

MergedWeights::MergedWeights(const std::filesystem::path& model_dir, ModelConfig model,
                             const std::filesystem::path& adapter_dir)
    : config_(std::move(model)), file_(model_dir) {
  config_.tensor_prefix = check_checkpoint(config_, file_);
  if (adapter_dir.empty()) return;
  adapter_ = std::make_unique<AdapterReader>(adapter_dir, config_);
  for (std::size_t i = 0; i < adapter_->targets().size(); ++i) {
    const LinearModule& module = adapter_->targets()[i].module;
    target_of_[config_.tensor_prefix + "layers." + std::to_string(module.layer) + "." + module.name + ".weight"] = i;
  }
}

void MergedWeights::load_target(std::size_t index) {
  if (loaded_ == index) return;
  const AdapterTarget& target = adapter_->targets()[index];
  a_.resize(static_cast<std::size_t>(target.r * target.module.in));
  b_.resize(static_cast<std::size_t>(target.module.out * target.r));
  magnitude_.resize(adapter_->config().use_dora ? static_cast<std::size_t>(target.module.out) : 0);
  adapter_->read(index, a_.data(), b_.data(), magnitude_.empty() ? nullptr : magnitude_.data());
  loaded_ = index;
}

void MergedWeights::read(const std::string& name, std::span<const std::int64_t> shape, std::int64_t first_row,
                         std::int64_t rows, float* out) {
  file_.read_f32(name, shape, first_row, rows, out);
  const auto found = target_of_.find(name);
  if (found == target_of_.end()) return;
  load_target(found->second);
  const AdapterTarget& target = adapter_->targets()[found->second];
  const std::int64_t width = target.module.in;
  for (std::int64_t row = 0; row < rows; ++row) {
    float* w = out + row * width;
    const float* b = b_.data() + (first_row + row) * target.r;
    for (std::int64_t k = 0; k < target.r; ++k) {
      const float factor = static_cast<float>(target.scale * static_cast<double>(b[k]));
      const float* a = a_.data() + k * width;
      for (std::int64_t i = 0; i < width; ++i) w[i] += factor * a[i];
    }
    if (magnitude_.empty()) continue;
    double square = 0.0;
    for (std::int64_t i = 0; i < width; ++i) square += static_cast<double>(w[i]) * static_cast<double>(w[i]);
    const auto factor = static_cast<float>(static_cast<double>(magnitude_[static_cast<std::size_t>(first_row + row)]) /
                                           std::sqrt(square));
    for (std::int64_t i = 0; i < width; ++i) w[i] *= factor;
  }
}

}  // namespace vernier
