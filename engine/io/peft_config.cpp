// adapter_config.json, and which modules it means.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/io/atomic_file.h"
#include "engine/io/json_fields.h"
#include "engine/io/name_pattern.h"
#include "engine/io/peft_adapter.h"
#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxConfigBytes = std::uint64_t{1} << 22;
constexpr std::int64_t kMaxRank = std::int64_t{1} << 20;
constexpr double kMaxAlpha = 1e9;
constexpr const char* kAllLinear = "all-linear";

// The keys of one member of the outermost object in the file's order, which nlohmann::json does not keep.
class KeyOrder : public nlohmann::json_sax<json> {
 public:
  explicit KeyOrder(std::string_view member) : member_(member) {}
  const std::vector<std::string>& keys() const { return keys_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_, true; }
  bool end_object() override { return --depth_, true; }
  bool start_array(std::size_t) override { return ++depth_, true; }
  bool end_array() override { return --depth_, true; }
  bool key(string_t& value) override {
    if (depth_ == 1) inside_ = value == member_;
    if (depth_ == 2 && inside_) keys_.push_back(value);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override { return false; }

 private:
  std::string_view member_;
  std::vector<std::string> keys_;
  int depth_ = 0;
  bool inside_ = false;
};

std::vector<std::string> keys_in_order(std::string_view text, std::string_view member) {
  KeyOrder order(member);
  json::sax_parse(text, &order);
  return order.keys();
}

bool is_empty(const json& value) {
  return value.is_null() || value == false || (value.is_structured() && value.empty()) || value == "";
}

// Options that are read here, and those that do not change what a saved adapter computes.
bool is_known(const std::string& key) {
  static const std::set<std::string, std::less<>> kKnown = {"auto_mapping",
                                                            "base_model_name_or_path",
                                                            "revision",
                                                            "inference_mode",
                                                            "peft_type",
                                                            "peft_version",
                                                            "megatron_core",
                                                            "eva_config",
                                                            "corda_config",
                                                            "lora_ga_config",
                                                            "qalora_group_size",
                                                            "runtime_config",
                                                            "r",
                                                            "lora_alpha",
                                                            "lora_dropout",
                                                            "use_rslora",
                                                            "use_dora",
                                                            "target_modules",
                                                            "exclude_modules",
                                                            "layers_to_transform",
                                                            "layers_pattern",
                                                            "rank_pattern",
                                                            "alpha_pattern",
                                                            "init_lora_weights",
                                                            "task_type",
                                                            "bias"};
  return kKnown.contains(key);
}

void refuse_unsupported(const json& root, const JsonFields& fields) {
  const auto refuse = [&](const std::string& key, const json& value, const std::string& supported) {
    fail(ErrorCode::kUnsupported, fields.place(),
         key + ": got " + shown_json(value) + ", which is not supported; supported is " + supported + ".");
  };
  const json* type = fields.find("peft_type");
  if (type == nullptr) fields.missing("peft_type");
  if (*type != "LORA") refuse("peft_type", *type, "LORA");
  if (const json* task = fields.find("task_type"); task != nullptr && *task != "CAUSAL_LM") {
    refuse("task_type", *task, "CAUSAL_LM");
  }
  if (const json* bias = fields.find("bias"); bias != nullptr && *bias != "none") refuse("bias", *bias, "none");
  // Other initialisations (PiSSA, OLoRA, CorDA, LoftQ) also change the base model's weights when loaded.
  if (const json* init = fields.find("init_lora_weights"); init != nullptr && !init->is_boolean()) {
    if (*init != "gaussian" && *init != "eva" && *init != "orthogonal") {
      refuse("init_lora_weights", *init, "true, false, gaussian, orthogonal or eva");
    }
  }
  for (const auto& [key, value] : root.items()) {
    if (is_known(key) || is_empty(value)) continue;
    const std::string shown = key.size() <= 60 ? key : key.substr(0, 57) + "...";
    refuse(shown, value, "none");
  }
}

// A string, or a list of names.
void read_modules(const JsonFields& fields, const char* key, std::vector<std::string>& names,
                  std::optional<std::string>& pattern) {
  const json* value = fields.find(key);
  if (value == nullptr) return;
  if (value->is_string()) {
    pattern = value->get<std::string>();
  } else if (value->is_array()) {
    names = fields.strings(key);
  } else {
    fields.wrong(key, "a list of module names or a pattern");
  }
}

// PEFT's rule: the path itself, or its end after a dot.
bool names_match(const std::vector<std::string>& names, std::string_view path) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    if (path == name) return true;
    return path.size() > name.size() && path.ends_with(name) && path[path.size() - name.size() - 1] == '.';
  });
}

