#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/io/atomic_file.h"
#include "engine/io/hf_config.h"
#include "engine/io/tensor_names.h"
#include "io_test_support.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using nlohmann::json;
using test::expect_error;
using Windows = std::vector<std::int64_t>;
using Ropes = std::vector<std::int32_t>;
using Ids = std::vector<std::int32_t>;

// The sizes that most tests do not care about, with `changes` merged over them (a null removes a key).
json small(const char* changes) {
  json config = parse_json(R"({"model_type": "llama", "hidden_size": 64, "intermediate_size": 96,
      "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 160,
      "max_position_embeddings": 512, "rms_norm_eps": 1e-5})",
                           "small");
  config.merge_patch(parse_json(changes, "changes"));
  return config;
}

ModelConfig read(const char* changes, const json& generation = {}) {
  return model_config_from_json(small(changes), generation);
}

class GoldenConfig : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenConfig, DescribesItsCheckpoint) {
  const fs::path folder = fs::path(VERNIER_SHARED_DIR) / "golden" / GetParam();
  if (!fs::exists(folder)) GTEST_SKIP() << "missing: golden/" << GetParam();
  const ModelConfig config = read_model_config(folder);
  const ShardedSafetensors weights(folder);
  EXPECT_EQ(check_checkpoint(config, weights), "model.");
  EXPECT_TRUE(unexpected_tensors(config, weights).empty());
  std::uint64_t values = 0;
  for (const std::string& name : weights.names()) values += static_cast<std::uint64_t>(weights.find(name)->size());
  EXPECT_EQ(static_cast<std::uint64_t>(parameter_count(config)), values);
  EXPECT_EQ(config.eos_token_ids, Ids{2});
  EXPECT_EQ(config.bos_token_id, 1);
}

INSTANTIATE_TEST_SUITE_P(Folders, GoldenConfig,
                         ::testing::Values("gemma", "gemma2", "gemma3", "llama", "llama-bf16-sharded", "llama-dora",
                                           "llama31", "mistral", "qwen2", "qwen3", "stories260k"),
                         [](const auto& param_info) {
                           std::string name = param_info.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(ModelConfig, Llama) {
  const ModelConfig config = read(R"({"attention_bias": true, "mlp_bias": true, "hidden_act": "gelu"})");
  EXPECT_EQ(config.family, "llama");
  EXPECT_EQ(config.head_dim, 16);
  EXPECT_EQ(config.rotary_dim, 16);
  EXPECT_EQ(config.num_kv_heads, 2);
  EXPECT_TRUE(config.attention_bias && config.attention_output_bias && config.mlp_bias);
  EXPECT_EQ(config.activation, HiddenActivation::kGelu);
  EXPECT_DOUBLE_EQ(config.attention_scale, 0.25);
  EXPECT_FALSE(config.tie_word_embeddings);
  EXPECT_EQ(config.layer_window, Windows(4, 0));
  EXPECT_EQ(config.layer_rope, Ropes(4, 0));
  EXPECT_EQ(config.rms_norm_eps, 1e-5);
  EXPECT_EQ(read(R"({"num_key_value_heads": null})").num_kv_heads, 4);
  EXPECT_EQ(read(R"({"rope_theta": 500000})").ropes.at(0).theta, 500000.0);
  EXPECT_EQ(read(R"({"rope_parameters": {"rope_theta": 7e5, "rope_type": "default"}})").ropes.at(0).theta, 7e5);
  // The dictionary's own base stands before the one at the top.
  EXPECT_EQ(read(R"({"rope_theta": 1e4, "rope_scaling": {"rope_type": "linear", "factor": 2, "rope_theta": 3e4}})")
                .ropes.at(0)
                .theta,
            3e4);
  EXPECT_EQ(read(R"({"dtype": "bfloat16", "torch_dtype": "float32"})").weights_dtype, "bfloat16");
  EXPECT_EQ(read(R"({"torch_dtype": "float16"})").weights_dtype, "float16");
}

TEST(ModelConfig, Mistral) {
  EXPECT_EQ(read(R"({"model_type": "mistral", "sliding_window": 6})").layer_window, Windows(4, 6));
  EXPECT_EQ(read(R"({"model_type": "mistral"})").layer_window, Windows(4, 4096));
  json config = small(R"({"model_type": "mistral"})");
  config["sliding_window"] = nullptr;
  EXPECT_EQ(model_config_from_json(config, {}).layer_window, Windows(4, 0));
  const char* listed = R"({"model_type": "mistral", "sliding_window": 6, "layer_types":
      ["full_attention", "sliding_attention", "full_attention", "sliding_attention"]})";
  EXPECT_EQ(read(listed).layer_window, (Windows{0, 6, 0, 6}));
}

