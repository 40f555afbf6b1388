#include <array>
#include <span>
#include <vector>

#include "engine/io/made_parents.h"
#include "engine/io/safetensors.h"
#include "vernier/model.h"

namespace vernier {

void write_forward_result(const ForwardResult& result, const std::string& path) {
  const std::array<float, 1> per_token = {static_cast<float>(result.loss_per_token)};
  const std::array<float, 1> per_sequence = {static_cast<float>(result.loss_per_sequence)};
  std::vector<TensorToWrite> tensors;
  const auto add = [&](const NamedTensor& tensor) {
    if (!tensor.values.empty()) {
      tensors.push_back({tensor.name, DType::kF32, tensor.shape, std::as_bytes(std::span(tensor.values))});
    }
  };
  add(result.logits);
  add(result.token_loss);
  tensors.push_back({"loss_per_token", DType::kF32, {1}, std::as_bytes(std::span(per_token))});
  tensors.push_back({"loss_per_sequence", DType::kF32, {1}, std::as_bytes(std::span(per_sequence))});
  add(result.hidden_states);
  for (const NamedTensor& gradient : result.gradients) add(gradient);
  const MadeParents parents(path);
  write_safetensors(path, tensors);
}

}  // namespace vernier
