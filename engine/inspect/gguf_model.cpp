#include "engine/inspect/gguf_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/io/rope_scaling.h"
#include "vernier/error.h"

namespace vernier {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  fail(ErrorCode::kUnsupported, "gguf", what);
}

bool close_to(double a, double b) {
  return std::abs(a - b) <= 1e-6 * std::abs(b);
}

struct Architecture {
  const char* family;  // model_type
  const char* name;    // general.architecture
  bool permuted;       // q and k
  bool gemma;
  std::int64_t window_period;  // what llama.cpp assumes: all but each n-th layer; 0: no windows
};
constexpr Architecture kArchitectures[] = {
    {"llama", "llama", true, false, 0},        {"mistral", "llama", true, false, 0},
    {"ministral", "llama", true, false, 0},    {"qwen2", "qwen2", false, false, 0},
    {"qwen3", "qwen3", false, false, 0},       {"gemma", "gemma", false, true, 0},
    {"gemma2", "gemma2", false, true, 2},      {"gemma3", "gemma3", false, true, 6},
    {"gemma3_text", "gemma3", false, true, 6}, {"phi3", "phi3", false, false, 0},
    {"granite", "granite", true, false, 0},    {"olmo2", "olmo2", false, false, 0}};

const Architecture& architecture_of(const ModelConfig& config) {
  for (const Architecture& known : kArchitectures) {
    if (config.family == known.family) return known;
  }
  refuse("got the family " + config.family +
         ", expected llama, mistral, ministral, qwen2, qwen3, gemma, gemma2, gemma3, phi3, granite "
         "or olmo2.");
}

// What the architecture fixes and metadata cannot say.
void check_fits(const ModelConfig& config, const Architecture& arch) {
  const std::string name = arch.name;
  const bool qwen2 = name == "qwen2";
  const bool llama = name == "llama";
  const HiddenActivation activation = arch.gemma ? HiddenActivation::kGeluTanh : HiddenActivation::kSilu;
  if (config.activation != activation) refuse(name + ": got another activation than " + name + " has in llama.cpp.");
  const bool large = (name == "gemma2" && config.num_layers == 46) || (name == "gemma3" && config.num_layers == 62);
  const double scale =
      1.0 / std::sqrt(static_cast<double>(large ? config.hidden_size / config.num_heads : config.head_dim));
  if (name != "granite") {  // whose metadata says all four
    if (!close_to(config.attention_scale, scale))
      refuse(name + ": got another scale of attention than llama.cpp takes.");
    const double embedding = arch.gemma ? std::sqrt(static_cast<double>(config.hidden_size)) : 1.0;
    if (!close_to(config.embedding_scale, embedding))
      refuse(name + ": got another scale of embeddings than llama.cpp takes.");
    if (config.residual_scale != 1.0 || config.logit_scale != 1.0) refuse(name + ": got a residual or logit scale.");
  }
  const bool biased_qkv = config.attention_bias && !llama && !qwen2;
  if (biased_qkv || ((config.attention_output_bias || config.mlp_bias) && !llama)) {
    refuse(name + ": got biases that llama.cpp does not read there.");
  }
  if ((config.attention_softcap != 0.0 || config.final_softcap != 0.0) && name != "gemma2") {
    refuse(name + ": got soft caps, which llama.cpp knows in gemma2.");
  }
  if (arch.permuted && config.rotary_dim != config.head_dim)
    refuse(name + ": got a rotary embedding of part of a head.");
  if (name == "phi3" && config.num_heads * config.head_dim != config.hidden_size) {
    refuse("phi3: got heads that together are not as wide as the hidden state.");
  }
  if (std::ranges::any_of(config.layer_rope, [](std::int32_t rope) { return rope < 0; })) {
    refuse(name + ": got layers without rotary embedding.");
  }
  if (arch.gemma && !config.tie_word_embeddings) refuse(name + ": got a head of its own, expected a tied one.");
  if (name == "olmo2" && config.tie_word_embeddings) refuse(name + ": got a tied head, expected one of its own.");
}

// n where all layers but each n-th have the window; 0 where the windows lie otherwise.
std::int64_t window_period(const ModelConfig& config) {
  for (std::int64_t period = 2; period <= config.num_layers + 1; ++period) {
    bool fits = true;
    for (std::int64_t layer = 0; layer < config.num_layers && fits; ++layer) {
      fits = (config.layer_window[static_cast<std::size_t>(layer)] > 0) == (layer % period != period - 1);
    }
    if (fits) return period;
  }
  return 0;
}

