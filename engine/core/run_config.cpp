#include "vernier/run_config.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "engine/core/nearest_name.h"
#include "engine/core/strict_json.h"
#include "vernier/error.h"
#include "vernier/inputs.h"
#include "vernier/recompute.h"

namespace vernier {
namespace {

using nlohmann::json;

constexpr std::int64_t kMaxInt = std::numeric_limits<std::int64_t>::max();
// Anything longer than this in an error message says less, not more.
constexpr std::size_t kMaxShown = 60;
// What is computed in float32 must not round to 1, to 0 or to infinity there.
constexpr double kBelowOne = 0.9999999;
constexpr double kLeastEpsilon = 1e-37;
constexpr double kMostFloat = std::numeric_limits<float>::max();
constexpr double kMaxAlpha = 1e9;   // what readers of adapters take
constexpr double kMaxEpochs = 1e9;  // steps stay countable, however many an epoch has

struct SchedulerName {
  SchedulerType type;
  const char* name;
};
constexpr SchedulerName kSchedulers[] = {{SchedulerType::kConstant, "constant"},
                                         {SchedulerType::kConstantWithWarmup, "constant_with_warmup"},
                                         {SchedulerType::kLinear, "linear"},
                                         {SchedulerType::kCosine, "cosine"}};
struct MethodName {
  Method type;
  const char* name;
};
constexpr MethodName kMethods[] = {{Method::kLora, "lora"}, {Method::kFull, "full"}};
struct PackingName {
  Packing type;
  const char* name;
};
constexpr PackingName kPackings[] = {{Packing::kBfd, "bfd"},
                                     {Packing::kBfdSplit, "bfd_split"},
                                     {Packing::kWrapped, "wrapped"},
                                     {Packing::kNone, "none"}};
struct NormalizationName {
  LossNormalization type;
  const char* name;
};
constexpr NormalizationName kNormalizations[] = {{LossNormalization::kPerToken, "per_token"},
                                                 {LossNormalization::kPerSequence, "per_sequence"}};

const std::vector<std::string> kDatasetFormats = {
    "auto", "alpaca", "sharegpt", "messages", "prompt_completion", "question_answer", "oasst", "text", "tokens"};

// Keys of the inner objects that people put at the top, where PEFT's and TRL's own command lines have them.
constexpr const char* kNestedKeys[] = {"dataset.path",
                                       "dataset.format",
                                       "dataset.columns",
                                       "lora.r",
                                       "lora.lora_alpha",
                                       "lora.lora_dropout",
                                       "lora.target_modules",
                                       "lora.use_rslora",
                                       "lora.use_dora",
                                       "return_logits.rows",
                                       "return_logits.logits_to_keep"};

template <typename Names, typename Type>
const char* name_of(const Names& names, Type type) {
  for (const auto& entry : names) {
    if (entry.type == type) return entry.name;
  }
  fail(ErrorCode::kInternal, "run config", "an enumerator has no name");
}

std::string number_text(double value) {
  std::ostringstream out;
  out << std::setprecision(9) << value;
  return out.str();
}

// Reads one JSON object. Every accessor marks its key as known; finish() refuses what nobody asked for.
class ObjectReader {
 public:
  ObjectReader(const json& object, std::string where, std::string path)
      : object_(object), where_(std::move(where)), path_(std::move(path)) {
    if (!object_.is_object()) refuse_value(path_.empty() ? "run file" : path_, object_, "an object {...}");
  }

  const json* find(const std::string& key) {
    known_.push_back(key);
    const auto it = object_.find(key);
    return it == object_.end() ? nullptr : &*it;
  }
  // As find, with null meaning "not given".
  const json* find_optional(const std::string& key) {
    const json* value = find(key);
    return value != nullptr && value->is_null() ? nullptr : value;
  }

  void boolean(const std::string& key, bool& out) {
    const json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_boolean()) refuse_value(full(key), *value, "true or false");
    out = value->get<bool>();
  }

  void text(const std::string& key, std::string& out) {
    const json* value = find(key);
    if (value != nullptr) out = checked_text(full(key), *value);
  }

