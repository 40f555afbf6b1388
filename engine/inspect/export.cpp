#include "vernier/export.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/inspect/export_check.h"
#include "engine/inspect/export_files.h"
#include "engine/inspect/export_gguf.h"
#include "engine/inspect/export_plan.h"
#include "engine/io/atomic_file.h"
#include "engine/io/hf_config.h"
#include "engine/io/made_parents.h"
#include "engine/io/named_as.h"
#include "engine/io/tensor_names.h"
#include "engine/ops/make_backend.h"
#include "vernier/error.h"
#include "vernier/non_finite.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

std::uint64_t bytes_under(const fs::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

ModelWeights::RowReader rows_of(const ShardedSafetensors& file) {
  return [&file](const Parameter& tensor, std::int64_t first_row, std::int64_t rows, float* out) {
    file.read_f32(tensor.name, tensor.shape, first_row, rows, out);
  };
}

// One export from the live model to the verdict.
class Export {
 public:
  Export(const ExportOptions& options, const ExportProgress& progress, std::stop_token stop)
      : options_(options),
        progress_(progress),
        stop_(std::move(stop)),
        backend_(make_backend(options.device)),
        adapter_dir_(options.adapter_dir.empty() ? fs::path() : adapter_folder(options.adapter_dir)),
        weights_(options.model_dir, read_model_config(options.model_dir), adapter_dir_) {
    result_.path = options.out;
    result_.format = options.format;
  }

  ExportResult run() {
    live_ = export_check_logits(*backend_, weights_.config(), rows_of(weights_.file()), adapter_dir_, &base_,
                                stage("Running the live model"), stop_);
    if (!std::all_of(live_.begin(), live_.end(), [](float logit) { return std::isfinite(logit); })) {
      const std::string weight = describe_non_finite_weight(options_.model_dir, adapter_dir_.string());
      fail(ErrorCode::kNonFinite, "export",
           "logits of the live model: got values that are no finite numbers, expected numbers (" +
               (weight.empty() ? "every weight is finite" : weight) + "). Nothing was written.");
    }
    if (options_.format == ExportFormat::kGguf) {
      write_file();
    } else {
      write_folder();
    }
    return result_;
  }

 private:
  std::function<void(double)> stage(const std::string& what) const {
    return [this, what](double fraction) {
      if (progress_) progress_(what, fraction);
    };
  }

  void write_folder() {
    const MadeParents parents(options_.out);
    AtomicFolder made(options_.out);
    named_as(made.path(), options_.out, [&] { fill(made); });
    made.commit();
  }

  void fill(const AtomicFolder& made) {
    if (options_.format == ExportFormat::kAdapter) {
      result_.dtype = options_.dtype.empty() ? "float32" : options_.dtype;
      result_.num_tensors = write_adapter_export(weights_, export_dtype(result_.dtype), made.path());
      judge(export_check_logits(*backend_, weights_.config(), rows_of(weights_.file()), made.path(), nullptr,
                                stage("Checking"), stop_));
    } else {
      result_.dtype = export_weights_dtype(options_, weights_);
      result_.num_tensors = write_merged_export(weights_, options_, made.path(), stage("Writing"), stop_);
      ModelConfig config = read_model_config(made.path());
      const ShardedSafetensors file(made.path());
      config.tensor_prefix = check_checkpoint(config, file);
      judge(export_check_logits(*backend_, config, rows_of(file), {}, nullptr, stage("Checking"), stop_));
    }
    result_.bytes = bytes_under(made.path());
  }

  void write_file() {
    result_.dtype = export_weights_dtype(options_, weights_);
    const GgufType type = gguf_type(result_.dtype);
    const ModelConfig& config = weights_.config();
    const GgufModel model = describe_gguf(config, read_gguf_vocabulary(options_.model_dir, config.vocab_size),
                                          export_model_name(options_.model_dir), type);
    const std::vector<GgufTensor> tensors = gguf_tensors(model, weights_, type);
    // Written and checked in a folder beside the target, which is gone in the end; the file then moves in one step.
    const fs::path out(options_.out);
    const MadeParents parents(out);
    const AtomicFolder aside(out);
    const fs::path made = aside.path() / out.filename();
    named_as(made, options_.out, [&] { write_gguf_file(model, tensors, type, made); });
    std::error_code error;
    fs::rename(made, out, error);
    if (error) fail_system(error.value(), "write", out);
  }

  void write_gguf_file(const GgufModel& model, const std::vector<GgufTensor>& tensors, GgufType type,
                       const fs::path& made) {
    AtomicFile file(made);
    if (!write_gguf(file, model.metadata, tensors, stage("Writing"), stop_)) {
      fail(ErrorCode::kCancelled, "export", "writing was cancelled.");
    }
    file.commit();
    result_.num_tensors = static_cast<std::int64_t>(tensors.size());
    result_.bytes = fs::file_size(made);
    GgufWeights written(made, model);
    written.compare(weights_, type, stage("Reading back"), stop_);
    const ModelWeights::RowReader read = [&](const Parameter& tensor, std::int64_t first_row, std::int64_t rows,
                                             float* values) { written.read(tensor.name, first_row, rows, values); };
    judge(export_check_logits(*backend_, weights_.config(), read, {}, nullptr, stage("Checking"), stop_));
  }

  void judge(const std::vector<float>& exported) {
    result_.check = judge_export(exported, live_, base_, weights_.config().vocab_size, result_.dtype);
    if (result_.check.verdict == ParityVerdict::kDiffers) {
      fail(ErrorCode::kInternal, "export", result_.check.summary + " Nothing was kept.");
    }
  }

  const ExportOptions& options_;
  const ExportProgress& progress_;
  std::stop_token stop_;
  std::unique_ptr<Backend> backend_;
  fs::path adapter_dir_;
  MergedWeights weights_;
  std::vector<float> live_, base_;
  ExportResult result_;
};

}  // namespace

std::string to_string(ExportFormat format) {
  switch (format) {
    case ExportFormat::kAdapter:
      return "adapter";
    case ExportFormat::kMerged:
      return "merged";
    case ExportFormat::kGguf:
      return "gguf";
  }
  return "";
}

nlohmann::json ExportResult::to_json() const {
  return {{"path", path},
          {"format", to_string(format)},
          {"dtype", dtype},
          {"num_tensors", num_tensors},
          {"bytes", bytes},
          {"warnings", warnings},
          {"check",
           {{"num_positions", check.num_positions},
            {"mean_abs_logit_difference", check.mean_abs_logit_difference},
            {"max_abs_logit_difference", check.max_abs_logit_difference},
            {"relative_difference", check.relative_difference},
            {"tolerance", check.tolerance},
            {"argmax_agreement", check.argmax_agreement},
            {"adapter_effect", check.adapter_effect},
            {"verdict", to_string(check.verdict)},
            {"summary", check.summary}}}};
}

ExportResult export_model(const ExportOptions& options, const ExportProgress& progress, std::stop_token stop) {
  ExportPlan plan = plan_export(options);  // refuses what cannot be before any weight is read
  ExportResult result = Export(options, progress, std::move(stop)).run();
  result.warnings = std::move(plan.warnings);
  return result;
}

}  // namespace vernier