class Describer {
 public:
  Describer(const ModelConfig& config, GgufModel& out)
      : config_(config), arch_(architecture_of(config)), name_(arch_.name), out_(out) {}

  void describe(const std::optional<GgufVocabulary>& vocabulary, const std::string& name, GgufType type) {
    check_fits(config_, arch_);
    set("general.architecture", name_);
    set("general.type", std::string("model"));
    if (!name.empty()) set("general.name", name);
    const std::uint32_t file_type = type == GgufType::kF32    ? 0
                                    : type == GgufType::kF16  ? 1
                                    : type == GgufType::kQ8_0 ? 7
                                                              : 32;  // BF16
    set("general.file_type", file_type);
    set("general.quantization_version", std::uint32_t{2});
    describe_shape();
    describe_windows();
    describe_rope();
    if (vocabulary) {
      describe_vocabulary(*vocabulary);
    } else {
      set("tokenizer.ggml.model", std::string("none"));
      out_.warnings.emplace_back("The model folder has no tokenizer: the GGUF takes token ids only.");
    }
    map_tensors();
  }

 private:
  void set(std::string key, GgufValue value) { out_.metadata.emplace_back(std::move(key), std::move(value)); }
  void set_model(const std::string& key, GgufValue value) { set(name_ + "." + key, std::move(value)); }
  void set_count(const std::string& key, std::int64_t value) { set_model(key, static_cast<std::uint32_t>(value)); }
  void set_real(const std::string& key, double value) { set_model(key, static_cast<float>(value)); }

  void describe_shape() {
    set_count("vocab_size", config_.vocab_size);
    set_count("context_length", config_.max_position_embeddings);
    set_count("embedding_length", config_.hidden_size);
    set_count("block_count", config_.num_layers);
    set_count("feed_forward_length", config_.intermediate_size);
    set_count("attention.head_count", config_.num_heads);
    set_count("attention.head_count_kv", config_.num_kv_heads);
    set_count("attention.key_length", config_.head_dim);
    set_count("attention.value_length", config_.head_dim);
    set_real("attention.layer_norm_rms_epsilon", config_.rms_norm_eps);
    set_count("rope.dimension_count", config_.rotary_dim);
    if (config_.attention_softcap != 0.0) set_real("attn_logit_softcapping", config_.attention_softcap);
    if (config_.final_softcap != 0.0) set_real("final_logit_softcapping", config_.final_softcap);
    if (name_ == "granite") {
      set_real("attention.scale", config_.attention_scale);
      set_real("embedding_scale", config_.embedding_scale);
      set_real("residual_scale", config_.residual_scale);
      set_real("logit_scale", 1.0 / config_.logit_scale);  // llama.cpp divides
    }
  }

  void describe_windows() {
    const std::int64_t window = *std::ranges::max_element(config_.layer_window);
    if (arch_.window_period > 0) {
      const std::int64_t period = window_period(config_);
      if (period == 0) refuse(name_ + ": got sliding windows that do not return every few layers.");
      set_count("attention.sliding_window", window);
      if (period != arch_.window_period) set_count("attention.sliding_window_pattern", period);
      return;
    }
    if (name_ == "phi3") set_count("attention.sliding_window", window);
    if (window > 0) {
      out_.warnings.push_back("llama.cpp attends to everything in " + name_ + " models: beyond the sliding window of " +
                              std::to_string(window) + " tokens its results differ.");
    }
  }

  void describe_rope() {
    // Of layers with full attention; Gemma 3's others have one of their own.
    std::size_t full = 0;
    std::size_t sliding = 0;
    for (std::size_t layer = 0; layer < config_.layer_rope.size(); ++layer) {
      (config_.layer_window[layer] > 0 ? sliding : full) = static_cast<std::size_t>(config_.layer_rope[layer]);
    }
    const bool all_sliding = std::ranges::all_of(config_.layer_window, [](std::int64_t w) { return w > 0; });
    if (all_sliding) full = sliding;
    const RopeParameters& rope = config_.ropes[full];
    if (name_ == "gemma3") {
      const RopeParameters& local = config_.ropes[sliding];
      if (local.type != "default") refuse("gemma3: got a scaled rotary embedding in layers with a window.");
      set_real("rope.freq_base_swa", local.theta);
    } else if (config_.ropes.size() != 1) {
      refuse(name_ + ": got several rotary embeddings.");
    }
    set_real("rope.freq_base", rope.theta);
    if (rope.type == "default" || rope.type == "dynamic") {
      if (rope.type == "dynamic") {
        out_.warnings.emplace_back(
            "GGUF has no dynamic RoPE scaling: the file is right up to the model's context length.");
      }
    } else if (rope.type == "linear") {
      set_model("rope.scaling.type", std::string("linear"));
      set_real("rope.scaling.factor", rope.factor);
    } else if (rope.type == "yarn" && !arch_.gemma) {
      describe_yarn(rope);
    } else if (rope.type == "llama3" && name_ == "llama") {
      out_.rope_factors.emplace_back("rope_freqs.weight", factors(rope));
    } else if (rope.type == "longrope" && name_ == "phi3") {
      describe_longrope(rope);
    } else {
      refuse(name_ + ": got RoPE scaling " + rope.type + ", which llama.cpp does not have there.");
    }
  }

