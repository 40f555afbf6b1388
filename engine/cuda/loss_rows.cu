#include "engine/cuda/loss_rows.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

constexpr int kThreads = 1024;
constexpr int kWarps = kThreads / 32;
constexpr std::int64_t kStep = kThreads * 4;  // logits that a block's threads load together
constexpr int kAhead = 3;                     // loads of a thread that are under way together
constexpr float kLog2E = 1.44269504f;

// Sums relative to the largest logit seen, and what else one look at the logits gives.
struct Sums {
  float max = -INFINITY;
  float exp = 0.0f;          // sum of e^(x - max)
  float exp_times_x = 0.0f;  // sum of e^(x - max) (x - max)
  std::int32_t argmax = 0;
  std::int32_t above = 0;  // logits greater than the target's
};

// Sums over the finite logits of what they are more than a shift near them, so that no digits are lost where all lie
// far from 0.
struct Moments {
  float min = INFINITY;
  float max = -INFINITY;
  float sum = 0.0f;
  float squares = 0.0f;
  std::int32_t count = 0;
};

// Moves the sums to a larger maximum.
__device__ __forceinline__ void raise_max(Sums& s, float max) {
  if (s.exp != 0.0f) {
    const float step = s.max - max;
    const float factor = exp2f(step * kLog2E);
    s.exp_times_x = factor * fmaf(step, s.exp, s.exp_times_x);
    s.exp *= factor;
  }
  s.max = max;
}

// The sums of two disjoint sets; of equal largest logits the lower id counts.
__device__ __forceinline__ void join(Sums& s, Sums other) {
  if (other.max > s.max || (other.max == s.max && other.argmax < s.argmax)) s.argmax = other.argmax;
  const float max = fmaxf(s.max, other.max);
  if (max > s.max) raise_max(s, max);
  if (max > other.max) raise_max(other, max);
  s.exp += other.exp;
  s.exp_times_x += other.exp_times_x;
  s.above += other.above;
}

__device__ __forceinline__ Sums warp_join(Sums s) {
#pragma unroll
  for (int mask = 1; mask < 32; mask *= 2) {
    Sums other;
    other.max = __shfl_xor_sync(0xffffffffu, s.max, mask);
    other.exp = __shfl_xor_sync(0xffffffffu, s.exp, mask);
    other.exp_times_x = __shfl_xor_sync(0xffffffffu, s.exp_times_x, mask);
    other.argmax = __shfl_xor_sync(0xffffffffu, s.argmax, mask);
    other.above = __shfl_xor_sync(0xffffffffu, s.above, mask);
    // The same order of joining in both lanes gives both the same bits.
    if (threadIdx.x & static_cast<unsigned>(mask)) {
      const Sums mine = s;
      s = other;
      join(s, mine);
    } else {
      join(s, other);
    }
  }
  return s;
}

__device__ __forceinline__ Moments warp_sum(Moments m) {
#pragma unroll
  for (int mask = 1; mask < 32; mask *= 2) {
    m.min = fminf(m.min, __shfl_xor_sync(0xffffffffu, m.min, mask));
    m.max = fmaxf(m.max, __shfl_xor_sync(0xffffffffu, m.max, mask));
    m.sum += __shfl_xor_sync(0xffffffffu, m.sum, mask);
    m.squares += __shfl_xor_sync(0xffffffffu, m.squares, mask);
    m.count += __shfl_xor_sync(0xffffffffu, m.count, mask);
  }
  return m;
}

__device__ LogitSummary summary_of(const Moments& m, float shift, std::int64_t vocabulary) {
  LogitSummary summary;
  summary.non_finite = static_cast<std::int32_t>(vocabulary) - m.count;
  if (m.count == 0) {
    summary.mean = summary.deviation = summary.min = summary.max = NAN;
    return summary;
  }
  const double mean = static_cast<double>(m.sum) / m.count;
  summary.mean = static_cast<float>(static_cast<double>(shift) + mean);
  summary.deviation = static_cast<float>(sqrt(fmax(0.0, static_cast<double>(m.squares) / m.count - mean * mean)));
  summary.min = m.min;
  summary.max = m.max;
  return summary;
}

__device__ __forceinline__ float capped(float x, float softcap) {
  return softcap > 0.0f ? softcap * tanhf(x / softcap) : x;
}

