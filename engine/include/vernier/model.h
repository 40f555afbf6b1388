// A loaded model for looking and asking: forward passes, generation, parity.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "vernier/parity.h"
#include "vernier/run_config.h"
#include "vernier/tokenizer.h"

namespace vernier {

struct ModelOptions {
  std::string model_dir;
  std::string adapter_dir;  // "" for none
  std::string device = "auto";
  std::string dtype = "auto";  // what it computes in: "float32", "bfloat16"; auto: the faster the device has
  std::string quantization =
      "none";  // or "nf4": the layers' matrices are kept in 4 bits, as a run of that setting does
};

struct ModelInfo {
  std::string family;  // "llama", ...
  std::string device;
  std::string dtype;  // "float32", "bfloat16": what it computes in
  std::int64_t vocab_size = 0;
  std::int64_t hidden_size = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t num_layers = 0;
  std::int64_t num_heads = 0;
  std::int64_t num_kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t max_position_embeddings = 0;
  std::int64_t parameters = 0;
  std::int64_t adapter_parameters = 0;
  std::vector<std::int32_t> eos_token_ids;
};

// A batch file: rows right-padded to one length T. labels[b][t] is the target of position t-1; -100: none.
struct Batch {
  std::vector<std::vector<std::int32_t>> input_ids;
  std::vector<std::vector<std::int32_t>> labels;  // as input_ids
  std::vector<std::int64_t> lengths;              // real tokens of each row, 1..T

  // Throws Error{kInvalidInput}. labels default to input_ids, lengths to T.
  static Batch from_file(const std::string& path);
  std::int64_t width() const { return input_ids.empty() ? 0 : static_cast<std::int64_t>(input_ids.front().size()); }
};

enum class ForwardMode { kTrain, kEval, kDecode };

struct ForwardOptions {
  ForwardMode mode = ForwardMode::kEval;
  bool packed = false;  // all rows in one flat row; changes nothing but the way
  std::optional<LogitsToKeep> logits_to_keep;
  std::optional<LossNormalization> gradients;  // not with kDecode
  bool hidden_states = false;
  bool logits = true;
  Fault fault;
};

struct NamedTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

// Values past a row's length are 0. K positions are kept a row (K = T without logits_to_keep).
struct ForwardResult {
  NamedTensor logits;      // [B, K, V]; empty values where not asked for
  NamedTensor token_loss;  // [B, T]: position t predicts labels[t+1]
  double loss_per_token = 0.0;
  double loss_per_sequence = 0.0;
  NamedTensor hidden_states;           // [L+1, B, T, D]
  std::vector<NamedTensor> gradients;  // grad.<PEFT key>, or grad.<tensor name> without an adapter
};

struct GenerateOptions {
  std::int64_t max_new_tokens = 128;
  double temperature = 0.0;  // 0: greedy
  std::int64_t top_k = 0;    // 0: all
  double top_p = 1.0;
  std::uint64_t seed = 0;
  std::int64_t num_top = 0;  // alternatives to report a token
  bool stop_at_eos = true;
};

struct TokenAlternative {
  std::int32_t id = 0;
  float log_probability = 0.0f;
};

struct GeneratedToken {
  std::int32_t id = 0;
  float log_probability = 0.0f;       // under the untempered distribution, nats
  std::vector<TokenAlternative> top;  // num_top of them, likeliest first
};

// Writes a safetensors file of float32 tensors, whole or not at all: logits, token_loss, loss_per_token [1],
// loss_per_sequence [1], and hidden_states and the gradients where the result has them. Errors: kIo, kNoSpace.
void write_forward_result(const ForwardResult& result, const std::string& path);

// Called for each new token on the calling thread; returning false ends generation.
using TokenCallback = std::function<bool(const GeneratedToken&)>;
// fraction 0 to 1, on the calling thread.
using ProgressCallback = std::function<void(double fraction)>;

// Thread: one thread at a time.
class LanguageModel {
 public:
  static std::unique_ptr<LanguageModel> load(const ModelOptions& options, const ProgressCallback& progress = {},
                                             std::stop_token stop = {});
  ~LanguageModel();

  const ModelInfo& info() const;
  // nullptr where the folder has none.
  const Tokenizer* tokenizer() const;
  // Token ids out of range, empty rows: Error{kInvalidInput}; gradients of weights in 4 bits: Error{kUnsupported}.
  ForwardResult forward(const Batch& batch, const ForwardOptions& options);
  std::vector<GeneratedToken> generate(const std::vector<std::int32_t>& input_ids, const GenerateOptions& options,
                                       const TokenCallback& callback = {}, std::stop_token stop = {});
  ParityReport parity(const Batch& batch, const Fault& fault = {});
  // Weights the LoRA branch by `strength` (1: as trained, 0: the base model).
  void set_adapter_strength(double strength);

 private:
  friend class ModelInsides;  // of engine/inspect
  LanguageModel();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vernier
