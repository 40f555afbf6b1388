// adapter_config.json, a NUL byte, adapter_model.safetensors: a PEFT folder put on a small model.
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/io/peft_adapter.h"
#include "input_file.h"
#include "vernier/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vernier;
  static const ModelConfig kModel = [] {
    ModelConfig model;
    model.family = "llama";
    model.vocab_size = 8;
    model.hidden_size = 4;
    model.intermediate_size = 6;
    model.num_layers = 2;
    model.num_heads = 2;
    model.num_kv_heads = 1;
    model.head_dim = 2;
    model.rotary_dim = 2;
    model.max_position_embeddings = 16;
    return model;
  }();
  const std::uint8_t* nul = std::find(data, data + size, std::uint8_t{0});
  if (nul == data + size) return -1;
  try {
    fuzz::input_file("adapter_config.json", std::span(data, nul));
    fuzz::input_file("adapter_model.safetensors", std::span(nul + 1, data + size));
    const AdapterReader reader(fuzz::input_folder(), kModel);
    for (std::size_t i = 0; i < reader.targets().size(); ++i) {
      const AdapterTarget& target = reader.targets()[i];
      std::vector<float> a(static_cast<std::size_t>(target.r * target.module.in));
      std::vector<float> b(static_cast<std::size_t>(target.module.out * target.r));
      std::vector<float> magnitude(static_cast<std::size_t>(target.module.out));
      reader.read(i, a.data(), b.data(), magnitude.data());
    }
  } catch (const Error&) {
  }
  return 0;
}