// Four logits from `id` on; beyond the row's end -infinity, which no sum sees.
__device__ __forceinline__ void load_logits(const float* row, std::int64_t id, std::int64_t vocabulary, float softcap,
                                            float (&x)[4]) {
  load<4>(row + id, x);  // the stride leaves room for whole vectors
#pragma unroll
  for (int i = 0; i < 4; ++i) x[i] = id + i < vocabulary ? capped(x[i], softcap) : -INFINITY;
}

__device__ __forceinline__ void add_logits(Sums& s, const float (&x)[4], std::int64_t id, std::int64_t vocabulary,
                                           float target) {
  // NaN is passed over here; the sums catch it.
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    if (x[i] > target) ++s.above;
  }
  const float top = fmaxf(fmaxf(x[0], x[1]), fmaxf(x[2], x[3]));
  if (top > s.max) {
    raise_max(s, top);
    s.argmax = static_cast<std::int32_t>(id) + (x[0] == top ? 0 : x[1] == top ? 1 : x[2] == top ? 2 : 3);
  }
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    if (id + i >= vocabulary) break;
    const float d = x[i] - s.max;
    const float e = exp2f(d * kLog2E);
    s.exp += e;
    s.exp_times_x = fmaf(e, d < -100.0f ? -100.0f : d, s.exp_times_x);  // keeps 0 * -infinity out of the entropy
  }
}

// Of a thread's share of a row that holds NaN or infinity, or logits too large to be squared: what is finite.
__device__ __noinline__ Moments finite_moments(const float* row, std::int64_t vocabulary, float softcap) {
  Moments m;
  for (std::int64_t id = threadIdx.x; id < vocabulary; id += kThreads) {
    const float x = capped(row[id], softcap);
    if (!isfinite(x)) continue;
    m.min = fminf(m.min, x);
    m.max = fmaxf(m.max, x);
    m.sum += x;
    m.squares = fmaf(x, x, m.squares);
    ++m.count;
  }
  return m;
}

template <typename Gradient>
__global__ void __launch_bounds__(kThreads, 1)
    loss_kernel(const LogitRows args, const std::int32_t* targets, const float* row_weights, float logit_scale,
                const DeviceLossRows out) {
  __shared__ Sums shared[kWarps];
  __shared__ Moments shared_moments[kWarps];
  __shared__ float shared_log_sum_exp;
  const std::int64_t at = blockIdx.x;
  float* row = args.logits + at * args.stride;
  const std::int32_t target_id = targets[at];
  const float target = capped(row[target_id], args.softcap);

  Sums s;
  float low = INFINITY, sum = 0.0f, squares = 0.0f;
  s.argmax = static_cast<std::int32_t>(min(args.vocabulary - 1, static_cast<std::int64_t>(threadIdx.x) * 4));
  const std::int64_t mine = threadIdx.x * 4;
  for (std::int64_t first = 0; first < args.vocabulary; first += kAhead * kStep) {
    float x[kAhead][4];
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
      const std::int64_t id = first + k * kStep + mine;
      if (id < args.vocabulary) load_logits(row, id, args.vocabulary, args.softcap, x[k]);
    }
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
      const std::int64_t id = first + k * kStep + mine;
      if (id >= args.vocabulary) continue;
      add_logits(s, x[k], id, args.vocabulary, target);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        if (id + i >= args.vocabulary) break;
        const float d = x[k][i] - target;
        low = fminf(low, x[k][i]);
        sum += d;
        squares = fmaf(d, d, squares);
      }
    }
  }
  if (out.logits != nullptr) {
    const std::int32_t all = static_cast<std::int32_t>(args.vocabulary);
    Moments m = warp_sum({low, s.max, sum, squares, 0});
    if (threadIdx.x % 32 == 0) shared_moments[threadIdx.x / 32] = m;
    __syncthreads();
    m = warp_sum(shared_moments[threadIdx.x % kWarps]);  // in every warp, so that all threads decide alike
    m.count = all;
    float shift = target;
    if (!isfinite(m.squares)) {
      __syncthreads();  // all have read
      m = warp_sum(finite_moments(row, args.vocabulary, args.softcap));
      if (threadIdx.x % 32 == 0) shared_moments[threadIdx.x / 32] = m;
      __syncthreads();
      m = warp_sum(shared_moments[threadIdx.x % kWarps]);
      shift = 0.0f;
    }
    if (threadIdx.x == 0) out.logits[at] = summary_of(m, shift, args.vocabulary);
  }
  s = warp_join(s);
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = s;
  __syncthreads();
  if (threadIdx.x < 32) {
    s = threadIdx.x < kWarps ? shared[threadIdx.x] : Sums{};
    if (threadIdx.x >= kWarps) s.argmax = static_cast<std::int32_t>(args.vocabulary - 1);
    s = warp_join(s);
    if (threadIdx.x == 0) {
      const double log_sum = log(static_cast<double>(s.exp));
      const double log_sum_exp = static_cast<double>(s.max) + log_sum;
      if (out.loss != nullptr) out.loss[at] = static_cast<float>(log_sum_exp - static_cast<double>(target));
      if (out.log_sum_exp != nullptr) out.log_sum_exp[at] = static_cast<float>(log_sum_exp);
      if (out.entropy != nullptr) {
        out.entropy[at] = static_cast<float>(log_sum - static_cast<double>(s.exp_times_x) / static_cast<double>(s.exp));
      }
      if (out.argmax != nullptr) out.argmax[at] = s.argmax;
      if (out.rank != nullptr) out.rank[at] = s.above;
      shared_log_sum_exp = static_cast<float>(log_sum_exp);
    }
  }
  if (row_weights == nullptr) return;
  __syncthreads();

  // From the row's end, whose logits the first look has left in the second-level cache. A bf16 gradient grows down from
  // the end of the row's memory, over logits that have been read.
  const float shift = shared_log_sum_exp;
  const float factor = row_weights[at] * logit_scale;
  auto* gradient = sizeof(Gradient) < sizeof(float) ? reinterpret_cast<Gradient*>(row + args.stride / 2)
                                                    : reinterpret_cast<Gradient*>(row);
  constexpr std::int64_t kBlock = kAhead * kStep;
  for (std::int64_t first = (args.vocabulary - 1) / kBlock * kBlock; first >= 0; first -= kBlock) {
    float x[kAhead][4];
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
      const std::int64_t id = first + k * kStep + mine;
      if (id < args.vocabulary) load_logits(row, id, args.vocabulary, args.softcap, x[k]);
    }
    if constexpr (sizeof(Gradient) < sizeof(float)) __syncthreads();