bool is_all_linear(const std::optional<std::string>& pattern) {
  if (!pattern || pattern->size() != std::string_view(kAllLinear).size()) return false;
  return std::ranges::equal(*pattern, std::string_view(kAllLinear), {},
                            [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
}

// Whether a module is chosen, as peft.tuners.tuners_utils.check_target_module_exists decides it.
class TargetMatcher {
 public:
  TargetMatcher(const AdapterConfig& adapter, const std::string& place) : adapter_(adapter) {
    all_linear_ = is_all_linear(adapter.target_pattern);
    if (adapter.target_pattern && !all_linear_) target_.emplace(*adapter.target_pattern, place, "target_modules");
    if (adapter.exclude_pattern) exclude_.emplace(*adapter.exclude_pattern, place, "exclude_modules");
    for (const std::string& pattern : adapter.layers_pattern) {
      layers_.emplace_back("(?:|.*?\\.)(?:" + pattern + ")\\.\\d+\\..*", place, "layers_pattern");
    }
  }

  bool matches(const LinearModule& module) const {
    if (exclude_ ? exclude_->matches(module.path) : names_match(adapter_.exclude_modules, module.path)) return false;
    if (all_linear_) return true;
    if (target_) return target_->matches(module.path);
    if (std::ranges::find(adapter_.target_modules, module.path) != adapter_.target_modules.end()) return true;
    return names_match(adapter_.target_modules, module.path) && layer_matches(module);
  }

  // For modules that are not linear_modules(): the embedding and the head.
  bool matches_name(const std::string& path) const {
    if (exclude_ ? exclude_->matches(path) : names_match(adapter_.exclude_modules, path)) return false;
    if (all_linear_) return false;
    return target_ ? target_->matches(path) : names_match(adapter_.target_modules, path);
  }

 private:
  bool layer_matches(const LinearModule& module) const {
    if (adapter_.layers_to_transform.empty()) return true;
    const bool named = layers_.empty() || std::ranges::any_of(layers_, [&](const NamePattern& pattern) {
                         return pattern.matches(module.path);
                       });
    return named && std::ranges::find(adapter_.layers_to_transform, module.layer) != adapter_.layers_to_transform.end();
  }

  const AdapterConfig& adapter_;
  bool all_linear_ = false;
  std::optional<NamePattern> target_;
  std::optional<NamePattern> exclude_;
  std::vector<NamePattern> layers_;
};

// rank_pattern or alpha_pattern, as peft.utils.other.get_pattern_key looks a module up in it.
template <typename Value>
class PatternTable {
 public:
  PatternTable(const std::vector<std::pair<std::string, Value>>& entries, const char* what, const std::string& place) {
    for (const auto& [pattern, value] : entries) {
      entries_.emplace_back(NamePattern("(.*\\.)?(" + pattern + ")", place, what), value);
    }
  }
  Value find(std::string_view path, Value otherwise) const {
    for (const auto& [pattern, value] : entries_) {
      if (pattern.matches(path)) return value;
    }
    return otherwise;
  }

 private:
  std::vector<std::pair<NamePattern, Value>> entries_;
};

}  // namespace

AdapterConfig adapter_config_from_text(std::string_view text, const std::string& place) {
  const json root = parse_json(text, place);
  const JsonFields fields(root, place);
  refuse_unsupported(root, fields);
  AdapterConfig config;
  config.r = fields.integer("r", 8, 1, kMaxRank);
  config.lora_alpha = fields.number("lora_alpha", 8.0, 0.0, kMaxAlpha);
  config.use_rslora = fields.boolean("use_rslora", false);
  config.use_dora = fields.boolean("use_dora", false);
  if (const json* dropout = fields.find("lora_dropout"); dropout != nullptr) {
    const double p = dropout->is_number() ? dropout->get<double>() : -1.0;
    if (!(p >= 0.0 && p < 1.0)) fields.wrong("lora_dropout", "a number from 0, below 1");
    config.lora_dropout = p;
  }
  read_modules(fields, "target_modules", config.target_modules, config.target_pattern);
  read_modules(fields, "exclude_modules", config.exclude_modules, config.exclude_pattern);
  if (config.target_modules.empty() && !config.target_pattern) {
    fields.wrong("target_modules", "a list of module names or a pattern");
  }
  if (const json* layers = fields.find("layers_to_transform"); layers != nullptr) {
    const json list = layers->is_array() ? *layers : json::array({*layers});
    for (const json& layer : list) {
      const bool valid = layer.is_number_integer() && layer.get<std::int64_t>() >= 0;
      if (!valid) fields.wrong("layers_to_transform", "a layer's number or a list of them");
      config.layers_to_transform.push_back(layer.get<std::int64_t>());
    }
  }
  std::optional<std::string> single_pattern;
  read_modules(fields, "layers_pattern", config.layers_pattern, single_pattern);
  if (single_pattern && !single_pattern->empty()) config.layers_pattern = {*single_pattern};
  const JsonFields ranks = fields.object("rank_pattern");
  for (const std::string& key : keys_in_order(text, "rank_pattern")) {
    config.rank_pattern.emplace_back(key, ranks.integer(key.c_str(), 1, kMaxRank));
  }
  const JsonFields alphas = fields.object("alpha_pattern");
  for (const std::string& key : keys_in_order(text, "alpha_pattern")) {
    if (!alphas.has(key.c_str())) alphas.missing(key.c_str());
    config.alpha_pattern.emplace_back(key, alphas.number(key.c_str(), 0.0, 0.0, kMaxAlpha));
  }
  config.base_model_name_or_path = fields.string("base_model_name_or_path", "");
  return config;
}

AdapterConfig read_adapter_config(const fs::path& folder) {
  const fs::path path = folder / "adapter_config.json";
  std::error_code error;
  if (!fs::exists(path, error)) {
    if (error) fail_system(error.value(), "read", path);  // a folder that may not be entered, say
    fail(ErrorCode::kNotFound, folder.string(), "no adapter_config.json: expected the folder of a PEFT adapter.");
  }
  return adapter_config_from_text(read_text_file(path, kMaxConfigBytes));
}

AdapterConfig adapter_config_from_options(const LoraOptions& options, const std::string& base_model) {
  AdapterConfig config;
  config.r = options.r;
  config.lora_alpha = options.lora_alpha;
  config.lora_dropout = options.lora_dropout;
  config.use_rslora = options.use_rslora;
  config.use_dora = options.use_dora;
  if (options.target_modules == std::vector<std::string>{kAllLinear}) {
    config.target_pattern = kAllLinear;
  } else {
    config.target_modules = options.target_modules;
  }
  config.base_model_name_or_path = base_model;
  return config;
}

std::vector<AdapterTarget> adapter_targets(const AdapterConfig& adapter, const ModelConfig& model,
                                           const std::string& place) {
  const TargetMatcher matcher(adapter, place);
  for (const std::string& path : {std::string("lm_head"), model.module_prefix + "embed_tokens"}) {
    if (matcher.matches_name(path)) {
      fail(ErrorCode::kUnsupported, place,
           "target_modules: got " + path + ", which is not supported; supported are the projections of the layers.");
    }
  }
  const PatternTable<std::int64_t> ranks(adapter.rank_pattern, "rank_pattern", place);
  const PatternTable<double> alphas(adapter.alpha_pattern, "alpha_pattern", place);
  std::vector<AdapterTarget> targets;
  std::set<std::string> names;
  for (LinearModule& module : linear_modules(model)) {
    names.insert(module.name.substr(module.name.find('.') + 1));
    if (!matcher.matches(module)) continue;
    AdapterTarget target;
    target.r = ranks.find(module.path, adapter.r);
    target.alpha = alphas.find(module.path, adapter.lora_alpha);
    const auto rank = static_cast<double>(target.r);
    target.scale = target.alpha / (adapter.use_rslora ? std::sqrt(rank) : rank);
    target.module = std::move(module);
    targets.push_back(std::move(target));
  }
  if (targets.empty()) {
    std::string known;
    for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
    fail(ErrorCode::kInvalidInput, place, "target_modules: no module matches; this model has " + known + ".");
  }
  return targets;
}

std::vector<std::string> unmatched_target_modules(const AdapterConfig& adapter, const ModelConfig& model) {
  const std::vector<LinearModule> modules = linear_modules(model);
  std::vector<std::string> unmatched;
  for (const std::string& name : adapter.target_modules) {
    const bool found =
        std::ranges::any_of(modules, [&](const LinearModule& module) { return names_match({name}, module.path); });
    if (!found) unmatched.push_back(name);
  }
  return unmatched;
}

}  // namespace vernier