  void describe_yarn(const RopeParameters& rope) {
    if (rope.mscale || rope.mscale_all_dim || !rope.truncate ||
        (rope.attention_factor && !close_to(*rope.attention_factor, 0.1 * std::log(rope.factor) + 1.0))) {
      refuse(name_ + ": got YaRN with an attention factor or options that llama.cpp does not take.");
    }
    set_model("rope.scaling.type", std::string("yarn"));
    set_real("rope.scaling.factor", rope.factor);
    set_count("rope.scaling.original_context_length", rope.original_max_position_embeddings);
    if (rope.beta_fast) set_real("rope.scaling.yarn_beta_fast", *rope.beta_fast);
    if (rope.beta_slow) set_real("rope.scaling.yarn_beta_slow", *rope.beta_slow);
  }

  void describe_longrope(const RopeParameters& rope) {
    set_count("rope.scaling.original_context_length", rope.original_max_position_embeddings);
    set_real("rope.scaling.attn_factor", rope_frequencies(config_, rope).attention_scaling);
    const auto as_floats = [](const std::vector<double>& values) {
      return std::vector<float>(values.begin(), values.end());
    };
    out_.rope_factors.emplace_back("rope_factors_long.weight", as_floats(rope.long_factor));
    out_.rope_factors.emplace_back("rope_factors_short.weight", as_floats(rope.short_factor));
  }

  // What the unscaled frequencies are divided by.
  std::vector<float> factors(const RopeParameters& rope) const {
    RopeParameters plain;
    plain.theta = rope.theta;
    const std::vector<double> from = rope_frequencies(config_, plain).inv_freq;
    const std::vector<double> to = rope_frequencies(config_, rope).inv_freq;
    std::vector<float> out;
    for (std::size_t i = 0; i < from.size(); ++i) out.push_back(static_cast<float>(from[i] / to[i]));
    return out;
  }

  void describe_vocabulary(const GgufVocabulary& vocabulary) {
    set("tokenizer.ggml.model", vocabulary.model);
    set("tokenizer.ggml.pre", vocabulary.pre);
    set("tokenizer.ggml.tokens", vocabulary.tokens);
    if (!vocabulary.scores.empty()) set("tokenizer.ggml.scores", vocabulary.scores);
    set("tokenizer.ggml.token_type", vocabulary.types);
    if (!vocabulary.merges.empty()) set("tokenizer.ggml.merges", vocabulary.merges);
    const auto set_id = [this](const char* key, std::optional<std::int32_t> id) {
      if (id) set(std::string("tokenizer.ggml.") + key, static_cast<std::uint32_t>(*id));
    };
    set_id("bos_token_id", vocabulary.bos_id);
    set_id("eos_token_id", vocabulary.eos_id);
    set_id("unknown_token_id", vocabulary.unknown_id);
    set_id("padding_token_id", vocabulary.padding_id);
    // A chat model that also ends its turns otherwise (generation_config.json).
    for (const std::int32_t id : config_.eos_token_ids) {
      if (id == vocabulary.eos_id.value_or(-1) || id < 0 || id >= config_.vocab_size) continue;
      set_id("eot_token_id", id);
      break;
    }
    set("tokenizer.ggml.add_bos_token", vocabulary.add_bos);
    set("tokenizer.ggml.add_eos_token", vocabulary.add_eos);
    if (vocabulary.add_space_prefix) set("tokenizer.ggml.add_space_prefix", *vocabulary.add_space_prefix);
    if (!vocabulary.chat_template.empty()) set("tokenizer.chat_template", vocabulary.chat_template);
  }

