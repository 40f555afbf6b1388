// Matrix products through cuBLASLt: bf16 or float32 in, float32 accumulation, TF32 never.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>

#include "engine/core/tensor.h"
#include "engine/cuda/memory.h"

namespace vernier::cuda {

// C [m, n] = alpha op(A) op(B) + beta C + bias, row-major; op transposes where trans_ says so, so that A is stored
// [m, k] or [k, m], B [k, n] or [n, k]. A and B have one type, C its own; bias [n] has C's type. With an addend it is
// alpha op(A) op(B) + beta addend + bias.
struct Gemm {
  std::int64_t m = 0, n = 0, k = 0;
  bool trans_a = false, trans_b = false;
  float alpha = 1.0f, beta = 0.0f;
  ConstTensorView a, b;
  TensorView c;
  ConstTensorView addend = {};
  const void* bias = nullptr;
};

// A [m, k] B^T with B [n, k].
Gemm times_transposed(const ConstTensorView& a, const ConstTensorView& b, const TensorView& c);
// A B with A [m, k], B [k, n].
Gemm times(const ConstTensorView& a, const ConstTensorView& b, const TensorView& c);
// A^T B with A [k, m], B [k, n].
Gemm transposed_times(const ConstTensorView& a, const ConstTensorView& b, const TensorView& c);

// Remembers for every shape which of cuBLASLt's kernels is the fastest; shapes whose numbers of rows differ by less
// than a quarter share that. The first call of a shape times the kernels that the library's heuristics put first, which
// waits for the device.
class GemmEngine {
 public:
  GemmEngine(cudaStream_t stream, const std::shared_ptr<Usage>& usage);
  ~GemmEngine();
  GemmEngine(const GemmEngine&) = delete;
  GemmEngine& operator=(const GemmEngine&) = delete;

  void run(const Gemm& gemm);
  // Whether shapes seen for the first time are timed. Without it every shape has a choice of its own, the heuristics'
  // first, which is the same in every process.
  void set_timing(bool on);

 private:
  struct Key;
  struct Plan;
  struct Plans;
  Plan& plan_of(const Key& key, const Gemm& gemm);
  void choose(Plan& plan, const Gemm& gemm);
  bool launch(const Plan& plan, std::size_t candidate, const Gemm& gemm, float alpha);
  // Of one run of a candidate that takes this shape.
  float milliseconds(const Plan& plan, std::size_t candidate, const Gemm& gemm, float alpha);

  cudaStream_t stream_;
  void* handle_ = nullptr;
  DeviceBlock workspace_;
  bool timing_ = true;
  std::unique_ptr<Plans> plans_;
};

}  // namespace vernier::cuda