TEST(ModelConfig, Ministral) {
  const ModelConfig config = read(R"({"model_type": "ministral", "attention_bias": true, "layer_types":
      ["sliding_attention", "full_attention", "sliding_attention", "full_attention"], "sliding_window": 6})");
  EXPECT_EQ(config.family, "ministral");
  EXPECT_EQ(config.layer_window, (Windows{6, 0, 6, 0}));
  EXPECT_FALSE(config.attention_bias || config.attention_output_bias);
  EXPECT_EQ(read(R"({"model_type": "ministral"})").layer_window, Windows(4, 4096));
}

TEST(ModelConfig, Qwen) {
  const ModelConfig qwen2 = read(R"({"model_type": "qwen2", "sliding_window": 8, "max_window_layers": 3})");
  EXPECT_TRUE(qwen2.attention_bias);
  EXPECT_FALSE(qwen2.attention_output_bias);
  EXPECT_EQ(qwen2.layer_window, Windows(4, 0));
  EXPECT_EQ(read(R"({"model_type": "qwen2", "sliding_window": 8, "use_sliding_window": true,
                     "max_window_layers": 3})")
                .layer_window,
            (Windows{0, 0, 0, 8}));
  EXPECT_EQ(read(R"({"model_type": "qwen2", "sliding_window": 8, "use_sliding_window": true, "layer_types":
                     ["sliding_attention", "full_attention", "full_attention", "full_attention"]})")
                .layer_window,
            (Windows{8, 0, 0, 0}));
  const ModelConfig qwen3 = read(R"({"model_type": "qwen3"})");
  EXPECT_EQ(qwen3.head_dim, 128);
  EXPECT_EQ(qwen3.qk_norm, QkNorm::kPerHead);
  EXPECT_FALSE(qwen3.attention_bias);
}

TEST(ModelConfig, Gemma) {
  const ModelConfig gemma = read(R"({"model_type": "gemma", "hidden_act": "gelu", "head_dim": 32})");
  EXPECT_EQ(gemma.activation, HiddenActivation::kGeluTanh);
  EXPECT_EQ(gemma.norm_weight_offset, 1.0);
  EXPECT_EQ(gemma.embedding_scale, 8.0);
  EXPECT_TRUE(gemma.tie_word_embeddings);
  EXPECT_FALSE(gemma.post_norms);
  EXPECT_DOUBLE_EQ(gemma.attention_scale, 1.0 / std::sqrt(32.0));

  const ModelConfig gemma2 = read(R"({"model_type": "gemma2", "sliding_window": 8, "query_pre_attn_scalar": 64})");
  EXPECT_EQ(gemma2.head_dim, 256);
  EXPECT_EQ(gemma2.layer_window, (Windows{8, 0, 8, 0}));
  EXPECT_EQ(gemma2.layer_rope, Ropes(4, 0));
  EXPECT_TRUE(gemma2.pre_norms && gemma2.post_norms);
  EXPECT_EQ(gemma2.attention_softcap, 50.0);
  EXPECT_EQ(gemma2.final_softcap, 30.0);
  EXPECT_EQ(gemma2.attention_scale, 0.125);
  // Each reads a key of its own, and only the first takes "gelu" for the tanh form.
  const auto activation = [](const char* changes) { return read(changes).activation; };
  EXPECT_EQ(activation(R"({"model_type": "gemma", "hidden_activation": "silu"})"), HiddenActivation::kGeluTanh);
  EXPECT_EQ(activation(R"({"model_type": "gemma", "hidden_act": "silu"})"), HiddenActivation::kSilu);
  EXPECT_EQ(activation(R"({"model_type": "gemma2", "hidden_act": "silu"})"), HiddenActivation::kGeluTanh);
  EXPECT_EQ(activation(R"({"model_type": "gemma2", "hidden_activation": "gelu"})"), HiddenActivation::kGelu);
  EXPECT_EQ(activation(R"({"model_type": "gemma3_text", "hidden_activation": "gelu"})"), HiddenActivation::kGelu);
  json uncapped = small(R"({"model_type": "gemma2"})");
  uncapped["attn_logit_softcapping"] = nullptr;
  EXPECT_EQ(model_config_from_json(uncapped, {}).attention_softcap, 0.0);
}