  void integer(const std::string& key, std::int64_t& out, std::int64_t low, std::int64_t high = kMaxInt) {
    const json* value = find(key);
    if (value != nullptr) out = checked_integer(full(key), *value, low, high);
  }

  // low <= value <= high, or strictly between where an end is open.
  struct Range {
    double low = 0.0;
    double high = std::numeric_limits<double>::infinity();
    bool low_open = false;
    bool high_open = false;
  };
  void number(const std::string& key, double& out, Range range) {
    const json* value = find(key);
    if (value == nullptr) return;
    std::string expected = "a number ";
    if (std::isinf(range.high)) {
      expected += range.low_open ? "above " + number_text(range.low) : "of at least " + number_text(range.low);
    } else {
      expected += "from " + number_text(range.low) + (range.low_open ? " (not included)" : "") + " to " +
                  number_text(range.high) + (range.high_open ? " (not included)" : "");
    }
    if (!value->is_number()) refuse_value(full(key), *value, expected);
    const double got = value->get<double>();
    const bool low_ok = range.low_open ? got > range.low : got >= range.low;
    const bool high_ok = range.high_open ? got < range.high : got <= range.high;
    if (!std::isfinite(got) || !low_ok || !high_ok) refuse_value(full(key), *value, expected);
    out = got;
  }

  template <typename Names, typename Type>
  void choice(const std::string& key, const Names& names, Type& out) {
    const json* value = find(key);
    if (value == nullptr) return;
    std::vector<std::string> all;
    for (const auto& entry : names) {
      if (value->is_string() && value->get_ref<const std::string&>() == entry.name) {
        out = entry.type;
        return;
      }
      all.emplace_back(entry.name);
    }
    refuse_value(full(key), *value, "one of " + join(all));
  }

  void text_choice(const std::string& key, const std::vector<std::string>& choices, std::string& out) {
    const json* value = find(key);
    if (value == nullptr) return;
    if (value->is_string()) {
      for (const std::string& choice : choices) {
        if (value->get_ref<const std::string&>() == choice) {
          out = choice;
          return;
        }
      }
    }
    refuse_value(full(key), *value, "one of " + join(choices));
  }

  std::vector<std::int64_t> checked_integers(const std::string& name, const json& value, std::int64_t low) const {
    if (!value.is_array()) refuse_value(name, value, "a list of whole numbers");
    std::vector<std::int64_t> out;
    for (std::size_t i = 0; i < value.size(); ++i) {
      out.push_back(checked_integer(name + "[" + std::to_string(i) + "]", value[i], low, kMaxInt));
    }
    return out;
  }

  std::int64_t checked_integer(const std::string& name, const json& value, std::int64_t low, std::int64_t high) const {
    const std::string expected = high == kMaxInt
                                     ? "a whole number of at least " + std::to_string(low)
                                     : "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
    if (!value.is_number_integer()) refuse_value(name, value, expected);
    // Above the int64 range a JSON integer is unsigned.
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(kMaxInt)) {
      refuse_value(name, value, expected);
    }
    const auto got = value.get<std::int64_t>();
    if (got < low || got > high) refuse_value(name, value, expected);
    return got;
  }

  std::string checked_text(const std::string& name, const json& value) const {
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) refuse_value(name, value, "a text");
    return value.get<std::string>();
  }

  std::string full(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }
  const std::string& where() const { return where_; }

  [[noreturn]] void refuse(const std::string& what) const { fail(ErrorCode::kInvalidInput, where_, what); }
  [[noreturn]] void refuse_value(const std::string& name, const json& value, const std::string& expected) const {
    std::string shown = value.dump(-1, ' ', false, json::error_handler_t::replace);
    if (shown.size() > kMaxShown) shown = std::string("a long ") + value.type_name();
    refuse(name + ": got " + shown + ", expected " + expected + ".");
  }

  // Throws on the first key that no accessor asked for.
  void finish() const {
    for (const auto& item : object_.items()) {
      if (std::find(known_.begin(), known_.end(), item.key()) != known_.end()) continue;
      std::string near = nearest_name(item.key(), known_);
      if (!near.empty()) near = full(near);
      if (path_.empty()) {
        for (const char* nested : kNestedKeys) {
          const std::string_view name(nested);
          if (name.substr(name.find('.') + 1) == item.key()) near = nested;
        }
      }
      refuse("unknown key \"" + full(item.key()) +
             "\": " + (near.empty() ? "expected " + listed() : "the nearest known key is \"" + near + "\"") + ".");
    }
  }

  // The keys that are known here: "a", "b" or "c".
  std::string listed() const {
    std::string out;
    for (std::size_t i = 0; i < known_.size(); ++i) {
      out += (i == 0 ? "\"" : i + 1 == known_.size() ? " or \"" : ", \"") + full(known_[i]) + "\"";
    }
    return out;
  }
  static std::string join(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
  }

 private:
  const json& object_;
  std::string where_;
  std::string path_;  // "" for the top level
  std::vector<std::string> known_;
};

