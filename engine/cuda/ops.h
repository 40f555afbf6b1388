// The CUDA operations as free functions: same meaning, shapes, element types and aliasing as in engine/ops/backend.h,
// whose checks have run. They only queue work, unless they fill host memory. Attention is in attention.h.
#pragma once

#include <memory>
#include <span>

#include "engine/cuda/context.h"
#include "engine/ops/backend.h"

namespace vernier::cuda {

void zero(CudaContext& context, const TensorView& x);
void fill_normal(CudaContext& context, const FillNormal& op);
void copy(CudaContext& context, const ConstTensorView& from, const TensorView& to);
void add(CudaContext& context, const ConstTensorView& x, const TensorView& y);
void embedding_forward(CudaContext& context, const EmbeddingForward& op);
void embedding_backward(CudaContext& context, const EmbeddingBackward& op);
void rms_norm_forward(CudaContext& context, const RmsNormForward& op);
void rms_norm_backward(CudaContext& context, const RmsNormBackward& op);
void rope(CudaContext& context, const Rope& op);
void gated_forward(CudaContext& context, const GatedForward& op);
void gated_backward(CudaContext& context, const GatedBackward& op);
void project_forward(CudaContext& context, const ProjectForward& op);
void project_backward(CudaContext& context, const ProjectBackward& op);
void adapted_row_norms(CudaContext& context, const AdaptedRowNorms& op);
void column_scale_forward(CudaContext& context, const ColumnScaleForward& op);
void column_scale_backward(CudaContext& context, const ColumnScaleBackward& op);
void loss_head(CudaContext& context, const LossHead& op);
void logits_forward(CudaContext& context, const LogitsForward& op);
// Null where the device has no memory to do it without waiting.
std::unique_ptr<Fetch> begin_logits(CudaContext& context, const LogitsForward& op);
void dequantize_nf4(cudaStream_t stream, const DequantizeNf4& op);
void adamw(CudaContext& context, const AdamW& op);
double squared_norm(CudaContext& context, std::span<const float> x);
void squared_norms(CudaContext& context, std::span<const float> x, std::span<const std::int64_t> bounds,
                   std::span<double> out);

// Bytes of scratch memory that the heaviest call of a training step takes.
std::size_t project_scratch_bytes(const CudaContext& context, const WorkShape& shape);
std::size_t loss_head_scratch_bytes(const CudaContext& context, const WorkShape& shape);
// Of the memory where logits wait for their copy.
std::size_t staging_bytes(const WorkShape& shape);

// GFLOP/s of a large bf16 product.
double measure_peak_gflops(CudaContext& context);

}  // namespace vernier::cuda
