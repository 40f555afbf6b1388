#include "engine/inspect/export_files.h"

#include <set>
#include <utility>

#include "engine/io/checkpoint_writer.h"
#include "engine/io/hf_config.h"
#include "engine/io/tensor_names.h"
#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

bool is_float(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16;
}

}  // namespace

DType export_dtype(const std::string& name) {
  if (name == "float32") return DType::kF32;
  if (name == "float16") return DType::kF16;
  if (name == "bfloat16") return DType::kBF16;
  fail(ErrorCode::kInvalidInput, "dtype", "got \"" + name + "\", expected float32, float16 or bfloat16.");
}

std::string export_dtype_name(DType dtype) {
  return dtype == DType::kF32 ? "float32" : dtype == DType::kF16 ? "float16" : "bfloat16";
}

std::int64_t write_adapter_export(const MergedWeights& weights, DType dtype, const fs::path& folder) {
  const AdapterReader& adapter = *weights.adapter();
  const bool dora = adapter.config().use_dora;
  std::vector<std::vector<float>> host;
  std::vector<AdapterValues> values;
  for (std::size_t i = 0; i < adapter.targets().size(); ++i) {
    const AdapterTarget& target = adapter.targets()[i];
    std::vector<float> a(static_cast<std::size_t>(target.r * target.module.in));
    std::vector<float> b(static_cast<std::size_t>(target.module.out * target.r));
    std::vector<float> magnitude(dora ? static_cast<std::size_t>(target.module.out) : 0);
    adapter.read(i, a.data(), b.data(), dora ? magnitude.data() : nullptr);
    values.push_back({a, b, magnitude});  // moving a vector keeps its values where they are
    for (auto* part : {&a, &b, &magnitude}) host.push_back(std::move(*part));
  }
  write_adapter_files(folder, adapter.config(), weights.config(), adapter.targets(), values, dtype);
  return static_cast<std::int64_t>(values.size()) * (dora ? 3 : 2);
}

std::int64_t write_merged_export(MergedWeights& weights, const ExportOptions& options, const fs::path& folder,
                                 const std::function<void(double)>& progress, std::stop_token stop) {
  const ShardedSafetensors& file = weights.file();
  std::vector<std::string> names;
  std::set<std::string> decoder;
  for (const WeightRef& ref : checkpoint_tensors(weights.config())) {
    names.push_back(ref.name);
    decoder.insert(ref.name);
  }
  // What else the checkpoint holds goes along: other towers of a multimodal model, a stored copy of a tied head.
  for (const std::string& name : file.names()) {
    if (!decoder.contains(name)) names.push_back(name);
  }
  std::vector<CheckpointTensor> tensors;
  for (const std::string& name : names) {
    const TensorInfo& info = *file.find(name);
    CheckpointTensor tensor{name, info.shape, info.dtype, {}, {}};
    const bool buffer = name.ends_with(".inv_freq");
    if (!options.dtype.empty() && is_float(info.dtype) && !buffer) tensor.dtype = export_dtype(options.dtype);
    if (weights.changes(name)) {
      tensor.read = [&weights, name, shape = info.shape](std::int64_t first_row, std::int64_t rows, float* out) {
        weights.read(name, shape, first_row, rows, out);
      };
    } else if (tensor.dtype != info.dtype) {
      const std::int64_t row_size = info.shape.empty() || info.shape[0] == 0 ? 1 : info.size() / info.shape[0];
      tensor.read = [&info, row_size](std::int64_t first_row, std::int64_t rows, float* out) {
        convert_to_f32(info, first_row * row_size, rows * row_size, out);
      };
    } else {
      tensor.raw = info.bytes;
    }
    tensors.push_back(std::move(tensor));
  }

  CheckpointOptions to;
  to.config = read_json_file(fs::path(options.model_dir) / "config.json");
  if (weights.config().own_head) set_untied(to.config);
  std::error_code ignored;
  if (const fs::path generation = fs::path(options.model_dir) / "generation_config.json";
      fs::exists(generation, ignored)) {
    to.generation_config = read_json_file(generation);
  }
  to.dtype = tensors.front().dtype;  // the embedding's
  to.max_shard_bytes = options.max_shard_bytes;
  to.tokenizer_folder = options.model_dir;
  for (const SafetensorsFile& shard : file.files()) shard.check_unchanged();
  if (!write_checkpoint(folder, tensors, to, progress, std::move(stop))) {
    fail(ErrorCode::kCancelled, "export", "writing was cancelled.");
  }
  return static_cast<std::int64_t>(tensors.size());
}

}  // namespace vernier