std::string resolve(const std::string& path, const std::string& base_folder) {
  const std::filesystem::path given(path);
  if (given.is_absolute() || base_folder.empty()) return path;
  return (std::filesystem::path(base_folder) / given).lexically_normal().string();
}

// Ids of built-in templates are plain words.
std::string resolve_template(const std::string& choice, const std::string& base_folder) {
  return choice.find_first_of("./\\") == std::string::npos ? choice : resolve(choice, base_folder);
}

DatasetOptions read_dataset(const json& value, const ObjectReader& parent, const std::string& key,
                            const std::string& base_folder) {
  DatasetOptions out;
  ObjectReader reader(value, parent.where(), parent.full(key));
  reader.text("path", out.path);
  reader.text_choice("format", kDatasetFormats, out.format);
  if (const json* columns = reader.find_optional("columns")) {
    if (!columns->is_object()) reader.refuse_value(reader.full("columns"), *columns, "an object of column names");
    for (const auto& item : columns->items()) {
      out.columns[item.key()] = reader.checked_text(reader.full("columns") + "." + item.key(), item.value());
    }
  }
  reader.finish();
  if (out.path.empty()) reader.refuse(reader.full("path") + " is missing: say which data file to read.");
  out.path = resolve(out.path, base_folder);
  return out;
}

void read_lora(const json& value, const ObjectReader& parent, LoraOptions& out) {
  ObjectReader reader(value, parent.where(), "lora");
  reader.integer("r", out.r, 1, 65536);
  reader.number("lora_alpha", out.lora_alpha, {.high = kMaxAlpha, .low_open = true});
  reader.number("lora_dropout", out.lora_dropout, {.high = kBelowOne});
  reader.boolean("use_rslora", out.use_rslora);
  reader.boolean("use_dora", out.use_dora);
  if (const json* targets = reader.find("target_modules")) {
    const std::string name = reader.full("target_modules");
    const std::string expected = "\"all-linear\" or a list of projections such as [\"q_proj\", \"v_proj\"]";
    out.target_modules.clear();
    if (targets->is_string()) {
      out.target_modules.push_back(reader.checked_text(name, *targets));
    } else if (targets->is_array() && !targets->empty()) {
      for (std::size_t i = 0; i < targets->size(); ++i) {
        std::string module = reader.checked_text(name + "[" + std::to_string(i) + "]", (*targets)[i]);
        if (std::find(out.target_modules.begin(), out.target_modules.end(), module) == out.target_modules.end()) {
          out.target_modules.push_back(std::move(module));
        }
      }
    } else {
      reader.refuse_value(name, *targets, expected);
    }
    if (out.target_modules.size() > 1 &&
        std::find(out.target_modules.begin(), out.target_modules.end(), "all-linear") != out.target_modules.end()) {
      reader.refuse_value(name, *targets, "\"all-linear\" alone, or the names without it");
    }
  }
  reader.finish();
}

