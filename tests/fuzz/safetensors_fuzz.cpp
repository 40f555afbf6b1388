// A safetensors file: what the header lets through must lie inside the file.
#include <cstdint>
#include <vector>

#include "engine/io/safetensors.h"
#include "input_file.h"
#include "vernier/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vernier;
  try {
    const SafetensorsFile file(fuzz::input_file("model.safetensors", {data, size}));
    for (const TensorInfo& tensor : file.tensors()) {
      if (file.find(tensor.name) == nullptr) __builtin_trap();
      unsigned sum = 0;
      for (const std::byte byte : tensor.bytes) sum += static_cast<unsigned>(byte);
      volatile unsigned used = sum;
      static_cast<void>(used);
      const bool converts = tensor.dtype == DType::kF32 || tensor.dtype == DType::kF16 || tensor.dtype == DType::kBF16;
      std::vector<float> values(static_cast<std::size_t>(converts ? tensor.size() : 0));
      if (converts) convert_to_f32(tensor, values.data());
    }
  } catch (const Error&) {
  }
  return 0;
}