#pragma unroll
    for (int k = 0; k < kAhead; ++k) {
      const std::int64_t id = first + k * kStep + mine;
      if (id >= args.vocabulary) break;
      float g[4];
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        g[i] = exp2f((x[k][i] - shift) * kLog2E);
        if (id + i == target_id) g[i] -= 1.0f;
        g[i] *= factor;
        if (args.softcap > 0.0f && id + i < args.vocabulary) {
          const float t = x[k][i] / args.softcap;
          g[i] *= fmaf(-t, t, 1.0f);
        }
      }
      store<4>(g, gradient + id);
    }
  }
}

__global__ void __launch_bounds__(256) cap_kernel(const LogitRows args) {
  float* row = args.logits + static_cast<std::int64_t>(blockIdx.x) * args.stride;
  const std::int64_t id = static_cast<std::int64_t>(blockIdx.y) * blockDim.x + threadIdx.x;
  if (id < args.vocabulary) row[id] = capped(row[id], args.softcap);
}

}  // namespace

void loss_rows(CudaContext& context, const LogitRows& rows, const std::int32_t* targets, const float* row_weights,
               float logit_scale, bool bf16_gradient, const DeviceLossRows& out) {
  const auto blocks = static_cast<unsigned>(rows.rows);
  if (bf16_gradient) {
    loss_kernel<__nv_bfloat16><<<blocks, kThreads, 0, context.stream>>>(rows, targets, row_weights, logit_scale, out);
  } else {
    loss_kernel<float><<<blocks, kThreads, 0, context.stream>>>(rows, targets, row_weights, logit_scale, out);
  }
  check_launch("loss_head");
}

void cap_logits(CudaContext& context, const LogitRows& rows) {
  // Of narrow models a chunk has more rows than a grid may be high.
  const dim3 grid(static_cast<unsigned>(rows.rows), static_cast<unsigned>(ceil_div(rows.vocabulary, 256)));
  cap_kernel<<<grid, 256, 0, context.stream>>>(rows);
  check_launch("logits_forward");
}

}  // namespace vernier::cuda