  void map_tensors() {
    const ModelWeightRefs refs = model_weight_refs(config_);
    const auto add = [this](const std::string& name, const WeightRef& source, std::int64_t heads = 0) {
      if (!source) return;
      const bool norm = source.shape.size() == 1 && source.name.ends_with("norm.weight");
      out_.mappings.push_back(
          {name, source, arch_.permuted ? heads : 0, norm ? static_cast<float>(config_.norm_weight_offset) : 0.0f});
    };
    add("token_embd.weight", refs.embedding);
    for (std::size_t layer = 0; layer < refs.layers.size(); ++layer) {
      const LayerWeightRefs& l = refs.layers[layer];
      const std::string block = "blk." + std::to_string(layer) + ".";
      add(block + "attn_norm.weight", l.pre_attention_norm);
      if (config_.fused_qkv) {
        add(block + "attn_qkv.weight", l.qkv);
      } else {
        add(block + "attn_q.weight", l.q, config_.num_heads);
        add(block + "attn_k.weight", l.k, config_.num_kv_heads);
        add(block + "attn_v.weight", l.v);
      }
      add(block + "attn_q.bias", l.q_bias, config_.num_heads);
      add(block + "attn_k.bias", l.k_bias, config_.num_kv_heads);
      add(block + "attn_v.bias", l.v_bias);
      add(block + "attn_q_norm.weight", l.q_norm);
      add(block + "attn_k_norm.weight", l.k_norm);
      add(block + "attn_output.weight", l.o);
      add(block + "attn_output.bias", l.o_bias);
      add(block + "post_attention_norm.weight", l.post_attention_norm);
      add(block + "ffn_norm.weight", l.pre_mlp_norm);
      if (config_.fused_gate_up) {
        add(block + "ffn_up.weight", l.gate_up);
      } else {
        add(block + "ffn_gate.weight", l.gate);
        add(block + "ffn_up.weight", l.up);
      }
      add(block + "ffn_gate.bias", l.gate_bias);
      add(block + "ffn_up.bias", l.up_bias);
      add(block + "ffn_down.weight", l.down);
      add(block + "ffn_down.bias", l.down_bias);
      add(block + "post_ffw_norm.weight", l.post_mlp_norm);
    }
    add("output_norm.weight", refs.final_norm);
    add("output.weight", refs.head);
  }

  const ModelConfig& config_;
  const Architecture& arch_;
  std::string name_;
  GgufModel& out_;
};

}  // namespace

std::int64_t gguf_source_row(const GgufMapping& mapping, std::int64_t row) {
  if (mapping.heads == 0) return row;
  const std::int64_t head_size = mapping.source.shape[0] / mapping.heads;
  const std::int64_t head = row / head_size;
  const std::int64_t inside = row % head_size;
  return head * head_size + inside % 2 * (head_size / 2) + inside / 2;
}

GgufModel describe_gguf(const ModelConfig& config, const std::optional<GgufVocabulary>& vocabulary,
                        const std::string& name, GgufType matrix_type) {
  GgufModel out;
  Describer(config, out).describe(vocabulary, name, matrix_type);
  return out;
}

GgufType gguf_tensor_type(const GgufMapping& mapping, GgufType matrix_type) {
  if (mapping.source.shape.size() == 1) return GgufType::kF32;
  const bool whole_blocks = mapping.source.shape[1] % kQ8Block == 0;
  return matrix_type == GgufType::kQ8_0 && !whole_blocks ? GgufType::kF16 : matrix_type;
}

std::vector<GgufTensor> gguf_tensors(const GgufModel& model, MergedWeights& weights, GgufType matrix_type) {
  std::vector<GgufTensor> tensors;
  for (const GgufMapping& mapping : model.mappings) {
    const auto read = [&weights, mapping](std::int64_t first_row, std::int64_t rows, float* out) {
      const std::vector<std::int64_t>& shape = mapping.source.shape;
      const std::int64_t width = shape.size() == 2 ? shape[1] : 1;
      if (mapping.heads == 0) {
        weights.read(mapping.source.name, shape, first_row, rows, out);
      } else {
        for (std::int64_t row = 0; row < rows; ++row) {
          weights.read(mapping.source.name, shape, gguf_source_row(mapping, first_row + row), 1, out + row * width);
        }
      }
      for (std::int64_t i = 0; mapping.offset != 0.0f && i < rows * width; ++i) out[i] += mapping.offset;
    };
    tensors.push_back({mapping.name, mapping.source.shape, gguf_tensor_type(mapping, matrix_type), read});
  }
  for (const auto& [name, values] : model.rope_factors) {
    const auto read = [&values = values](std::int64_t first, std::int64_t count, float* out) {
      std::copy_n(values.begin() + first, count, out);
    };
    tensors.push_back({name, {static_cast<std::int64_t>(values.size())}, GgufType::kF32, read});
  }
  return tensors;
}

}  // namespace vernier
