// Trainable tensors, laid out in one flat float32 arena.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/ops/backend.h"

namespace vernier {

// One tensor of a set.
struct Parameter {
  std::string name;                 // as the file calls it: a checkpoint's tensor, or a PEFT key
  std::vector<std::int64_t> shape;  // as in the file: [O, I] or [O]
  std::int64_t offset = 0;          // of its first value in the arena
  bool decays = true;               // weight decay applies (not to norms and biases, as Transformers' Trainer)

  std::int64_t rows() const { return shape.size() == 2 ? shape[0] : 1; }
  std::int64_t cols() const { return shape.back(); }
  std::int64_t size() const { return rows() * cols(); }
};

// Values in the backend's memory and, where they are trained, gradients of the same layout, so that the norm is one
// reduction and the optimizer one kernel. Tensors start at multiples of 16 values; the gaps are and stay zero.
// Thread: one thread at a time.
class ParameterSet {
 public:
  ParameterSet() = default;
  // Places `parameters` one behind the other, sets their offsets and allocates; values are zero.
  ParameterSet(Backend& backend, std::vector<Parameter> parameters);

  const std::vector<Parameter>& parameters() const { return parameters_; }
  // Index of the tensor of that name; -1: none.
  std::int64_t find(const std::string& name) const;
  // The number of values, without the gaps.
  std::int64_t count() const;

  // [rows, cols] of a tensor; a vector is one row.
  TensorView value(std::size_t index) const;
  // Empty without gradients.
  TensorView gradient(std::size_t index) const;

  // The arenas, in the backend's memory, gaps included.
  std::span<float> values() const;
  std::span<float> gradients() const;
  void enable_gradients();
  bool has_gradients() const { return gradients_ != nullptr; }

  // Counts the changes of values: what is derived from them is stale when it has moved on. Whoever writes through
  // values() or value() says so.
  std::uint64_t version() const { return version_; }
  void mark_changed() const { ++version_; }

  // Between the backend's memory and the host's, for one tensor. Complete on return.
  void upload(std::size_t index, const float* host) const;
  std::vector<float> download(std::size_t index) const;
  std::vector<float> download_gradient(std::size_t index) const;

 private:
  Backend* backend_ = nullptr;
  std::vector<Parameter> parameters_;
  std::int64_t arena_size_ = 0;
  std::unique_ptr<DeviceBuffer> values_;
  std::unique_ptr<DeviceBuffer> gradients_;
  mutable std::uint64_t version_ = 1;
};

}  // namespace vernier
