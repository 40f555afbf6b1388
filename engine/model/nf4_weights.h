// The matrices of a model's layers in 4 bits (QLoRA, Dettmers et al. 2023), and the ones being multiplied by in full.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/core/nf4.h"
#include "engine/model/parameters.h"

namespace vernier {

// Passes go through the layers one by one: one layer's matrices at a time lie in full in memory that all layers share,
// from the first look at them until another layer's are looked at. With look_ahead() two layers take turns in two such
// places: the next one's matrices are put together beside a layer's work.
// Thread: one thread at a time.
class Nf4Weights {
 public:
  // Of which layer a parameter is; -1: not kept here.
  Nf4Weights(Backend& backend, const std::vector<Parameter>& parameters, std::span<const std::int64_t> layers,
             DType dtype);
  static std::uint64_t bytes_of(const std::vector<Parameter>& parameters, std::span<const std::int64_t> layers,
                                DType dtype);

  // What look_ahead() takes.
  static std::uint64_t ahead_bytes_of(const std::vector<Parameter>& parameters, std::span<const std::int64_t> layers,
                                      DType dtype);
  // From now on. Errors: kOutOfMemory.
  void look_ahead();

  // Values of a matrix, once, before it is looked at.
  void put(std::size_t index, const Nf4Values& values);
  // The matrix in full. Valid until a matrix of another layer is looked at.
  TensorView value(std::size_t index);
  // A pass through the layers from `first` to `last` begins. What lies in full may be another's by the time a recording
  // runs: it makes its own.
  void begin_pass(std::int64_t first, std::int64_t last);

 private:
  struct Place {
    std::int64_t layer = -1;
    std::int64_t rows = 0, cols = 0;
    std::int64_t codes = 0, absmax = 0, nested = 0, table = 0;  // bytes into packed_
    std::int64_t full = 0;                                      // bytes into full_
    float offset = 0.0f;
    bool is_full = false;
  };
  struct Layout {
    std::vector<Place> places;
    std::vector<std::vector<std::size_t>> of_layer;  // places
    std::int64_t packed_bytes = 0, full_bytes = 0;   // full: of one layer
  };
  static Layout layout_of(const std::vector<Parameter>& parameters, std::span<const std::int64_t> layers, DType dtype);
  template <typename T>
  T* at(std::int64_t byte) const {
    return reinterpret_cast<T*>(static_cast<char*>(packed_->data()) + byte);
  }

  std::int64_t turns() const { return other_full_ ? 2 : 1; }
  TensorView full(const Place& place) const;
  DequantizeNf4 made(const Place& place) const;
  // The matrices of another layer: those that are there, or the next ones to put together.
  void turn_to(std::int64_t layer);
  // What lay in the place that `layer` takes is gone.
  void clear(std::int64_t layer);

  Backend& backend_;
  DType dtype_;
  Layout layout_;
  std::unique_ptr<DeviceBuffer> packed_, full_, other_full_;
  std::int64_t layer_ = -1;  // whose matrices are looked at
  std::int64_t ahead_ = -1;  // whose are put together beside it
  std::int64_t first_ = 0, last_ = -1;
};

}  // namespace vernier
