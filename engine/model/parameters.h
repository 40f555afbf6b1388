// Trainable tensors, laid out in flat arenas.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/ops/backend.h"

namespace vernier {

// Where a tensor's values are kept: in the set's arenas; in host memory that the backend reads from afar, for what
// passes read little of; or not by the set at all.
enum class Home { kArena, kHost, kElsewhere };

// One tensor of a set.
struct Parameter {
  std::string name;                 // as the file calls it: a checkpoint's tensor, or a PEFT key
  std::vector<std::int64_t> shape;  // as in the file: [O, I] or [O]
  std::int64_t offset = 0;          // of its first value in the arenas
  bool decays = true;               // weight decay applies (not to norms and biases, as Transformers' Trainer)
  int place = 0;                    // bfloat16 arenas: lower places first, so that a device finds q, k, v's matrices,
                                    // which it multiplies by as one, side by side
  bool exact = false;               // passes read it in float32, whatever they compute in
  Home home = Home::kArena;         // others only in frozen sets

  std::int64_t rows() const { return shape.size() == 2 ? shape[0] : 1; }
  std::int64_t cols() const { return shape.back(); }
  std::int64_t size() const { return rows() * cols(); }
};

// Whether the optimizer will change the values, which then are kept in float32 too.
enum class ParameterUse { kTrained, kFrozen };

// Values in the backend's memory and, where they are trained, gradients of the same layout, so that the norm is one
// reduction and the optimizer one kernel. A set that computes in bfloat16 holds its values in it; where they are
// trained, float32 masters beside them are what the optimizer changes, what files get, and what the values are rounded
// from. Tensors start at multiples of a cache line; the gaps are and stay zero. Thread: one thread at a time.
class ParameterSet {
 public:
  ParameterSet() = default;
  // Places `parameters` one behind the other (in a bfloat16 set by their places), sets their offsets and allocates;
  // values are zero. dtype: kF32 or kBF16. `exact` tensors need kTrained.
  ParameterSet(Backend& backend, std::vector<Parameter> parameters, DType dtype, ParameterUse use);

  // Values that the arenas of such a set hold, gaps included.
  static std::int64_t arena_size(const std::vector<Parameter>& parameters, DType dtype);

  const std::vector<Parameter>& parameters() const { return parameters_; }
  // What passes compute in.
  DType dtype() const { return dtype_; }
  // Index of the tensor of that name; -1: none.
  std::int64_t find(const std::string& name) const;
  // The number of values, without the gaps.
  std::int64_t count() const;
  // Of all arenas there are now.
  std::uint64_t bytes() const;

  // [rows, cols] of a tensor as passes read it; a vector is one row. Empty for one that is kept elsewhere.
  TensorView value(std::size_t index) const;
  // Empty without gradients.
  TensorView gradient(std::size_t index) const;

  // The arenas, in the backend's memory, gaps included: float32 values (none in a frozen bfloat16 set), their bfloat16
  // copies (only in a trained bfloat16 set), gradients.
  std::span<float> masters() const;
  std::span<std::uint16_t> copies() const;
  std::span<float> gradients() const;
  void enable_gradients();
  bool has_gradients() const { return gradients_ != nullptr; }

  // Counts the changes of values: what is derived from them is stale when it has moved on. Whoever writes through
  // masters() or value() says so.
  std::uint64_t version() const { return version_; }
  void mark_changed() const { ++version_; }

  // Between the backend's memory and the host's; complete on return. An upload rounds to bfloat16 where the set
  // computes in it. `first` and the spans' sizes count values of the tensor.
  void upload(std::size_t index, std::span<const float> host, std::int64_t first = 0) const;
  // Bits that are bfloat16 already, into a frozen bfloat16 set.
  void upload_bf16(std::size_t index, std::span<const std::byte> host, std::int64_t first) const;
  // normal(0, deviation), as vernier::FillNormal.
  void fill_normal(std::size_t index, std::uint64_t seed, std::uint32_t stream, float deviation) const;
  // Of a whole tensor: the most exact values there are, and those that passes read.
  std::vector<float> download(std::size_t index) const;
  std::vector<float> download_as_computed(std::size_t index) const;
  // A part of download().
  void download(std::size_t index, std::int64_t first, std::span<float> host) const;
  std::vector<float> download_gradient(std::size_t index) const;

 private:
  TensorView part(DeviceBuffer& buffer, DType dtype, const Parameter& parameter) const;
  TensorView most_exact(const Parameter& parameter) const;
  void upload_bits(const Parameter& parameter, std::span<const std::byte> host, std::int64_t first) const;

  Backend* backend_ = nullptr;
  std::vector<Parameter> parameters_;
  DType dtype_ = DType::kF32;
  std::int64_t arena_size_ = 0;
  std::unique_ptr<DeviceBuffer> masters_;  // float32
  std::unique_ptr<DeviceBuffer> copies_;   // bfloat16
  std::unique_ptr<DeviceBuffer> gradients_;
  std::unique_ptr<DeviceBuffer> host_;  // in the type that passes compute in
  mutable std::uint64_t version_ = 1;
};

}  // namespace vernier
