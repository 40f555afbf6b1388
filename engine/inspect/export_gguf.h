// Writing a GGUF file and reading it back.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/inspect/gguf_model.h"
#include "engine/io/atomic_file.h"
#include "engine/io/gguf_reader.h"
#include "engine/model/weights.h"

namespace vernier {

// "float32", "float16", "bfloat16", "q8_0". Error{kInvalidInput} for another name.
GgufType gguf_type(const std::string& dtype);

// The weights of a GGUF file by the checkpoint's names and in its order of rows, for a model of Vernier's.
class GgufWeights {
 public:
  GgufWeights(const std::filesystem::path& path, const GgufModel& model);

  // As ModelWeights::RowReader.
  void read(const std::string& name, std::int64_t first_row, std::int64_t rows, float* out);
  // Holds every tensor, dequantised, against `weights`: equal in F32, within the rounding of its type else. Throws
  // Error{kInternal} naming the tensor; kCancelled.
  void compare(MergedWeights& weights, GgufType matrix_type, const std::function<void(double)>& progress,
               const std::stop_token& stop);

 private:
  GgufReader reader_;
  const GgufModel& model_;
};

}  // namespace vernier
