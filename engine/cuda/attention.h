// Attention on a CUDA device: the operations of backend.h on plain device pointers. Every call only gives work to
// `stream`; nothing is allocated and nothing waits.
//
// bf16: FlashAttention-2 (Dao 2023) on the tensor cores, on sm_90 with that chip's own instructions, for head sizes
// that are multiples of 8 up to 256, with rows and pointers aligned to 16 bytes, and a split over keys (Flash-Decoding,
// Dao et al. 2023) where there are few queries. Everything else, float32 above all, goes through kernels that compute
// in float32 and are exact before they are fast. No atomics: the same inputs give the same bits.
//
// Errors: kInternal for shapes that do not fit; what errors.h says of a launch that fails.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "engine/ops/backend.h"

namespace vernier::cuda {

// Rows of a matrix in device memory; `stride` elements lie between the starts of two rows.
struct DeviceRows {
  void* data = nullptr;
  std::int64_t stride = 0;
};

struct ConstDeviceRows {
  const void* data = nullptr;
  std::int64_t stride = 0;

  ConstDeviceRows() = default;
  ConstDeviceRows(const void* values, std::int64_t stride_in) : data(values), stride(stride_in) {}
  ConstDeviceRows(const DeviceRows& rows) : ConstDeviceRows(rows.data, rows.stride) {}  // NOLINT: its read-only form
};

// What a call covers. cu_seqlens_* [sequences + 1] lie in device memory; the host knows only the sizes below, which may
// be larger than what cu_seqlens_* say (a captured graph serves every batch that fits).
struct AttentionBatch {
  DType dtype = DType::kBF16;  // of every tensor but lse: kBF16 or kF32
  AttentionShape shape;
  const std::int32_t* cu_seqlens_q = nullptr;
  const std::int32_t* cu_seqlens_k = nullptr;
  std::int64_t sequences = 0;
  std::int64_t queries = 0;      // N, of all sequences together
  std::int64_t max_queries = 0;  // of one sequence
  std::int64_t max_keys = 0;
  // Keeps to kernels that run on sm_80 and later, so that a newer chip can test them.
  bool portable = false;
};

// Whether attention_forward() has kernels of sm_90's for the batch on the current device: bf16 rows, of which there are
// more than a few.
bool has_hopper_forward(const AttentionBatch& batch);
// As those kernels read them, 16 bytes at a time.
bool is_aligned(const ConstDeviceRows& rows);

// Bytes of scratch that attention_forward needs; 0 unless queries are few.
std::size_t attention_forward_scratch_bytes(const AttentionBatch& batch);

// q, out [N, H*E]; k, v [M, K*E]; lse [N, H] float32, or {} where nobody needs it.
// scratch: 16-byte aligned, not initialised, free again when the call's work is done.
void attention_forward(const AttentionBatch& batch, ConstDeviceRows q, ConstDeviceRows k, ConstDeviceRows v,
                       DeviceRows out, DeviceRows lse, void* scratch, cudaStream_t stream);

std::size_t attention_backward_scratch_bytes(const AttentionBatch& batch);

struct AttentionGradients {
  DeviceRows dq, dk, dv;
};

// cu_seqlens_k and max_keys of the batch are not read: queries and keys are the same tokens.
void attention_backward(const AttentionBatch& batch, ConstDeviceRows dout, ConstDeviceRows q, ConstDeviceRows k,
                        ConstDeviceRows v, ConstDeviceRows out, ConstDeviceRows lse,
                        const AttentionGradients& gradients, void* scratch, cudaStream_t stream);

}  // namespace vernier::cuda