TEST(ModelConfig, Gemma3Text) {
  const ModelConfig old = read(R"({"model_type": "gemma3_text", "sliding_window_pattern": 3, "sliding_window": 8,
      "rope_theta": 1e6, "rope_local_base_freq": 2e4, "rope_scaling": {"rope_type": "linear", "factor": 8.0}})");
  EXPECT_EQ(old.family, "gemma3");
  EXPECT_EQ(old.layer_window, (Windows{8, 8, 0, 8}));
  EXPECT_EQ(old.layer_rope, (Ropes{1, 1, 0, 1}));
  EXPECT_EQ(old.ropes.at(0).theta, 1e6);
  EXPECT_EQ(old.ropes.at(0).type, "linear");
  EXPECT_EQ(old.ropes.at(0).factor, 8.0);
  EXPECT_EQ(old.ropes.at(1).theta, 2e4);
  EXPECT_EQ(old.ropes.at(1).type, "default");
  EXPECT_EQ(old.qk_norm, QkNorm::kPerHead);
  EXPECT_EQ(old.attention_softcap, 0.0);
  const ModelConfig capped =
      read(R"({"model_type": "gemma3_text", "attn_logit_softcapping": 2.0, "final_logit_softcapping": 1.0})");
  EXPECT_EQ(capped.attention_softcap, 0.0);
  EXPECT_EQ(capped.final_softcap, 1.0);
  EXPECT_EQ(old.tensor_prefix, "model.");

  const ModelConfig young = read(R"({"model_type": "gemma3_text", "sliding_window": 8, "layer_types":
      ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"], "rope_parameters":
      {"full_attention": {"rope_theta": 1e6, "rope_type": "linear", "factor": 8.0},
       "sliding_attention": {"rope_theta": 2e4, "rope_type": "default"}}})");
  EXPECT_EQ(young.layer_window, old.layer_window);
  EXPECT_EQ(young.layer_rope, old.layer_rope);
  EXPECT_EQ(young.ropes.at(0).theta, 1e6);
  EXPECT_EQ(young.ropes.at(0).factor, 8.0);
  EXPECT_EQ(young.ropes.at(1).theta, 2e4);
}

// The layout of published multimodal checkpoints: much is left out, as it equals Transformers' default.
TEST(ModelConfig, Gemma3Multimodal) {
  const json published = parse_json(R"({"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3",
      "eos_token_id": [1, 106], "torch_dtype": "bfloat16", "vision_config": {"hidden_size": 1152},
      "text_config": {"model_type": "gemma3_text", "hidden_size": 2560, "intermediate_size": 10240,
      "num_hidden_layers": 34, "rope_scaling": {"factor": 8.0, "rope_type": "linear"}, "sliding_window": 1024}})",
                                    "published");
  const ModelConfig config = model_config_from_json(published, {});
  EXPECT_EQ(config.vocab_size, 262208);
  EXPECT_EQ(config.num_heads, 8);
  EXPECT_EQ(config.num_kv_heads, 4);
  EXPECT_EQ(config.head_dim, 256);
  EXPECT_EQ(config.max_position_embeddings, 131072);
  EXPECT_EQ(config.eos_token_ids, (Ids{1, 106}));
  EXPECT_EQ(config.bos_token_id, 2);
  EXPECT_TRUE(config.tie_word_embeddings);
  EXPECT_EQ(config.layer_window.at(4), 1024);
  EXPECT_EQ(config.layer_window.at(5), 0);
  EXPECT_EQ(config.weights_dtype, "bfloat16");
  EXPECT_EQ(config.tensor_prefix, "language_model.model.");
  EXPECT_EQ(config.module_prefix, "model.language_model.");
  // The published size of the 4B model's text part.
  EXPECT_EQ(parameter_count(config), 3880263168);
  expect_error([] { read(R"({"model_type": "gemma3"})"); }, ErrorCode::kInvalidInput, {"text_config"});
}

