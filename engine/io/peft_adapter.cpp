#include "engine/io/peft_adapter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using nlohmann::json;

constexpr std::string_view kRoot = "base_model.model.";
constexpr const char* kWeights = "adapter_model.safetensors";

// The first few keys, so that the message stays readable.
std::string listed(const std::vector<std::string>& keys) {
  constexpr std::size_t kMax = 6;
  std::string text;
  for (std::size_t i = 0; i < std::min(keys.size(), kMax); ++i) {
    text += (i == 0 ? "" : ", ") + (keys[i].size() <= 120 ? keys[i] : keys[i].substr(0, 117) + "...");
  }
  if (keys.size() > kMax) text += " and " + std::to_string(keys.size() - kMax) + " more";
  return text;
}

// A whole number where it is one: PEFT declares lora_alpha as int.
json number(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
  return value;
}

// The file's content by the configuration's own names and patterns, or, `by_path`, with every module named in full.
json config_json(const AdapterConfig& adapter, std::span<const AdapterTarget> targets, bool by_path) {
  const auto null_if_empty = [](const auto& list) { return list.empty() ? json() : json(list); };
  std::set<std::string> modules(adapter.target_modules.begin(), adapter.target_modules.end());
  json ranks = json::object();
  json alphas = json::object();
  if (by_path) {
    modules.clear();
    for (const AdapterTarget& target : targets) {
      modules.insert(target.module.path);
      if (target.r != adapter.r) ranks[target.module.path] = target.r;
      if (target.alpha != adapter.lora_alpha) alphas[target.module.path] = number(target.alpha);
    }
  } else {
    for (const auto& [pattern, rank] : adapter.rank_pattern) ranks[pattern] = rank;
    for (const auto& [pattern, alpha] : adapter.alpha_pattern) alphas[pattern] = number(alpha);
    // Names say more than a pattern, and every tool reads them.
    for (const AdapterTarget& target : targets) {
      if (adapter.target_pattern) modules.insert(target.module.name.substr(target.module.name.find('.') + 1));
    }
  }
  json config = {{"peft_type", "LORA"},
                 {"task_type", "CAUSAL_LM"},
                 {"auto_mapping", nullptr},
                 {"base_model_name_or_path", adapter.base_model_name_or_path},
                 {"revision", nullptr},
                 {"inference_mode", true},
                 {"r", adapter.r},
                 {"lora_alpha", number(adapter.lora_alpha)},
                 {"lora_dropout", adapter.lora_dropout},
                 {"use_rslora", adapter.use_rslora},
                 {"use_dora", adapter.use_dora},
                 {"target_modules", modules},
                 {"bias", "none"},
                 {"fan_in_fan_out", false},
                 {"init_lora_weights", true},
                 {"modules_to_save", nullptr},
                 {"layers_to_transform", by_path ? json() : null_if_empty(adapter.layers_to_transform)},
                 {"layers_pattern", by_path ? json() : null_if_empty(adapter.layers_pattern)},
                 {"rank_pattern", ranks},
                 {"alpha_pattern", alphas}};
  // Younger than the rest: left out where older versions of PEFT can do without it.
  if (by_path) return config;
  if (adapter.exclude_pattern) {
    config["exclude_modules"] = *adapter.exclude_pattern;
  } else if (!adapter.exclude_modules.empty()) {
    config["exclude_modules"] = adapter.exclude_modules;
  }
  return config;
}

// The content that means exactly `targets` when read back. Names are preferred; full paths always do: where a pattern
// or the order of patterns (which JSON does not keep) says more than names, and for multimodal models, whose vision
// tower has modules of the same names.
json faithful_config_json(const AdapterConfig& adapter, const ModelConfig& model,
                          std::span<const AdapterTarget> targets) {
  if (model.module_prefix == "model.") {
    json config = config_json(adapter, targets, false);
    const auto same = [](const AdapterTarget& a, const AdapterTarget& b) {
      return a.module.path == b.module.path && a.r == b.r && a.alpha == b.alpha;
    };
    if (std::ranges::equal(adapter_targets(adapter_config_from_text(config.dump()), model), targets, same)) {
      return config;
    }
  }
  return config_json(adapter, targets, true);
}

}  // namespace

