// Writes a Hugging Face checkpoint folder: config.json, generation_config.json, weights, tokenizer files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/io/atomic_file.h"
#include "vernier/dtype.h"

namespace vernier {

// A tensor to write. Its values come when its turn does, some rows of the first dimension at a time (a vector has rows
// of one value), so that no second copy of the model need be in memory.
struct CheckpointTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  DType dtype = DType::kF32;  // in the file: F32, F16 or BF16; any with raw
  // Fills out with rows * (size of a row) values, rounded once to dtype.
  std::function<void(std::int64_t first_row, std::int64_t rows, float* out)> read;
  // Instead of read: the tensor's bytes as they are, of dtype.
  std::span<const std::byte> raw;
};

struct CheckpointOptions {
  nlohmann::json config;             // config.json; its "torch_dtype" / "dtype" is set to `dtype`
  nlohmann::json generation_config;  // null: no such file
  DType dtype = DType::kBF16;        // what config.json says; tensors have their own
  // A shard holds tensors up to this many bytes together, or one larger tensor.
  std::uint64_t max_shard_bytes = 5'000'000'000;
  std::filesystem::path tokenizer_folder;  // its tokenizer and chat template files are copied; "" for none
  ExistingFolder existing = ExistingFolder::kRefuse;
};

// The folder appears complete or not at all. `progress` gets 0 to 1 on the calling thread. Returns false where `stop`
// was asked for; then nothing is left.
// Errors: kNoSpace before anything is written where the disk cannot hold it, and as AtomicFolder.
bool write_checkpoint(const std::filesystem::path& folder, const std::vector<CheckpointTensor>& tensors,
                      const CheckpointOptions& options, const std::function<void(double)>& progress = {},
                      std::stop_token stop = {});

// Copies tokenizer.json, tokenizer.model, tokenizer_config.json, chat_template.jinja and their like, as far as they are
// there.
void copy_tokenizer_files(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace vernier
