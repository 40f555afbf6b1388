// The CUDA attention kernels against the float64 oracle: inputs are rounded to what the kernel reads, outputs poisoned.
#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/cuda/attention.h"
#include "tests/unit/attention_oracle.h"

namespace vernier::cuda {
namespace {

using test::attention_shape;
using test::AttentionCase;
using test::AttentionInputs;
using test::AttentionOracle;
using test::Exact;
using test::Matrix;

// Every byte of memory that a kernel has not written is this; as bf16 and as float32 it is NaN.
constexpr unsigned char kPoison = 0xff;

void expect_success(cudaError_t status) {
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

float round_to(DType dtype, float x) {
  return dtype == DType::kBF16 ? bf16_to_f32(f32_to_bf16(x)) : x;
}

void round_to(DType dtype, Matrix& m) {
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

// spare: how much longer than true the host says the longest sequence is.
Outputs run(const AttentionInputs& in, DType dtype, bool backward, bool portable, std::int64_t spare = 0) {
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
  {
    DeviceArray scratch(attention_forward_scratch_bytes(batch));
    attention_forward(batch, q.rows(0), same_tokens ? q.rows(1) : kv.rows(0), same_tokens ? q.rows(2) : kv.rows(1),
                      out.rows(0), lse.rows(0), scratch.data(), nullptr);
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
double distance(const Matrix& got, const Exact& expected) {
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

AttentionInputs inputs_for(const AttentionCase& c, DType dtype) {
  AttentionInputs in(c);
  for (Matrix* m : {&in.q, &in.k, &in.v, &in.dout}) round_to(dtype, *m);
  return in;
}

void check(const AttentionInputs& in, DType dtype, bool backward, std::int64_t spare = 0) {
  AttentionOracle oracle(in);
  oracle.forward();
  if (backward) oracle.backward();
  const bool exact = dtype == DType::kF32;
  // The kernels that every chip has, and those of the chip at hand.
  for (const bool portable : {true, false}) {
    const Outputs o = run(in, dtype, backward, portable, spare);
    const auto compare = [&](const char* what, const Matrix& got, const Exact& expected, double tolerance) {
      const double error = distance(got, expected);
      EXPECT_TRUE(error <= tolerance) << what << ": " << error << (portable ? ", portable" : "");
    };
    compare("out", o.out, oracle.out, exact ? 1e-5 : 4e-3);
    compare("lse", o.lse, oracle.lse, 1e-5);
    if (!backward) continue;
    compare("dq", o.dq, oracle.dq, exact ? 1e-5 : 1e-2);
    compare("dk", o.dk, oracle.dk, exact ? 1e-5 : 1e-2);
    compare("dv", o.dv, oracle.dv, exact ? 1e-5 : 1e-2);
  }
}

class CudaAttention : public testing::Test {
 protected:
  void SetUp() override {
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) GTEST_SKIP() << "no CUDA device";
  }

  static void check_same(const AttentionShape& shape, const std::vector<std::int32_t>& lengths,
                         DType dtype = DType::kBF16) {
    check(inputs_for({shape, lengths, lengths}, dtype), dtype, true);
  }
};

TEST_F(CudaAttention, HeadSizes) {
  for (const std::int64_t head_dim : {8, 48, 64, 80, 96, 120, 128, 160, 256}) {
    SCOPED_TRACE(head_dim);
    check_same(attention_shape(3, 3, head_dim), {1, 7, 67, 0, 190});
    check_same(attention_shape(4, 2, head_dim), {150});
  }
}

// What goes through the kernels that compute in float32.
TEST_F(CudaAttention, HeadSizesExact) {
  for (const std::int64_t head_dim : {1, 5, 48, 64, 100, 128, 200, 256, 301}) {
    SCOPED_TRACE(head_dim);
    check_same(attention_shape(3, 1, head_dim), {1, 7, 67, 0, 90}, DType::kF32);
  }
  for (const std::int64_t head_dim : {20, 100}) {
    SCOPED_TRACE(head_dim);
    check_same(attention_shape(3, 1, head_dim), {1, 7, 67, 0, 90});
  }
}

TEST_F(CudaAttention, LongerThanATile) {
  check_same(attention_shape(2, 1, 64), {601, 3, 193, 256, 257});
  check_same(attention_shape(2, 1, 128), {601, 3, 193, 256, 257});
  check_same(attention_shape(2, 1, 16), {601, 3, 193, 256, 257}, DType::kF32);
}

TEST_F(CudaAttention, ManyShortSequences) {
  std::vector<std::int32_t> lengths;
  for (int i = 0; i < 70; ++i) lengths.push_back(static_cast<std::int32_t>(test::uniform_int(0, 12)));
  lengths.push_back(70);
  check_same(attention_shape(4, 2, 64), lengths);
  check_same(attention_shape(4, 2, 128), lengths);
  check_same(attention_shape(4, 2, 24), lengths, DType::kF32);
}

TEST_F(CudaAttention, GroupsShareKeys) {
  for (const std::int64_t group : {1, 2, 3, 4, 7, 8}) {
    SCOPED_TRACE(group);
    check_same(attention_shape(2 * group, 2, 64), {33, 140, 5});
    check_same(attention_shape(group, 1, 128), {33, 140, 5});
    check_same(attention_shape(group, 1, 8), {33, 100, 5}, DType::kF32);
  }
}

TEST_F(CudaAttention, Window) {
  for (const std::int64_t window : {1, 2, 31, 64, 200, 1000}) {
    SCOPED_TRACE(window);
    for (const std::int64_t head_dim : {64, 128, 256}) {
      AttentionShape shape = attention_shape(2, 1, head_dim);
      shape.window = window;
      check_same(shape, {9, 430, 140});
    }
    AttentionShape shape = attention_shape(2, 1, 12);
    shape.window = window;
    check_same(shape, {9, 230, 140}, DType::kF32);
  }
}

TEST_F(CudaAttention, SoftCap) {
  for (const std::int64_t head_dim : {64, 96, 128, 256}) {
    SCOPED_TRACE(head_dim);
    AttentionShape shape = attention_shape(4, 2, head_dim);
    shape.softcap = 1.7f;
    check_same(shape, {37, 170});
    shape.window = 50;
    check_same(shape, {37, 170});
    check_same(shape, {37, 170}, DType::kF32);
  }
}

TEST_F(CudaAttention, WithoutMask) {
  for (const std::int64_t head_dim : {64, 128}) {
    SCOPED_TRACE(head_dim);
    AttentionShape shape = attention_shape(4, 2, head_dim);
    shape.causal = false;
    check_same(shape, {1, 33, 280});
    check_same(shape, {1, 33, 80}, DType::kF32);
    shape.window = 40;
    check_same(shape, {1, 33, 280});
    check_same(shape, {1, 33, 80}, DType::kF32);
  }
}

// Queries at the end of a sequence whose other keys are in a cache.
TEST_F(CudaAttention, MoreKeysThanQueries) {
  for (const std::int64_t window : {0, 1, 40}) {
    for (const std::int64_t head_dim : {64, 96, 128, 256}) {
      for (const std::int64_t kv_heads : {1, 2, 6}) {
        SCOPED_TRACE(std::to_string(window) + " window, " + std::to_string(head_dim) + " head size, " +
                     std::to_string(kv_heads) + " KV heads");
        AttentionShape shape = attention_shape(6, kv_heads, head_dim);
        shape.window = window;
        for (const float softcap : {0.0f, 2.0f}) {
          shape.softcap = softcap;
          check(inputs_for({shape, {1, 1, 1}, {1, 300, 17}}, DType::kBF16), DType::kBF16, false);
          check(inputs_for({shape, {2, 1, 2, 0}, {3, 700, 513, 5}}, DType::kBF16), DType::kBF16, false);
        }
        check(inputs_for({shape, {5, 90, 70}, {300, 200, 71}}, DType::kBF16), DType::kBF16, false);
        check(inputs_for({shape, {1, 3, 7}, {1, 70, 17}}, DType::kF32), DType::kF32, false);
      }
    }
  }
}

TEST_F(CudaAttention, DecodesLongSequences) {
  check(inputs_for({attention_shape(32, 8, 128), {1}, {5000}}, DType::kBF16), DType::kBF16, false);
  check(inputs_for({attention_shape(8, 8, 64), {1, 1}, {3000, 1}}, DType::kBF16), DType::kBF16, false);
}

// What a captured graph knows of its batch is a bound.
TEST_F(CudaAttention, ShorterThanTheHostSays) {
  const AttentionCase c{attention_shape(4, 2, 64), {9, 0, 100}, {9, 0, 100}};
  check(inputs_for(c, DType::kBF16), DType::kBF16, true, 500);
  check(inputs_for(c, DType::kF32), DType::kF32, true, 50);
  check(inputs_for({attention_shape(4, 2, 64), {1, 1}, {20, 300}}, DType::kBF16), DType::kBF16, false, 3);
}

// Scores so large that only subtracting the largest one keeps the exponentials finite, growing along the keys so that
// the running softmax must rescale.
TEST_F(CudaAttention, LargeScores) {
  for (const DType dtype : {DType::kBF16, DType::kF32}) {
    for (const std::int32_t queries : {1, 300}) {
      AttentionInputs in({attention_shape(2, 2, 64), {queries}, {300}});
      for (std::int64_t r = 0; r < in.k.rows; ++r) {
        for (std::int64_t c = 0; c < in.k.cols; ++c) in.k.at(r, c) *= 0.05f * static_cast<float>(r);
      }
      for (Matrix* m : {&in.q, &in.k, &in.v}) round_to(dtype, *m);
      check(in, dtype, false);
    }
  }
}

bool same_bits(const Matrix& a, const Matrix& b) {
  for (std::int64_t r = 0; r < a.rows; ++r) {
    for (std::int64_t c = 0; c < a.cols; ++c) {
      const float x = a.at(r, c), y = b.at(r, c);
      if (std::memcmp(&x, &y, sizeof x) != 0) return false;
    }
  }
  return true;
}

TEST_F(CudaAttention, SameBitsTwice) {
  for (const DType dtype : {DType::kBF16, DType::kF32}) {
    const AttentionInputs in = inputs_for({attention_shape(4, 2, 64), {157, 19}, {157, 19}}, dtype);
    for (const bool portable : {true, false}) {
      const Outputs one = run(in, dtype, true, portable);
      const Outputs two = run(in, dtype, true, portable);
      EXPECT_TRUE(same_bits(one.out, two.out));
      EXPECT_TRUE(same_bits(one.lse, two.lse));
      EXPECT_TRUE(same_bits(one.dq, two.dq));
      EXPECT_TRUE(same_bits(one.dk, two.dk));
      EXPECT_TRUE(same_bits(one.dv, two.dv));
    }
  }
}

// A NaN reaches every query that sees it, and no other sequence.
TEST_F(CudaAttention, NanComesThrough) {
  for (const std::int32_t queries : {1, 40}) {
    AttentionInputs in = inputs_for({attention_shape(2, 2, 64), {queries, queries}, {40, 140}}, DType::kBF16);
    in.k.at(3, 4) = std::numeric_limits<float>::quiet_NaN();
    const Outputs o = run(in, DType::kBF16, false, false);
    for (std::int64_t i = 0; i < in.q.rows; ++i) {
      const bool sees = i < queries && (queries == 1 || i >= 3);
      EXPECT_EQ(std::isnan(o.out.at(i, 0)), sees) << i;
      EXPECT_EQ(std::isnan(o.lse.at(i, 0)), sees) << i;
      EXPECT_FALSE(std::isnan(o.out.at(i, 64))) << i;
    }
  }
}

}  // namespace
}  // namespace vernier::cuda
