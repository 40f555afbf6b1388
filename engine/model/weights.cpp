#include "engine/model/weights.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "engine/core/philox.h"
#include "engine/io/nf4_tensor.h"
#include "engine/io/tensor_names.h"
#include "engine/model/download.h"
#include "vernier/error.h"

namespace vernier {
namespace {

constexpr std::int64_t kStagingValues = 1 << 22;  // 16 MiB: read and converted at a time

struct Tensors {
  std::vector<Parameter> parameters;
  std::vector<std::int64_t> layers;  // of those kept in 4 bits; -1: the others
};

Tensors tensors_of(const ModelConfig& config, Quantization quantization) {
  Tensors out;
  std::unordered_map<std::string, std::int64_t> quantized;
  const ModelWeightRefs refs = model_weight_refs(config);
  for (std::size_t l = 0; quantization == Quantization::kNf4 && l < refs.layers.size(); ++l) {
    const LayerWeightRefs& layer = refs.layers[l];
    for (const WeightRef* ref : {&layer.q, &layer.k, &layer.v, &layer.o, &layer.gate, &layer.up, &layer.down}) {
      quantized[ref->name] = static_cast<std::int64_t>(l);  // where fused, the parts have one name
    }
  }
  for (const WeightRef& ref : checkpoint_tensors(config)) {
    const bool matrix = ref.shape.size() == 2;
    Parameter& parameter = out.parameters.emplace_back();
    parameter = {.name = ref.name, .shape = ref.shape, .decays = matrix, .place = matrix ? 0 : 1};
    const auto layer = quantized.find(ref.name);
    out.layers.push_back(layer == quantized.end() ? -1 : layer->second);
    if (out.layers.back() >= 0) parameter.home = Home::kElsewhere;
    if (quantization == Quantization::kNf4 && refs.head && ref.name == refs.embedding.name)
      parameter.home = Home::kHost;
  }
  return out;
}

// Minutes of reading should not end at a block that cannot be had.
void check_room(const Backend& backend, const Tensors& tensors, DType dtype, ParameterUse use) {
  constexpr std::uint64_t kSmall = std::uint64_t{64} << 20;
  const auto needed_for = [&](DType type) {
    std::uint64_t bytes = Nf4Weights::bytes_of(tensors.parameters, tensors.layers, type);
    for (const Parameter& parameter : tensors.parameters) {
      if (parameter.home != Home::kArena) continue;
      const std::size_t master = use == ParameterUse::kTrained || type == DType::kF32 ? sizeof(float) : 0;
      const std::size_t copy = type == DType::kF32 ? 0 : size_of(type);
      bytes += static_cast<std::uint64_t>(parameter.size()) * (master + copy);
    }
    return bytes;
  };
  const std::uint64_t needed = needed_for(dtype);
  const std::uint64_t free = needed < kSmall ? needed : backend.free_bytes();
  if (needed <= free) return;
  const bool smaller = dtype == DType::kF32 && backend.computes(DType::kBF16) && needed_for(DType::kBF16) <= free;
  Error error(ErrorCode::kOutOfMemory, "[" + backend.name() + " memory] the model's weights: got " +
                                           std::to_string(needed) + " bytes, expected at most " + std::to_string(free) +
                                           " that are free. " +
                                           (smaller ? "Set dtype to \"bfloat16\"." : "Use a smaller model."));
  error.needed_bytes = needed;
  error.free_bytes = free;
  throw error;
}

// A matrix of about that deviation, from few numbers drawn once and laid out over and over.
Nf4Values random_nf4(std::int64_t count, std::uint64_t seed, std::uint32_t stream, float deviation) {
  constexpr std::size_t kSample = 1 << 16;
  std::vector<float> sample(kSample);
  const PhiloxKey key = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  for (std::size_t i = 0; i < kSample; ++i) {
    // The sum of twelve even numbers is normal enough.
    double sum = -6.0;
    for (std::uint32_t j = 0; j < 3; ++j) {
      for (const std::uint32_t word : philox4x32_10({static_cast<std::uint32_t>(i), j, stream, 0x6e663400u}, key)) {
        sum += (static_cast<double>(word) + 0.5) * 0x1p-32;
      }
    }
    sample[i] = static_cast<float>(deviation * sum);
  }
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = sample[(i * 40503 + i / kSample) % kSample];
  return quantize_nf4(values);
}

}  // namespace

Quantization quantization_from_name(const std::string& name) {
  return name == "nf4" ? Quantization::kNf4 : Quantization::kNone;
}

std::uint64_t ModelWeights::arena_size(const ModelConfig& config, DType dtype) {
  return static_cast<std::uint64_t>(
      ParameterSet::arena_size(tensors_of(config, Quantization::kNone).parameters, dtype));
}

std::uint64_t ModelWeights::bytes_of(const ModelConfig& config, DType dtype, ParameterUse use,
                                     Quantization quantization) {
  const Tensors tensors = tensors_of(config, quantization);
  const bool masters = dtype == DType::kF32 || use == ParameterUse::kTrained;
  const std::size_t a_value = (masters ? sizeof(float) : 0) + (dtype == DType::kF32 ? 0 : size_of(dtype));
  return static_cast<std::uint64_t>(ParameterSet::arena_size(tensors.parameters, dtype)) * a_value +
         Nf4Weights::bytes_of(tensors.parameters, tensors.layers, dtype);
}

ModelWeights::ModelWeights(Backend& backend, const ModelConfig& config, DType dtype, ParameterUse use,
                           Quantization quantization)
    : backend_(backend) {
  Tensors tensors = tensors_of(config, quantization);
  std::unordered_map<std::string, std::int64_t> index;
  for (std::size_t i = 0; i < tensors.parameters.size(); ++i) {
    index[tensors.parameters[i].name] = static_cast<std::int64_t>(i);
  }
  check_room(backend, tensors, dtype, use);
  set_ = ParameterSet(backend, std::move(tensors.parameters), dtype, use);
  if (quantization == Quantization::kNf4) {
    if (use != ParameterUse::kFrozen) fail(ErrorCode::kInternal, "weights", "4-bit weights cannot be trained.");
    nf4_ = std::make_unique<Nf4Weights>(backend, set_.parameters(), tensors.layers, dtype);
  }

  const auto slice = [&](const WeightRef& ref) {
    return ref ? WeightSlice{index.at(ref.name), ref.first_row, ref.rows} : WeightSlice{};
  };
  const ModelWeightRefs refs = model_weight_refs(config);
  embedding_ = slice(refs.embedding);
  final_norm_ = slice(refs.final_norm);
  head_ = refs.head ? slice(refs.head) : embedding_;
  for (const LayerWeightRefs& l : refs.layers) {
    layers_.push_back({.pre_attention_norm = slice(l.pre_attention_norm),
                       .post_attention_norm = slice(l.post_attention_norm),
                       .pre_mlp_norm = slice(l.pre_mlp_norm),
                       .post_mlp_norm = slice(l.post_mlp_norm),
                       .q = slice(l.q),
                       .k = slice(l.k),
                       .v = slice(l.v),
                       .o = slice(l.o),
                       .q_bias = slice(l.q_bias),
                       .k_bias = slice(l.k_bias),
                       .v_bias = slice(l.v_bias),
                       .o_bias = slice(l.o_bias),
                       .q_norm = slice(l.q_norm),
                       .k_norm = slice(l.k_norm),
                       .gate = slice(l.gate),
                       .up = slice(l.up),
                       .down = slice(l.down),
                       .gate_bias = slice(l.gate_bias),
                       .up_bias = slice(l.up_bias),
                       .down_bias = slice(l.down_bias)});
  }
}

std::unique_ptr<ModelWeights> ModelWeights::load(Backend& backend, const ModelConfig& config,
                                                 const ShardedSafetensors& weights, DType dtype, ParameterUse use,
                                                 const std::function<void(double)>& progress, std::stop_token stop,
                                                 Quantization quantization) {
  for (const SafetensorsFile& file : weights.files()) file.check_unchanged();
  std::vector<float> staging;
  const PieceLoader load_piece = [&](const ParameterSet& set, std::size_t index, std::int64_t row, std::int64_t count) {
    const Parameter& parameter = set.parameters()[index];
    const std::int64_t width = parameter.size() / parameter.shape[0];
    if (is_stored_nf4(weights, parameter.name)) {
      staging.resize(static_cast<std::size_t>(count * width));
      weights.read_f32(parameter.name, parameter.shape, row, count, staging.data());
      set.upload(index, staging, row * width);
      return;
    }
    const TensorInfo& tensor = weights.at(parameter.name, parameter.shape);
    // Bits that need no change go from the file's mapping to the device as they are.
    if (dtype == DType::kBF16 && tensor.dtype == dtype && use == ParameterUse::kFrozen) {
      const std::size_t row_bytes = static_cast<std::size_t>(width) * size_of(dtype);
      const std::span<const std::byte> bits =
          tensor.bytes.subspan(static_cast<std::size_t>(row) * row_bytes, static_cast<std::size_t>(count) * row_bytes);
      set.upload_bf16(index, bits, row * width);
      return;
    }
    staging.resize(static_cast<std::size_t>(count * width));
    weights.read_f32(parameter.name, parameter.shape, row, count, staging.data());
    set.upload(index, staging, row * width);
  };
  const MatrixReader read_matrix = [&](const Parameter& parameter) {
    if (is_stored_nf4(weights, parameter.name) && is_double_quantized(weights, parameter.name)) {
      return read_nf4(weights, parameter.name, parameter.shape);
    }
    staging.resize(static_cast<std::size_t>(parameter.size()));
    weights.read_f32(parameter.name, parameter.shape, staging.data());
    return quantize_nf4(staging);
  };
  return load_pieces(backend, config, dtype, use, load_piece, progress, std::move(stop), quantization, read_matrix);
}

std::unique_ptr<ModelWeights> ModelWeights::load(Backend& backend, const ModelConfig& config, const RowReader& read,
                                                 const std::function<void(double)>& progress, std::stop_token stop) {
  std::vector<float> staging;
  const PieceLoader load_piece = [&](const ParameterSet& set, std::size_t index, std::int64_t row, std::int64_t count) {
    const Parameter& parameter = set.parameters()[index];
    const std::int64_t width = parameter.size() / parameter.shape[0];
    staging.resize(static_cast<std::size_t>(count * width));
    read(parameter, row, count, staging.data());
    set.upload(index, staging, row * width);
  };
  return load_pieces(backend, config, DType::kF32, ParameterUse::kFrozen, load_piece, progress, std::move(stop),
                     Quantization::kNone, {});
}

std::unique_ptr<ModelWeights> ModelWeights::load_pieces(Backend& backend, const ModelConfig& config, DType dtype,
                                                        ParameterUse use, const PieceLoader& load_piece,
                                                        const std::function<void(double)>& progress,
                                                        std::stop_token stop, Quantization quantization,
                                                        const MatrixReader& read_matrix) {
  std::unique_ptr<ModelWeights> model(new ModelWeights(backend, config, dtype, use, quantization));
  const ParameterSet& set = model->set_;
  const auto total = static_cast<double>(std::max<std::int64_t>(1, set.count()));
  double done = 0.0;
  for (std::size_t i = 0; i < set.parameters().size(); ++i) {
    const Parameter& parameter = set.parameters()[i];
    const std::int64_t rows = parameter.shape[0];
    const std::int64_t width = parameter.size() / rows;
    if (parameter.home == Home::kElsewhere) {
      if (stop.stop_requested()) fail(ErrorCode::kCancelled, "weights", "reading was cancelled.");
      model->nf4_->put(i, read_matrix(parameter));
      done += static_cast<double>(parameter.size());
      if (progress) progress(done / total);
      continue;
    }
    const std::int64_t step = std::clamp<std::int64_t>(kStagingValues / width, 1, rows);
    for (std::int64_t row = 0; row < rows; row += step) {
      if (stop.stop_requested()) fail(ErrorCode::kCancelled, "weights", "reading was cancelled.");
      const std::int64_t count = std::min(step, rows - row);
      load_piece(set, i, row, count);
      done += static_cast<double>(count * width);
      if (progress) progress(done / total);
    }
  }
  return model;
}

std::unique_ptr<ModelWeights> ModelWeights::random(Backend& backend, const ModelConfig& config, std::uint64_t seed,
                                                   DType dtype, ParameterUse use, Quantization quantization) {
  std::unique_ptr<ModelWeights> model(new ModelWeights(backend, config, dtype, use, quantization));
  const ParameterSet& set = model->set_;
  std::vector<float> values;
  std::map<std::vector<std::int64_t>, Nf4Values> quantized;  // by shape
  for (std::size_t i = 0; i < set.parameters().size(); ++i) {
    const Parameter& parameter = set.parameters()[i];
    if (parameter.home == Home::kElsewhere) {
      Nf4Values& matrix = quantized[parameter.shape];
      if (matrix.codes.empty()) {
        matrix = random_nf4(parameter.size(), seed, static_cast<std::uint32_t>(i),
                            static_cast<float>(config.initializer_range));
      }
      model->nf4_->put(i, matrix);
      continue;
    }
    if (parameter.shape.size() == 2) {
      set.fill_normal(i, seed, static_cast<std::uint32_t>(i), static_cast<float>(config.initializer_range));
      continue;
    }
    const bool bias = parameter.name.ends_with(".bias");
    values.assign(static_cast<std::size_t>(parameter.size()),
                  bias ? 0.0f : 1.0f - static_cast<float>(config.norm_weight_offset));
    set.upload(i, values);
  }
  return model;
}

TensorView ModelWeights::rows_of(const TensorView& whole, const WeightSlice& slice) const {
  if (!whole) return {};
  const Parameter& parameter = set_.parameters()[static_cast<std::size_t>(slice.index)];
  // A vector's rows are its values.
  return parameter.shape.size() == 2 ? whole.row_range(slice.first_row, slice.rows)
                                     : whole.col_range(slice.first_row, slice.rows);
}

TensorView ModelWeights::value(const WeightSlice& slice) const {
  if (!slice) return {};
  const auto index = static_cast<std::size_t>(slice.index);
  const bool elsewhere = set_.parameters()[index].home == Home::kElsewhere;
  return rows_of(elsewhere ? nf4_->value(index) : set_.value(index), slice);
}

void ModelWeights::look_ahead() {
  if (nf4_) nf4_->look_ahead();
}

std::uint64_t ModelWeights::ahead_bytes_of(const ModelConfig& config, DType dtype, Quantization quantization) {
  if (quantization == Quantization::kNone) return 0;
  const Tensors tensors = tensors_of(config, quantization);
  return Nf4Weights::ahead_bytes_of(tensors.parameters, tensors.layers, dtype);
}

void ModelWeights::begin_pass(std::int64_t first, std::int64_t last) const {
  if (nf4_) nf4_->begin_pass(first, last);
}

std::vector<float> ModelWeights::download_as_computed(std::size_t index) const {
  if (set_.parameters()[index].home != Home::kElsewhere) return set_.download_as_computed(index);
  nf4_->begin_pass(0, -1);  // a look at one matrix, with none to put together ahead of
  return download_f32(backend_, nf4_->value(index));
}

TensorView ModelWeights::gradient(const WeightSlice& slice) const {
  return slice ? rows_of(set_.gradient(static_cast<std::size_t>(slice.index)), slice) : TensorView();
}

}  // namespace vernier
