#include "vernier/describe.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/io/hf_config.h"
#include "engine/io/peft_adapter.h"
#include "engine/io/safetensors.h"
#include "engine/io/tensor_names.h"
#include "engine/train/run_setup.h"
#include "vernier/error.h"
#include "vernier/template.h"
#include "vernier/tokenizer.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

// "BPE", "Unigram": model.type of a tokenizer.json, of whose megabytes nothing else is kept.
std::string tokenizer_type(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string within;
  const auto keep = [&within](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    if (event != nlohmann::json::parse_event_t::key) return true;
    if (depth == 1) within = value.get<std::string>();
    return depth == 1 ? within == "model" : within == "model" && depth == 2 && value == "type";
  };
  const nlohmann::json parsed = nlohmann::json::parse(in, keep, /*allow_exceptions=*/false);
  const auto type = nlohmann::json::json_pointer("/model/type");
  return parsed.is_object() && parsed.contains(type) && parsed[type].is_string() ? parsed[type].get<std::string>() : "";
}

void describe_weights(ModelDescription& out) {
  const ShardedSafetensors files(out.model_dir);
  std::map<DType, std::uint64_t> bytes;
  for (const SafetensorsFile& file : files.files()) {
    for (const TensorInfo& tensor : file.tensors()) bytes[tensor.dtype] += tensor.bytes.size();
  }
  out.weights_files = std::ssize(files.files());
  out.weights_bytes = files.total_bytes();
  const auto most = std::ranges::max_element(bytes, {}, [](const auto& entry) { return entry.second; });
  if (most != bytes.end()) out.weights_dtype = to_string(most->first);
  ModelConfig config = *out.config;
  config.tensor_prefix = check_checkpoint(config, files);
  if (config.own_head) out.problems.push_back({false, kOwnHeadNote, kOwnHeadFix});
  const std::vector<std::string> unexpected = unexpected_tensors(config, files);
  if (unexpected.empty()) return;
  out.problems.push_back({false,
                          std::to_string(unexpected.size()) + " tensors, such as " + unexpected.front() +
                              ", are not called for by config.json and are not used.",
                          "Make sure that config.json belongs to these weights."});
}

void describe_tokenizer(ModelDescription& out) {
  const std::unique_ptr<Tokenizer> tokenizer = Tokenizer::load(out.model_dir);
  const fs::path fast = fs::path(out.model_dir) / "tokenizer.json";
  std::error_code ignored;
  if (fs::is_regular_file(fast, ignored)) {
    const std::string type = tokenizer_type(fast);
    out.tokenizer = type.empty() ? "tokenizer.json" : type + " (tokenizer.json)";
  } else {
    out.tokenizer = "SentencePiece (tokenizer.model)";
  }
  out.tokenizer_size = tokenizer->vocab_size();
  if (out.tokenizer_size <= out.vocab_size) return;
  out.problems.push_back({false,
                          "The tokenizer knows " + std::to_string(out.tokenizer_size) + " tokens, the model " +
                              std::to_string(out.vocab_size) + ": a row that uses one of the others is refused.",
                          "Make sure that the tokenizer belongs to this model."});
}

void describe_template(ModelDescription& out) {
  const std::unique_ptr<ChatTemplate> chat_template = load_chat_template(out.model_dir);
  out.has_chat_template = chat_template != nullptr;
  out.template_marks_assistant = chat_template != nullptr && chat_template->has_generation_blocks();
}

std::string last_part(const std::string& name) {
  return name.substr(name.rfind('.') + 1);
}

}  // namespace

bool ModelDescription::is_blocked() const {
  return std::ranges::any_of(problems, &ModelProblem::blocks);
}

ModelDescription describe_model(const std::string& model_dir) {
  ModelDescription out;
  out.model_dir = model_dir;
  const auto config = std::make_shared<const ModelConfig>(read_model_config(model_dir));
  out.config = config;
  out.family = config->family;
  out.vocab_size = config->vocab_size;
  out.hidden_size = config->hidden_size;
  out.intermediate_size = config->intermediate_size;
  out.num_layers = config->num_layers;
  out.num_heads = config->num_heads;
  out.num_kv_heads = config->num_kv_heads;
  out.head_dim = config->head_dim;
  out.max_position_embeddings = config->max_position_embeddings;
  for (const std::int64_t window : config->layer_window) {
    if (window == 0) continue;
    out.sliding_window = window;
    ++out.sliding_layers;
  }
  out.tied_embeddings = config->tie_word_embeddings;
  out.parameters = parameter_count(*config);
  for (const LinearModule& module : linear_modules(*config)) {
    if (module.layer != 0) break;
    out.projections.push_back(
        {last_part(module.name), module.name.substr(0, module.name.find('.')), module.in, module.out});
  }
  const auto attempt = [&](const std::string& fix, const auto& part) {
    try {
      part(out);
    } catch (const Error& error) {
      out.problems.push_back({true, error.what(), fix});
    }
  };
  attempt("Get the checkpoint's files again, complete, as safetensors.", describe_weights);
  attempt("Put the tokenizer's files (tokenizer.json or tokenizer.model) into the model's folder.", describe_tokenizer);
  attempt("Correct the chat template, or choose a built-in one for the data.", describe_template);
  return out;
}

AdapterOutline outline_adapter(const ModelDescription& model, const RunConfig& config) {
  AdapterOutline out;
  out.by_projection.assign(model.projections.size(), 0);
  if (config.method == Method::kFull) return out;
  AdapterConfig adapter;
  std::vector<AdapterTarget> targets;
  if (config.adapter_name_or_path) {
    const AdapterReader reader(*config.adapter_name_or_path, *model.config);
    adapter = reader.config();
    targets = reader.targets();
  } else {
    adapter = run_adapter_config(config, *model.config);
    targets = adapter_targets(adapter, *model.config, "lora");
  }
  out.r = adapter.r;
  out.lora_alpha = adapter.lora_alpha;
  out.use_dora = adapter.use_dora;
  for (const AdapterTarget& target : targets) {
    const std::int64_t values =
        target.r * (target.module.in + target.module.out) + (adapter.use_dora ? target.module.out : 0);
    out.parameters += values;
    const std::string name = last_part(target.module.name);
    const auto at = std::ranges::find(model.projections, name, &ProjectionInfo::name);
    out.by_projection[static_cast<std::size_t>(at - model.projections.begin())] += values;
  }
  return out;
}

}  // namespace vernier
