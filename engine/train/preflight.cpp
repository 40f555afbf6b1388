#include "vernier/preflight.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/data/cached_dataset.h"
#include "engine/io/hf_config.h"
#include "engine/io/safetensors.h"
#include "engine/io/tensor_names.h"
#include "engine/model/adapter.h"
#include "engine/model/compute_dtype.h"
#include "engine/model/weights.h"
#include "engine/ops/make_backend.h"
#include "engine/train/memory_plan.h"
#include "engine/train/run_data.h"
#include "engine/train/run_setup.h"
#include "engine/train/schedule.h"
#include "engine/train/step_trial.h"
#include "vernier/error.h"
#include "vernier/resources.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

std::string gigabytes(std::uint64_t bytes) {
  const auto hundredths = static_cast<std::uint64_t>(static_cast<double>(bytes) * 1e-7 + 0.5);
  const std::string digits = std::to_string(hundredths % 100);
  return std::to_string(hundredths / 100) + "." + (digits.size() < 2 ? "0" : "") + digits + " GB";
}

std::string short_number(double value) {
  return nlohmann::json(value).dump();
}

// One call of check_run. Each member finds out one thing; an Error in it becomes that thing's failure.
class Preflight {
 public:
  Preflight(const PreflightOptions& options, const LoadProgress& progress, std::stop_token stop)
      : options_(options), progress_(progress), stop_(std::move(stop)) {}

  PreflightReport go() {
    if (!attempt("run_file", "Correct the run file; README.md lists its keys.", [&] { read_run_file(); })) return out_;
    attempt("settings", "Take another value: this build does not quantize.", [&] {
      check_supported(config_);
      pass("settings", "this build does all that the run file asks for.");
    });
    attempt("device", "Choose another --device, or another dtype.", [&] {
      backend_ = make_backend(options_.device);
      dtype_ = compute_dtype(config_.dtype, *backend_, "run file");
      out_.free_memory_bytes = backend_->free_bytes();
      pass("device", "computes on " + backend_->name() + " in " + compute_dtype_name(dtype_) + ", " +
                         gigabytes(out_.free_memory_bytes) + " are free.");
    });
    if (!attempt("model", "Name the folder of a Hugging Face checkpoint in model_name_or_path.", [&] { read_model(); }))
      return out_;
    attempt("weights", "Get the checkpoint's files again, complete.", [&] { check_weights(); });
    const bool adapts = attempt("adapter", "Correct lora, or adapter_name_or_path.", [&] { check_adapter(); });
    const bool reads = attempt("tokenizer", "Put the tokenizer's files into the model's folder.", [&] { read_text(); });
    if (!reads) return out_;
    if (attempt("data",
                "Correct the data file, or dataset.format and dataset.columns; vernier-cli data --rows shows rows.",
                [&] { read_data(); })) {
      check_context();
      check_schedule();
      if (adapts && backend_) attempt("memory", "Do as the message says, or use another device.", [&] { predict(); });
    }
    attempt("disk", "Choose a folder on another disk with --out.", [&] { check_disk(); });
    return out_;
  }

 private:
  void add(const std::string& id, CheckStatus status, std::string message, std::string fix = "") {
    out_.checks.push_back({id, status, std::move(message), std::move(fix)});
  }
  void pass(const std::string& id, std::string message) { add(id, CheckStatus::kPass, std::move(message)); }

