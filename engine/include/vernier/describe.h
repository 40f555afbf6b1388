// What a model folder holds and what training would touch of it, without reading a weight.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vernier/run_config.h"

namespace vernier {

struct ModelConfig;  // the engine's own view of config.json

// A linear layer that LoRA can adapt, as it occurs in every layer of the decoder.
struct ProjectionInfo {
  std::string name;   // "q_proj"; "qkv_proj" and "gate_up_proj" where the checkpoint holds them fused
  std::string block;  // "self_attn" or "mlp"
  std::int64_t in = 0;
  std::int64_t out = 0;
};

// Something that training would stumble over, in words.
struct ModelProblem {
  bool blocks = false;  // a run fails; else it is worth a look
  std::string message;
  std::string fix;  // what to do
};

struct ModelDescription {
  std::string model_dir;
  std::string family;  // "llama", ...
  std::int64_t vocab_size = 0;
  std::int64_t hidden_size = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t num_layers = 0;
  std::int64_t num_heads = 0;
  std::int64_t num_kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t max_position_embeddings = 0;
  std::int64_t sliding_window = 0;  // tokens that its sliding layers see; 0: all see everything
  std::int64_t sliding_layers = 0;
  bool tied_embeddings = false;
  std::int64_t parameters = 0;
  std::vector<ProjectionInfo> projections;  // in the order of the computation

  std::string weights_dtype;        // of most values on disk: "BF16"; "" where there are no weights
  std::uint64_t weights_bytes = 0;  // on disk
  std::int64_t weights_files = 0;
  std::string tokenizer;  // "BPE (tokenizer.json)", "SentencePiece (tokenizer.model)"; "" for none
  std::int64_t tokenizer_size = 0;
  bool has_chat_template = false;
  // Its {% generation %} marks say which tokens are the assistant's.
  bool template_marks_assistant = false;

  std::vector<ModelProblem> problems;
  std::shared_ptr<const ModelConfig> config;

  bool is_blocked() const;
};

// Reads config.json, the weights' headers, and the tokenizer with its template. What of these is missing or damaged is
// a problem in the list; without a config.json that Vernier understands it throws Error (kNotFound, kInvalidInput,
// kUnsupported with what is supported).
ModelDescription describe_model(const std::string& model_dir);

// The adapter that a run would train.
struct AdapterOutline {
  std::int64_t r = 0;  // of most projections
  double lora_alpha = 0.0;
  bool use_dora = false;
  std::int64_t parameters = 0;
  std::vector<std::int64_t> by_projection;  // parameters in all layers, as ModelDescription::projections; 0: untouched
};

// Of adapter_name_or_path where the configuration goes on from one, else of `lora`. With method full: no parameters.
// Errors: as a run's, for target_modules that the model does not have and adapter folders that do not fit it.
AdapterOutline outline_adapter(const ModelDescription& model, const RunConfig& config);

}  // namespace vernier
