#include "engine/train/resume_check.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/io/json_fields.h"
#include "engine/train/checksum.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using nlohmann::json;

constexpr auto kMayChange =
    std::to_array<std::string_view>({"model_name_or_path", "adapter_name_or_path", "dataset.path",
                                     "eval_dataset",       "drop_eval_overlap",    "batch",
                                     "max_steps",          "num_train_epochs",     "learning_rate",
                                     "lr_scheduler_type",  "warmup_steps",         "warmup_ratio",
                                     "recompute",          "deterministic",        "save_steps",
                                     "save_total_limit",   "eval_steps",           "logging_steps",
                                     "return_logits",      "parity_check"});

// The settings one level deep: "lora.r".
json by_full_name(const RunConfig& config) {
  const json settings = config.to_json();
  json out = json::object();
  for (const auto& [key, value] : settings.items()) {
    if (key != "lora" && key != "dataset") {
      out[key] = value;
      continue;
    }
    for (const auto& [inner, inner_value] : value.items()) out[key + "." + inner] = inner_value;
  }
  return out;
}

constexpr std::size_t kWholeBytes = std::size_t{1} << 20;
constexpr std::size_t kBlocks = 64;
constexpr std::size_t kBlockBytes = 4096;

void add_tensor(const TensorInfo& tensor, Checksum& sum) {
  sum.add(std::as_bytes(std::span(tensor.name)));
  sum.add(static_cast<std::uint64_t>(tensor.dtype));
  for (const std::int64_t dimension : tensor.shape) sum.add(static_cast<std::uint64_t>(dimension));
  if (tensor.bytes.size() <= kWholeBytes) {
    sum.add(tensor.bytes);
    return;
  }
  const std::size_t last = tensor.bytes.size() - kBlockBytes;
  for (std::size_t i = 0; i < kBlocks; ++i) sum.add(tensor.bytes.subspan(last / (kBlocks - 1) * i, kBlockBytes));
}

}  // namespace

void check_same_settings(const RunConfig& then, const RunConfig& now) {
  const json before = by_full_name(then), after = by_full_name(now);
  json names = before;
  names.update(after);
  for (const auto& item : names.items()) {
    const std::string& key = item.key();
    if (std::find(kMayChange.begin(), kMayChange.end(), key) != kMayChange.end()) continue;
    const auto shown = [&](const json& settings) {
      return settings.contains(key) ? shown_json(settings[key]) : std::string("nothing");
    };
    if (before.contains(key) && after.contains(key) && before[key] == after[key]) continue;
    fail(ErrorCode::kInvalidInput, "run.json",
         key + ": got " + shown(after) + ", expected " + shown(before) +
             ", with which the run began. Start a new run to train with another.");
  }
}

std::string weights_fingerprint(const ShardedSafetensors& files) {
  Checksum sum;
  for (const SafetensorsFile& file : files.files()) {
    file.check_unchanged();
    for (const TensorInfo& tensor : file.tensors()) add_tensor(tensor, sum);
  }
  return sum.text();
}

void check_same_data(const TrainedInputs& then, const TrainedInputs& now, std::string_view data_path) {
  if (then.rows != now.rows) {
    fail(ErrorCode::kInvalidInput, data_path,
         "the data is not what the run began with: got " + std::to_string(now.rows) + " rows to train on, expected " +
             std::to_string(then.rows) + ". Bring the data back, or start a new run.");
  }
  if (then.data != now.data) {
    fail(ErrorCode::kInvalidInput, data_path,
         "the data is not what the run began with: got " + std::to_string(now.rows) +
             " rows with other tokens or labels, expected those of before. Bring the data, the tokenizer and the chat "
             "template back, or start a new run.");
  }
}

void check_same_weights(const TrainedInputs& then, const std::string& weights, std::string_view model_path) {
  if (then.weights == weights) return;
  fail(ErrorCode::kInvalidInput, model_path,
       "the model's weights are not those the run began with: got fingerprint " + weights + ", expected " +
           then.weights + ". Bring the weights back, or start a new run.");
}

}  // namespace vernier
