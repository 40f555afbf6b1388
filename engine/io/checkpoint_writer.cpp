#include "engine/io/checkpoint_writer.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "engine/io/safetensors.h"
#include "vernier/error.h"

namespace fs = std::filesystem;

namespace vernier {
namespace {

using nlohmann::json;

constexpr std::int64_t kPieceValues = std::int64_t{1} << 22;  // converted at a time: 16 MiB of float32

std::string torch_name(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "float32";
    case DType::kF16:
      return "float16";
    case DType::kBF16:
      return "bfloat16";
    default:
      fail(ErrorCode::kInternal, "write_checkpoint", "element type " + std::string(to_string(dtype)) + ".");
  }
}

std::int64_t value_count(const CheckpointTensor& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t dimension : tensor.shape) count *= dimension;
  return count;
}

std::uint64_t byte_count(const CheckpointTensor& tensor) {
  return static_cast<std::uint64_t>(value_count(tensor)) * size_of(tensor.dtype);
}

// Consecutive tensors, each group up to max_bytes.
std::vector<std::vector<const CheckpointTensor*>> make_shards(const std::vector<CheckpointTensor>& tensors,
                                                              std::uint64_t max_bytes) {
  std::vector<std::vector<const CheckpointTensor*>> shards(1);
  std::uint64_t bytes = 0;
  for (const CheckpointTensor& tensor : tensors) {
    const std::uint64_t more = byte_count(tensor);
    if (!shards.back().empty() && bytes + more > max_bytes) {
      shards.emplace_back();
      bytes = 0;
    }
    shards.back().push_back(&tensor);
    bytes += more;
  }
  return shards;
}

std::string shard_name(std::size_t index, std::size_t count) {
  if (count == 1) return "model.safetensors";
  char name[64];
  std::snprintf(name, sizeof name, "model-%05zu-of-%05zu.safetensors", index + 1, count);
  return name;
}

// As Transformers 5 or 4 calls the key, whichever the file uses.
void set_dtype(json& config, const std::string& name) {
  if (config.contains("text_config")) set_dtype(config["text_config"], name);
  if (config.contains("dtype")) config["dtype"] = name;
  if (config.contains("torch_dtype") || !config.contains("dtype")) config["torch_dtype"] = name;
}

void require_space(const fs::path& folder, std::uint64_t bytes) {
  std::error_code ignored;
  const fs::space_info space = fs::space(folder, ignored);
  if (ignored || space.available >= bytes) return;
  Error error(ErrorCode::kNoSpace, "[" + folder.parent_path().string() + "] cannot write the checkpoint: it needs " +
                                       std::to_string(bytes) + " bytes, and " + std::to_string(space.available) +
                                       " are free there. Free some space or choose another place.");
  error.needed_bytes = bytes;
  error.free_bytes = space.available;
  throw error;
}

// Writes one tensor, in pieces of whole rows; false where stopped.
bool write_tensor(SafetensorsWriter& writer, const CheckpointTensor& tensor, std::vector<float>& buffer,
                  const std::function<void(std::uint64_t)>& written, const std::stop_token& stop) {
  if (!tensor.read) {
    writer.write(tensor.raw);
    written(tensor.raw.size());
    return !stop.stop_requested();
  }
  const std::int64_t rows = tensor.shape.empty() ? 1 : tensor.shape[0];
  if (value_count(tensor) == 0) return true;
  const std::int64_t row_size = value_count(tensor) / rows;
  const std::int64_t step = std::max<std::int64_t>(1, kPieceValues / row_size);
  for (std::int64_t row = 0; row < rows; row += step) {
    if (stop.stop_requested()) return false;
    const std::int64_t count = std::min(step, rows - row);
    buffer.resize(static_cast<std::size_t>(count * row_size));
    tensor.read(row, count, buffer.data());
    writer.write_f32(buffer);
    written(buffer.size() * size_of(tensor.dtype));
  }
  return true;
}

}  // namespace

void copy_tokenizer_files(const fs::path& from, const fs::path& to) {
  constexpr const char* kFiles[] = {"tokenizer.json",    "tokenizer.model",     "tokenizer_config.json",
                                    "vocab.json",        "merges.txt",          "special_tokens_map.json",
                                    "added_tokens.json", "chat_template.jinja", "chat_template.json"};
  std::error_code ignored;
  for (const char* name : kFiles) {
    if (fs::exists(from / name, ignored)) copy_file_atomically(from / name, to / name);
  }
  const fs::path templates = "additional_chat_templates";
  if (!fs::is_directory(from / templates, ignored)) return;
  fs::create_directory(to / templates);
  for (const fs::directory_entry& entry : fs::directory_iterator(from / templates)) {
    if (!entry.is_regular_file()) continue;
    copy_file_atomically(entry.path(), to / templates / entry.path().filename());
  }
}

bool write_checkpoint(const fs::path& folder, const std::vector<CheckpointTensor>& tensors,
                      const CheckpointOptions& options, const std::function<void(double)>& progress,
                      std::stop_token stop) {
  std::uint64_t total_bytes = 0;
  for (const CheckpointTensor& tensor : tensors) total_bytes += byte_count(tensor);
  AtomicFolder made(folder, options.existing);
  require_space(made.path(), total_bytes);

  json config = options.config;
  set_dtype(config, torch_name(options.dtype));
  write_json_file(made.path() / "config.json", config);
  if (!options.generation_config.is_null()) {
    write_json_file(made.path() / "generation_config.json", options.generation_config);
  }
  if (!options.tokenizer_folder.empty()) copy_tokenizer_files(options.tokenizer_folder, made.path());

  std::uint64_t done_bytes = 0;
  const auto written = [&](std::uint64_t bytes) {
    done_bytes += bytes;
    if (progress) progress(static_cast<double>(done_bytes) / static_cast<double>(total_bytes));
  };
  const auto shards = make_shards(tensors, options.max_shard_bytes);
  json weight_map = json::object();
  std::vector<float> buffer;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const std::string name = shard_name(i, shards.size());
    SafetensorsWriter writer(made.path() / name);
    std::map<std::string_view, const CheckpointTensor*> by_name;
    for (const CheckpointTensor* tensor : shards[i]) {
      writer.add(tensor->name, tensor->dtype, tensor->shape);
      by_name[tensor->name] = tensor;
      weight_map[tensor->name] = name;
    }
    for (const std::string& tensor : writer.begin()) {
      if (!write_tensor(writer, *by_name[tensor], buffer, written, stop)) return false;
    }
    writer.finish();
  }
  if (shards.size() > 1) {
    write_json_file(made.path() / "model.safetensors.index.json",
                    {{"metadata", {{"total_size", total_bytes}}}, {"weight_map", weight_map}});
  }
  if (stop.stop_requested()) return false;
  made.commit();
  return true;
}

}  // namespace vernier
