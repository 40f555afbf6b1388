// The vector kernels of the loss head: one row of logits.
#pragma once

#include <cstdint>

#include "engine/ops/backend.h"

namespace vernier::cpu {

struct LogitStatistics {
  double log_sum_exp = 0.0;
  double entropy = 0.0;
  float target = 0.0f;  // the target's logit
  std::int32_t argmax = 0;
  std::int32_t rank = 0;
  LogitSummary summary;
};

// logits = softcap * tanh(logits / softcap).
void cap_logits(float* logits, std::int64_t n, float softcap);

// Reads a row once; with softcap > 0 the logits are capped in place first.
LogitStatistics logit_statistics(float* logits, std::int64_t n, std::int32_t target, float softcap);

// Capped logits become factor * d loss / d uncapped logits.
void logit_gradient(float* logits, std::int64_t n, std::int32_t target, float softcap,
                    const LogitStatistics& statistics, float factor);

}  // namespace vernier::cpu
