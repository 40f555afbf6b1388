// What the tensors of a Hugging Face checkpoint are called, and their shapes, for every family.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/io/model_config.h"
#include "engine/io/safetensors.h"

namespace vernier {

// One weight of the model: rows [first_row, first_row + rows) of a checkpoint's tensor. Weights are [O, I] or [O].
struct WeightRef {
  std::string name;                 // "" where the model has no such weight
  std::vector<std::int64_t> shape;  // of the whole tensor
  std::int64_t first_row = 0;
  std::int64_t rows = 0;

  explicit operator bool() const { return !name.empty(); }
};

// q, k, v and gate, up are parts of qkv and gate_up where the checkpoint holds them fused.
struct LayerWeightRefs {
  WeightRef pre_attention_norm, post_attention_norm, pre_mlp_norm, post_mlp_norm;  // [D]
  WeightRef q, k, v;                                                               // [H*E, D], [K*E, D], [K*E, D]
  WeightRef o;                                                                     // [D, H*E]
  WeightRef q_bias, k_bias, v_bias, o_bias;
  WeightRef q_norm, k_norm;  // [E], or [H*E] and [K*E]
  WeightRef gate, up;        // [F, D]
  WeightRef down;            // [D, F]
  WeightRef gate_bias, up_bias, down_bias;
  WeightRef qkv, gate_up;  // whole, only where fused
};

struct ModelWeightRefs {
  WeightRef embedding;  // [V, D]
  std::vector<LayerWeightRefs> layers;
  WeightRef final_norm;  // [D]
  WeightRef head;        // [V, D]; none where it is tied to the embedding
};

ModelWeightRefs model_weight_refs(const ModelConfig& config);

// Every tensor of a complete checkpoint once, fused ones whole, in the model's order.
std::vector<WeightRef> checkpoint_tensors(const ModelConfig& config);
// Values in them; a tied head counts once.
std::int64_t parameter_count(const ModelConfig& config);

// Finds out what stands before the decoder's names in this checkpoint ("model.", "language_model.model.", "", ...),
// and checks that every tensor is there in its shape, without reading one. Returns the prefix, for
// ModelConfig::tensor_prefix.
// Errors: kInvalidInput naming the missing or misshapen tensor; kUnsupported for an element type other than F32, F16
// and BF16.
std::string check_checkpoint(const ModelConfig& config, const ShardedSafetensors& weights);

// Whether the checkpoint holds a head that differs from the embedding. Transformers then does not tie them, whatever
// config.json says. Reads both, up to the first difference.
bool holds_own_head(const ModelConfig& config, const ShardedSafetensors& weights);
// For a warning about ModelConfig::own_head.
inline constexpr const char* kOwnHeadNote =
    "config.json ties the output head to the embedding, but the weights hold a different one, which is used.";
inline constexpr const char* kOwnHeadFix = "Set tie_word_embeddings to false in config.json if that is meant.";

// Tensors of the decoder that the configuration does not call for (a bias that config.json denies, say), for a
// warning. Buffers that old files hold (rotary_emb.inv_freq) and a stored copy of a tied head are expected.
std::vector<std::string> unexpected_tensors(const ModelConfig& config, const ShardedSafetensors& weights);

// What whoever uses the checkpoint should know, a sentence each: kOwnHeadNote, and tensors that are not used.
// config.tensor_prefix is what check_checkpoint() found.
std::vector<std::string> checkpoint_notes(const ModelConfig& config, const ShardedSafetensors& weights);

// A linear layer that LoRA can adapt, as Transformers names the module.
struct LinearModule {
  std::int64_t layer = 0;
  std::string name;  // "self_attn.q_proj"
  std::string path;  // "model.layers.0.self_attn.q_proj"
  std::int64_t in = 0;
  std::int64_t out = 0;
};

// Seven a layer (q, k, v, o, gate, up, down), four where fused (qkv, o, gate_up, down).
std::vector<LinearModule> linear_modules(const ModelConfig& config);

}  // namespace vernier