  template <typename Work>
  bool attempt(const std::string& id, const std::string& fix, const Work& work) {
    try {
      work();
      return true;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) throw;
      add(id, CheckStatus::kFail, error.what(), fix);
      return false;
    }
  }

  void read_run_file() {
    config_ = RunConfig::from_file(options_.run_file);
    pass("run_file", "every key is known and every value is in its range.");
  }

  void read_model() {
    model_ = read_model_config(config_.model_name_or_path);
    pass("model", "a " + model_.family + " of " + std::to_string(model_.num_layers) + " layers, " +
                      std::to_string(parameter_count(model_)) + " parameters.");
  }

  void check_weights() {
    if (config_.init_from_config) {
      pass("weights", "random ones, as init_from_config asks for.");
      return;
    }
    const ShardedSafetensors files(config_.model_name_or_path);
    model_.tensor_prefix = check_checkpoint(model_, files);
    const std::vector<std::string> unexpected = unexpected_tensors(model_, files);
    if (unexpected.empty()) {
      pass("weights", "every tensor is there in its shape.");
    } else {
      add("weights", CheckStatus::kWarn,
          std::to_string(unexpected.size()) + " tensors, such as " + unexpected.front() +
              ", are not called for by config.json and are not used.",
          "Make sure that config.json belongs to these weights.");
    }
  }

  void check_adapter() {
    if (config_.method == Method::kFull) {
      pass("adapter", "none: all weights are trained.");
      return;
    }
    std::vector<AdapterTarget> targets;
    if (config_.adapter_name_or_path) {
      const AdapterReader reader(*config_.adapter_name_or_path, model_);
      adapter_ = reader.config();
      targets = reader.targets();
    } else {
      adapter_ = run_adapter_config(config_, model_);
      targets = adapter_targets(*adapter_, model_, "lora");
    }
    std::int64_t parameters = 0;
    for (const AdapterTarget& target : targets) parameters += target.r * (target.module.in + target.module.out);
    pass("adapter", std::string(config_.adapter_name_or_path ? "goes on from the adapter given" : "a new one") + ": " +
                        std::to_string(targets.size()) + " projections, " + std::to_string(parameters) +
                        " parameters.");
  }

  void read_text() {
    tokenizer_ = load_run_tokenizer(config_);
    if (!tokenizer_) {
      pass("tokenizer", "none, and a batch file needs none.");
      return;
    }
    const std::int64_t tokens = tokenizer_->vocab_size();
    if (tokens > model_.vocab_size) {
      add("tokenizer", CheckStatus::kWarn,
          "it knows " + std::to_string(tokens) + " tokens, the model " + std::to_string(model_.vocab_size) +
              ": a row that uses one of the others is refused.",
          "Make sure that the tokenizer belongs to this model.");
    } else {
      pass("tokenizer", std::to_string(tokens) + " tokens.");
    }
    attempt("chat_template", "Correct chat_template, or leave it out to use the model's.", [&] {
      chat_template_ = choose_chat_template(config_.chat_template, config_.model_name_or_path);
      pass("chat_template", chat_template_ == nullptr       ? "none; only conversations need one."
                            : config_.chat_template.empty() ? "the model's."
                                                            : config_.chat_template + ".");
    });
  }

  void read_data() {
    std::optional<RowReader> reader;
    if (tokenizer_) {
      reader.emplace(*tokenizer_, chat_template_.get(), model_.vocab_size,
                     row_reader_key(config_.model_name_or_path, config_.chat_template));
    }
    data_ = RunData::load(config_, reader ? &*reader : nullptr, model_.vocab_size, progress_, stop_);
    out_.rows = data_.num_rows();
    out_.total_steps = data_.total_steps();
    out_.fill = data_.fill();
    if (const auto& audit = data_.audit()) {
      pass("data", std::to_string(audit->rows) + " rows (" + data_.format() + "), " + std::to_string(audit->tokens) +
                       " tokens, " + std::to_string(audit->labelled_tokens) + " of them with a label.");
    } else {
      pass("data", "a batch file of " + std::to_string(out_.rows) + " rows.");
    }
    for (const DataNote& note : data_.notes()) add(note.id, CheckStatus::kWarn, note.message, note.fix);
    if (data_.num_eval_rows() > 0) pass("evaluation", "on " + std::to_string(data_.num_eval_rows()) + " rows.");
  }

  void check_context() {
    if (model_.max_position_embeddings == 0) return;
    const std::int64_t longest = data_.longest_row();
    if (longest > model_.max_position_embeddings) {
      add("context", CheckStatus::kWarn,
          "rows of up to " + std::to_string(longest) + " tokens, and the model was made for " +
              std::to_string(model_.max_position_embeddings) + ".",
          "Lower max_length to " + std::to_string(model_.max_position_embeddings) + ".");
    } else {
      pass("context", "no row is longer than the " + std::to_string(model_.max_position_embeddings) +
                          " tokens that the model was made for.");
    }
  }

  void check_schedule() {
    const Schedule schedule(config_, out_.total_steps);
    const std::string steps = std::to_string(out_.total_steps) + " steps";
    if (config_.learning_rate == 0.0) {
      add("schedule", CheckStatus::kWarn, "learning_rate is 0: nothing will change in " + steps + ".",
          "Set learning_rate, for LoRA to 2e-4, say.");
    } else if (config_.lr_scheduler_type != SchedulerType::kConstant && schedule.warmup_steps() >= out_.total_steps) {
      add("schedule", CheckStatus::kWarn,
          "the learning rate warms up for " + std::to_string(schedule.warmup_steps()) + " steps, and the run has " +
              steps + ": it never reaches learning_rate.",
          "Lower warmup_steps or warmup_ratio, or train longer.");
    } else if (config_.learning_rate > (config_.method == Method::kFull ? 1e-3 : 1e-2)) {
      add("schedule", CheckStatus::kWarn,
          "learning_rate " + short_number(config_.learning_rate) + " is so high that training usually falls apart.",
          config_.method == Method::kFull ? "Try 1e-5 to 1e-4." : "Try 1e-4 to 5e-4.");
    } else {
      pass("schedule", steps + " at a learning rate of up to " + short_number(config_.learning_rate) + ".");
    }
  }

  // Memory first: the trial of a step may not fit where the run does not.
  void predict() {
    std::unique_ptr<Adapter> adapter;
    if (adapter_) {
      adapter = config_.adapter_name_or_path ? Adapter::load(*backend_, model_, *config_.adapter_name_or_path, dtype_)
                                             : Adapter::create(*backend_, model_, *adapter_, config_.seed, dtype_);
    }
    // The weights; of what is trained also gradients and two moments, float32.
    const ParameterUse use = adapter ? ParameterUse::kFrozen : ParameterUse::kTrained;
    const std::uint64_t weights =
        ModelWeights::bytes_of(model_, dtype_, use, quantization_from_name(config_.quantization));
    const std::uint64_t trained = adapter ? adapter->set().masters().size_bytes() : float32_bytes();
    const MemoryPlan plan = predict_memory({*backend_, model_, adapter ? &adapter->layout() : nullptr, dtype_},
                                           memory_needs(config_, data_), config_.recompute, weights + 3 * trained);
    out_.predicted_peak_memory_bytes = plan.predicted_bytes;
    const std::string message = "the run's peak will be " + gigabytes(plan.predicted_bytes) + ", and " +
                                gigabytes(out_.free_memory_bytes) + " are free; recompute is \"" +
                                recompute_name(plan.recompute) + "\".";
    if (plan.predicted_bytes > out_.free_memory_bytes / 10 * 9) {
      add("memory", CheckStatus::kWarn, message,
          "Lower per_device_train_batch_size (and raise gradient_accumulation_steps), or max_length, to leave others "
          "some room.");
    } else {
      pass("memory", message);
    }
    std::int64_t all_tokens = 0;
    const std::int64_t steps = std::min<std::int64_t>(64, out_.total_steps);
    for (std::int64_t step = 1; step <= steps; ++step) {
      for (const MicroBatch& batch : data_.micro_batches(step)) {
        all_tokens += static_cast<std::int64_t>(batch.input_ids.size());
      }
    }
    out_.tokens_per_step = static_cast<double>(all_tokens) / static_cast<double>(steps);
    if (!options_.measure_step) return;
    progress_("Timing a step", 0.0);
    const MicroBatch batch = data_.micro_batches(1).front();
    PassOptions pass;
    pass.recompute = plan.recompute;
    out_.predicted_step_ms = predict_step_ms(*backend_, model_, dtype_, adapter_ ? &*adapter_ : nullptr, config_, pass,
                                             batch, out_.tokens_per_step);
    progress_("Timing a step", 1.0);
  }

  void check_disk() {
    const std::uint64_t trained = adapter_ ? trained_bytes() : float32_bytes();
    // A checkpoint holds values and two moments; one more than are kept is being written, and the result beside it.
    const std::uint64_t needed = 3 * trained * (static_cast<std::uint64_t>(config_.save_total_limit) + 1) + 2 * trained;
    fs::path folder = fs::absolute(options_.out_dir.empty() ? default_runs_dir() : options_.out_dir);
    std::error_code error;
    while (!fs::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
    const fs::space_info space = fs::space(folder, error);
    if (error) fail(ErrorCode::kIo, folder.string(), "the room on its disk cannot be told: " + error.message() + ".");
    const std::string message = "checkpoints and the result take about " + gigabytes(needed) + ", and " +
                                gigabytes(space.available) + " are free at " + folder.string() + ".";
    if (needed > space.available) {
      add("disk", CheckStatus::kFail, message,
          "Free some room, choose another place with --out, or lower save_total_limit.");
    } else {
      pass("disk", message);
    }
  }

  std::uint64_t float32_bytes() const { return ModelWeights::bytes_of(model_, DType::kF32, ParameterUse::kTrained); }

  std::uint64_t trained_bytes() const {
    std::int64_t values = 0;
    for (const AdapterTarget& target : adapter_targets(*adapter_, model_, "lora")) {
      values += target.r * (target.module.in + target.module.out);
    }
    return static_cast<std::uint64_t>(values) * sizeof(float);
  }

  const PreflightOptions& options_;
  const LoadProgress& progress_;
  std::stop_token stop_;
  PreflightReport out_;
  RunConfig config_;
  ModelConfig model_;
  std::unique_ptr<Backend> backend_;
  DType dtype_ = DType::kF32;
  std::optional<AdapterConfig> adapter_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::unique_ptr<ChatTemplate> chat_template_;
  RunData data_;
};

}  // namespace

