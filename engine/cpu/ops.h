// The CPU's operations as free functions: same meaning, shapes and aliasing as in engine/ops/backend.h, whose checks
// have run. All floats are float32.
#pragma once

#include <span>

#include "engine/cpu/context.h"
#include "engine/ops/backend.h"

namespace vernier::cpu {

void zero(CpuContext& context, const TensorView& x);
void fill_normal(CpuContext& context, const FillNormal& op);
void copy(CpuContext& context, const ConstTensorView& from, const TensorView& to);
void add(CpuContext& context, const ConstTensorView& x, const TensorView& y);
void embedding_forward(CpuContext& context, const EmbeddingForward& op);
void embedding_backward(CpuContext& context, const EmbeddingBackward& op);
void rms_norm_forward(CpuContext& context, const RmsNormForward& op);
void rms_norm_backward(CpuContext& context, const RmsNormBackward& op);
void rope(CpuContext& context, const Rope& op);
void gated_forward(CpuContext& context, const GatedForward& op);
void gated_backward(CpuContext& context, const GatedBackward& op);
void project_forward(CpuContext& context, const ProjectForward& op);
void project_backward(CpuContext& context, const ProjectBackward& op);
void adapted_row_norms(CpuContext& context, const AdaptedRowNorms& op);
void column_scale_forward(CpuContext& context, const ColumnScaleForward& op);
void column_scale_backward(CpuContext& context, const ColumnScaleBackward& op);
void attention_forward(CpuContext& context, const AttentionForward& op);
void attention_backward(CpuContext& context, const AttentionBackward& op);
void loss_head(CpuContext& context, const LossHead& op);
void logits_forward(CpuContext& context, const LogitsForward& op);
void dequantize_nf4(CpuContext& context, const DequantizeNf4& op);
void adamw(CpuContext& context, const AdamW& op);
double squared_norm(CpuContext& context, std::span<const float> x);
void squared_norms(CpuContext& context, std::span<const float> x, std::span<const std::int64_t> bounds,
                   std::span<double> out);

}  // namespace vernier::cpu