// Also true and false, as TRL has it: best-fit decreasing, or none.
void read_packing(ObjectReader& reader, Packing& out) {
  const json* value = reader.find("packing");
  if (value == nullptr) return;
  if (value->is_boolean()) {
    out = value->get<bool>() ? Packing::kBfd : Packing::kNone;
    return;
  }
  for (const PackingName& entry : kPackings) {
    if (value->is_string() && value->get_ref<const std::string&>() == entry.name) {
      out = entry.type;
      return;
    }
  }
  reader.refuse_value("packing", *value, "true, false, \"bfd\", \"bfd_split\", \"wrapped\" or \"none\"");
}

void read_return_logits(const json& value, const ObjectReader& parent, ReturnLogits& out) {
  ObjectReader reader(value, parent.where(), "return_logits");
  reader.integer("every", out.every, 0);
  if (const json* rows = reader.find("rows")) {
    out.rows = reader.checked_integers(reader.full("rows"), *rows, 0);
    if (out.rows.empty()) reader.refuse_value(reader.full("rows"), *rows, "at least one sequence of the step");
  }
  if (const json* keep = reader.find("logits_to_keep")) {
    const std::string name = reader.full("logits_to_keep");
    if (keep->is_array()) {
      out.logits_to_keep.positions = reader.checked_integers(name, *keep, 0);
      if (out.logits_to_keep.positions.empty()) reader.refuse_value(name, *keep, "at least one position, or 0 for all");
    } else {
      out.logits_to_keep.last = reader.checked_integer(name, *keep, 0, kMaxInt);
    }
  }
  reader.finish();
}

// What one key cannot know of another.
void check_conflicts(const RunConfig& config, const ObjectReader& reader, bool lora_given) {
  if (config.model_name_or_path.empty()) {
    reader.refuse("model_name_or_path is missing: name the folder of the model to train.");
  }
  const bool has_dataset = !config.dataset.path.empty();
  if (has_dataset && config.batch) {
    reader.refuse("dataset and batch are both given: keep one; batch trains on one fixed batch at every step.");
  }
  if (!has_dataset && !config.batch) {
    reader.refuse("neither dataset nor batch is given: name a data file with \"dataset\": {\"path\": ...}.");
  }
  if (config.eval_dataset && config.eval_fraction > 0.0) {
    reader.refuse("eval_dataset and eval_fraction are both given: keep one.");
  }
  if (config.batch && config.eval_fraction > 0.0) {
    reader.refuse("eval_fraction needs a dataset to split, but batch is given: use eval_dataset instead.");
  }
  if (config.batch && config.drop_eval_overlap) {
    reader.refuse("drop_eval_overlap is given, but batch is too: it compares rows of data files. Remove it.");
  }
  if (config.batch && !config.eval_dataset) {
    for (const auto& [given, key] : {std::pair(config.drop_duplicates, "drop_duplicates"),
                                     std::pair(config.assistant_only_loss, "assistant_only_loss"),
                                     std::pair(config.completion_only_loss, "completion_only_loss"),
                                     std::pair(!config.chat_template.empty(), "chat_template"),
                                     std::pair(!config.instruction_part.empty(), "instruction_part"),
                                     std::pair(!config.response_part.empty(), "response_part")}) {
      if (given) {
        reader.refuse(std::string(key) +
                      " is given, but batch is too: a batch file holds tokens and labels as they "
                      "are. Remove " +
                      key + ".");
      }
    }
  }
  if (config.method == Method::kFull) {
    if (lora_given) {
      reader.refuse("method is \"full\", but lora is given: remove lora, or set method to \"lora\".");
    }
    if (config.adapter_name_or_path) {
      reader.refuse(
          "method is \"full\", but adapter_name_or_path is given: adapters are trained with method \"lora\".");
    }
  } else if (config.init_from_config) {
    reader.refuse("init_from_config starts from random weights, which only method \"full\" can train: got \"lora\".");
  }
}

