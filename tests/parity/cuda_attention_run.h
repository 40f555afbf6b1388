// Runs attention on the first CUDA device on inputs rounded to what the kernels read, with poisoned outputs.
#pragma once

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include "engine/cuda/attention.h"
#include "tests/unit/attention_oracle.h"

namespace vernier::cuda::test {

using vernier::test::AttentionCase;
using vernier::test::AttentionInputs;
using vernier::test::Exact;
using vernier::test::Matrix;

// Every byte of memory that a kernel has not written is this; as bf16 and as float32 it is NaN.
inline constexpr unsigned char kPoison = 0xff;

inline void expect_success(cudaError_t status) {
  if (status != cudaSuccess) throw std::runtime_error(cudaGetErrorString(status));
}

class DeviceArray {
 public:
  explicit DeviceArray(std::size_t bytes) : bytes_(bytes) {
    expect_success(cudaMalloc(&data_, bytes + 16));
    expect_success(cudaMemset(data_, kPoison, bytes + 16));
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  char* data() const { return static_cast<char*>(data_); }
  std::size_t bytes() const { return bytes_; }
  void upload(const void* from) { expect_success(cudaMemcpy(data_, from, bytes_, cudaMemcpyHostToDevice)); }
  std::vector<unsigned char> download() const {
    std::vector<unsigned char> host(bytes_);
    expect_success(cudaMemcpy(host.data(), data_, bytes_, cudaMemcpyDeviceToHost));
    return host;
  }

 private:
  void* data_ = nullptr;
  std::size_t bytes_;
};

inline float round_to(DType dtype, float x) {
  return dtype == DType::kBF16 ? bf16_to_f32(f32_to_bf16(x)) : x;
}

inline void round_to(DType dtype, Matrix& m) {
  for (float& x : m.values) x = round_to(dtype, x);
}

// A matrix on the device whose columns are several host matrices' side by side, and some that belong to nobody.
class Joined {
 public:
  Joined(DType dtype, std::int64_t rows, const std::vector<std::int64_t>& widths)
      : dtype_(dtype), rows_(rows), stride_(8) {
    for (const std::int64_t width : widths) {
      first_.push_back(stride_ - 8);
      stride_ += width;
    }
    widths_ = widths;
    memory_ = std::make_unique<DeviceArray>(static_cast<std::size_t>((rows + 1) * stride_) * size_of(dtype));
  }

  void upload(const std::vector<const Matrix*>& parts) {
    std::vector<unsigned char> host(memory_->bytes(), kPoison);
    for (std::size_t p = 0; p < parts.size(); ++p) {
      for (std::int64_t r = 0; r < rows_; ++r) {
        for (std::int64_t c = 0; c < widths_[p]; ++c) {
          const float x = parts[p]->at(r, c);
          const std::uint16_t half = f32_to_bf16(x);
          std::memcpy(at(host, p, r, c), dtype_ == DType::kF32 ? static_cast<const void*>(&x) : &half, size_of(dtype_));
        }
      }
    }
    memory_->upload(host.data());
  }

  DeviceRows rows(std::size_t part) const {
    return {memory_->data() + first_[part] * static_cast<std::int64_t>(size_of(dtype_)), stride_};
  }

  // One part's values; what belongs to nobody must still be poison.
  Matrix download(std::size_t part) const {
    std::vector<unsigned char> host = memory_->download();
    Matrix m(rows_, widths_[part]);
    for (std::int64_t r = 0; r < rows_; ++r) {
      for (std::int64_t c = 0; c < widths_[part]; ++c) {
        std::uint16_t half = 0;
        if (dtype_ == DType::kF32) {
          std::memcpy(&m.at(r, c), at(host, part, r, c), sizeof(float));
        } else {
          std::memcpy(&half, at(host, part, r, c), sizeof half);
          m.at(r, c) = bf16_to_f32(half);
        }
      }
    }
    bool untouched = true;
    for (std::int64_t r = 0; r <= rows_; ++r) {
      for (std::int64_t c = r < rows_ ? stride_ - 8 : 0; c < stride_; ++c) {
        const unsigned char* bytes = host.data() + static_cast<std::size_t>(r * stride_ + c) * size_of(dtype_);
        for (std::size_t b = 0; b < size_of(dtype_); ++b) untouched = untouched && bytes[b] == kPoison;
      }
    }
    EXPECT_TRUE(untouched) << "written outside the matrix";
    return m;
  }

 private:
  unsigned char* at(std::vector<unsigned char>& host, std::size_t part, std::int64_t row, std::int64_t column) const {
    return host.data() + static_cast<std::size_t>(row * stride_ + first_[part] + column) * size_of(dtype_);
  }

