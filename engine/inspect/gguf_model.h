// A model in llama.cpp's terms: metadata, tensor names, and how the tensors' rows lie.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/gguf_writer.h"
#include "engine/io/merged_weights.h"
#include "engine/io/model_config.h"
#include "engine/io/tensor_names.h"
#include "engine/text/gguf_vocabulary.h"

namespace vernier {

// One tensor of the file and the checkpoint's tensor it comes from.
struct GgufMapping {
  std::string name;
  WeightRef source;
  // llama.cpp turns neighbouring pairs of values for the Llama family, Transformers the halves of a head: the rows of
  // such a tensor are reordered within each of so many heads. 0: as they are.
  std::int64_t heads = 0;
  float offset = 0.0f;  // added to every value: Gemma's norms multiply by 1 + weight
};
// The checkpoint's row that is row `row` of the file's tensor.
std::int64_t gguf_source_row(const GgufMapping& mapping, std::int64_t row);

struct GgufModel {
  GgufMetadata metadata;
  std::vector<GgufMapping> mappings;
  std::vector<std::pair<std::string, std::vector<float>>> rope_factors;  // tensors that no checkpoint has
  std::vector<std::string> warnings;
};

// name: what the model is called. matrix_type: of matrices; vectors are F32.
// Errors: kUnsupported, by name, for a family or an option that llama.cpp does not have.
GgufModel describe_gguf(const ModelConfig& config, const std::optional<GgufVocabulary>& vocabulary,
                        const std::string& name, GgufType matrix_type);

// The element type of a mapping's tensor: matrices `matrix_type`, but F16 where their rows are no whole Q8_0 blocks.
GgufType gguf_tensor_type(const GgufMapping& mapping, GgufType matrix_type);

// The file's tensors, reading from `weights`, which must outlive them.
std::vector<GgufTensor> gguf_tensors(const GgufModel& model, MergedWeights& weights, GgufType matrix_type);

}  // namespace vernier
