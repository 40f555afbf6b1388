#include "engine/io/tensor_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "engine/io/nf4_tensor.h"
#include "vernier/error.h"

namespace vernier {
namespace {

// Before the decoder's names: text models, multimodal ones as published and as Transformers 5 names them, and bare
// decoders without a head.
constexpr std::array<const char*, 6> kPrefixes = {
    "model.", "language_model.model.", "model.language_model.", "language_model.", "model.language_model.model.", ""};

std::string head_name(const std::string& prefix) {
  return prefix == "language_model.model." ? "language_model.lm_head.weight" : "lm_head.weight";
}

WeightRef whole(std::string name, std::vector<std::int64_t> shape) {
  const std::int64_t rows = shape[0];
  return {std::move(name), std::move(shape), 0, rows};
}

WeightRef part(const WeightRef& tensor, std::int64_t first_row, std::int64_t rows) {
  return {tensor.name, tensor.shape, first_row, rows};
}

LayerWeightRefs layer_weight_refs(const ModelConfig& config, std::int64_t layer) {
  const std::int64_t d = config.hidden_size;
  const std::int64_t f = config.intermediate_size;
  const std::int64_t q_size = config.num_heads * config.head_dim;
  const std::int64_t kv_size = config.num_kv_heads * config.head_dim;
  const std::string prefix = config.tensor_prefix + "layers." + std::to_string(layer) + ".";
  const std::string attention = prefix + "self_attn.";
  const std::string mlp = prefix + "mlp.";

  LayerWeightRefs refs;
  const auto norm = [&](const char* name) { return whole(prefix + name + ".weight", {d}); };
  if (config.pre_norms) refs.pre_attention_norm = norm("input_layernorm");
  if (config.pre_norms && config.post_norms) {
    refs.post_attention_norm = norm("post_attention_layernorm");
    refs.pre_mlp_norm = norm("pre_feedforward_layernorm");
    refs.post_mlp_norm = norm("post_feedforward_layernorm");
  } else if (config.post_norms) {
    refs.post_attention_norm = norm("post_attention_layernorm");
    refs.post_mlp_norm = norm("post_feedforward_layernorm");
  } else {
    refs.pre_mlp_norm = norm("post_attention_layernorm");  // after attention, that is, before the MLP
  }

  const auto linear = [](const std::string& module, std::int64_t out, std::int64_t in) {
    return whole(module + ".weight", {out, in});
  };
  const auto bias = [](const std::string& module, std::int64_t out) { return whole(module + ".bias", {out}); };
  if (config.fused_qkv) {
    refs.qkv = linear(attention + "qkv_proj", q_size + 2 * kv_size, d);
    refs.q = part(refs.qkv, 0, q_size);
    refs.k = part(refs.qkv, q_size, kv_size);
    refs.v = part(refs.qkv, q_size + kv_size, kv_size);
  } else {
    refs.q = linear(attention + "q_proj", q_size, d);
    refs.k = linear(attention + "k_proj", kv_size, d);
    refs.v = linear(attention + "v_proj", kv_size, d);
  }
  refs.o = linear(attention + "o_proj", d, q_size);
  if (config.attention_bias) {
    refs.q_bias = bias(attention + "q_proj", q_size);
    refs.k_bias = bias(attention + "k_proj", kv_size);
    refs.v_bias = bias(attention + "v_proj", kv_size);
  }
  if (config.attention_output_bias) refs.o_bias = bias(attention + "o_proj", d);
  if (config.qk_norm != QkNorm::kNone) {
    const bool per_head = config.qk_norm == QkNorm::kPerHead;
    refs.q_norm = whole(attention + "q_norm.weight", {per_head ? config.head_dim : q_size});
    refs.k_norm = whole(attention + "k_norm.weight", {per_head ? config.head_dim : kv_size});
  }

  if (config.fused_gate_up) {
    refs.gate_up = linear(mlp + "gate_up_proj", 2 * f, d);
    refs.gate = part(refs.gate_up, 0, f);
    refs.up = part(refs.gate_up, f, f);
  } else {
    refs.gate = linear(mlp + "gate_proj", f, d);
    refs.up = linear(mlp + "up_proj", f, d);
  }
  refs.down = linear(mlp + "down_proj", d, f);
  if (config.mlp_bias) {
    refs.gate_bias = bias(mlp + "gate_proj", f);
    refs.up_bias = bias(mlp + "up_proj", f);
    refs.down_bias = bias(mlp + "down_proj", d);
  }
  return refs;
}

}  // namespace

ModelWeightRefs model_weight_refs(const ModelConfig& config) {
  ModelWeightRefs refs;
  refs.embedding = whole(config.tensor_prefix + "embed_tokens.weight", {config.vocab_size, config.hidden_size});
  refs.layers.reserve(static_cast<std::size_t>(config.num_layers));
  for (std::int64_t i = 0; i < config.num_layers; ++i) refs.layers.push_back(layer_weight_refs(config, i));
  refs.final_norm = whole(config.tensor_prefix + "norm.weight", {config.hidden_size});
  if (!config.tie_word_embeddings) {
    refs.head = whole(head_name(config.tensor_prefix), {config.vocab_size, config.hidden_size});
  }
  return refs;
}

std::vector<WeightRef> checkpoint_tensors(const ModelConfig& config) {
  const ModelWeightRefs refs = model_weight_refs(config);
  std::vector<WeightRef> tensors = {refs.embedding};
  for (const LayerWeightRefs& l : refs.layers) {
    for (const WeightRef& ref : {l.pre_attention_norm,
                                 l.qkv,
                                 l.q,
                                 l.q_bias,
                                 l.k,
                                 l.k_bias,
                                 l.v,
                                 l.v_bias,
                                 l.q_norm,
                                 l.k_norm,
                                 l.o,
                                 l.o_bias,
                                 l.post_attention_norm,
                                 l.pre_mlp_norm,
                                 l.gate_up,
                                 l.gate,
                                 l.gate_bias,
                                 l.up,
                                 l.up_bias,
                                 l.down,
                                 l.down_bias,
                                 l.post_mlp_norm}) {
      if (ref && ref.rows == ref.shape[0]) tensors.push_back(ref);  // parts of a fused tensor are in it
    }
  }
  tensors.push_back(refs.final_norm);
  if (refs.head) tensors.push_back(refs.head);
  return tensors;
}

std::int64_t parameter_count(const ModelConfig& config) {
  std::int64_t count = 0;
  for (const WeightRef& tensor : checkpoint_tensors(config)) {
    std::int64_t size = 1;
    for (const std::int64_t dimension : tensor.shape) size *= dimension;
    count += size;
  }
  return count;
}

namespace {

std::string find_prefix(const ModelConfig& config, const ShardedSafetensors& weights) {
  const auto prefix = std::ranges::find_if(kPrefixes, [&](const char* candidate) {
    return weights.find(std::string(candidate) + "embed_tokens.weight") != nullptr;
  });
  return prefix == kPrefixes.end() ? config.tensor_prefix : *prefix;
}

bool is_plain(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16;
}

// Whatever types they are stored in.
bool same_values(const TensorInfo& a, const TensorInfo& b) {
  if (a.shape != b.shape) return false;
  if (a.dtype == b.dtype) return std::ranges::equal(a.bytes, b.bytes);
  if (!is_plain(a.dtype) || !is_plain(b.dtype)) return false;
  constexpr std::int64_t kPiece = 1 << 16;
  std::vector<float> of_a(kPiece), of_b(kPiece);
  for (std::int64_t first = 0; first < a.size(); first += kPiece) {
    const std::int64_t count = std::min(kPiece, a.size() - first);
    convert_to_f32(a, first, count, of_a.data());
    convert_to_f32(b, first, count, of_b.data());
    if (!std::equal(of_a.begin(), of_a.begin() + count, of_b.begin())) return false;
  }
  return true;
}

// A model cut short by a wrong config.json would compute something, silently.
void refuse_further_layers(const ModelConfig& config, const ShardedSafetensors& weights) {
  const std::string prefix = config.tensor_prefix + "layers.";
  std::string first;
  std::size_t count = 0;
  for (const std::string& name : weights.names()) {
    if (!name.starts_with(prefix)) continue;
    std::int64_t layer = -1;
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), layer);
    if (layer < config.num_layers) continue;
    if (first.empty()) first = name;
    ++count;
  }
  if (count == 0) return;
  fail(ErrorCode::kInvalidInput, "config.json",
       "num_hidden_layers: got " + std::to_string(config.num_layers) + ", but the checkpoint holds " +
           std::to_string(count) + " tensors of further layers, such as " + first + ".");
}

}  // namespace

