// The safetensors format (huggingface/safetensors, README "Format"): an 8-byte little-endian header length, a JSON
// header, and the tensors' bytes without holes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/atomic_file.h"
#include "vernier/dtype.h"

namespace vernier {

inline constexpr std::uint64_t kMaxSafetensorsHeaderBytes = 100'000'000;  // as the reference implementation

// One tensor of an open file, row-major. `bytes` point into the mapping, live as long as the file object, and are not
// aligned: read them through convert_to_f32 or memcpy.
struct TensorInfo {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;  // empty: a scalar
  std::span<const std::byte> bytes;

  std::int64_t size() const;  // number of elements
};

// "[64, 96]"
std::string shape_to_string(std::span<const std::int64_t> shape);

// out[i] = element i as float32, exactly, for F32, F16 and BF16; out has tensor.size() values. Other dtypes:
// Error{kUnsupported}. Vectorised; one thread.
void convert_to_f32(const TensorInfo& tensor, float* out);
// The same for `count` elements from element `first` on.
void convert_to_f32(const TensorInfo& tensor, std::int64_t first, std::int64_t count, float* out);
// The inverse for F32, F16 and BF16, rounding to nearest even. out has values.size() * size_of(dtype) bytes.
void convert_from_f32(std::span<const float> values, DType dtype, std::byte* out);

// A memory-mapped file, read-only. The header is read and checked in full before anything is mapped: sizes, offsets,
// overflow, holes, overlaps, repeated keys. Objects may be read from several threads.
// Errors: kNotFound, kIo; kInvalidInput with one sentence for a damaged or hostile file; kUnsupported for an element
// type Vernier does not know.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);
  ~SafetensorsFile();
  SafetensorsFile(SafetensorsFile&& other) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&& other) noexcept;

  const std::filesystem::path& path() const { return path_; }
  // In the order of their bytes in the file.
  const std::vector<TensorInfo>& tensors() const { return tensors_; }
  // nullptr where there is none of that name.
  const TensorInfo* find(std::string_view name) const;
  // find() or Error{kInvalidInput}.
  const TensorInfo& at(std::string_view name) const;
  // find() with a check of the shape: Error{kInvalidInput}
  // "[model.safetensors] a.weight: got shape [64, 95], expected [64, 96]. ...".
  const TensorInfo& at(std::string_view name, std::span<const std::int64_t> shape) const;
  // The header's "__metadata__".
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  // Throws Error{kIo} where the file's size is no longer what it was: reading the mapping of a file that was cut short
  // would end the process. Call it before reading tensors long after opening.
  void check_unchanged() const;

 private:
  void read_header(int fd, std::uint64_t file_bytes);
  void unmap();

  std::filesystem::path path_;
  std::vector<TensorInfo> tensors_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::map<std::string, std::string> metadata_;
  int fd_ = -1;
  std::byte* mapping_ = nullptr;
  std::uint64_t mapped_bytes_ = 0;
};

// The weights of a checkpoint folder: `model.safetensors`, or the shards that `model.safetensors.index.json` names.
// Errors: kNotFound where the folder has neither; kInvalidInput for a shard that is missing or lies outside the
// folder, and for a tensor that the index names and its shard lacks. Reading: as SafetensorsFile.
class ShardedSafetensors {
 public:
  explicit ShardedSafetensors(const std::filesystem::path& folder);

  // Sorted by name.
  std::vector<std::string> names() const;
  const TensorInfo* find(std::string_view name) const;
  const TensorInfo& at(std::string_view name, std::span<const std::int64_t> shape) const;
  // find(), shape and dtype checked, converted. `first_row` and `rows` choose a range of the first dimension.
  void read_f32(std::string_view name, std::span<const std::int64_t> shape, float* out) const;
  void read_f32(std::string_view name, std::span<const std::int64_t> shape, std::int64_t first_row, std::int64_t rows,
                float* out) const;
  // Bytes of all tensors.
  std::uint64_t total_bytes() const;
  const std::vector<SafetensorsFile>& files() const { return files_; }

 private:
  const SafetensorsFile& file_of(std::string_view name) const;

  std::filesystem::path folder_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, std::size_t, std::less<>> index_;  // tensor -> file
};

// Writes a file through AtomicFile: add() every tensor, begin(), write() the tensors' bytes in the order begin() gives,
// finish(). The header is padded with spaces so that the data starts at a multiple of 8 bytes; tensors lie by element
// size, largest first, then by name, so that each is aligned to its element size. The metadata says `format: pt`, as
// other tools expect.
// Errors: as AtomicFile. A repeated name, or bytes that do not fit what was added, is our bug: Error{kInternal}.
class SafetensorsWriter {
 public:
  explicit SafetensorsWriter(std::filesystem::path path, Durability durability = Durability::kSynced);
  ~SafetensorsWriter();

  void add(std::string name, DType dtype, std::vector<std::int64_t> shape);
  void set_metadata(std::string key, std::string value);
  std::vector<std::string> begin();
  // The next tensor's bytes, whole or in pieces.
  void write(std::span<const std::byte> bytes);
  // The same from float32, converted to the tensor's dtype (F32, F16 or BF16).
  void write_f32(std::span<const float> values);
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A tensor in memory on its way to a file.
struct TensorToWrite {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
};

// A whole file at once, by SafetensorsWriter.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace vernier