RunConfig read_config(const json& object, const std::string& base_folder, const std::string& where) {
  RunConfig out;
  ObjectReader reader(object, where, "");
  reader.text("model_name_or_path", out.model_name_or_path);
  if (const json* adapter = reader.find_optional("adapter_name_or_path")) {
    out.adapter_name_or_path = resolve(reader.checked_text("adapter_name_or_path", *adapter), base_folder);
  }
  reader.boolean("init_from_config", out.init_from_config);

  if (const json* dataset = reader.find_optional("dataset")) {
    out.dataset = read_dataset(*dataset, reader, "dataset", base_folder);
  }
  if (const json* dataset = reader.find_optional("eval_dataset")) {
    out.eval_dataset = read_dataset(*dataset, reader, "eval_dataset", base_folder);
  }
  reader.number("eval_fraction", out.eval_fraction, {.high = 1.0, .high_open = true});
  reader.boolean("drop_duplicates", out.drop_duplicates);
  reader.boolean("drop_eval_overlap", out.drop_eval_overlap);
  if (const json* batch = reader.find_optional("batch")) {
    out.batch = resolve(reader.checked_text("batch", *batch), base_folder);
  }
  reader.integer("max_length", out.max_length, 1, std::numeric_limits<std::int32_t>::max());
  read_packing(reader, out.packing);
  reader.boolean("assistant_only_loss", out.assistant_only_loss);
  reader.boolean("completion_only_loss", out.completion_only_loss);
  reader.text("chat_template", out.chat_template);
  out.chat_template = resolve_template(out.chat_template, base_folder);
  reader.text("instruction_part", out.instruction_part);
  reader.text("response_part", out.response_part);

  reader.choice("method", kMethods, out.method);
  const json* lora = reader.find("lora");
  if (lora != nullptr) read_lora(*lora, reader, out.lora);
  reader.choice("loss_normalization", kNormalizations, out.loss_normalization);
  reader.integer("per_device_train_batch_size", out.per_device_train_batch_size, 1, 1 << 20);
  reader.integer("gradient_accumulation_steps", out.gradient_accumulation_steps, 1, 1 << 20);
  reader.number("learning_rate", out.learning_rate, {.high = kMostFloat});
  reader.choice("lr_scheduler_type", kSchedulers, out.lr_scheduler_type);
  reader.integer("warmup_steps", out.warmup_steps, 0);
  reader.number("warmup_ratio", out.warmup_ratio, {.high = 1.0});
  reader.number("num_train_epochs", out.num_train_epochs, {.high = kMaxEpochs, .low_open = true});
  reader.integer("max_steps", out.max_steps, -1);  // -1 is Transformers' way to say "not set"
  if (out.max_steps < 0) out.max_steps = 0;
  reader.number("weight_decay", out.weight_decay, {.high = kMostFloat});
  reader.number("adam_beta1", out.adam_beta1, {.high = kBelowOne});
  reader.number("adam_beta2", out.adam_beta2, {.high = kBelowOne});
  reader.number("adam_epsilon", out.adam_epsilon, {.low = kLeastEpsilon, .high = kMostFloat});
  reader.number("max_grad_norm", out.max_grad_norm, {});
  if (const json* seed = reader.find("seed")) {
    if (!seed->is_number_integer() || (!seed->is_number_unsigned() && seed->get<std::int64_t>() < 0)) {
      reader.refuse_value("seed", *seed, "a whole number of at least 0");
    }
    out.seed = seed->get<std::uint64_t>();
  }
  reader.text_choice("dtype", {"auto", "float32", "bfloat16"}, out.dtype);
  reader.text_choice("quantization", {"none", "nf4"}, out.quantization);
  reader.choice("recompute", kRecomputes, out.recompute);
  reader.boolean("deterministic", out.deterministic);

  reader.integer("save_steps", out.save_steps, 0);
  reader.integer("save_total_limit", out.save_total_limit, 1);
  reader.integer("eval_steps", out.eval_steps, 0);
  reader.integer("logging_steps", out.logging_steps, 1);

  if (const json* logits = reader.find("return_logits")) read_return_logits(*logits, reader, out.return_logits);
  if (const json* parity = reader.find("parity_check")) {
    ObjectReader parity_reader(*parity, where, "parity_check");
    parity_reader.integer("every", out.parity_check_every, 0);
    parity_reader.finish();
  }
  reader.finish();

  check_conflicts(out, reader, lora != nullptr);
  out.model_name_or_path = resolve(out.model_name_or_path, base_folder);
  return out;
}

