// Inputs that lie on the CPU and on a CUDA device, for comparing operations.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "engine/cpu/cpu_backend.h"
#include "engine/ops/cuda_backend.h"
#include "tests/unit/random.h"

namespace vernier::test {

// Both backends, or none where there is no usable GPU.
struct Backends {
  std::unique_ptr<Backend> cpu = make_cpu_backend(2);
  std::unique_ptr<Backend> gpu;
  std::string problem;

  Backends() {
    problem = list_cuda_devices().front().problem;
    if (problem.empty()) gpu = make_cuda_backend(0);
  }
  static Backends& get() {
    static Backends both;
    return both;
  }
};

constexpr float kPoison = std::numeric_limits<float>::quiet_NaN();

inline float rounded_to(DType dtype, float x) {
  return dtype == DType::kBF16 ? bf16_to_f32(f32_to_bf16(x)) : x;
}

// A matrix with gaps between its rows: float32 for the CPU, `dtype` for the device, with the same values.
class Both {
 public:
  Both() = default;
  // Normal values of that deviation; what is only written starts as NaN. Whole vectors make rows start at multiples of
  // 16 bytes.
  Both(DType dtype, std::int64_t rows, std::int64_t cols, float deviation, bool whole_vectors)
      : dtype_(dtype),
        rows_(rows),
        cols_(cols),
        stride_(whole_vectors ? (cols + 7) / 8 * 8 + 8 * uniform_int(0, 1) : cols + uniform_int(0, 5)) {
    host_ = normal(static_cast<std::size_t>(rows_ * stride_ + 1), deviation);
    for (float& x : host_) x = std::isnan(deviation) ? kPoison : rounded_to(dtype, x);
    before_ = host_;
    buffer_ = Backends::get().gpu->allocate(host_.size() * size_of(dtype));
    send();
  }

  TensorView host() { return {host_.data(), DType::kF32, rows_, cols_, stride_}; }
  TensorView device() const { return {buffer_->data(), dtype_, rows_, cols_, stride_}; }
  float& at(std::int64_t r, std::int64_t c) { return host_[static_cast<std::size_t>(r * stride_ + c)]; }
  // After at() has changed something.
  void send() {
    if (dtype_ == DType::kF32) {
      Backends::get().gpu->upload(buffer_->data(), host_.data(), host_.size() * sizeof(float));
      return;
    }
    std::vector<std::uint16_t> bits(host_.size());
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = f32_to_bf16(host_[i]);
    Backends::get().gpu->upload(buffer_->data(), bits.data(), bits.size() * 2);
  }

  // The device's values, gaps included.
  std::vector<float> fetch() const {
    std::vector<float> values(host_.size());
    if (dtype_ == DType::kF32) {
      Backends::get().gpu->download(values.data(), buffer_->data(), values.size() * sizeof(float));
      return values;
    }
    std::vector<std::uint16_t> bits(host_.size());
    Backends::get().gpu->download(bits.data(), buffer_->data(), bits.size() * 2);
    for (std::size_t i = 0; i < bits.size(); ++i) values[i] = bf16_to_f32(bits[i]);
    return values;
  }

  // The tolerance for this matrix where `wanted` is one for many values.
  double allowed(double wanted) const {
    const bool few = dtype_ == DType::kBF16 && wanted > 0.0 && rows_ * cols_ <= 256;
    return few ? std::max(wanted, 4e-3) : wanted;
  }

  // The device's values alone.
  std::vector<float> values() const {
    const std::vector<float> all = fetch();
    std::vector<float> some;
    for (std::int64_t r = 0; r < rows_; ++r) {
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(r * stride_);
      some.insert(some.end(), first, first + static_cast<std::ptrdiff_t>(cols_));
    }
    return some;
  }

  // || device - host || / || host ||; NaN where any value is. Infinite where the device wrote outside.
  double error() const {
    const std::vector<float> got = fetch();
    double difference = 0.0, size = 0.0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      if (at / stride_ >= rows_ || at % stride_ >= cols_) {
        if (std::memcmp(&got[i], &before_[i], sizeof(float)) != 0 && !(std::isnan(got[i]) && std::isnan(before_[i]))) {
          return std::numeric_limits<double>::infinity();
        }
        continue;
      }
      const double off = static_cast<double>(got[i]) - static_cast<double>(host_[i]);
      difference += off * off;
      size += static_cast<double>(host_[i]) * static_cast<double>(host_[i]);
    }
    return size == 0.0 ? std::sqrt(difference) : std::sqrt(difference / size);
  }

 private:
  DType dtype_ = DType::kF32;
  std::int64_t rows_ = 0, cols_ = 0, stride_ = 0;
  std::vector<float> host_, before_;
  std::unique_ptr<DeviceBuffer> buffer_;
};

// Of a few bf16 values, one may be off by all that rounding can do, 2^-8.
#define EXPECT_WITHIN(what, tolerance)                                              \
  do {                                                                              \
    const double off_by = (what).error(), at_most = (what).allowed(tolerance);      \
    EXPECT_TRUE(off_by <= at_most) << #what << ": " << off_by << " of " << at_most; \
  } while (false)

// Runs for float32 and for bf16; skipped, by name, without a usable GPU.
class CudaOps : public testing::TestWithParam<DType> {
 protected:
  void SetUp() override {
    if (!Backends::get().gpu) GTEST_SKIP() << "no GPU: " << Backends::get().problem;
  }

  Backend& cpu() { return *Backends::get().cpu; }
  Backend& gpu() { return *Backends::get().gpu; }
  DType dtype() const { return GetParam(); }
  double tolerance(double bf16 = 3e-3) const { return dtype() == DType::kF32 ? 1e-5 : bf16; }

  // Of the pass's type, or float32: an input, or an output that must be written everywhere.
  Both in(std::int64_t rows, std::int64_t cols, float deviation = 1.0f) const {
    return {dtype(), rows, cols, deviation, whole_vectors_};
  }
  Both out(std::int64_t rows, std::int64_t cols) const { return {dtype(), rows, cols, kPoison, whole_vectors_}; }
  Both in32(std::int64_t rows, std::int64_t cols, float deviation = 1.0f) const {
    return {DType::kF32, rows, cols, deviation, whole_vectors_};
  }
  Both out32(std::int64_t rows, std::int64_t cols) const { return {DType::kF32, rows, cols, kPoison, whole_vectors_}; }

  bool whole_vectors_ = false;
};

}  // namespace vernier::test
