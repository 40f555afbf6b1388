#include "engine/io/hf_config.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/io/atomic_file.h"
#include "engine/io/json_fields.h"
#include "engine/io/model_families.h"
#include "engine/io/rope_config.h"
#include "engine/io/tensor_names.h"
#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxLayers = 4096;
constexpr std::int64_t kMaxHeads = 65536;
constexpr std::int64_t kMaxWidth = std::int64_t{1} << 22;  // with the rest, keeps every product within 64 bits
constexpr std::int64_t kMaxVocabulary = std::int64_t{1} << 30;

// Options that change what the model computes and that the decoder does not have.
void refuse_unsupported(const JsonFields& fields) {
  const auto refuse = [&](const std::string& what) { fail(ErrorCode::kUnsupported, fields.place(), what); };
  if (fields.has("quantization_config")) {
    const JsonFields quantization = fields.object("quantization_config");
    const std::string method = quantization.string("quant_method", "unknown method");
    const bool nf4 = method == "bitsandbytes" && quantization.boolean("load_in_4bit", false) &&
                     quantization.string("bnb_4bit_quant_type", "fp4") == "nf4";
    if (!nf4) {
      refuse("quantization_config: got weights quantised by " + method +
             ", which is not supported; use the checkpoint in float32, float16, bfloat16 or bitsandbytes' NF4.");
    }
  }
  if (fields.boolean("use_bidirectional_attention", false)) {
    refuse("use_bidirectional_attention: got true, which is not supported; Vernier trains causal language models.");
  }
  for (const std::string& name : fields.strings("architectures")) {
    const bool known =
        name.ends_with("ForCausalLM") || name.ends_with("ForConditionalGeneration") || name.ends_with("Model");
    if (!known) {
      refuse("architectures: got " + shown_json(json(name)) +
             ", which is not supported; Vernier trains causal language models (...ForCausalLM).");
    }
  }
}

HiddenActivation read_activation(const JsonFields& fields, const Family& family) {
  // Gemma's files may carry both keys: the first Gemma means hidden_act, the later ones hidden_activation.
  const bool first_gemma = family.name == std::string_view("gemma");
  const bool later_gemma = !first_gemma && std::string_view(family.name).starts_with("gemma");
  const char* key = later_gemma ? "hidden_activation" : "hidden_act";
  const std::string name = fields.string(key, first_gemma || later_gemma ? "gelu_pytorch_tanh" : "silu");
  if (name == "silu" || name == "swish") return HiddenActivation::kSilu;
  if (name == "gelu_pytorch_tanh" || name == "gelu_new" || name == "gelu_fast") return HiddenActivation::kGeluTanh;
  // The first files of Gemma said "gelu" and meant the tanh form.
  if (name == "gelu") return first_gemma ? HiddenActivation::kGeluTanh : HiddenActivation::kGelu;
  fail(ErrorCode::kUnsupported, fields.place(),
       std::string(key) + ": got " + shown_json(json(name)) +
           ", which is not supported; supported are silu, gelu and gelu_pytorch_tanh.");
}

