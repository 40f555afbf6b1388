#include "engine/io/model_families.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/io/json_fields.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::array<Family, 15> kFamilies = {{
    {.name = "llama", .bos = 1, .eos = 2},
    {.name = "mistral", .num_kv_heads = 8, .max_position_embeddings = 131072, .bos = 1, .eos = 2},
    {.name = "ministral", .num_kv_heads = 8, .max_position_embeddings = 131072, .bos = 1, .eos = 2},
    {.name = "qwen2", .num_kv_heads = 32, .max_position_embeddings = 32768},
    {.name = "qwen3", .num_kv_heads = 32, .head_dim = 128, .max_position_embeddings = 32768},
    {.name = "gemma",
     .num_kv_heads = 16,
     .head_dim = 256,
     .max_position_embeddings = 8192,
     .tie_word_embeddings = true,
     .bos = 2,
     .eos = 1,
     .pad = 0},
    {.name = "gemma2",
     .num_kv_heads = 4,
     .head_dim = 256,
     .max_position_embeddings = 8192,
     .tie_word_embeddings = true,
     .bos = 2,
     .eos = 1,
     .pad = 0},
    {.name = "gemma3",
     .num_kv_heads = 4,
     .head_dim = 256,
     .max_position_embeddings = 131072,
     .tie_word_embeddings = true,
     .bos = 2,
     .eos = 1,
     .pad = 0},
    {.name = "phi3", .max_position_embeddings = 4096, .rms_norm_eps = 1e-5, .bos = 1, .eos = 32000, .pad = 32000},
    {.name = "smollm3",
     .num_kv_heads = 4,
     .max_position_embeddings = 32768,
     .tie_word_embeddings = true,
     .bos = 128000,
     .eos = 128001,
     .pad = 128004},
    {.name = "granite", .bos = 1, .eos = 2},
    {.name = "olmo2", .rms_norm_eps = 1e-5, .eos = 50279, .pad = 1},
    {.name = "olmo3", .rms_norm_eps = 1e-5, .eos = 50279, .pad = 1},
    {.name = "exaone4", .num_kv_heads = 32, .rms_norm_eps = 1e-5, .bos = 0, .eos = 2},
    {.name = "seed_oss",
     .num_kv_heads = 8,
     .head_dim = 128,
     .max_position_embeddings = 524288,
     .bos = 0,
     .eos = 2,
     .pad = 1},
}};

std::string supported_families() {
  std::string names;
  for (const Family& family : kFamilies) names += (names.empty() ? "" : ", ") + std::string(family.name);
  return names;
}

}  // namespace

const Family& find_family(const std::string& model_type, const std::string& place) {
  for (const Family& family : kFamilies) {
    if (model_type == family.name) return family;
  }
  fail(ErrorCode::kUnsupported, place,
       "model_type: got " + shown_json(nlohmann::json(model_type)) + ", which is not supported; supported are " +
           supported_families() + ".");
}

}  // namespace vernier
