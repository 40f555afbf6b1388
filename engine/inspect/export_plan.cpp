#include "engine/inspect/export_plan.h"

#include <nlohmann/json.hpp>

#include "engine/inspect/export_files.h"
#include "engine/inspect/export_gguf.h"
#include "engine/io/atomic_file.h"
#include "engine/io/hf_config.h"
#include "engine/io/tensor_names.h"
#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

void plan_adapter(const MergedWeights& weights, ExportPlan& plan) {
  const std::uint64_t size = size_of(export_dtype(plan.dtype));
  const bool dora = weights.adapter()->config().use_dora;
  for (const AdapterTarget& target : weights.adapter()->targets()) {
    const std::int64_t values = target.r * (target.module.in + target.module.out) + (dora ? target.module.out : 0);
    plan.bytes += static_cast<std::uint64_t>(values) * size;
    plan.num_tensors += dora ? 3 : 2;
  }
}

void plan_merged(const ExportOptions& options, const MergedWeights& weights, ExportPlan& plan) {
  for (const std::string& name : weights.file().names()) {
    const TensorInfo& info = *weights.file().find(name);
    const bool is_float = (info.dtype == DType::kF32 || info.dtype == DType::kF16 || info.dtype == DType::kBF16) &&
                          !name.ends_with(".inv_freq");
    const DType dtype = !options.dtype.empty() && is_float ? export_dtype(options.dtype) : info.dtype;
    plan.bytes += static_cast<std::uint64_t>(info.size()) * size_of(dtype);
    ++plan.num_tensors;
  }
}

void plan_gguf(const ExportOptions& options, MergedWeights& weights, ExportPlan& plan) {
  const GgufType type = gguf_type(plan.dtype);
  const ModelConfig& config = weights.config();
  const GgufModel model = describe_gguf(config, read_gguf_vocabulary(options.model_dir, config.vocab_size),
                                        export_model_name(options.model_dir), type);
  plan.warnings.insert(plan.warnings.end(), model.warnings.begin(), model.warnings.end());
  for (const GgufTensor& tensor : gguf_tensors(model, weights, type)) {
    std::int64_t values = 1;
    for (const std::int64_t side : tensor.shape) values *= side;
    plan.bytes += gguf_bytes(tensor.type, values);
    ++plan.num_tensors;
  }
}

}  // namespace

void check_export_options(const ExportOptions& options) {
  if (options.out.empty()) fail(ErrorCode::kInvalidInput, "export", "out: got nothing, expected where to write.");
  if (options.format == ExportFormat::kAdapter && options.adapter_dir.empty()) {
    fail(ErrorCode::kInvalidInput, "export", "adapter: got none, expected a PEFT adapter or a run folder to export.");
  }
  std::error_code ignored;
  if (options.format == ExportFormat::kGguf) {
    if (!fs::path(options.out).has_filename() || fs::is_directory(options.out, ignored)) {
      fail(ErrorCode::kInvalidInput, options.out, "out: got a folder, expected the name of a file.");
    }
    if (fs::exists(fs::symlink_status(options.out, ignored))) {
      fail(ErrorCode::kInvalidInput, options.out, "cannot write: the file is there. Choose another name or remove it.");
    }
  }
  if (options.dtype.empty()) return;
  if (options.format == ExportFormat::kGguf) {
    (void)gguf_type(options.dtype);
  } else {
    (void)export_dtype(options.dtype);
  }
}

std::string export_weights_dtype(const ExportOptions& options, const MergedWeights& weights) {
  const WeightRef embedding = model_weight_refs(weights.config()).embedding;
  const DType kept = weights.file().at(embedding.name, embedding.shape).dtype;
  return options.dtype.empty() ? export_dtype_name(kept) : options.dtype;
}

std::string export_model_name(const std::string& model_dir) {
  const fs::path folder = fs::absolute(model_dir).lexically_normal();
  return (folder.has_filename() ? folder : folder.parent_path()).filename().string();
}

nlohmann::json ExportPlan::to_json() const {
  return {{"dtype", dtype},
          {"num_tensors", num_tensors},
          {"bytes", bytes},
          {"free_bytes", free_bytes},
          {"warnings", warnings}};
}

ExportPlan plan_export(const ExportOptions& options) {
  check_export_options(options);
  if (options.format != ExportFormat::kGguf) check_folder_target(options.out, ExistingFolder::kRefuse);
  MergedWeights weights(options.model_dir, read_model_config(options.model_dir),
                        options.adapter_dir.empty() ? fs::path() : adapter_folder(options.adapter_dir));
  ExportPlan plan;
  plan.warnings = checkpoint_notes(weights.config(), weights.file());
  switch (options.format) {
    case ExportFormat::kAdapter:
      plan.dtype = options.dtype.empty() ? "float32" : options.dtype;
      plan_adapter(weights, plan);
      break;
    case ExportFormat::kMerged:
      plan.dtype = export_weights_dtype(options, weights);
      plan_merged(options, weights, plan);
      break;
    case ExportFormat::kGguf:
      plan.dtype = export_weights_dtype(options, weights);
      plan_gguf(options, weights, plan);
      break;
  }
  std::error_code error;
  fs::path folder = fs::absolute(options.out).lexically_normal();
  while (!fs::is_directory(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  const fs::space_info space = fs::space(folder, error);
  if (error) fail(ErrorCode::kIo, folder.string(), "the room on its disk cannot be told: " + error.message() + ".");
  plan.free_bytes = space.available;
  if (plan.bytes > plan.free_bytes) {
    Error full(ErrorCode::kNoSpace, "[" + folder.string() + "] disk: got " + std::to_string(plan.free_bytes) +
                                        " bytes free, expected " + std::to_string(plan.bytes) +
                                        " for the export. Choose another place.");
    full.needed_bytes = plan.bytes;
    full.free_bytes = plan.free_bytes;
    throw full;
  }
  return plan;
}

}  // namespace vernier
