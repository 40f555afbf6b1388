// The vector kernels between attention's block products: rows of scores become weights and score gradients.
#pragma once

#include <cstdint>

#include "engine/cpu/attention_blocks.h"

namespace vernier::cpu {

// Scaled scores of a block of queries against a chunk of keys. Row i belongs to query first_query + i, column j to key
// first_key + j. What a query does not see becomes 0.
struct ScoreBlock {
  Sight sight;
  std::int64_t first_query = 0, queries = 0;
  std::int64_t first_key = 0, keys = 0;
  float softcap = 0.0f;
  float* scores = nullptr;
  std::int64_t stride = 0;

  // Columns that one of the rows [row, end) sees, and rows that see one of the columns [column, end).
  Range seen(std::int64_t row, std::int64_t end) const {
    const std::int64_t first = std::clamp<std::int64_t>(sight.first_key(first_query + row) - first_key, 0, keys);
    return {first, std::clamp<std::int64_t>(sight.end_key(first_query + end - 1) - first_key, first, keys)};
  }
  Range seeing(std::int64_t column, std::int64_t end) const {
    const std::int64_t first =
        std::clamp<std::int64_t>(sight.first_query(first_key + column) - first_query, 0, queries);
    return {first, std::clamp<std::int64_t>(sight.end_query(first_key + end - 1) - first_query, first, queries)};
  }
};

// The running softmax of the forward pass. Of each row: the largest score and the sum of exponentials so far, and the
// output so far, which is rescaled when a larger score turns up.
struct RunningSoftmax {
  bool first = false;  // nothing so far
  float* max = nullptr;
  float* sum = nullptr;
  float* out = nullptr;
  std::int64_t out_stride = 0;
  std::int64_t head_dim = 0;
};

// scores = e^(capped score - max).
void softmax_rows(const ScoreBlock& block, const RunningSoftmax& so_far);

// out /= sum; lse [rows] lse_step apart = max + log(sum), or null.
void finish_softmax_rows(const RunningSoftmax& so_far, std::int64_t rows, float* lse, std::int64_t lse_step);

// What the backward pass knows of the rows. weight_grads holds dout v^T as the scores do and has the same stride.
struct SoftmaxGradient {
  const float* lse = nullptr;
  std::int64_t lse_step = 0;
  const float* out = nullptr;
  std::int64_t out_stride = 0;
  const float* dout = nullptr;
  std::int64_t dout_stride = 0;
  std::int64_t head_dim = 0;
  float scale = 1.0f;
  float* weight_grads = nullptr;
};

// scores = p = e^(capped score - lse); weight_grads = gradient of q k^T = scale p (weight_grads - dout . out), times
// the soft cap's slope.
void softmax_gradient_rows(const ScoreBlock& block, const SoftmaxGradient& gradient);

}  // namespace vernier::cpu