AdapterKeys adapter_keys(std::string_view module_path) {
  const std::string module = std::string(kRoot).append(module_path);
  return {module + ".lora_A.weight", module + ".lora_B.weight", module + ".lora_magnitude_vector"};
}

fs::path adapter_folder(const fs::path& given) {
  std::error_code ignored;
  if (fs::exists(given, ignored) && !fs::is_directory(given, ignored)) {
    fail(ErrorCode::kInvalidInput, given.string(), "got a file, expected the folder of a PEFT adapter.");
  }
  if (fs::exists(given / "adapter_config.json", ignored)) return given;
  if (fs::exists(given / "adapter" / "adapter_config.json", ignored)) return given / "adapter";
  if (fs::exists(given / "model" / "config.json", ignored)) {
    fail(ErrorCode::kInvalidInput, given.string(),
         "adapter: got a run that trained every weight, expected an adapter. Give its model, " +
             (given / "model").string() + ", as the model.");
  }
  return given;
}

AdapterReader::AdapterReader(const fs::path& given, const ModelConfig& model)
    : config_(read_adapter_config(adapter_folder(given))), targets_(adapter_targets(config_, model)) {
  const fs::path folder = adapter_folder(given);
  std::error_code ignored;
  if (!fs::exists(folder / kWeights, ignored)) {
    if (fs::exists(folder / "adapter_model.bin", ignored)) {
      fail(ErrorCode::kUnsupported, folder.string(),
           "adapter_model.bin: pickled weights are not read; save the adapter as adapter_model.safetensors.");
    }
    fail(ErrorCode::kNotFound, folder.string(), "no adapter_model.safetensors: expected the folder of a PEFT adapter.");
  }
  file_ = std::make_unique<SafetensorsFile>(folder / kWeights);
  check_keys(model);
}

AdapterKeys AdapterReader::keys_of(std::size_t index) const {
  const std::string& path = targets_[index].module.path;
  AdapterKeys keys = adapter_keys(key_prefix_ + path.substr(module_prefix_size_));
  keys.magnitude += magnitude_suffix_;
  return keys;
}

