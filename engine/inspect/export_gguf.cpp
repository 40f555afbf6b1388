#include "engine/inspect/export_gguf.h"

#include <algorithm>
#include <cmath>

#include "vernier/error.h"

namespace vernier {
namespace {

// What rounding `block` to the type may change in one value of it.
double rounding_of(GgufType type, double value, double block_largest) {
  switch (type) {
    case GgufType::kF32:
      return 0.0;
    case GgufType::kF16:
      return std::abs(value) * 0x1p-11 + 0x1p-25;
    case GgufType::kBF16:
      return std::abs(value) * 0x1p-8;
    case GgufType::kQ8_0:
      // Half a step, and what rounding the step to float16 adds up to at 127 steps.
      return block_largest * (0.5 / 127.0 + 0x1p-11) * 1.001 + 0x1p-18;
  }
  return 0.0;
}

}  // namespace

GgufType gguf_type(const std::string& dtype) {
  if (dtype == "float32") return GgufType::kF32;
  if (dtype == "float16") return GgufType::kF16;
  if (dtype == "bfloat16") return GgufType::kBF16;
  if (dtype == "q8_0") return GgufType::kQ8_0;
  fail(ErrorCode::kInvalidInput, "dtype", "got \"" + dtype + "\", expected float32, float16, bfloat16 or q8_0.");
}

GgufWeights::GgufWeights(const std::filesystem::path& path, const GgufModel& model) : reader_(path), model_(model) {}

void GgufWeights::read(const std::string& name, std::int64_t first_row, std::int64_t rows, float* out) {
  const auto found =
      std::ranges::find_if(model_.mappings, [&](const GgufMapping& mapping) { return mapping.source.name == name; });
  if (found == model_.mappings.end()) fail(ErrorCode::kInternal, "gguf", name + " is not in the file.");
  const GgufMapping& mapping = *found;
  const std::int64_t width = mapping.source.shape.size() == 2 ? mapping.source.shape[1] : 1;
  if (mapping.heads == 0) {
    reader_.read(mapping.name, first_row, rows, out);
  } else {
    // The rows of the file that hold the ones asked for.
    for (std::int64_t row = 0; row < mapping.source.shape[0]; ++row) {
      const std::int64_t to = gguf_source_row(mapping, row) - first_row;
      if (to >= 0 && to < rows) reader_.read(mapping.name, row, 1, out + to * width);
    }
  }
  for (std::int64_t i = 0; mapping.offset != 0.0f && i < rows * width; ++i) out[i] -= mapping.offset;
}

void GgufWeights::compare(MergedWeights& weights, GgufType matrix_type, const std::function<void(double)>& progress,
                          const std::stop_token& stop) {
  const std::vector<GgufTensor> tensors = gguf_tensors(model_, weights, matrix_type);
  std::vector<float> written;
  std::vector<float> expected;
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    const GgufTensor& tensor = tensors[t];
    const std::int64_t rows = tensor.shape[0];
    const std::int64_t width = tensor.shape.size() == 2 ? tensor.shape[1] : 1;
    const std::int64_t step = std::max<std::int64_t>(1, (std::int64_t{1} << 20) / width);
    for (std::int64_t row = 0; row < rows; row += step) {
      if (stop.stop_requested()) fail(ErrorCode::kCancelled, "export", "the check was cancelled.");
      const std::int64_t count = std::min(step, rows - row);
      written.resize(static_cast<std::size_t>(count * width));
      expected.resize(written.size());
      reader_.read(tensor.name, row, count, written.data());
      tensor.read(row, count, expected.data());
      for (std::size_t i = 0; i < written.size(); ++i) {
        double largest = 0.0;
        if (tensor.type == GgufType::kQ8_0) {
          const std::size_t block = i / kQ8Block * kQ8Block;
          for (std::size_t k = block; k < block + kQ8Block; ++k)
            largest = std::max(largest, std::abs(static_cast<double>(expected[k])));
        }
        const auto value = static_cast<double>(expected[i]);
        if (!(std::abs(static_cast<double>(written[i]) - value) <= rounding_of(tensor.type, value, largest))) {
          fail(ErrorCode::kInternal, "export",
               tensor.name + ": got " + std::to_string(written[i]) + " back from the file, expected " +
                   std::to_string(expected[i]) + " within the rounding of " + to_string(tensor.type) + ".");
        }
      }
    }
    if (progress) progress(static_cast<double>(t + 1) / static_cast<double>(tensors.size()));
  }
}

}  // namespace vernier
