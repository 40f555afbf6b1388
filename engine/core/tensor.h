// Views of row-major matrices in a backend's memory. They own nothing.
#pragma once

#include <cassert>
#include <cstdint>

#include "vernier/dtype.h"

namespace vernier {

// A [rows, cols] matrix of `dtype`; element (r, c) is at data + (r * stride + c). A vector is one row.
// An empty view (data == nullptr) means "not given". The memory belongs to the backend that made it: only CPU views
// may be read through f32().
struct TensorView {
  void* data = nullptr;
  DType dtype = DType::kF32;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t stride = 0;

  TensorView() = default;
  TensorView(float* values, std::int64_t rows_in, std::int64_t cols_in)
      : TensorView(values, DType::kF32, rows_in, cols_in, cols_in) {}
  TensorView(void* values, DType type, std::int64_t rows_in, std::int64_t cols_in, std::int64_t stride_in)
      : data(values), dtype(type), rows(rows_in), cols(cols_in), stride(stride_in) {}

  explicit operator bool() const { return data != nullptr; }
  std::int64_t size() const { return rows * cols; }
  bool contiguous() const { return stride == cols || rows <= 1; }

  float* f32(std::int64_t row = 0) const {
    assert(dtype == DType::kF32);
    return static_cast<float*>(data) + row * stride;
  }
  TensorView row_range(std::int64_t first, std::int64_t count) const {
    return {static_cast<char*>(data) + first * stride * static_cast<std::int64_t>(size_of(dtype)), dtype, count, cols,
            stride};
  }
  TensorView col_range(std::int64_t first, std::int64_t count) const {
    return {static_cast<char*>(data) + first * static_cast<std::int64_t>(size_of(dtype)), dtype, rows, count, stride};
  }
};

// The same, read-only.
struct ConstTensorView {
  const void* data = nullptr;
  DType dtype = DType::kF32;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t stride = 0;

  ConstTensorView() = default;
  ConstTensorView(const float* values, std::int64_t rows_in, std::int64_t cols_in)
      : ConstTensorView(values, DType::kF32, rows_in, cols_in, cols_in) {}
  ConstTensorView(const void* values, DType type, std::int64_t rows_in, std::int64_t cols_in, std::int64_t stride_in)
      : data(values), dtype(type), rows(rows_in), cols(cols_in), stride(stride_in) {}
  ConstTensorView(const TensorView& view)  // NOLINT: a view converts to its read-only form
      : ConstTensorView(view.data, view.dtype, view.rows, view.cols, view.stride) {}

  explicit operator bool() const { return data != nullptr; }
  std::int64_t size() const { return rows * cols; }
  bool contiguous() const { return stride == cols || rows <= 1; }

  const float* f32(std::int64_t row = 0) const {
    assert(dtype == DType::kF32);
    return static_cast<const float*>(data) + row * stride;
  }
  ConstTensorView row_range(std::int64_t first, std::int64_t count) const {
    return {static_cast<const char*>(data) + first * stride * static_cast<std::int64_t>(size_of(dtype)), dtype, count,
            cols, stride};
  }
  ConstTensorView col_range(std::int64_t first, std::int64_t count) const {
    return {static_cast<const char*>(data) + first * static_cast<std::int64_t>(size_of(dtype)), dtype, rows, count,
            stride};
  }
};

}  // namespace vernier