void read_sizes(const JsonFields& fields, const Family& family, ModelConfig& config) {
  if (config.family == "gemma3") {
    // Published files of this family leave out what equals Transformers' default.
    config.vocab_size = fields.integer("vocab_size", 262208, 1, kMaxVocabulary);
    config.hidden_size = fields.integer("hidden_size", 2304, 1, kMaxWidth);
    config.intermediate_size = fields.integer("intermediate_size", 9216, 1, kMaxWidth);
    config.num_layers = fields.integer("num_hidden_layers", 26, 1, kMaxLayers);
    config.num_heads = fields.integer("num_attention_heads", 8, 1, kMaxHeads);
  } else {
    config.vocab_size = fields.integer("vocab_size", 1, kMaxVocabulary);
    config.hidden_size = fields.integer("hidden_size", 1, kMaxWidth);
    config.intermediate_size = fields.integer("intermediate_size", 1, kMaxWidth);
    config.num_layers = fields.integer("num_hidden_layers", 1, kMaxLayers);
    config.num_heads = fields.integer("num_attention_heads", 1, kMaxHeads);
  }
  const bool kv_heads_null = fields.has_or_null("num_key_value_heads") || family.num_kv_heads == 0;
  config.num_kv_heads =
      fields.integer("num_key_value_heads", kv_heads_null ? config.num_heads : family.num_kv_heads, 1, kMaxHeads);
  if (config.num_heads % config.num_kv_heads != 0) {
    fail(ErrorCode::kInvalidInput, fields.place(),
         "num_key_value_heads: got " + std::to_string(config.num_kv_heads) + ", expected a divisor of " +
             std::to_string(config.num_heads) + " (num_attention_heads).");
  }
  const bool head_dim_null = fields.has_or_null("head_dim") || family.head_dim == 0;
  if (!fields.has("head_dim") && head_dim_null && config.hidden_size % config.num_heads != 0) {
    fail(ErrorCode::kInvalidInput, fields.place(),
         "hidden_size: got " + std::to_string(config.hidden_size) + ", expected a multiple of " +
             std::to_string(config.num_heads) + " (num_attention_heads), as there is no head_dim.");
  }
  config.head_dim =
      fields.integer("head_dim", head_dim_null ? config.hidden_size / config.num_heads : family.head_dim, 1, kMaxWidth);
  if (config.head_dim % 2 != 0) {
    fail(ErrorCode::kInvalidInput, fields.place(),
         "head_dim: got " + std::to_string(config.head_dim) + ", expected an even number, as RoPE turns pairs.");
  }
  if (config.num_heads * config.head_dim > kMaxWidth) {
    fail(ErrorCode::kInvalidInput, fields.place(),
         "head_dim: got " + std::to_string(config.head_dim) + " for " + std::to_string(config.num_heads) +
             " heads, expected at most " + std::to_string(kMaxWidth) + " values together.");
  }
  config.max_position_embeddings =
      fields.integer("max_position_embeddings", family.max_position_embeddings, 1, std::int64_t{1} << 31);
}

// The layers that `layer_types` (or, without it, `otherwise`) calls sliding get the window.
void read_windows(const JsonFields& fields, std::optional<std::int64_t> window,
                  const std::vector<std::string>& otherwise, ModelConfig& config) {
  const bool given = fields.has("layer_types");
  const std::vector<std::string> types = given ? fields.strings("layer_types") : otherwise;
  if (types.size() != static_cast<std::size_t>(config.num_layers)) {
    fields.wrong("layer_types", "a list of " + std::to_string(config.num_layers) + " (num_hidden_layers)");
  }
  config.layer_window.assign(types.size(), 0);
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (types[i] == "full_attention") continue;
    if (types[i] != "sliding_attention") {
      fail(ErrorCode::kUnsupported, fields.place(),
           "layer_types: got " + shown_json(json(types[i])) +
               ", which is not supported; supported are full_attention and sliding_attention.");
    }
    if (!window && fields.has("sliding_window")) {
      fail(ErrorCode::kInvalidInput, fields.place(),
           "layer_types: got sliding_attention for layer " + std::to_string(i) +
               ", expected full_attention, as use_sliding_window is false.");
    }
    if (!window) fields.missing("sliding_window");
    config.layer_window[i] = *window;
  }
}