void AdapterReader::check_keys(const ModelConfig& model) {
  // The same model has had other module names in other versions of Transformers.
  const std::array<std::string, 5> prefixes = {model.module_prefix, "model.", "language_model.model.",
                                               "model.language_model.", ""};
  const auto& tensors = file_->tensors();
  const auto used = std::ranges::find_if(prefixes, [&](const std::string& prefix) {
    const std::string start = std::string(kRoot) + prefix + "layers.";
    return std::ranges::any_of(tensors, [&](const TensorInfo& tensor) { return tensor.name.starts_with(start); });
  });
  key_prefix_ = used == prefixes.end() ? model.module_prefix : *used;
  module_prefix_size_ = model.module_prefix.size();
  // PEFT up to 0.11 wrote the magnitudes as modules.
  const bool old_magnitudes = std::ranges::any_of(
      tensors, [](const TensorInfo& tensor) { return tensor.name.ends_with(".lora_magnitude_vector.weight"); });
  magnitude_suffix_ = old_magnitudes ? ".weight" : "";

  std::map<std::string, std::vector<std::int64_t>> expected;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const AdapterTarget& target = targets_[i];
    AdapterKeys keys = keys_of(i);
    expected[std::move(keys.a)] = {target.r, target.module.in};
    expected[std::move(keys.b)] = {target.module.out, target.r};
    if (config_.use_dora) expected[std::move(keys.magnitude)] = {target.module.out};
  }
  std::vector<std::string> missing;
  std::vector<std::string> unexpected;
  for (const auto& [key, shape] : expected) {
    if (file_->find(key) == nullptr) missing.push_back(key);
  }
  for (const TensorInfo& tensor : tensors) {
    if (!expected.contains(tensor.name)) unexpected.push_back(tensor.name);
  }
  if (!missing.empty() || !unexpected.empty()) {
    std::string what = "the adapter does not fit the model and its adapter_config.json: ";
    if (!missing.empty()) what += std::to_string(missing.size()) + " keys missing (" + listed(missing) + ")";
    if (!missing.empty() && !unexpected.empty()) what += ", ";
    if (!unexpected.empty()) {
      what += std::to_string(unexpected.size()) + " keys unexpected (" + listed(unexpected) + ")";
    }
    fail(ErrorCode::kInvalidInput, kWeights, what + ".");
  }
  for (const auto& [key, shape] : expected) {
    const TensorInfo& tensor = file_->at(key);
    if (tensor.shape != shape) {
      fail(ErrorCode::kInvalidInput, kWeights,
           key + ": got shape " + shape_to_string(tensor.shape) + ", expected " + shape_to_string(shape) +
               ". The adapter was made for another model, or its rank is not that of adapter_config.json.");
    }
    if (tensor.dtype != DType::kF32 && tensor.dtype != DType::kF16 && tensor.dtype != DType::kBF16) {
      fail(ErrorCode::kUnsupported, kWeights,
           key + ": got element type " + std::string(to_string(tensor.dtype)) + ", expected F32, F16 or BF16.");
    }
  }
}

void AdapterReader::read(std::size_t index, float* a, float* b, float* magnitude) const {
  const AdapterKeys keys = keys_of(index);
  file_->check_unchanged();
  convert_to_f32(file_->at(keys.a), a);
  convert_to_f32(file_->at(keys.b), b);
  if (config_.use_dora && magnitude != nullptr) convert_to_f32(file_->at(keys.magnitude), magnitude);
}

void write_adapter_files(const fs::path& folder, const AdapterConfig& adapter, const ModelConfig& model,
                         std::span<const AdapterTarget> targets, std::span<const AdapterValues> values, DType dtype) {
  if (values.size() != targets.size()) fail(ErrorCode::kInternal, "write_adapter", "values of other targets.");
  SafetensorsWriter writer(folder / kWeights);
  std::map<std::string, std::span<const float>> by_key;
  const auto add = [&](const std::string& key, std::vector<std::int64_t> shape, std::span<const float> tensor) {
    std::int64_t size = 1;
    for (const std::int64_t dimension : shape) size *= dimension;
    if (static_cast<std::int64_t>(tensor.size()) != size) {
      fail(ErrorCode::kInternal, "write_adapter", key + ": got " + std::to_string(tensor.size()) + " values.");
    }
    writer.add(key, dtype, std::move(shape));
    by_key[key] = tensor;
  };
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const LinearModule& module = targets[i].module;
    const AdapterKeys keys = adapter_keys(module.path);
    add(keys.a, {targets[i].r, module.in}, values[i].a);
    add(keys.b, {module.out, targets[i].r}, values[i].b);
    if (adapter.use_dora) add(keys.magnitude, {module.out}, values[i].magnitude);
  }
  for (const std::string& key : writer.begin()) writer.write_f32(by_key[key]);
  write_json_file(folder / "adapter_config.json", faithful_config_json(adapter, model, targets));
  writer.finish();
}

void write_adapter(const fs::path& folder, ExistingFolder existing, const AdapterConfig& adapter,
                   const ModelConfig& model, std::span<const AdapterTarget> targets,
                   std::span<const AdapterValues> values, DType dtype) {
  AtomicFolder made(folder, existing);
  write_adapter_files(made.path(), adapter, model, targets, values, dtype);
  made.commit();
}

}  // namespace vernier
