// Attention's forward pass through cuDNN against the float64 oracle, and our backward pass on what it leaves.
#include "engine/cuda/cudnn_attention.h"

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/parity/cuda_attention_run.h"

namespace vernier::cuda {
namespace {

using test::AttentionInputs;
using test::DeviceArray;
using test::distance;
using test::Exact;
using test::expect_success;
using test::inputs_for;
using test::Matrix;
using test::Outputs;
using test::run;
using test::same_bits;
using vernier::test::attention_shape;
using vernier::test::AttentionOracle;

using Lengths = std::vector<std::int32_t>;

class CudnnAttentionTest : public testing::Test {
 protected:
  void SetUp() override {
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) GTEST_SKIP() << "no CUDA device";
    cudaDeviceProp device{};
    expect_success(cudaGetDeviceProperties(&device, 0));
    if (device.major != 9) GTEST_SKIP() << "no GPU of compute capability 9.0";
    std::string which;
    if (find_cudnn(&which) == nullptr) GTEST_SKIP() << which;
  }

  // Forward through cuDNN and backward through our kernels.
  Outputs run_cudnn(const AttentionInputs& in, bool backward, std::int64_t spare = 0) {
    return run(in, DType::kBF16, backward, false, spare,
               [&](const AttentionBatch& batch, const ConstDeviceRows& q, const ConstDeviceRows& k,
                   const ConstDeviceRows& v, const DeviceRows& out, const DeviceRows& lse) {
                 AttentionBatch same = batch;
                 same.cu_seqlens_k = batch.cu_seqlens_q;
                 const AttentionRows rows{q, k, v, out, lse};
                 const auto* plan = attention_.plan_of(same, rows);
                 ASSERT_NE(plan, nullptr) << attention_.trouble();
                 DeviceArray scratch(attention_.scratch_bytes(*plan));
                 attention_.forward(*plan, same, rows, scratch.data());
                 expect_success(cudaDeviceSynchronize());
               });
  }

  void check(const AttentionShape& shape, const Lengths& lengths, std::int64_t spare = 0) {
    const AttentionInputs in = inputs_for({shape, lengths, lengths}, DType::kBF16);
    AttentionOracle oracle(in);
    oracle.forward();
    oracle.backward();
    const auto compare = [](const char* what, const Matrix& got, const Exact& expected, double tolerance) {
      const double error = distance(got, expected);
      EXPECT_TRUE(error <= tolerance) << what << ": " << error;
    };
    const Outputs o = run_cudnn(in, true, spare);
    compare("out", o.out, oracle.out, 4e-3);
    compare("lse", o.lse, oracle.lse, 1e-5);
    compare("dq", o.dq, oracle.dq, 1e-2);
    compare("dk", o.dk, oracle.dk, 1e-2);
    compare("dv", o.dv, oracle.dv, 1e-2);
  }

