// What model families differ in, told in data. One decoder reads it; a new family is a new mapping from config.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vernier {

enum class HiddenActivation { kSilu, kGelu, kGeluTanh };
// Where a layer normalises queries and keys: not at all, each head by itself (weight [E]), or the whole row (weight
// [H*E] and [K*E]).
enum class QkNorm { kNone, kPerHead, kFull };

// The parameters of one rotary embedding, as Transformers' modeling_rope_utils names them; rope_scaling.h turns them
// into frequencies.
struct RopeParameters {
  double theta = 10000.0;
  std::string type = "default";   // default, linear, dynamic, yarn, llama3, longrope
  double factor = 1.0;            // of the context; already derived where the file leaves it to be (yarn, longrope)
  double low_freq_factor = 1.0;   // llama3
  double high_freq_factor = 4.0;  // llama3
  std::int64_t original_max_position_embeddings = 0;
  std::optional<double> attention_factor;                              // yarn, longrope
  std::optional<double> beta_fast, beta_slow, mscale, mscale_all_dim;  // yarn
  bool truncate = true;                                                // yarn
  std::vector<double> short_factor, long_factor;                       // longrope
};

struct ModelConfig {
  std::string family;                  // model_type of config.json
  std::int64_t vocab_size = 0;         // V
  std::int64_t hidden_size = 0;        // D
  std::int64_t intermediate_size = 0;  // F
  std::int64_t num_layers = 0;         // L
  std::int64_t num_heads = 0;          // H
  std::int64_t num_kv_heads = 0;       // K, divides H
  std::int64_t head_dim = 0;           // E
  std::int64_t rotary_dim = 0;         // even, <= E
  std::int64_t max_position_embeddings = 0;

  double rms_norm_eps = 1e-6;
  double norm_weight_offset = 0.0;  // 1 for Gemma: y = x_hat * (1 + weight)
  // Norms of a layer: before attention and MLP (Llama), after them (OLMo 2), or both (Gemma 2 and 3).
  bool pre_norms = true;
  bool post_norms = false;
  QkNorm qk_norm = QkNorm::kNone;
  bool attention_bias = false;         // q, k, v
  bool attention_output_bias = false;  // o
  bool mlp_bias = false;
  HiddenActivation activation = HiddenActivation::kSilu;
  bool tie_word_embeddings = false;
  bool own_head = false;  // config.json ties the head, but the weights hold another one, which counts

  double embedding_scale = 1.0;
  double attention_scale = 0.0;    // multiplies q k^T; usually 1 / sqrt(E)
  double residual_scale = 1.0;     // multiplies each branch before it joins the residual stream (Granite)
  double logit_scale = 1.0;        // multiplies the logits (Granite: 1 / logits_scaling)
  double attention_softcap = 0.0;  // 0: none
  double final_softcap = 0.0;      // 0: none

  std::vector<RopeParameters> ropes;       // the sets in use
  std::vector<std::int32_t> layer_rope;    // [L], index into ropes; -1: a layer without RoPE
  std::vector<std::int64_t> layer_window;  // [L], 0: full attention, else the sliding window

  bool fused_qkv = false;                // self_attn.qkv_proj holds q, k, v rows one below the other (Phi 3)
  bool fused_gate_up = false;            // mlp.gate_up_proj holds gate, up (Phi 3)
  std::string tensor_prefix = "model.";  // before "layers.0...."; multimodal checkpoints differ
  std::string module_prefix = "model.";  // the same in the names of Transformers' modules, which PEFT adapters use

  std::optional<std::int32_t> bos_token_id, pad_token_id;
  std::vector<std::int32_t> eos_token_ids;  // of generation_config.json where it has them, else config.json
  double initializer_range = 0.02;
  std::string weights_dtype;  // as config.json says, "" where it does not
};

}  // namespace vernier
