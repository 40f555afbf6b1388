#include "engine/train/run_setup.h"

#include <set>
#include <utility>

#include "engine/data/cached_dataset.h"
#include "engine/io/hf_config.h"
#include "engine/io/peft_adapter.h"
#include "engine/io/safetensors.h"
#include "engine/io/tensor_names.h"
#include "engine/model/compute_dtype.h"
#include "engine/model/targets.h"
#include "engine/ops/make_backend.h"
#include "engine/train/resume_check.h"
#include "vernier/devices.h"
#include "vernier/error.h"

namespace vernier {
namespace {

namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// A run in bfloat16 began on a GPU: where it goes on without one, it helps to know what keeps the GPU from being used.
DType run_dtype(const RunConfig& config, const std::string& device, const Backend& backend) {
  try {
    return compute_dtype(config.dtype, backend, "run file");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported || device == "cpu") throw;
    for (const DeviceInfo& other : list_devices()) {
      if (!other.problem.empty()) throw Error(error.code(), error.what() + (" " + other.problem));
    }
    throw;
  }
}

void load_base_weights(const RunConfig& config, RunSetup& run, const ResumePoint& resume, const LoadProgress& progress,
                       std::stop_token stop) {
  const ParameterUse use = config.method == Method::kFull ? ParameterUse::kTrained : ParameterUse::kFrozen;
  if (config.init_from_config) {
    const std::string& named = run.model_config.weights_dtype;
    run.result_dtype = named == "float32" ? DType::kF32 : named == "float16" ? DType::kF16 : DType::kBF16;
    run.weights = ModelWeights::random(*run.backend, run.model_config, config.seed, run.dtype, use);
    return;
  }
  const ShardedSafetensors files(config.model_name_or_path);
  run.model_config.tensor_prefix = check_checkpoint(run.model_config, files);
  for (std::string& note : checkpoint_notes(run.model_config, files)) run.warnings.push_back(std::move(note));
  const WeightRef embedding = model_weight_refs(run.model_config).embedding;
  run.result_dtype = files.at(embedding.name, embedding.shape).dtype;
  if (use == ParameterUse::kFrozen) {
    run.inputs.weights = weights_fingerprint(files);
    if (resume.state.inputs) check_same_weights(*resume.state.inputs, run.inputs.weights, config.model_name_or_path);
  }
  run.weights = ModelWeights::load(
      *run.backend, run.model_config, files, run.dtype, use,
      [&](double fraction) { progress("Loading weights", fraction); }, stop,
      quantization_from_name(config.quantization));
}

std::unique_ptr<Adapter> make_adapter(const RunConfig& config, RunSetup& run, const ResumePoint& resume) {
  if (!resume.folder.empty()) return Adapter::load(*run.backend, run.model_config, resume.folder, run.dtype);
  if (config.adapter_name_or_path) {
    auto adapter = Adapter::load(*run.backend, run.model_config, *config.adapter_name_or_path, run.dtype);
    if (std::string note = own_adapter_note(config.lora, adapter->config()); !note.empty()) {
      run.warnings.push_back(std::move(note));
    }
    return adapter;
  }
  return Adapter::create(*run.backend, run.model_config, run_adapter_config(config, run.model_config), config.seed,
                         run.dtype);
}

}  // namespace

AdapterConfig run_adapter_config(const RunConfig& config, const ModelConfig& model) {
  AdapterConfig adapter = adapter_config_from_options(config.lora, config.model_name_or_path);
  const std::vector<std::string> unmatched = unmatched_target_modules(adapter, model);
  if (!unmatched.empty()) {
    std::vector<std::string> names;
    for (const LinearModule& module : linear_modules(model)) {
      if (module.layer == 0) names.push_back(module.name.substr(module.name.rfind('.') + 1));
    }
    fail(ErrorCode::kInvalidInput, "run file",
         "lora.target_modules: got \"" + unmatched.front() + "\", expected \"all-linear\" or some of " + joined(names) +
             ", which this model has.");
  }
  return adapter;
}

std::string own_adapter_note(const LoraOptions& asked, const AdapterConfig& own) {
  // A setting that is the default was not meant, as a run file may leave it out.
  const LoraOptions usual;
  std::vector<std::string> names;
  if (asked.r != usual.r && asked.r != own.r) names.emplace_back("lora.r");
  if (asked.lora_alpha != usual.lora_alpha && asked.lora_alpha != own.lora_alpha) names.emplace_back("lora.lora_alpha");
  if (asked.use_rslora && !own.use_rslora) names.emplace_back("lora.use_rslora");
  if (asked.use_dora && !own.use_dora) names.emplace_back("lora.use_dora");
  const std::set<std::string> targets(asked.target_modules.begin(), asked.target_modules.end());
  if (asked.target_modules != usual.target_modules &&
      targets != std::set<std::string>(own.target_modules.begin(), own.target_modules.end())) {
    names.emplace_back("lora.target_modules");
  }
  if (names.empty()) return "";
  return "The adapter that training goes on from keeps its own " + joined(names) + ", whatever the run file says.";
}

std::unique_ptr<Tokenizer> load_run_tokenizer(const RunConfig& config) {
  try {
    return Tokenizer::load(config.model_name_or_path);
  } catch (const Error& error) {
    // A batch file holds ids; text is only needed to show them.
    const bool missing = error.code() == ErrorCode::kNotFound || error.code() == ErrorCode::kUnsupported;
    if (config.batch && !config.eval_dataset && missing) return nullptr;
    throw;
  }
}