  DType dtype_;
  std::int64_t rows_, stride_;
  std::vector<std::int64_t> widths_, first_;
  std::unique_ptr<DeviceArray> memory_;
};

struct Outputs {
  Matrix out, lse, dq, dk, dv;
};

// Another forward pass than attention_forward().
using ForwardPass = std::function<void(const AttentionBatch&, const ConstDeviceRows& q, const ConstDeviceRows& k,
                                       const ConstDeviceRows& v, const DeviceRows& out, const DeviceRows& lse)>;

// spare: how much longer than true the host says the longest sequence is.
inline Outputs run(const AttentionInputs& in, DType dtype, bool backward, bool portable, std::int64_t spare = 0,
                   const ForwardPass& forward = {}) {
  const AttentionShape& shape = in.c.shape;
  const std::int64_t width = shape.heads * shape.head_dim, kv_width = shape.kv_heads * shape.head_dim;
  const bool same_tokens = in.cu_q == in.cu_k;
  // Queries beside their keys and values where they are the same tokens, as the decoder has them.
  Joined q(dtype, in.q.rows, same_tokens ? std::vector{width, kv_width, kv_width} : std::vector{width});
  Joined kv(dtype, in.k.rows, {kv_width, kv_width});
  if (same_tokens) {
    q.upload({&in.q, &in.k, &in.v});
  } else {
    q.upload({&in.q});
  }
  kv.upload({&in.k, &in.v});
  Joined out(dtype, in.q.rows, {width});
  Joined lse(DType::kF32, in.q.rows, {shape.heads});

  DeviceArray cu_q(in.cu_q.size() * sizeof(std::int32_t)), cu_k(in.cu_k.size() * sizeof(std::int32_t));
  cu_q.upload(in.cu_q.data());
  cu_k.upload(in.cu_k.data());
  AttentionBatch batch;
  batch.dtype = dtype;
  batch.portable = portable;
  batch.shape = shape;
  batch.cu_seqlens_q = reinterpret_cast<const std::int32_t*>(cu_q.data());
  batch.cu_seqlens_k = reinterpret_cast<const std::int32_t*>(cu_k.data());
  batch.sequences = static_cast<std::int64_t>(in.c.queries.size());
  batch.queries = in.q.rows;
  batch.max_queries = *std::max_element(in.c.queries.begin(), in.c.queries.end()) + spare;
  batch.max_keys = *std::max_element(in.c.keys.begin(), in.c.keys.end()) + spare;
  const DeviceRows k = same_tokens ? q.rows(1) : kv.rows(0), v = same_tokens ? q.rows(2) : kv.rows(1);
  if (forward) {
    forward(batch, q.rows(0), k, v, out.rows(0), lse.rows(0));
  } else {
    DeviceArray scratch(attention_forward_scratch_bytes(batch));
    attention_forward(batch, q.rows(0), k, v, out.rows(0), lse.rows(0), scratch.data(), nullptr);
    expect_success(cudaDeviceSynchronize());
  }
  Outputs o;
  o.out = out.download(0);
  o.lse = lse.download(0);
  if (!backward) return o;

  Joined dout(dtype, in.q.rows, {width});
  dout.upload({&in.dout});
  Joined gradients(dtype, in.q.rows, {width, kv_width, kv_width});
  DeviceArray scratch(attention_backward_scratch_bytes(batch));
  attention_backward(batch, dout.rows(0), q.rows(0), q.rows(1), q.rows(2), out.rows(0), lse.rows(0),
                     {gradients.rows(0), gradients.rows(1), gradients.rows(2)}, scratch.data(), nullptr);
  expect_success(cudaDeviceSynchronize());
  o.dq = gradients.download(0);
  o.dk = gradients.download(1);
  o.dv = gradients.download(2);
  return o;
}

// || got - expected || / || expected ||; absolute where what is expected is nothing but rounding (each query sees
// itself alone, whose weight has no gradient).
inline double distance(const Matrix& got, const Exact& expected) {
  double difference = 0.0, size = 0.0;
  for (std::int64_t r = 0; r < got.rows; ++r) {
    for (std::int64_t c = 0; c < got.cols; ++c) {
      const double d = static_cast<double>(got.at(r, c)) - expected.at(r, c);
      difference += d * d;
      size += expected.at(r, c) * expected.at(r, c);
    }
  }
  const auto count = static_cast<double>(got.rows * got.cols);
  return std::sqrt(difference / (size < 1e-12 * count ? count : size));
}

inline AttentionInputs inputs_for(const AttentionCase& c, DType dtype) {
  AttentionInputs in(c);
  for (Matrix* m : {&in.q, &in.k, &in.v, &in.dout}) round_to(dtype, *m);
  return in;
}

inline bool same_bits(const Matrix& a, const Matrix& b) {
  for (std::int64_t r = 0; r < a.rows; ++r) {
    for (std::int64_t c = 0; c < a.cols; ++c) {
      const float x = a.at(r, c), y = b.at(r, c);
      if (std::memcmp(&x, &y, sizeof x) != 0) return false;
    }
  }
  return true;
}

}  // namespace vernier::cuda::test