std::string to_string(CheckStatus status) {
  switch (status) {
    case CheckStatus::kPass:
      return "pass";
    case CheckStatus::kWarn:
      return "warn";
    case CheckStatus::kFail:
      return "fail";
  }
  return "fail";
}

std::int64_t PreflightReport::count(CheckStatus status) const {
  return std::count_if(checks.begin(), checks.end(), [&](const PreflightCheck& c) { return c.status == status; });
}

nlohmann::json PreflightReport::to_json() const {
  nlohmann::json list = nlohmann::json::array();
  for (const PreflightCheck& check : checks) {
    list.push_back(
        {{"id", check.id}, {"status", to_string(check.status)}, {"message", check.message}, {"fix", check.fix}});
  }
  nlohmann::json out = {{"checks", std::move(list)},
                        {"predicted_peak_memory_bytes", nullptr},
                        {"free_memory_bytes", free_memory_bytes},
                        {"predicted_step_ms", nullptr},
                        {"total_steps", total_steps},
                        {"rows", rows},
                        {"tokens_per_step", tokens_per_step},
                        {"fill", fill}};
  if (predicted_peak_memory_bytes) out["predicted_peak_memory_bytes"] = *predicted_peak_memory_bytes;
  if (predicted_step_ms) out["predicted_step_ms"] = *predicted_step_ms;
  return out;
}

PreflightReport check_run(const PreflightOptions& options,
                          const std::function<void(const std::string& stage, double fraction)>& progress,
                          std::stop_token stop) {
  const LoadProgress tell = [&](const std::string& stage, double fraction) {
    if (progress) progress(stage, fraction);
  };
  return Preflight(options, tell, std::move(stop)).go();
}

}  // namespace vernier
