// A run file (`run.json`): everything a training run depends on. Names are those of Transformers, TRL and PEFT.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace vernier {

enum class Method { kLora, kFull };
enum class LossNormalization { kPerToken, kPerSequence };
enum class SchedulerType { kConstant, kConstantWithWarmup, kLinear, kCosine };
enum class Recompute { kNone, kMlp, kLayer, kOffload, kAuto };

// How rows of max_length tokens are filled with sequences, as TRL names it; sequences never see each other.
enum class Packing {
  kNone,
  kBfd,       // best-fit decreasing; sequences stay whole, longer ones are cut
  kBfdSplit,  // the same; longer sequences are split into several
  kWrapped    // one after the other, split wherever a row is full
};

// `lora {...}`. lora_alpha / r scales the low-rank product (lora_alpha / sqrt(r) with use_rslora).
struct LoraOptions {
  std::int64_t r = 16;
  double lora_alpha = 16.0;
  double lora_dropout = 0.0;
  // Names of projections ("q_proj", ...), or the single entry "all-linear".
  std::vector<std::string> target_modules = {"all-linear"};
  bool use_rslora = false;
  bool use_dora = false;
};

// `dataset {...}`. columns maps Vernier's names (prompt, completion, text, messages, ...) to the file's.
struct DatasetOptions {
  std::string path;
  std::string format = "auto";
  std::map<std::string, std::string> columns;
};

// Which positions of a row get logits: the last `last` real tokens, or the listed positions, or (both empty) all.
// One meaning in training and evaluation; the hidden states are pruned before the head.
struct LogitsToKeep {
  std::int64_t last = 0;
  std::vector<std::int64_t> positions;
};

// `return_logits {...}`: capture the logits of some sequences of every `every`-th step. every 0: off.
struct ReturnLogits {
  std::int64_t every = 0;
  std::vector<std::int64_t> rows = {0};  // indices into the step's sequences
  LogitsToKeep logits_to_keep;
};

struct RunConfig {
  std::string model_name_or_path;
  std::optional<std::string> adapter_name_or_path;
  bool init_from_config = false;  // method full: random weights by config.json instead of the folder's weights

  DatasetOptions dataset;
  std::optional<DatasetOptions> eval_dataset;
  double eval_fraction = 0.0;        // of the dataset's rows, split off by seed, where there is no eval_dataset
  bool drop_duplicates = false;      // of rows with the same tokens and labels the first alone is kept, in each file
  bool drop_eval_overlap = false;    // rows that are trained on are not evaluated on
  std::optional<std::string> batch;  // a batch file to train on at every step, instead of a dataset
  std::int64_t max_length = 1024;    // tokens; longer rows are cut
  Packing packing = Packing::kNone;
  bool assistant_only_loss = false;
  bool completion_only_loss = false;
  std::string chat_template;  // a built-in one's id, or a Jinja file; "": the model's own
  std::string
      instruction_part;       // with assistant_only_loss: the texts in front of the user's and the assistant's turns,
  std::string response_part;  // where the chat template does not show them

  Method method = Method::kLora;
  LoraOptions lora;
  LossNormalization loss_normalization = LossNormalization::kPerToken;
  std::int64_t per_device_train_batch_size = 8;  // sequences a micro-batch; with packing, rows of max_length
  std::int64_t gradient_accumulation_steps = 1;
  double learning_rate = 2e-4;
  SchedulerType lr_scheduler_type = SchedulerType::kLinear;
  std::int64_t warmup_steps = 0;
  double warmup_ratio = 0.0;  // used where warmup_steps is 0
  double num_train_epochs = 3.0;
  std::int64_t max_steps = 0;  // 0: as many as num_train_epochs makes
  double weight_decay = 0.0;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  double max_grad_norm = 1.0;  // 0: no clipping
  std::uint64_t seed = 42;
  std::string dtype = "auto";  // what it computes in: "float32", "bfloat16"; auto: the faster the device has
  std::string quantization = "none";
  Recompute recompute = Recompute::kAuto;
  bool deterministic = false;

  std::int64_t save_steps = 0;  // 0: only at the end and when stopped
  std::int64_t save_total_limit = 2;
  std::int64_t eval_steps = 0;  // 0: only at the end, where there is something to evaluate on
  std::int64_t logging_steps = 1;

  ReturnLogits return_logits;
  std::int64_t parity_check_every = 0;  // `parity_check {every}`; 0: off

  // From JSON. Throws Error{kInvalidInput}: unknown keys name the nearest known one, wrong types and values out of
  // range name key, value and range. Relative paths are taken from base_folder.
  static RunConfig from_json(const nlohmann::json& json, const std::string& base_folder);
  // Reads a file, with its folder as base_folder.
  static RunConfig from_file(const std::string& path);
  // Complete, defaults filled in; from_json reads it back to an equal configuration.
  nlohmann::json to_json() const;
};

}  // namespace vernier
