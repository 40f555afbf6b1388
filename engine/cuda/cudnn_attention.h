// Attention's forward pass through cuDNN's fused kernels, where the library is and they were measured to be faster than
// those of attention.h: long causal rows of a training step or an evaluation, in bf16 with heads of 96 or 128 on sm_90
// (tests/bench/RESULTS.md). Everything else, the backward pass above all, is theirs, and so is every batch for which
// cuDNN has no plan: that is known before anything is queued. Out and lse are the same numbers up to bf16's rounding.
#pragma once

#include <cuda_runtime_api.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "engine/cuda/attention.h"
#include "engine/cuda/cudnn_graph.h"

namespace vernier::cuda {

// The operands of attention_forward().
struct AttentionRows {
  ConstDeviceRows q, k, v;
  DeviceRows out, lse;
};

class CudnnAttention {
 public:
  enum class Choice {
    kNever,
    kFaster,  // where it was measured to be faster
    kAlways,  // whatever it can compute, to measure and to test it
  };
  struct Plan;

  explicit CudnnAttention(cudaStream_t stream, Choice choice = Choice::kFaster);
  ~CudnnAttention();
  CudnnAttention(const CudnnAttention&) = delete;
  CudnnAttention& operator=(const CudnnAttention&) = delete;

  void choose(Choice choice) { choice_ = choice; }
  // Null where the batch is not for cuDNN. Sizes are rounded up so that few plans serve a run; the first batch of a
  // size waits for its plan on the host. Not while the stream is captured.
  const Plan* plan_of(const AttentionBatch& batch, const AttentionRows& rows);
  // No more than the batch's backward pass takes, unless the choice is kAlways.
  std::size_t scratch_bytes(const Plan& plan) const;
  // scratch: as attention_forward() takes it.
  void forward(const Plan& plan, const AttentionBatch& batch, const AttentionRows& rows, void* scratch);
  // Why the last batch that cuDNN was asked to plan has none; "" where it has.
  const std::string& trouble() const { return trouble_; }

 private:
  // What a plan is made for.
  struct Key {
    std::int64_t sequences, longest, heads, kv_heads, head_dim, q_stride, k_stride, v_stride, out_stride, lse_stride;
    auto operator<=>(const Key&) const = default;
  };

  struct BoundsLayout;
  struct Made;
  std::unique_ptr<Plan> make_plan(const Key& key);

  cudaStream_t stream_;
  Choice choice_;
  CudnnHandle handle_ = nullptr;
  std::map<Key, Made> plans_;
  std::string trouble_;
};

// Sequence bounds as cuDNN reads them, from cu_seqlens [sequences + 1]: lengths [padded] and, [padded + 1] each, where
// the sequences begin in matrices of the given strides, in elements; beyond `sequences` there are empty ones at the
// end.
struct PackedBounds {
  static constexpr int kMatrices = 5;
  std::int32_t* lengths = nullptr;
  std::int32_t* starts[kMatrices] = {};
  std::int32_t strides[kMatrices] = {};
};
void write_bounds(const std::int32_t* cu_seqlens, std::int64_t sequences, std::int64_t padded,
                  const PackedBounds& bounds, cudaStream_t stream);

}  // namespace vernier::cuda