TEST(ModelConfig, Phi3) {
  const ModelConfig config = read(R"({"model_type": "phi3", "sliding_window": 2047})");
  EXPECT_TRUE(config.fused_qkv && config.fused_gate_up);
  EXPECT_EQ(config.layer_window, Windows(4, 2047));
  EXPECT_EQ(read(R"({"model_type": "phi3"})").layer_window, Windows(4, 0));
  EXPECT_EQ(read(R"({"model_type": "phi3", "hidden_size": 128, "partial_rotary_factor": 0.75})").rotary_dim, 24);
  const ModelWeightRefs refs = model_weight_refs(config);
  const LayerWeightRefs& layer = refs.layers.at(1);
  EXPECT_EQ(layer.qkv.name, "model.layers.1.self_attn.qkv_proj.weight");
  EXPECT_EQ(layer.qkv.shape, (Windows{128, 64}));
  EXPECT_EQ(layer.k.name, layer.qkv.name);
  EXPECT_EQ(layer.k.first_row, 64);
  EXPECT_EQ(layer.k.rows, 32);
  EXPECT_EQ(layer.v.first_row, 96);
  EXPECT_EQ(layer.up.first_row, 96);
  EXPECT_EQ(layer.up.shape, (Windows{192, 64}));
  EXPECT_EQ(linear_modules(config).size(), 16u);
  EXPECT_EQ(linear_modules(config).at(6).path, "model.layers.1.mlp.gate_up_proj");
  EXPECT_EQ(linear_modules(config).at(6).out, 192);
}

TEST(ModelConfig, SmolLm3) {
  const ModelConfig config = read(R"({"model_type": "smollm3", "no_rope_layers": [1, 0, 1, 0]})");
  EXPECT_EQ(config.layer_rope, (Ropes{0, -1, 0, -1}));
  EXPECT_EQ(config.ropes.at(0).theta, 2e6);
  EXPECT_TRUE(config.tie_word_embeddings);
  EXPECT_EQ(read(R"({"model_type": "smollm3"})").layer_rope, (Ropes{0, 0, 0, -1}));
  EXPECT_EQ(read(R"({"model_type": "smollm3", "use_sliding_window": true, "sliding_window": 5})").layer_window,
            (Windows{0, 0, 0, 5}));
  EXPECT_EQ(read(R"({"model_type": "smollm3", "sliding_window": 3, "layer_types":
                     ["full_attention", "sliding_attention", "full_attention", "full_attention"]})")
                .layer_window,
            (Windows{0, 3, 0, 0}));
}