void read_attention_span(const JsonFields& fields, ModelConfig& config) {
  const auto layers = static_cast<std::size_t>(config.num_layers);
  // otherwise 0: none.
  const auto window = [&](std::int64_t otherwise) -> std::optional<std::int64_t> {
    if (fields.has_or_null("sliding_window")) {
      return fields.optional_integer("sliding_window", 1, std::int64_t{1} << 40);
    }
    if (otherwise == 0) return std::nullopt;
    return otherwise;
  };
  std::vector<std::string> types(layers, "full_attention");
  config.layer_window.assign(layers, 0);
  if (config.family == "phi3") {
    config.layer_window.assign(layers, window(0).value_or(0));  // one for all layers
  } else if (config.family == "mistral" || config.family == "ministral") {
    const auto size = window(4096);
    if (size) types.assign(layers, "sliding_attention");
    // With layer_types Transformers takes a Mistral for a Ministral, which differs in nothing else.
    read_windows(fields, size, types, config);
  } else if (config.family == "qwen2" || config.family == "qwen3") {
    const bool sliding = fields.boolean("use_sliding_window", false);
    const std::int64_t first = fields.integer("max_window_layers", 28, 0, INT32_MAX);
    const auto size = sliding ? window(4096) : std::nullopt;
    for (std::size_t i = 0; size && i < layers; ++i) {
      if (static_cast<std::int64_t>(i) >= first) types[i] = "sliding_attention";
    }
    read_windows(fields, size, types, config);
  } else if (config.family == "gemma2" || config.family == "gemma3" || config.family == "olmo3" ||
             config.family == "exaone4") {
    // EXAONE 4 may have no window at all, and its files may spell the pattern ("LLLG") beside their layer_types.
    const auto size = window(4096);
    const bool exaone = config.family == "exaone4";
    std::int64_t pattern = config.family == "gemma2" ? 2 : 4;
    if (config.family == "gemma3" || (exaone && size && !fields.has("layer_types"))) {
      pattern = fields.integer("sliding_window_pattern", exaone ? 4 : 6, 1, INT32_MAX);
    }
    for (std::size_t i = 0; i < layers && (size || !exaone); ++i) {
      if ((static_cast<std::int64_t>(i) + 1) % pattern != 0) types[i] = "sliding_attention";
    }
    read_windows(fields, size, types, config);
  } else if (config.family == "smollm3") {
    // Transformers does not ask use_sliding_window of layers that the file itself calls sliding.
    const bool sliding = fields.boolean("use_sliding_window", false) || fields.has("layer_types");
    const auto size = sliding ? window(0) : std::nullopt;
    for (std::size_t i = 0; size && i < layers; ++i) {
      if (config.layer_rope[i] < 0) types[i] = "sliding_attention";
    }
    read_windows(fields, size, types, config);
  }
}

// config.layer_rope: which layers turn queries and keys, and by which of config.ropes.
void read_rope_layers(const JsonFields& fields, ModelConfig& config) {
  const auto layers = static_cast<std::size_t>(config.num_layers);
  config.layer_rope.assign(layers, 0);
  if (config.family == "smollm3") {
    const json* given = fields.find("no_rope_layers");
    const std::int64_t interval = fields.integer("no_rope_layer_interval", 4, 1, INT32_MAX);
    if (given != nullptr && (!given->is_array() || given->size() < layers)) {
      fields.wrong("no_rope_layers", "a list of " + std::to_string(layers) + " (num_hidden_layers)");
    }
    for (std::size_t i = 0; i < layers; ++i) {
      bool turns = (static_cast<std::int64_t>(i) + 1) % interval != 0;
      if (given != nullptr) {
        if ((*given)[i] != 0 && (*given)[i] != 1) fields.wrong("no_rope_layers", "zeros and ones");
        turns = (*given)[i] == 1;
      }
      config.layer_rope[i] = turns ? 0 : -1;
    }
  } else if (config.family == "gemma3" || config.family == "olmo3") {
    for (std::size_t i = 0; i < layers; ++i) config.layer_rope[i] = config.layer_window[i] != 0 ? 1 : 0;
  } else if (config.family == "exaone4" && (!fields.has_or_null("sliding_window") || fields.has("sliding_window"))) {
    // Beside layers with a window, those with full attention turn nothing.
    for (std::size_t i = 0; i < layers; ++i) config.layer_rope[i] = config.layer_window[i] != 0 ? 0 : -1;
  }
}

