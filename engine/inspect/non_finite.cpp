#include "vernier/non_finite.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include "engine/io/peft_adapter.h"
#include "engine/io/safetensors.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

std::string describe_first(const SafetensorsFile& file) {
  constexpr std::int64_t kPiece = std::int64_t{1} << 20;
  std::vector<float> values;
  for (const TensorInfo& tensor : file.tensors()) {
    if (tensor.dtype != DType::kF32 && tensor.dtype != DType::kF16 && tensor.dtype != DType::kBF16) continue;
    for (std::int64_t first = 0; first < tensor.size(); first += kPiece) {
      values.resize(static_cast<std::size_t>(std::min(kPiece, tensor.size() - first)));
      convert_to_f32(tensor, first, static_cast<std::int64_t>(values.size()), values.data());
      const auto bad = std::find_if_not(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
      if (bad == values.end()) continue;
      return file.path().string() + ": " + tensor.name + " holds " + (std::isnan(*bad) ? "nan" : "an infinite value");
    }
  }
  return "";
}

}  // namespace

std::string describe_non_finite_weight(const std::string& model_dir, const std::string& adapter_dir) {
  if (!adapter_dir.empty()) {
    const std::string found =
        describe_first(SafetensorsFile(adapter_folder(adapter_dir) / "adapter_model.safetensors"));
    if (!found.empty()) return found;
  }
  const ShardedSafetensors model{fs::path(model_dir)};
  for (const SafetensorsFile& file : model.files()) {
    const std::string found = describe_first(file);
    if (!found.empty()) return found;
  }
  return "";
}

}  // namespace vernier
