// GGUF version 3 (ggml-org/ggml, docs/gguf.md): metadata and tensors in one little-endian file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/io/atomic_file.h"

namespace vernier {

inline constexpr std::uint32_t kGgufMagic = 0x46554747;  // "GGUF"
inline constexpr std::uint32_t kGgufVersion = 3;
inline constexpr std::uint64_t kGgufAlignment = 32;  // of the tensors' data

// ggml's numbers.
enum class GgufType : std::uint32_t { kF32 = 0, kF16 = 1, kQ8_0 = 8, kBF16 = 30 };
// "F32", "F16", "Q8_0", "BF16".
std::string to_string(GgufType type);
// Bytes of `count` values; a Q8_0 row is whole blocks.
std::uint64_t gguf_bytes(GgufType type, std::int64_t count);

// Q8_0: blocks of 32 values as a float16 scale d = max |value| / 127 and 32 signed bytes round(value / d).
inline constexpr std::int64_t kQ8Block = 32;
inline constexpr std::size_t kQ8BlockBytes = 34;
// values.size() is a multiple of 32; out has 34 bytes for each 32.
void quantize_q8_0(std::span<const float> values, std::byte* out);
void dequantize_q8_0(const std::byte* blocks, std::int64_t count, float* out);

using GgufValue = std::variant<std::uint32_t, float, bool, std::string, std::vector<std::int32_t>, std::vector<float>,
                               std::vector<std::string>>;
using GgufMetadata = std::vector<std::pair<std::string, GgufValue>>;

// Row-major; the file names the dimensions the other way round. `read` as CheckpointTensor's.
struct GgufTensor {
  std::string name;
  std::vector<std::int64_t> shape;  // [rows, columns] or [values]
  GgufType type = GgufType::kF32;
  std::function<void(std::int64_t first_row, std::int64_t rows, float* out)> read;
};

// Writes the whole file, some rows at a time; the caller commits. False where `stop` was asked for. Q8_0 wants columns
// in multiples of 32. Errors: kNoSpace before the tensors are written where the disk cannot hold them, as AtomicFile.
bool write_gguf(AtomicFile& file, const GgufMetadata& metadata, const std::vector<GgufTensor>& tensors,
                const std::function<void(double)>& progress = {}, std::stop_token stop = {});

}  // namespace vernier