void read_family_options(const JsonFields& fields, ModelConfig& config) {
  const double head_scale = 1.0 / std::sqrt(static_cast<double>(config.head_dim));
  config.attention_scale = head_scale;
  const auto bias = [&](bool otherwise) { return fields.boolean("attention_bias", otherwise); };
  const bool reads_attention_bias = config.family != "mistral" && config.family != "ministral" &&
                                    config.family != "qwen2" && config.family != "phi3" && config.family != "exaone4" &&
                                    config.family != "seed_oss";
  if (reads_attention_bias) config.attention_bias = config.attention_output_bias = bias(false);
  if (config.family == "seed_oss") {
    config.attention_bias = bias(true);
    config.attention_output_bias = fields.boolean("attention_out_bias", false);
  }
  if (config.family == "qwen2") config.attention_bias = true;
  if (config.family == "llama" || config.family == "smollm3" || config.family == "granite" ||
      config.family == "seed_oss") {
    config.mlp_bias = fields.boolean("mlp_bias", false);
  }
  if (config.family == "qwen3") config.qk_norm = QkNorm::kPerHead;
  if (config.family == "phi3") config.fused_qkv = config.fused_gate_up = true;
  if (config.family == "olmo2" || config.family == "olmo3" || config.family == "exaone4") {
    config.pre_norms = false;
    config.post_norms = true;
    config.qk_norm = config.family == "exaone4" ? QkNorm::kPerHead : QkNorm::kFull;
  }
  if (config.family == "granite") {
    constexpr double kMax = 1e6;
    config.embedding_scale = fields.number("embedding_multiplier", 1.0, 0.0, kMax);
    config.attention_scale = fields.number("attention_multiplier", 1.0, 0.0, kMax);
    config.residual_scale = fields.number("residual_multiplier", 1.0, 0.0, kMax);
    config.logit_scale = 1.0 / fields.number("logits_scaling", 1.0, 0.0, kMax);
  }
  if (config.family.starts_with("gemma")) {
    config.norm_weight_offset = 1.0;
    config.embedding_scale = std::sqrt(static_cast<double>(config.hidden_size));
  }
  if (config.family == "gemma2" || config.family == "gemma3") {
    const bool gemma2 = config.family == "gemma2";
    const auto cap = [&](const char* key, double otherwise) {
      const double given = fields.number(key, 0.0, 0.0, 1e9);
      return fields.has_or_null(key) ? given : otherwise;
    };
    config.post_norms = true;
    config.attention_scale = 1.0 / std::sqrt(fields.number("query_pre_attn_scalar", 256.0, 0.0, 1e9));
    // Gemma 3 may carry the attention's key, but Transformers computes without it.
    if (gemma2) config.attention_softcap = cap("attn_logit_softcapping", 50.0);
    config.final_softcap = cap("final_logit_softcapping", gemma2 ? 30.0 : 0.0);
    if (!gemma2) config.qk_norm = QkNorm::kPerHead;
  }
}

// A token id or a list of them; those that are no id of the vocabulary (-1, or another model's) are left out.
std::vector<std::int32_t> token_ids(const JsonFields& fields, const char* key, std::int64_t vocab_size) {
  const json* value = fields.find(key);
  if (value == nullptr) return {};
  std::vector<std::int32_t> ids;
  const auto take = [&](const json& id) {
    if (!id.is_number_integer()) fields.wrong(key, "a token id or a list of them");
    // An unsigned number beyond 63 bits comes out negative, and is no id either.
    const auto number = id.get<std::int64_t>();
    if (number >= 0 && number < vocab_size) ids.push_back(static_cast<std::int32_t>(number));
  };
  if (value->is_array()) {
    for (const json& id : *value) take(id);
  } else {
    take(*value);
  }
  return ids;
}

void read_token_ids(const std::vector<const JsonFields*>& sources, const Family& family, ModelConfig& config) {
  const auto first_with = [&](const char* key, std::int64_t otherwise) {
    for (const JsonFields* source : sources) {
      if (source->has(key)) return token_ids(*source, key, config.vocab_size);
    }
    for (const JsonFields* source : sources) {
      if (source->has_or_null(key)) return std::vector<std::int32_t>{};
    }
    if (otherwise < 0 || otherwise >= config.vocab_size) return std::vector<std::int32_t>{};
    return std::vector<std::int32_t>{static_cast<std::int32_t>(otherwise)};
  };
  const auto one = [&](const char* key, std::int64_t otherwise) -> std::optional<std::int32_t> {
    const std::vector<std::int32_t> ids = first_with(key, otherwise);
    if (ids.empty()) return {};
    return ids.front();
  };
  config.bos_token_id = one("bos_token_id", family.bos);
  config.eos_token_ids = first_with("eos_token_id", family.eos);
  config.pad_token_id = one("pad_token_id", family.pad);
}