TEST(ModelConfig, GraniteAndOlmo2) {
  const ModelConfig granite = read(R"({"model_type": "granite", "embedding_multiplier": 12, "logits_scaling": 8.0,
      "attention_multiplier": 0.015625, "residual_multiplier": 0.22})");
  EXPECT_EQ(granite.embedding_scale, 12.0);
  EXPECT_EQ(granite.attention_scale, 0.015625);
  EXPECT_EQ(granite.residual_scale, 0.22);
  EXPECT_EQ(granite.logit_scale, 0.125);
  const ModelConfig olmo2 = read(R"({"model_type": "olmo2"})");
  EXPECT_FALSE(olmo2.pre_norms);
  EXPECT_TRUE(olmo2.post_norms);
  EXPECT_EQ(olmo2.qk_norm, QkNorm::kFull);
  const LayerWeightRefs layer = model_weight_refs(olmo2).layers.at(0);
  EXPECT_FALSE(layer.pre_attention_norm || layer.pre_mlp_norm);
  EXPECT_EQ(layer.post_attention_norm.name, "model.layers.0.post_attention_layernorm.weight");
  EXPECT_EQ(layer.post_mlp_norm.name, "model.layers.0.post_feedforward_layernorm.weight");
  EXPECT_EQ(layer.q_norm.shape, Windows{64});
  EXPECT_EQ(layer.k_norm.shape, Windows{32});
}

TEST(ModelConfig, Olmo3) {
  const ModelConfig old = read(R"({"model_type": "olmo3", "rope_theta": 2e5, "sliding_window": 8, "rope_scaling":
      {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 64}})");
  EXPECT_FALSE(old.pre_norms);
  EXPECT_TRUE(old.post_norms);
  EXPECT_EQ(old.qk_norm, QkNorm::kFull);
  EXPECT_EQ(old.layer_window, (Windows{8, 8, 8, 0}));
  EXPECT_EQ(old.layer_rope, (Ropes{1, 1, 1, 0}));
  EXPECT_EQ(old.ropes.at(0).type, "yarn");
  EXPECT_EQ(old.ropes.at(0).theta, 2e5);
  EXPECT_EQ(old.ropes.at(1).type, "default");
  EXPECT_EQ(old.ropes.at(1).theta, 2e5);
  const ModelConfig young = read(R"({"model_type": "olmo3", "layer_types": ["full_attention", "sliding_attention",
      "full_attention", "full_attention"], "rope_parameters": {"sliding_attention": {"rope_theta": 3e5}}})");
  EXPECT_EQ(young.layer_window, (Windows{0, 4096, 0, 0}));
  EXPECT_EQ(young.ropes.at(0).theta, 5e5);
  EXPECT_EQ(young.ropes.at(1).theta, 3e5);
}

TEST(ModelConfig, Exaone4) {
  // The published 32B file spells its pattern beside layer_types, the 1.2B one has no window.
  const ModelConfig hybrid = read(R"({"model_type": "exaone4", "sliding_window": 8, "sliding_window_pattern": "LLLG",
      "layer_types": ["sliding_attention", "sliding_attention", "sliding_attention", "full_attention"]})");
  EXPECT_FALSE(hybrid.pre_norms);
  EXPECT_TRUE(hybrid.post_norms);
  EXPECT_EQ(hybrid.qk_norm, QkNorm::kPerHead);
  EXPECT_EQ(hybrid.layer_window, (Windows{8, 8, 8, 0}));
  EXPECT_EQ(hybrid.layer_rope, (Ropes{0, 0, 0, -1}));
  const ModelConfig counted = read(R"({"model_type": "exaone4", "sliding_window_pattern": 2})");
  EXPECT_EQ(counted.layer_window, (Windows{4096, 0, 4096, 0}));
  EXPECT_EQ(counted.layer_rope, (Ropes{0, -1, 0, -1}));
  json full = small(R"({"model_type": "exaone4", "sliding_window_pattern": "LLLG"})");
  full["sliding_window"] = nullptr;
  EXPECT_EQ(model_config_from_json(full, {}).layer_window, Windows(4, 0));
  EXPECT_EQ(model_config_from_json(full, {}).layer_rope, Ropes(4, 0));
}

TEST(ModelConfig, SeedOss) {
  const ModelConfig config = read(R"({"model_type": "seed_oss", "mlp_bias": true})");
  EXPECT_EQ(config.head_dim, 128);
  EXPECT_TRUE(config.attention_bias && config.mlp_bias);
  EXPECT_FALSE(config.attention_output_bias);
  const ModelConfig other =
      read(R"({"model_type": "seed_oss", "attention_bias": false, "attention_out_bias": true, "head_dim": null})");
  EXPECT_FALSE(other.attention_bias || other.mlp_bias);
  EXPECT_TRUE(other.attention_output_bias);
}

