// Reads back what write_gguf wrote: the check of an export.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "engine/io/gguf_writer.h"

namespace vernier {

// Metadata in the value types that Vernier writes, tensors of the four types. Thread: one thread at a time.
// Errors: kNotFound, kIo; kInvalidInput for a damaged file; kUnsupported for other types.
class GgufReader {
 public:
  struct Tensor {
    std::vector<std::int64_t> shape;  // [rows, columns] or [values]
    GgufType type = GgufType::kF32;
    std::uint64_t offset = 0;  // in the file
  };

  explicit GgufReader(const std::filesystem::path& path);

  const std::map<std::string, GgufValue>& metadata() const { return metadata_; }
  const std::map<std::string, Tensor>& tensors() const { return tensors_; }
  // Rows of a matrix, or values of a vector, as float32.
  void read(const std::string& name, std::int64_t first_row, std::int64_t rows, float* out);

 private:
  template <class T>
  T number();
  std::string string();
  GgufValue value(std::uint32_t type);
  // Checks a count of things of at least `size` bytes each against what is left of the file.
  std::uint64_t count(std::uint64_t size);
  void take(void* out, std::uint64_t bytes);
  [[noreturn]] void damaged(const std::string& what) const;

  std::filesystem::path path_;
  std::ifstream in_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t at_ = 0;
  std::map<std::string, GgufValue> metadata_;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace vernier
