// The base model's weights in a backend's memory.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/io/model_config.h"
#include "engine/io/safetensors.h"
#include "engine/model/nf4_weights.h"
#include "engine/model/parameters.h"

namespace vernier {

// Where a weight lies: rows [first_row, first_row + rows) of a tensor of the set. index -1: the model has none.
struct WeightSlice {
  std::int64_t index = -1;
  std::int64_t first_row = 0;
  std::int64_t rows = 0;

  explicit operator bool() const { return index >= 0; }
};

// Names as in tensor_names.h. q, k, v and gate, up are parts of one tensor where the checkpoint holds them fused.
struct LayerSlices {
  WeightSlice pre_attention_norm, post_attention_norm, pre_mlp_norm, post_mlp_norm;
  WeightSlice q, k, v, o, q_bias, k_bias, v_bias, o_bias, q_norm, k_norm;
  WeightSlice gate, up, down, gate_bias, up_bias, down_bias;
};

// How frozen weights are kept. kNf4: the layers' matrices in 4 bits, put together layer by layer for the passes; an
// embedding that is not the head, too, in host memory, of which a pass reads a few rows.
enum class Quantization { kNone, kNf4 };
// "none" or "nf4", which RunConfig has checked.
Quantization quantization_from_name(const std::string& name);

// All of a checkpoint's tensors, whole and by the checkpoint's names, so that full-parameter training can write them
// back. Thread: one thread at a time.
class ModelWeights {
 public:
  // check_checkpoint() must have accepted `weights`, whose element types may be any it knows. progress gets 0 to 1;
  // `stop` ends it with Error{kCancelled}. Errors: as reading; kOutOfMemory.
  static std::unique_ptr<ModelWeights> load(Backend& backend, const ModelConfig& config,
                                            const ShardedSafetensors& weights, DType dtype = DType::kF32,
                                            ParameterUse use = ParameterUse::kFrozen,
                                            const std::function<void(double)>& progress = {}, std::stop_token stop = {},
                                            Quantization quantization = Quantization::kNone);
  // The same in float32 from wherever the rows come: read() fills `out` with rows [first_row, first_row + rows) of a
  // tensor.
  using RowReader = std::function<void(const Parameter& tensor, std::int64_t first_row, std::int64_t rows, float* out)>;
  static std::unique_ptr<ModelWeights> load(Backend& backend, const ModelConfig& config, const RowReader& read,
                                            const std::function<void(double)>& progress = {},
                                            std::stop_token stop = {});
  // As Transformers initialises a model: normal(0, initializer_range) from philox, norms one, biases zero. Matrices in
  // 4 bits are the same in every layer.
  static std::unique_ptr<ModelWeights> random(Backend& backend, const ModelConfig& config, std::uint64_t seed,
                                              DType dtype = DType::kF32, ParameterUse use = ParameterUse::kFrozen,
                                              Quantization quantization = Quantization::kNone);

  // Values that the arena of a model's weights in full holds, and bytes of the backend's memory that its weights take,
  // without gradients.
  static std::uint64_t arena_size(const ModelConfig& config, DType dtype);
  static std::uint64_t bytes_of(const ModelConfig& config, DType dtype, ParameterUse use,
                                Quantization quantization = Quantization::kNone);

  // What passes over these weights compute in.
  DType dtype() const { return set_.dtype(); }
  ParameterSet& set() { return set_; }
  const ParameterSet& set() const { return set_; }

  // Empty for a weight the model does not have; a vector (norm, bias) is one row. A matrix in 4 bits is put together
  // now, and is valid until one of another layer is asked for.
  TensorView value(const WeightSlice& slice) const;
  // Has a second place for matrices that are put together from 4 bits, so that the next layer's are beside a layer's
  // work. Nothing where none are. Errors: kOutOfMemory.
  void look_ahead();
  static std::uint64_t ahead_bytes_of(const ModelConfig& config, DType dtype, Quantization quantization);
  Quantization quantization() const { return nf4_ ? Quantization::kNf4 : Quantization::kNone; }
  // A pass through the layers from `first` to `last` begins. It puts its matrices together itself, also where it is
  // recorded, one layer ahead where it can.
  void begin_pass(std::int64_t first, std::int64_t last) const;
  // A whole tensor of the set as passes read it.
  std::vector<float> download_as_computed(std::size_t index) const;
  // Empty too where the weights are not trained.
  TensorView gradient(const WeightSlice& slice) const;

  const std::vector<LayerSlices>& layers() const { return layers_; }
  const WeightSlice& embedding() const { return embedding_; }
  const WeightSlice& final_norm() const { return final_norm_; }
  // The embedding where the head is tied to it.
  const WeightSlice& head() const { return head_; }

 private:
  ModelWeights(Backend& backend, const ModelConfig& config, DType dtype, ParameterUse use, Quantization quantization);
  // Puts rows [first_row, first_row + rows) of a tensor into the set.
  using PieceLoader =
      std::function<void(const ParameterSet& set, std::size_t index, std::int64_t first_row, std::int64_t rows)>;
  // A whole matrix in 4 bits.
  using MatrixReader = std::function<Nf4Values(const Parameter& tensor)>;
  static std::unique_ptr<ModelWeights> load_pieces(Backend& backend, const ModelConfig& config, DType dtype,
                                                   ParameterUse use, const PieceLoader& load_piece,
                                                   const std::function<void(double)>& progress, std::stop_token stop,
                                                   Quantization quantization, const MatrixReader& read_matrix);
  TensorView rows_of(const TensorView& whole, const WeightSlice& slice) const;

  Backend& backend_;
  ParameterSet set_;
  std::unique_ptr<Nf4Weights> nf4_;
  std::vector<LayerSlices> layers_;
  WeightSlice embedding_, final_norm_, head_;
};

}  // namespace vernier
