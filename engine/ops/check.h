// Checks of operations, before any backend sees them. Only backend.cpp includes this.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "engine/ops/backend.h"
#include "vernier/error.h"

namespace vernier {

inline std::string shape_text(std::int64_t rows, std::int64_t cols) {
  return "[" + std::to_string(rows) + ", " + std::to_string(cols) + "]";
}

// A half-open range of bytes laid out as rows of a pitch; a flat array is one row.
struct Extent {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::uintptr_t row_bytes = 0;
  std::uintptr_t pitch = 0;
};

inline Extent extent_of(const ConstTensorView& v) {
  if (!v || v.rows == 0 || v.cols == 0) return {};
  const auto unit = static_cast<std::uintptr_t>(size_of(v.dtype));
  const auto begin = reinterpret_cast<std::uintptr_t>(v.data);
  const auto row_bytes = static_cast<std::uintptr_t>(v.cols) * unit;
  const auto pitch = v.rows > 1 ? static_cast<std::uintptr_t>(v.stride) * unit : row_bytes;
  return {begin, begin + static_cast<std::uintptr_t>(v.rows - 1) * pitch + row_bytes, row_bytes, pitch};
}

template <typename T>
Extent extent_of(std::span<T> s) {
  if (s.empty()) return {};
  const auto begin = reinterpret_cast<std::uintptr_t>(s.data());
  return {begin, begin + s.size_bytes(), s.size_bytes(), s.size_bytes()};
}

// Whether any byte belongs to both. Column ranges of one matrix (q, k and v side by side) do not overlap.
inline bool overlap(const Extent& a, const Extent& b) {
  if (a.begin == a.end || b.begin == b.end || a.end <= b.begin || b.end <= a.begin) return false;
  const std::uintptr_t pitch = std::max(a.pitch, b.pitch);
  const bool a_fits = a.pitch == pitch || a.begin + a.row_bytes == a.end;
  const bool b_fits = b.pitch == pitch || b.begin + b.row_bytes == b.end;
  if (!a_fits || !b_fits || a.row_bytes > pitch || b.row_bytes > pitch) return true;
  const std::uintptr_t shift =
      b.begin >= a.begin ? (b.begin - a.begin) % pitch : (pitch - (a.begin - b.begin) % pitch) % pitch;
  return !(shift >= a.row_bytes && shift + b.row_bytes <= pitch);
}

inline bool same_view(const ConstTensorView& a, const ConstTensorView& b) {
  return a.data == b.data && a.dtype == b.dtype && a.rows == b.rows && a.cols == b.cols &&
         (a.stride == b.stride || a.rows <= 1);
}

// Checks of one operation; texts are only made when one fails.
class Check {
 public:
  explicit Check(std::string_view op) : op_(op) {}

  void that(bool ok, std::string_view what) const {
    if (!ok) fail(ErrorCode::kInternal, op_, what);
  }

  void equal(std::string_view name, std::int64_t got, std::int64_t expected) const {
    if (got == expected) return;
    fail_with(name, "got " + std::to_string(got) + ", expected " + std::to_string(expected));
  }

  // A matrix that must be there (unless it holds nothing) and be [rows, cols].
  void matrix(std::string_view name, const ConstTensorView& v, std::int64_t rows, std::int64_t cols) const {
    if (v.rows != rows || v.cols != cols) {
      fail_with(name, "got " + shape_text(v.rows, v.cols) + ", expected " + shape_text(rows, cols));
    }
    any(name, v);
  }

  // A matrix that must be there, of any shape.
  void any(std::string_view name, const ConstTensorView& v) const {
    if (v.rows < 0 || v.cols < 0) fail_with(name, "got a negative shape " + shape_text(v.rows, v.cols));
    if (!v && v.rows * v.cols != 0) fail_with(name, "got no data, expected " + shape_text(v.rows, v.cols));
    if (v.rows > 1 && v.stride < v.cols) {
      fail_with(name, "got row stride " + std::to_string(v.stride) + ", expected at least " + std::to_string(v.cols));
    }
  }

  void optional(std::string_view name, const ConstTensorView& v, std::int64_t rows, std::int64_t cols) const {
    if (v) matrix(name, v, rows, cols);
  }

  // Every value in [0, limit).
  void ids(std::string_view name, std::span<const std::int32_t> values, std::int64_t limit) const {
    for (const std::int32_t value : values) {
      if (value < 0 || value >= limit) {
        fail_with(name, "got " + std::to_string(value) + ", expected a value in [0, " + std::to_string(limit) + ")");
      }
    }
  }

  // Starts with 0, never decreases, ends with `total`.
  void cu_seqlens(std::string_view name, std::span<const std::int32_t> values, std::int64_t total) const {
    if (values.empty() || values.front() != 0) fail_with(name, "expected a list that starts with 0");
    if (!std::is_sorted(values.begin(), values.end())) fail_with(name, "expected a list that never decreases");
    equal(name, values.back(), total);
  }

  void f32(std::string_view name, const ConstTensorView& v) const {
    if (v && v.dtype != DType::kF32) fail_with(name, "got " + std::string(to_string(v.dtype)) + ", expected F32");
  }

  // All that are there have one element type, in which `backend` computes.
  void one_type(const Backend& backend, std::initializer_list<ConstTensorView> views) const {
    const ConstTensorView* first = nullptr;
    for (const ConstTensorView& v : views) {
      if (!v) continue;
      if (first == nullptr) first = &v;
      if (v.dtype == first->dtype) continue;
      fail_with("dtype", "got " + std::string(to_string(first->dtype)) + " beside " + std::string(to_string(v.dtype)));
    }
    if (first != nullptr && !backend.computes(first->dtype)) {
      fail_with("dtype", backend.name() + " does not compute in " + std::string(to_string(first->dtype)));
    }
  }

  template <typename A, typename B>
  void disjoint(std::string_view name_a, const A& a, std::string_view name_b, const B& b) const {
    if (!overlap(extent_of(a), extent_of(b))) return;
    fail_with(name_a, "shares memory with " + std::string(name_b));
  }

  void same_or_disjoint(std::string_view name_a, const ConstTensorView& a, std::string_view name_b,
                        const ConstTensorView& b) const {
    if (!same_view(a, b)) disjoint(name_a, a, name_b, b);
  }

 private:
  [[noreturn]] void fail_with(std::string_view name, const std::string& what) const {
    fail(ErrorCode::kInternal, op_, std::string(name) + ": " + what);
  }

  std::string_view op_;
};

inline std::int64_t length(std::size_t size) {
  return static_cast<std::int64_t>(size);
}

}  // namespace vernier