TEST(ModelConfig, TokenIds) {
  const ModelConfig config = read(R"({"bos_token_id": 3, "eos_token_id": 4, "pad_token_id": -1})",
                                  json{{"eos_token_id", {5, 6, 999}}, {"bos_token_id", nullptr}});
  EXPECT_EQ(config.bos_token_id, 3);
  EXPECT_EQ(config.eos_token_ids, (Ids{5, 6}));
  EXPECT_FALSE(config.pad_token_id.has_value());
  EXPECT_EQ(read("{}").eos_token_ids, Ids{2});  // LlamaConfig's default
  EXPECT_TRUE(read(R"({"model_type": "qwen2"})").eos_token_ids.empty());
  json none = small("{}");
  none["eos_token_id"] = nullptr;
  EXPECT_TRUE(model_config_from_json(none, {}).eos_token_ids.empty());
  expect_error([] { read(R"({"eos_token_id": "</s>"})"); }, ErrorCode::kInvalidInput, {"eos_token_id", "</s>"});
  expect_error([] { read("{}", json::array()); }, ErrorCode::kInvalidInput, {"generation_config.json"});
}

TEST(ModelConfig, RefusesWhatItCannotDo) {
  const auto unsupported = [](const char* changes, std::initializer_list<const char*> parts) {
    expect_error([&] { read(changes); }, ErrorCode::kUnsupported, parts, changes);
  };
  unsupported(R"({"model_type": "mixtral"})", {"mixtral", "llama, mistral, ministral, qwen2, qwen3, gemma"});
  unsupported(R"({"quantization_config": {"quant_method": "gptq", "bits": 4}})", {"quantised by gptq"});
  unsupported(R"({"architectures": ["LlamaForSequenceClassification"]})", {"LlamaForSequenceClassification"});
  unsupported(R"({"model_type": "gemma3_text", "use_bidirectional_attention": true})", {"causal"});
  unsupported(R"({"hidden_act": "relu"})", {"hidden_act", "relu", "supported are silu"});
  unsupported(R"({"rope_scaling": {"rope_type": "proportional", "factor": 2}})", {"proportional", "longrope"});
  unsupported(R"({"partial_rotary_factor": 0.5})", {"partial_rotary_factor", "only phi3"});
  unsupported(R"({"model_type": "qwen2", "layer_types": ["chunked_attention", "full_attention", "full_attention",
                  "full_attention"]})",
              {"chunked_attention"});
  unsupported(R"({"rope_parameters": {"full_attention": {"rope_theta": 1e4}}})", {"only gemma3 and olmo3"});
}

