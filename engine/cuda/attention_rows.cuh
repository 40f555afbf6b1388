// From products of q and k to weights and their gradients, on fragments as a matrix product leaves them: 16 rows, of
// which a lane has rows lane / 4 and lane / 4 + 8, and columns n * 8 + lane % 4 * 2 and the next of every n.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/cuda/attention_kernels.cuh"
#include "engine/cuda/mma.cuh"
#include "engine/cuda/sight.cuh"

namespace vernier::cuda {

constexpr float kLog2E = 1.4426950408889634f;
constexpr float kLn2 = 0.6931471805599453f;

// tanh to about 1e-6: the hardware's own is good to 5e-4 only, which a soft cap of 50 turns into visible errors.
__device__ __forceinline__ float tanh_fast(float x) {
  return 1.0f - __fdividef(2.0f, exp2_fast(2.0f * kLog2E * x) + 1.0f);
}

// Scores are in units of log2(e), so that a weight is a power of two. Keys that a query does not see have -infinity.
template <bool kCapped>
struct ScoreRule {
  float scale;
  float cap_in = 0.0f, cap_out = 0.0f;

  explicit __device__ ScoreRule(const AttentionParams& p) : scale(p.scale * kLog2E) {
    if constexpr (kCapped) {
      cap_in = p.scale / p.softcap;
      cap_out = p.softcap * kLog2E;
    }
  }
};

// The running softmax of a lane's two rows.
struct RunningRows {
  float max[2] = {-INFINITY, -INFINITY};  // the same in the four lanes of a row
  float sum[2] = {0.0f, 0.0f};            // of a lane's own columns
};

// What is left to multiply s with so that it is the score: the soft cap is applied here, a plain scale in softmax_rows.
template <bool kCapped, int kN>
__device__ __forceinline__ float cap_rows(float (&s)[kN][4], const ScoreRule<kCapped>& rule) {
  if constexpr (kCapped) {
#pragma unroll
    for (int n = 0; n < kN; ++n) {
#pragma unroll
      for (int c = 0; c < 4; ++c) s[n][c] = rule.cap_out * tanh_fast(rule.cap_in * s[n][c]);
    }
    return 1.0f;
  } else {
    return rule.scale;
  }
}

// Hides what lies outside columns [begin, end) of each of a lane's two rows.
template <int kN>
__device__ __forceinline__ void hide_outside(float (&s)[kN][4], const int (&begin)[2], const int (&end)[2]) {
  const int lane_column = static_cast<int>(threadIdx.x) % 4 * 2;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int first = begin[half] - lane_column, last = end[half] - lane_column;
#pragma unroll
    for (int n = 0; n < kN; ++n) {
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        float& x = s[n][2 * half + i];
        x = (n * 8 + i >= first) & (n * 8 + i < last) ? x : -INFINITY;
      }
    }
  }
}

// Rows are queries, the lane's first one `query`; the fragment's first column is `key`.
template <int kN>
__device__ __forceinline__ void mask_keys(float (&s)[kN][4], const Sight& sight, int query, int key) {
  const int begin[2] = {sight.first_key(query) - key, sight.first_key(query + 8) - key};
  const int end[2] = {sight.end_key(query) - key, sight.end_key(query + 8) - key};
  hide_outside(s, begin, end);
}

// Rows are keys, the lane's first one `key`; the fragment's first column is `query`.
template <int kN>
__device__ __forceinline__ void mask_queries(float (&s)[kN][4], const Sight& sight, int key, int query) {
  const int begin[2] = {sight.first_query(key) - query, sight.first_query(key + 8) - query};
  const int end[2] = {sight.end_query(key) - query, sight.end_query(key + 8) - query};
  hide_outside(s, begin, end);
}

// s becomes 2^(scale * s - the largest so far); what was summed before must be multiplied by `shrink`.
template <int kN>
__device__ __forceinline__ void softmax_rows(float (&s)[kN][4], float scale, RunningRows& rows, float (&shrink)[2]) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float top = rows.max[half];
#pragma unroll
    for (int n = 0; n < kN; ++n) top = fmaxf(top, fmaxf(s[n][2 * half], s[n][2 * half + 1]));
    top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, 1));
    top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, 2));
    // A row may have seen nothing so far: 2^(-inf - 0), not 2^(-inf + inf).
    const float shift = top == -INFINITY ? 0.0f : top * scale;
    shrink[half] = exp2_fast(rows.max[half] * scale - shift);
    rows.max[half] = top;
    float sum = 0.0f;
#pragma unroll
    for (int n = 0; n < kN; ++n) {
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        float& x = s[n][2 * half + i];
        x = exp2_fast(x * scale - shift);
        sum += x;
      }
    }
    rows.sum[half] = rows.sum[half] * shrink[half] + sum;
  }
}

template <int kN>
__device__ __forceinline__ void scale_rows(float (&c)[kN][4], const float (&factor)[2]) {
#pragma unroll
  for (int n = 0; n < kN; ++n) {
#pragma unroll
    for (int i = 0; i < 4; ++i) c[n][i] *= factor[i / 2];
  }
}

// The sums of whole rows; lse2 is log2(e) times the log-sum-exp.
__device__ __forceinline__ void finish_rows(const RunningRows& rows, float scale, float (&inverse_sum)[2],
                                            float (&lse2)[2]) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float sum = rows.sum[half];
    sum += __shfl_xor_sync(0xffffffffu, sum, 1);
    sum += __shfl_xor_sync(0xffffffffu, sum, 2);
    inverse_sum[half] = 1.0f / sum;
    lse2[half] = rows.max[half] * scale + log2f(sum);
  }
}

// --- backward ---
//
// stats(n, c) are the RowStats of the query of element c of n.

// s, a product of q and k, becomes the weight; with a soft cap its tanh.
template <bool kCapped, int kN, typename Stats>
__device__ __forceinline__ void to_weights(float (&s)[kN][4], const ScoreRule<kCapped>& rule, const Stats& stats) {
#pragma unroll
  for (int n = 0; n < kN; ++n) {
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      if constexpr (kCapped) {
        s[n][c] = s[n][c] == -INFINITY ? -INFINITY : tanh_fast(rule.cap_in * s[n][c]);
      } else {
        s[n][c] = exp2_fast(s[n][c] * rule.scale - stats(n, c).lse2);
      }
    }
  }
}

template <bool kCapped>
__device__ __forceinline__ float weight_of(float s, const ScoreRule<kCapped>& rule, float lse2) {
  return kCapped ? exp2_fast(rule.cap_out * s - lse2) : s;
}

// ds, the gradient of a weight, becomes that of q k^T but for the scale; s as to_weights left it.
template <bool kCapped, int kN, typename Stats>
__device__ __forceinline__ void to_score_gradients(const float (&s)[kN][4], float (&ds)[kN][4],
                                                   const ScoreRule<kCapped>& rule, const Stats& stats) {
#pragma unroll
  for (int n = 0; n < kN; ++n) {
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      const RowStats row = stats(n, c);
      ds[n][c] = weight_of(s[n][c], rule, row.lse2) * (ds[n][c] - row.delta);
      // The slope of the soft cap; of a hidden key's -infinity it is 0.
      if constexpr (kCapped) ds[n][c] *= fmaxf(0.0f, 1.0f - s[n][c] * s[n][c]);
    }
  }
}

}  // namespace vernier::cuda