  CudnnAttention attention_{nullptr, CudnnAttention::Choice::kAlways};
};

// Sequences of all lengths, and empty ones, beside each other.
TEST_F(CudnnAttentionTest, PackedRows) {
  check(attention_shape(4, 2, 128), {1, 7, 67, 0, 601, 190});
  check(attention_shape(4, 2, 128), {256, 257, 1, 128, 127});
  check(attention_shape(3, 3, 128), {700});
}

TEST_F(CudnnAttentionTest, ManyShortSequences) {
  Lengths lengths;
  for (int i = 0; i < 70; ++i) lengths.push_back(static_cast<std::int32_t>(vernier::test::uniform_int(0, 12)));
  lengths.push_back(70);
  check(attention_shape(4, 2, 128), lengths);
}

TEST_F(CudnnAttentionTest, GroupsShareKeys) {
  for (const std::int64_t group : {4, 7}) {
    SCOPED_TRACE(group);
    check(attention_shape(2 * group, 2, 128), {33, 340, 5, 200});
  }
}

TEST_F(CudnnAttentionTest, HeadSizes) {
  check(attention_shape(4, 2, 64), {1, 240, 0, 167});
  check(attention_shape(4, 2, 96), {1, 240, 0, 167});
}

TEST_F(CudnnAttentionTest, LongRows) {
  check(attention_shape(2, 1, 128), {1100, 1030});
}

// Plans are made for sizes that are rounded up: batches of one plan follow each other.
TEST_F(CudnnAttentionTest, OnePlanServesManyBatches) {
  const AttentionShape shape = attention_shape(4, 2, 128);
  for (const Lengths& lengths : {Lengths{130, 201, 77}, Lengths{256, 255, 256, 1}, Lengths{9, 180, 255}}) {
    check(shape, lengths);
  }
}

TEST_F(CudnnAttentionTest, ShorterThanTheHostSays) {
  check(attention_shape(4, 2, 128), {9, 0, 300, 41}, 500);
}

TEST_F(CudnnAttentionTest, SameBitsTwice) {
  const AttentionInputs in = inputs_for({attention_shape(8, 2, 128), {557, 19, 300}, {557, 19, 300}}, DType::kBF16);
  const Outputs one = run_cudnn(in, false), two = run_cudnn(in, false);
  EXPECT_TRUE(same_bits(one.out, two.out));
  EXPECT_TRUE(same_bits(one.lse, two.lse));
}

// Scores so large that only subtracting the largest one keeps the exponentials finite.
TEST_F(CudnnAttentionTest, LargeScores) {
  AttentionInputs in({attention_shape(2, 2, 128), {300}, {300}});
  for (std::int64_t r = 0; r < in.k.rows; ++r) {
    for (std::int64_t c = 0; c < in.k.cols; ++c) in.k.at(r, c) *= 0.05f * static_cast<float>(r);
  }
  for (Matrix* m : {&in.q, &in.k, &in.v}) test::round_to(DType::kBF16, *m);
  AttentionOracle oracle(in);
  oracle.forward();
  const Outputs o = run_cudnn(in, false);
  EXPECT_TRUE(distance(o.out, oracle.out) <= 4e-3) << distance(o.out, oracle.out);
  EXPECT_TRUE(distance(o.lse, oracle.lse) <= 1e-5) << distance(o.lse, oracle.lse);
}

// A NaN reaches every query that sees it, and no other sequence.
TEST_F(CudnnAttentionTest, NanComesThrough) {
  AttentionInputs in = inputs_for({attention_shape(2, 2, 128), {140, 140}, {140, 140}}, DType::kBF16);
  in.k.at(3, 4) = std::numeric_limits<float>::quiet_NaN();
  const Outputs o = run_cudnn(in, false);
  for (std::int64_t i = 0; i < in.q.rows; ++i) {
    const bool sees = i < 140 && i >= 3;
    EXPECT_EQ(std::isnan(o.out.at(i, 0)), sees) << i;
    EXPECT_FALSE(std::isnan(o.out.at(i, 128))) << i;
  }
}

// What is left to our kernels.
TEST_F(CudnnAttentionTest, TakesOnlyWhatItIsFasterAt) {
  CudnnAttention attention(nullptr);
  AttentionBatch batch;
  batch.shape = attention_shape(32, 8, 128);
  batch.sequences = 4;
  batch.queries = 8192;
  batch.max_queries = batch.max_keys = 2048;
  const std::int64_t width = 32 * 128, joint = width + 2 * 8 * 128;
  DeviceArray memory(static_cast<std::size_t>(8192 * joint * 2));
  const ConstDeviceRows qkv{memory.data(), joint};
  const AttentionRows rows{qkv, qkv, qkv, {memory.data(), width}, {memory.data(), 32}};
  const auto* plan = attention.plan_of(batch, rows);
  ASSERT_NE(plan, nullptr) << attention.trouble();
  EXPECT_EQ(attention.trouble(), "");
  EXPECT_LE(attention.scratch_bytes(*plan), attention_backward_scratch_bytes(batch));

  const auto expect_refused = [&](const char* what, const auto& change) {
    AttentionBatch other = batch;
    AttentionRows others = rows;
    change(other, others);
    EXPECT_EQ(attention.plan_of(other, others), nullptr) << what;
  };
  using Batch = AttentionBatch;
  using Rows = AttentionRows;
  expect_refused("window", [](Batch& b, Rows&) { b.shape.window = 512; });
  expect_refused("soft cap", [](Batch& b, Rows&) { b.shape.softcap = 50.0f; });
  expect_refused("no mask", [](Batch& b, Rows&) { b.shape.causal = false; });
  expect_refused("float32", [](Batch& b, Rows&) { b.dtype = DType::kF32; });
  expect_refused("portable", [](Batch& b, Rows&) { b.portable = true; });
  expect_refused("head size", [](Batch& b, Rows&) { b.shape.head_dim = 64; });
  expect_refused("other keys", [](Batch& b, Rows&) { b.cu_seqlens_k = b.cu_seqlens_q + 1; });
  expect_refused("more keys", [](Batch& b, Rows&) { b.max_keys = 4096; });
  expect_refused("short rows", [](Batch& b, Rows&) { b.sequences = 64; });
  expect_refused("a short batch",
                 [](Batch& b, Rows&) { b.sequences = 1, b.queries = b.max_queries = b.max_keys = 900; });
  expect_refused("keys in a cache", [](Batch&, Rows& r) { r.k.stride = r.v.stride = 8 * 128; });
  expect_refused("no lse", [](Batch&, Rows& r) { r.lse = {}; });
  expect_refused("rows off 16 bytes", [](Batch&, Rows& r) { r.k.stride += 1; });
  expect_refused("too far for 32 bits", [](Batch& b, Rows&) { b.queries = 400000; });
  attention.choose(CudnnAttention::Choice::kNever);
  expect_refused("deterministic", [](Batch&, Rows&) {});
}

}  // namespace
}  // namespace vernier::cuda