json dataset_to_json(const DatasetOptions& dataset) {
  return {{"path", dataset.path}, {"format", dataset.format}, {"columns", json(dataset.columns)}};
}

}  // namespace

RunConfig RunConfig::from_json(const json& object, const std::string& base_folder) {
  return read_config(object, base_folder, "run file");
}

RunConfig RunConfig::from_file(const std::string& path) {
  const std::string content = read_input_file(path, "run file");
  if (content.find_first_not_of(" \t\r\n") == std::string::npos) {
    fail(ErrorCode::kInvalidInput, path, "the run file is empty: expected a JSON object {...}.");
  }
  const json object = parse_strict_json<json>(content, path);
  return read_config(object, std::filesystem::absolute(path).parent_path().string(), path);
}

json RunConfig::to_json() const {
  json out;
  out["model_name_or_path"] = model_name_or_path;
  if (adapter_name_or_path) out["adapter_name_or_path"] = *adapter_name_or_path;
  if (batch) {
    out["batch"] = *batch;
  } else {
    out["dataset"] = dataset_to_json(dataset);
  }
  if (eval_dataset) out["eval_dataset"] = dataset_to_json(*eval_dataset);
  out["eval_fraction"] = eval_fraction;
  out["drop_duplicates"] = drop_duplicates;
  out["drop_eval_overlap"] = drop_eval_overlap;
  out["max_length"] = max_length;
  out["packing"] = name_of(kPackings, packing);
  out["assistant_only_loss"] = assistant_only_loss;
  out["completion_only_loss"] = completion_only_loss;
  if (!chat_template.empty()) out["chat_template"] = chat_template;
  if (!instruction_part.empty()) out["instruction_part"] = instruction_part;
  if (!response_part.empty()) out["response_part"] = response_part;
  out["method"] = name_of(kMethods, method);
  if (method == Method::kLora) {
    json& l = out["lora"];
    l["r"] = lora.r;
    l["lora_alpha"] = lora.lora_alpha;
    l["lora_dropout"] = lora.lora_dropout;
    if (lora.target_modules.size() == 1 && lora.target_modules.front() == "all-linear") {
      l["target_modules"] = "all-linear";
    } else {
      l["target_modules"] = lora.target_modules;
    }
    l["use_rslora"] = lora.use_rslora;
    l["use_dora"] = lora.use_dora;
  } else {
    out["init_from_config"] = init_from_config;
  }
  out["loss_normalization"] = name_of(kNormalizations, loss_normalization);
  out["per_device_train_batch_size"] = per_device_train_batch_size;
  out["gradient_accumulation_steps"] = gradient_accumulation_steps;
  out["learning_rate"] = learning_rate;
  out["lr_scheduler_type"] = name_of(kSchedulers, lr_scheduler_type);
  out["warmup_steps"] = warmup_steps;
  out["warmup_ratio"] = warmup_ratio;
  out["num_train_epochs"] = num_train_epochs;
  out["max_steps"] = max_steps;
  out["weight_decay"] = weight_decay;
  out["adam_beta1"] = adam_beta1;
  out["adam_beta2"] = adam_beta2;
  out["adam_epsilon"] = adam_epsilon;
  out["max_grad_norm"] = max_grad_norm;
  out["seed"] = seed;
  out["dtype"] = dtype;
  out["quantization"] = quantization;
  out["recompute"] = to_string(recompute);
  out["deterministic"] = deterministic;
  out["save_steps"] = save_steps;
  out["save_total_limit"] = save_total_limit;
  out["eval_steps"] = eval_steps;
  out["logging_steps"] = logging_steps;
  json& logits = out["return_logits"];
  logits["every"] = return_logits.every;
  logits["rows"] = return_logits.rows;
  if (return_logits.logits_to_keep.positions.empty()) {
    logits["logits_to_keep"] = return_logits.logits_to_keep.last;
  } else {
    logits["logits_to_keep"] = return_logits.logits_to_keep.positions;
  }
  out["parity_check"] = {{"every", parity_check_every}};
  return out;
}

}  // namespace vernier