TEST(ModelConfig, ChecksEveryValue) {
  const auto refused = [](const char* changes, std::initializer_list<const char*> parts) {
    expect_error([&] { read(changes); }, ErrorCode::kInvalidInput, parts, changes);
  };
  for (const char* key : {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
                          "num_key_value_heads", "vocab_size", "max_position_embeddings", "head_dim"}) {
    for (const char* value : {"0", "-1", "1e300", "\"64\"", "true", "[64]", "{}", "2.5", "18446744073709551615"}) {
      const std::string changes = std::string("{\"") + key + "\": " + value + "}";
      refused(changes.c_str(), {"[config.json]", key, "expected a whole number from 1"});
    }
  }
  for (const char* key :
       {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "model_type"}) {
    refused((std::string("{\"") + key + "\": null}").c_str(), {key, "got nothing"});
  }
  EXPECT_EQ(read(R"({"vocab_size": 160.0})").vocab_size, 160);
  refused(R"({"num_key_value_heads": 3})", {"expected a divisor of 4"});
  refused(R"({"hidden_size": 62})", {"expected a multiple of 4"});
  refused(R"({"head_dim": 7})", {"head_dim", "even"});
  refused(R"({"rms_norm_eps": 0})", {"rms_norm_eps"});
  refused(R"({"rms_norm_eps": -1e-5})", {"rms_norm_eps"});
  refused(R"({"rope_theta": 0})", {"rope_theta"});
  refused(R"({"rope_theta": "10000"})", {"rope_theta"});
  refused(R"({"tie_word_embeddings": 1})", {"tie_word_embeddings", "true or false"});
  refused(R"({"model_type": 7})", {"model_type", "a string"});
  refused(R"({"rope_scaling": [1]})", {"rope_scaling", "an object"});
  refused(R"({"rope_scaling": {"type": "linear"}})", {"rope_scaling.factor"});
  refused(R"({"rope_scaling": {"type": "linear", "factor": 0}})", {"rope_scaling.factor"});
  refused(R"({"rope_scaling": {"rope_type": "llama3", "factor": 8}})", {"low_freq_factor"});
  refused(R"({"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4}})",
          {"high_freq_factor", "more than low_freq_factor"});
  refused(R"({"model_type": "phi3", "rope_scaling": {"type": "longrope", "short_factor": [1], "long_factor": [1]}})",
          {"short_factor", "a list of 8"});
  refused(R"({"model_type": "phi3", "rope_scaling": {"type": "longrope", "short_factor": [1,1,1,1,1,1,1,0]}})",
          {"short_factor"});
  refused(R"({"model_type": "phi3", "partial_rotary_factor": 0.45})", {"rotary size of 7"});
  refused(R"({"model_type": "mistral", "sliding_window": 0})", {"sliding_window"});
  refused(R"({"model_type": "qwen2", "layer_types": ["full_attention"]})", {"layer_types", "a list of 4"});
  refused(R"({"model_type": "qwen2", "layer_types": ["sliding_attention", "full_attention", "full_attention",
              "full_attention"]})",
          {"sliding_window"});
  refused(R"({"model_type": "qwen2", "sliding_window": 3, "layer_types": ["full_attention", "sliding_attention",
              "full_attention", "full_attention"]})",
          {"layer_types: got sliding_attention for layer 1", "use_sliding_window is false"});
  refused(R"({"model_type": "smollm3", "no_rope_layers": [1, 1]})", {"no_rope_layers"});
  refused(R"({"model_type": "smollm3", "no_rope_layers": [1, 1, 2, 1]})", {"zeros and ones"});
  refused(R"({"model_type": "gemma2", "query_pre_attn_scalar": 0})", {"query_pre_attn_scalar"});
  refused(R"({"model_type": "gemma3_text", "rope_parameters": {"rope_theta": 1e4}})", {"rope_parameters"});
  expect_error([] { model_config_from_json(json::array(), {}); }, ErrorCode::kInvalidInput, {"expected an object"});
  expect_error([] { read_model_config("/nonexistent"); }, ErrorCode::kNotFound, {"no such folder"});
  const test::TemporaryFolder folder;
  expect_error([&] { read_model_config(folder.path()); }, ErrorCode::kNotFound, {"no config.json"});
  // There, but out of reach: a loop of links stands for a folder that may not be entered, which root always may.
  fs::create_symlink("config.json", folder / "config.json");
  expect_error([&] { read_model_config(folder.path()); }, ErrorCode::kIo,
               {"config.json] cannot read: Too many levels"});
  fs::remove(folder / "config.json");
  test::put_file(folder / "config.json", "{");
  expect_error([&] { read_model_config(folder.path()); }, ErrorCode::kInvalidInput, {"[config.json] not valid JSON"});
}

// A checkpoint of zeros.
void write_zeros(const ModelConfig& config, const fs::path& folder, DType dtype = DType::kBF16) {
  SafetensorsWriter writer(folder / "model.safetensors");
  std::map<std::string, std::size_t> bytes;
  for (const WeightRef& ref : checkpoint_tensors(config)) {
    writer.add(ref.name, dtype, ref.shape);
    bytes[ref.name] = size_of(dtype);
    for (const std::int64_t dimension : ref.shape) bytes[ref.name] *= static_cast<std::size_t>(dimension);
  }
  for (const std::string& name : writer.begin()) writer.write(std::vector<std::byte>(bytes[name]));
  writer.finish();
}

