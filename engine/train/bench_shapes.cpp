#include "engine/train/bench_shapes.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/core/nearest_name.h"
#include "engine/io/atomic_file.h"
#include "engine/io/hf_config.h"
#include "vernier/bench.h"
#include "vernier/error.h"

namespace vernier {
namespace {

struct KnownShape {
  const char* name;
  std::int64_t length;
  const char* config;  // as the checkpoint's config.json has it, as far as it matters for the work
};

constexpr KnownShape kShapes[] = {
    {"llama-3.2-1b", 2048, R"({"model_type": "llama", "hidden_size": 2048, "intermediate_size": 8192,
      "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64,
      "vocab_size": 128256, "tie_word_embeddings": true, "rms_norm_eps": 1e-5, "hidden_act": "silu",
      "max_position_embeddings": 131072, "rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3",
      "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}})"},
    {"llama-3.1-8b", 2048, R"({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336,
      "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
      "vocab_size": 128256, "tie_word_embeddings": false, "rms_norm_eps": 1e-5, "hidden_act": "silu",
      "max_position_embeddings": 131072, "rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3",
      "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}})"},
    {"qwen2.5-7b", 2048, R"({"model_type": "qwen2", "hidden_size": 3584, "intermediate_size": 18944,
      "num_hidden_layers": 28, "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064,
      "tie_word_embeddings": false, "rms_norm_eps": 1e-6, "hidden_act": "silu", "max_position_embeddings": 131072,
      "rope_theta": 1000000.0, "use_sliding_window": false})"},
    {"gemma-2-2b", 2048, R"({"model_type": "gemma2", "hidden_size": 2304, "intermediate_size": 9216,
      "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
      "vocab_size": 256000, "rms_norm_eps": 1e-6, "hidden_activation": "gelu_pytorch_tanh",
      "max_position_embeddings": 8192, "rope_theta": 10000.0, "sliding_window": 4096, "query_pre_attn_scalar": 256,
      "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0})"},
    {"stories-15m", 256, R"({"model_type": "llama", "hidden_size": 288, "intermediate_size": 768,
      "num_hidden_layers": 6, "num_attention_heads": 6, "num_key_value_heads": 6, "vocab_size": 32000,
      "tie_word_embeddings": true, "rms_norm_eps": 1e-5, "hidden_act": "silu", "max_position_embeddings": 131072})"},
    {"llama-110m", 256, R"({"model_type": "llama", "hidden_size": 768, "intermediate_size": 2048,
      "num_hidden_layers": 12, "num_attention_heads": 12, "num_key_value_heads": 12, "vocab_size": 32000,
      "tie_word_embeddings": true, "rms_norm_eps": 1e-5, "hidden_act": "silu", "max_position_embeddings": 131072})"},
};

}  // namespace

std::vector<std::string> bench_shapes() {
  std::vector<std::string> names;
  for (const KnownShape& shape : kShapes) names.emplace_back(shape.name);
  return names;
}

BenchShape find_bench_shape(const std::string& name_or_path) {
  BenchShape out;
  out.name = name_or_path;
  for (const KnownShape& shape : kShapes) {
    if (name_or_path != shape.name) continue;
    out.length = shape.length;
    out.config = model_config_from_json(nlohmann::json::parse(shape.config), nullptr, shape.name);
    return out;
  }
  const std::filesystem::path path(name_or_path);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    out.config = read_model_config(path);
  } else if (std::filesystem::exists(path, ignored)) {
    out.config = model_config_from_json(read_json_file(path), nullptr, name_or_path);
  } else {
    std::string known;
    for (const std::string& name : bench_shapes()) known += (known.empty() ? "" : ", ") + name;
    const std::string near = nearest_name(name_or_path, bench_shapes());
    fail(ErrorCode::kInvalidInput, "bench",
         "shape: got \"" + name_or_path + "\", expected a config.json or one of " + known +
             (near.empty() ? "" : "; the nearest is " + near) + ".");
  }
  return out;
}

}  // namespace vernier