std::string check_checkpoint(const ModelConfig& config, const ShardedSafetensors& weights) {
  ModelConfig found = config;
  found.tensor_prefix = find_prefix(config, weights);
  refuse_further_layers(found, weights);
  for (const WeightRef& ref : checkpoint_tensors(found)) {
    if (is_stored_nf4(weights, ref.name)) {
      check_nf4(weights, ref.name, ref.shape);
      continue;
    }
    const TensorInfo& tensor = weights.at(ref.name, ref.shape);
    if (!is_plain(tensor.dtype)) {
      fail(ErrorCode::kUnsupported, ref.name,
           "got element type " + std::string(to_string(tensor.dtype)) +
               ", which is not supported; supported are F32, F16 and BF16.");
    }
  }
  return found.tensor_prefix;
}

bool holds_own_head(const ModelConfig& config, const ShardedSafetensors& weights) {
  const std::string prefix = find_prefix(config, weights);
  const TensorInfo* embedding = weights.find(prefix + "embed_tokens.weight");
  const TensorInfo* head = weights.find(head_name(prefix));
  return embedding != nullptr && head != nullptr && !same_values(*embedding, *head);
}

std::vector<std::string> unexpected_tensors(const ModelConfig& config, const ShardedSafetensors& weights) {
  std::set<std::string> expected = {head_name(config.tensor_prefix)};
  for (const WeightRef& ref : checkpoint_tensors(config)) expected.insert(ref.name);
  std::vector<std::string> unexpected;
  for (const std::string& name : weights.names()) {
    // Of other parts of a multimodal model (vision towers) nothing is expected.
    if (!name.starts_with(config.tensor_prefix) || name.ends_with(".rotary_emb.inv_freq")) continue;
    if (!expected.contains(name) && !is_part_of_nf4(weights, name)) unexpected.push_back(name);
  }
  return unexpected;
}

