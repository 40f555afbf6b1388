// The kernel of the loss head: rows of logits.
#pragma once

#include <cstdint>

#include "engine/cuda/context.h"
#include "engine/ops/backend.h"

namespace vernier::cuda {

// Where each row's results go, in device memory, indexed by the row; each may be null.
struct DeviceLossRows {
  float *loss = nullptr, *log_sum_exp = nullptr, *entropy = nullptr;
  std::int32_t *argmax = nullptr, *rank = nullptr;
  LogitSummary* logits = nullptr;
};

struct LogitRows {
  float* logits = nullptr;  // [rows, vocabulary], rows `stride` apart, a multiple of 16
  std::int64_t rows = 0, vocabulary = 0, stride = 0;
  float softcap = 0.0f;
};

// A block a row: statistics, and with row_weights the gradient in the logits' place:
//   gradient = row_weight * logit_scale * d loss / d uncapped logit
// as float32, or as bf16 in the second half of each row's memory: from logits + stride / 2 on, 2 * stride elements of
// bf16 between rows.
void loss_rows(CudaContext& context, const LogitRows& rows, const std::int32_t* targets, const float* row_weights,
               float logit_scale, bool bf16_gradient, const DeviceLossRows& out);

// logits = softcap * tanh(logits / softcap).
void cap_logits(CudaContext& context, const LogitRows& rows);

}  // namespace vernier::cuda