bool weights_hold_own_head(const fs::path& folder, const ModelConfig& config) {
  try {
    return holds_own_head(config, ShardedSafetensors(folder));
  } catch (const Error&) {
    return false;  // who reads the weights says what is wrong with them
  }
}

}  // namespace

ModelConfig model_config_from_json(const json& root, const json& generation, const std::string& place) {
  const JsonFields outer(root, place);
  if (!outer.has("model_type")) outer.missing("model_type");
  std::string model_type = outer.string("model_type", "");
  // A multimodal Gemma 3 holds the text part's configuration in an object of its own.
  const bool multimodal = model_type == "gemma3";
  if (multimodal && !outer.has("text_config")) outer.missing("text_config");
  const JsonFields fields = multimodal ? outer.object("text_config") : outer;
  if (model_type == "gemma3_text") model_type = "gemma3";

  const Family& family = find_family(model_type, place);
  refuse_unsupported(outer);
  if (multimodal) refuse_unsupported(fields);
  ModelConfig config;
  config.family = family.name;
  read_sizes(fields, family, config);
  config.rms_norm_eps = fields.number("rms_norm_eps", family.rms_norm_eps, 0.0, 1.0);
  config.initializer_range = fields.number("initializer_range", 0.02, 0.0, 10.0);
  config.activation = read_activation(fields, family);
  config.tie_word_embeddings =
      (outer.has("tie_word_embeddings") ? outer : fields).boolean("tie_word_embeddings", family.tie_word_embeddings);
  read_family_options(fields, config);
  // SmolLM3's windows may follow from the layers that turn; elsewhere it is the other way round.
  if (config.family == "smollm3") read_rope_layers(fields, config);
  read_attention_span(fields, config);
  if (config.family != "smollm3") read_rope_layers(fields, config);
  read_rope_parameters(fields, config);
  if (multimodal) {
    config.tensor_prefix = "language_model.model.";
    config.module_prefix = "model.language_model.";
  }
  for (const char* key : {"torch_dtype", "dtype"}) {
    config.weights_dtype = outer.string(key, fields.string(key, config.weights_dtype));
  }
  const json no_generation = json::object();
  const JsonFields generation_fields(generation.is_null() ? no_generation : generation, "generation_config.json");
  read_token_ids({&generation_fields, &outer, &fields}, family, config);
  return config;
}

ModelConfig read_model_config(const fs::path& folder) {
  const fs::path path = folder / "config.json";
  std::error_code error, ignored;
  if (!fs::exists(path, error)) {
    if (error) fail_system(error.value(), "read", path);  // a folder that may not be entered, say
    if (fs::is_directory(folder, ignored)) {
      fail(ErrorCode::kNotFound, folder.string(), "no config.json: expected a Hugging Face checkpoint folder.");
    }
    if (fs::exists(folder, ignored)) {
      fail(ErrorCode::kInvalidInput, folder.string(), "got a file, expected a Hugging Face checkpoint folder.");
    }
    fail(ErrorCode::kNotFound, folder.string(), "no such folder: expected a Hugging Face checkpoint folder.");
  }
  const fs::path generation = folder / "generation_config.json";
  ModelConfig config = model_config_from_json(read_json_file(path),
                                              fs::exists(generation, ignored) ? read_json_file(generation) : json());
  if (config.tie_word_embeddings) {
    config.own_head = weights_hold_own_head(folder, config);
    config.tie_word_embeddings = !config.own_head;
  }
  return config;
}

void set_untied(json& config) {
  config["tie_word_embeddings"] = false;
  const auto text = config.find("text_config");
  if (text != config.end() && text->is_object()) (*text)["tie_word_embeddings"] = false;
}

}  // namespace vernier