std::vector<std::string> checkpoint_notes(const ModelConfig& config, const ShardedSafetensors& weights) {
  constexpr std::size_t kMostNamed = 3;
  std::vector<std::string> notes;
  if (config.own_head) notes.emplace_back(kOwnHeadNote);
  const std::vector<std::string> unexpected = unexpected_tensors(config, weights);
  if (unexpected.empty()) return notes;
  std::string names;
  for (std::size_t i = 0; i < std::min(unexpected.size(), kMostNamed); ++i) {
    names += (i > 0 ? ", " : "") + unexpected[i];
  }
  if (unexpected.size() > kMostNamed) names += ", ...";
  notes.push_back("The checkpoint holds " + std::to_string(unexpected.size()) +
                  " tensors that its config.json does not call for, and they are not used: " + names + ".");
  return notes;
}

std::vector<LinearModule> linear_modules(const ModelConfig& config) {
  const std::int64_t d = config.hidden_size;
  const std::int64_t f = config.intermediate_size;
  const std::int64_t q_size = config.num_heads * config.head_dim;
  const std::int64_t kv_size = config.num_kv_heads * config.head_dim;
  std::vector<LinearModule> modules;
  for (std::int64_t layer = 0; layer < config.num_layers; ++layer) {
    const auto add = [&](const char* name, std::int64_t in, std::int64_t out) {
      modules.push_back({layer, name, config.module_prefix + "layers." + std::to_string(layer) + "." + name, in, out});
    };
    if (config.fused_qkv) {
      add("self_attn.qkv_proj", d, q_size + 2 * kv_size);
    } else {
      add("self_attn.q_proj", d, q_size);
      add("self_attn.k_proj", d, kv_size);
      add("self_attn.v_proj", d, kv_size);
    }
    add("self_attn.o_proj", q_size, d);
    if (config.fused_gate_up) {
      add("mlp.gate_up_proj", d, 2 * f);
    } else {
      add("mlp.gate_proj", d, f);
      add("mlp.up_proj", d, f);
    }
    add("mlp.down_proj", f, d);
  }
  return modules;
}

}  // namespace vernier