std::int64_t captured_rows(const ReturnLogits& asked, std::int64_t longest_row) {
  return asked.every > 0 ? static_cast<std::int64_t>(kept_positions(asked.logits_to_keep, longest_row).size()) : 0;
}

MemoryNeeds memory_needs(const RunConfig& config, const RunData& data) {
  MemoryNeeds needs;
  needs.sequences = config.per_device_train_batch_size;
  needs.tokens = data.max_micro_batch_tokens();
  needs.evaluation_tokens = data.max_evaluation_tokens();
  needs.captured_rows = captured_rows(config.return_logits, data.longest_row());
  needs.batch_setting = config.batch ? "" : "per_device_train_batch_size";
  needs.length_setting = "max_length";
  return needs;
}

void check_supported(const RunConfig& config) {
  if (config.quantization != "none" && config.method == Method::kFull) {
    fail(ErrorCode::kUnsupported, "run file",
         "quantization: got \"" + config.quantization +
             "\" with method \"full\", expected \"none\": weights in 4 bits cannot be trained. Use method \"lora\".");
  }
}

ResumePoint find_resume_point(const fs::path& run_dir, const RunConfig& config) {
  ResumePoint point;
  std::string newest_problem;
  for (const std::int64_t step : list_checkpoints(run_dir)) {
    const fs::path folder = checkpoint_folder(run_dir, step);
    try {
      point.state = check_checkpoint_files(folder);
    } catch (const Error& error) {
      if (newest_problem.empty()) newest_problem = error.what();
      point.warnings.push_back("Checkpoint step-" + std::to_string(step) + " cannot be used: " + error.what());
      continue;
    }
    if (point.state.seed != config.seed) {
      fail(ErrorCode::kInvalidInput, folder.string(),
           "seed: got " + std::to_string(point.state.seed) + ", expected " + std::to_string(config.seed) +
               ", which run.json says.");
    }
    point.folder = folder;
    return point;
  }
  if (!newest_problem.empty()) {
    fail(ErrorCode::kInvalidInput, run_dir.string(),
         "none of the checkpoints can be used; of the newest: " + newest_problem);
  }
  return point;
}

void load_trained(RunSetup& run, const RunConfig& config, const ResumePoint& resume, const LoadProgress& progress,
                  std::stop_token stop) {
  load_base_weights(config, run, resume, progress, std::move(stop));
  if (config.method == Method::kLora) run.adapter = make_adapter(config, run, resume);
  run.parameters().enable_gradients();
  run.optimizer = std::make_unique<Optimizer>(*run.backend, run.parameters(), config);
  if (!resume.folder.empty()) {
    if (!run.adapter) load_weights(resume.folder, *run.weights);
    load_optimizer(resume.folder, *run.backend, *run.optimizer, resume.state);
  }
  run.decoder = std::make_unique<Decoder>(*run.backend, run.model_config, *run.weights, run.adapter.get());
  // All of the run's passes get their room now, so that a step allocates nothing and a run that cannot fit says so at
  // once.
  run.memory = plan_memory(*run.decoder, memory_needs(config, run.data), config.recompute);
}

std::unique_ptr<RunSetup> load_run(const RunConfig& config, const std::string& device, const ResumePoint& resume,
                                   const LoadProgress& progress, std::stop_token stop) {
  auto run = std::make_unique<RunSetup>();
  run->backend = make_backend(device);
  run->dtype = run_dtype(config, device, *run->backend);
  run->backend->set_deterministic(config.deterministic);
  progress("Reading the model's configuration", 0.0);
  run->model_config = read_model_config(config.model_name_or_path);
  run->tokenizer = load_run_tokenizer(config);
  const std::unique_ptr<ChatTemplate> chat_template =
      run->tokenizer ? choose_chat_template(config.chat_template, config.model_name_or_path) : nullptr;
  std::optional<RowReader> reader;
  if (run->tokenizer) {
    reader.emplace(*run->tokenizer, chat_template.get(), run->model_config.vocab_size,
                   row_reader_key(config.model_name_or_path, config.chat_template));
  }
  run->data = RunData::load(config, reader ? &*reader : nullptr, run->model_config.vocab_size, progress, stop);
  const std::int64_t positions = run->model_config.max_position_embeddings;
  if (const std::int64_t longest = run->data.longest_row(); longest > positions) {
    run->warnings.push_back("The longest row has " + std::to_string(longest) + " tokens, more than the " +
                            std::to_string(positions) +
                            " positions (max_position_embeddings) that the model was made for. Lower max_length.");
  }
  run->inputs.rows = run->data.num_rows();
  run->inputs.data = run->data.fingerprint();
  if (resume.state.inputs) {
    check_same_data(*resume.state.inputs, run->inputs, config.batch ? *config.batch : config.dataset.path);
  } else if (!resume.folder.empty()) {
    run->warnings.push_back(
        "An earlier version of Vernier wrote the checkpoint, without fingerprints: whether data and weights are those "
        "that the run began with is not checked.");
  }
  load_trained(*run, config, resume, progress, stop);
  for (const DataNote& note : run->data.notes()) run->warnings.push_back(note.text());
  return run;
}

}  // namespace vernier