TEST(CheckCheckpoint, FindsThePrefixAndWhatIsWrong) {
  for (const char* prefix : {"model.", "language_model.model.", "model.language_model.", ""}) {
    const test::TemporaryFolder folder;
    ModelConfig config = read(R"({"model_type": "qwen3", "tie_word_embeddings": false})");
    config.tensor_prefix = prefix;
    write_zeros(config, folder.path());
    const ShardedSafetensors weights(folder.path());
    config.tensor_prefix = "model.";
    EXPECT_EQ(check_checkpoint(config, weights), prefix);
    config.num_layers = 5;
    expect_error([&] { check_checkpoint(config, weights); }, ErrorCode::kInvalidInput, {"layers.4.", "not there"});
    config.num_layers = 4;
    config.intermediate_size = 95;
    expect_error([&] { check_checkpoint(config, weights); }, ErrorCode::kInvalidInput,
                 {"[model.safetensors] ", "layers.0.mlp.gate_proj.weight: got shape [96, 64], expected [95, 64]."});
    config.intermediate_size = 96;
    config.tensor_prefix = prefix;
    config.qk_norm = QkNorm::kNone;
    EXPECT_EQ(unexpected_tensors(config, weights).size(), 8u);
  }
  const test::TemporaryFolder folder;
  const ModelConfig config = read("{}");
  write_zeros(config, folder.path(), DType::kI8);
  const ShardedSafetensors weights(folder.path());
  expect_error([&] { check_checkpoint(config, weights); }, ErrorCode::kUnsupported, {"element type I8"});
}

// Transformers 5 compares them, too, and ties only what is equal.
TEST(CheckCheckpoint, AHeadThatDiffersFromTheEmbeddingIsNotTied) {
  const std::vector<float> embedding = {1.0f, -2.0f, 0.5f, 3.0f, 0.0f, -0.25f};
  std::vector<float> other = embedding;
  other.back() = 0.25f;
  const json raw = small(R"({"tie_word_embeddings": true, "vocab_size": 3, "hidden_size": 2, "head_dim": 2})");
  const auto read_with = [&](const char* prefix, const char* head, const std::vector<float>& values, DType dtype) {
    const test::TemporaryFolder folder;
    write_json_file(folder / "config.json", raw);
    SafetensorsWriter writer(folder / "model.safetensors");
    const std::string name = std::string(prefix) + "embed_tokens.weight";
    writer.add(name, DType::kF32, {3, 2});
    writer.add(head, dtype, {3, 2});
    for (const std::string& tensor : writer.begin()) writer.write_f32(tensor == name ? embedding : values);
    writer.finish();
    return read_model_config(folder.path());
  };
  for (const DType dtype : {DType::kF32, DType::kBF16}) {  // the values are exact in both
    for (const auto& [prefix, head] :
         {std::pair("model.", "lm_head.weight"), std::pair("language_model.model.", "language_model.lm_head.weight"),
          std::pair("", "lm_head.weight")}) {
      const ModelConfig same = read_with(prefix, head, embedding, dtype);
      EXPECT_TRUE(same.tie_word_embeddings) << head;
      EXPECT_FALSE(same.own_head) << head;
      const ModelConfig differs = read_with(prefix, head, other, dtype);
      EXPECT_FALSE(differs.tie_word_embeddings) << head;
      EXPECT_TRUE(differs.own_head) << head;
      EXPECT_TRUE(model_weight_refs(differs).head) << head;
    }
  }
  EXPECT_FALSE(read_with("model.", "other.weight", other, DType::kF32).own_head);

  json nested = {{"text_config", {{"tie_word_embeddings", true}}}};
  set_untied(nested);
  EXPECT_EQ(nested, (json{{"tie_word_embeddings", false}, {"text_config", {{"tie_word_embeddings", false}}}}));
}

}  // namespace
}  // namespace vernier
