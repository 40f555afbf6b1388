// Few queries against many keys, as when text is generated (Flash-Decoding, Dao et al. 2023): the keys are split among
// blocks, and every key and value is read once for all heads that share it. The warps of a block copy and multiply on
// their own, each every kWarps-th 16 keys; what all of them found is put together by a second, small kernel.
#include <algorithm>
#include <cmath>

#include "engine/cuda/attention_rows.cuh"
#include "engine/cuda/attention_tile.cuh"
#include "engine/cuda/launch.cuh"

namespace vernier::cuda {
namespace {

constexpr int kKeys = 16;  // of one step of a warp
constexpr int kStages = 2;
constexpr int kJoinThreads = 128;
constexpr int kRows = kDecodeRows;
static_assert(kRows == 16);

// What one block found for its keys: per row the largest score (in units of log2(e)), the sum, and the weighted values
// [head_dim]. Blocks of one sequence and KV head follow each other.
struct Partials {
  float* base;
  int head_dim;

  __device__ float* of(std::int64_t block, int row) const { return base + (block * kRows + row) * (head_dim + 2); }
};

// Consumer chips have 99 KiB of shared memory.
template <int E>
constexpr int kWarpsFor = E <= 128 ? 4 : 2;

template <int E>
constexpr std::size_t shared_bytes() {
  constexpr int kWarps = kWarpsFor<E>;
  return sizeof(bf16) * (kRows * E + kWarps * kStages * 2 * kKeys * E);
}

// Row r is query r / group, head r % group of the group.
template <int E, bool kCapped>
__global__ void __launch_bounds__(kWarpsFor<E> * 32)
    decode_kernel(const AttentionParams p, const ForwardTensors<bf16> t, const Partials partials, int splits) {
  constexpr int kWarps = kWarpsFor<E>;
  constexpr int kThreads = kWarps * 32;
  constexpr int kChunks = E / 8;
  const int split = static_cast<int>(blockIdx.x) % splits;
  const int kv_head = static_cast<int>(blockIdx.x) / splits % p.kv_heads;
  const int sequence = static_cast<int>(blockIdx.x) / splits / p.kv_heads;
  const Sight sight = sight_of(p, sequence);
  const int rows = sight.queries * p.group;
  if (rows == 0) return;

  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  // Steps of this split; the warp's own are every kWarps-th.
  const int begin = sight.first_key(0) / kKeys;
  const int all_steps = (sight.end_key(sight.queries - 1) + kKeys - 1) / kKeys - begin;
  const int per_split = (all_steps + splits - 1) / splits;
  const int first_step = begin + split * per_split + warp;
  const int end_step = begin + min(all_steps, (split + 1) * per_split);

  bf16* q_tile = reinterpret_cast<bf16*>(dynamic_shared());
  bf16* stages = q_tile + kRows * E + warp * kStages * 2 * kKeys * E;
  const std::int64_t k_row = p.cu_k[sequence];
  const bf16* k = t.k + k_row * t.k_stride + kv_head * p.head_dim;
  const bf16* v = t.v + k_row * t.v_stride + kv_head * p.head_dim;
  const auto load_keys = [&](int step, int stage) {
    bf16* k_tile = stages + stage * 2 * kKeys * E;
    bf16* v_tile = k_tile + kKeys * E;
    for (int at = lane; at < kKeys * kChunks && step < end_step; at += 32) {
      const int row = at / kChunks, chunk = at % kChunks;
      const std::int64_t key = static_cast<std::int64_t>(step) * kKeys + row;
      const bool inside = key < sight.keys && chunk * 8 < p.head_dim;
      const int to = row * E + swizzled<E>(row, chunk) * 8;
      copy_async_16(shared_address(k_tile + to), inside ? k + key * t.k_stride + chunk * 8 : k, inside ? 16 : 0);
      copy_async_16(shared_address(v_tile + to), inside ? v + key * t.v_stride + chunk * 8 : v, inside ? 16 : 0);
    }
    commit_copies();
  };
  for (int at = static_cast<int>(threadIdx.x); at < kRows * kChunks; at += kThreads) {
    const int row = at / kChunks, chunk = at % kChunks;
    const bool inside = row < rows && chunk * 8 < p.head_dim;
    const std::int64_t q_row = p.cu_q[sequence] + row / p.group;
    const int head = kv_head * p.group + row % p.group;
    copy_async_16(shared_address(q_tile + row * E + swizzled<E>(row, chunk) * 8),
                  inside ? t.q + q_row * t.q_stride + head * p.head_dim + chunk * 8 : t.q, inside ? 16 : 0);
  }
#pragma unroll
  for (int i = 0; i < kStages - 1; ++i) load_keys(first_step + i * kWarps, i);
  // The queries came with the first group of copies, of every warp.
  wait_for_copies<kStages - 2>();
  __syncthreads();

  const auto q_part = Fragments<E>::by_rows(q_tile, 0);
  const auto k_part = Fragments<E>::by_columns(stages, 0);
  const auto v_part = Fragments<E>::by_rows(stages + kKeys * E, 0);
  const ScoreRule<kCapped> rule(p);
  float scale = rule.scale;

  float out[1][E / 8][4];
  clear(out);
  RunningRows running;
  for (int step = first_step, i = 0; step < end_step; step += kWarps, ++i) {
    wait_for_copies<kStages - 2>();
    __syncwarp();
    load_keys(step + (kStages - 1) * kWarps, (i + kStages - 1) % kStages);
    const std::uint32_t stage =
        static_cast<std::uint32_t>(i % kStages * 2 * kKeys * E * static_cast<int>(sizeof(bf16)));
    float s[1][2][4];
    clear(s);
    multiply_rows<1, 2, E / 16>(s, q_part, k_part.shifted(stage));
    scale = cap_rows(s[0], rule);
#pragma unroll
    for (int c = 0; c < 4; ++c) {
      const int query = (lane / 4 + c / 2 * 8) / p.group;
#pragma unroll
      for (int n = 0; n < 2; ++n) {
        if (!sight.sees(query, step * kKeys + n * 8 + lane % 4 * 2 + c % 2)) s[0][n][c] = -INFINITY;
      }
    }
    float shrink[2];
    softmax_rows(s[0], scale, running, shrink);
    scale_rows(out[0], shrink);
    std::uint32_t weights[1][1][4];
    as_left(weights, s);
    multiply_columns(out, weights, v_part.shifted(stage), 0);
  }

  // What the warps found, through the memory of the copies: [kWarps][kRows] largest scores and sums, then values.
  wait_for_copies<0>();
  __syncthreads();
  float* maxima = reinterpret_cast<float*>(q_tile + kRows * E);
  float* sums = maxima + kWarps * kRows;
  float* values = sums + kWarps * kRows;
  static_assert(sizeof(float) * kWarps * kRows * (E + 2) <= sizeof(bf16) * kWarps * kStages * 2 * kKeys * E);
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = lane / 4 + half * 8;
    float sum = running.sum[half];
    sum += __shfl_xor_sync(0xffffffffu, sum, 1);
    sum += __shfl_xor_sync(0xffffffffu, sum, 2);
    if (lane % 4 == 0) {
      maxima[warp * kRows + row] = running.max[half] * scale;
      sums[warp * kRows + row] = sum;
    }
#pragma unroll
    for (int n = 0; n < E / 8; ++n) {
      *reinterpret_cast<float2*>(values + (warp * kRows + row) * E + n * 8 + lane % 4 * 2) =
          make_float2(out[0][n][2 * half], out[0][n][2 * half + 1]);
    }
  }
  __syncthreads();
  for (int at = static_cast<int>(threadIdx.x); at < rows * p.head_dim; at += kThreads) {
    const int row = at / p.head_dim, column = at % p.head_dim;
    float top = -INFINITY, sum = 0.0f, value = 0.0f;
    for (int w = 0; w < kWarps; ++w) top = fmaxf(top, maxima[w * kRows + row]);
    const float shift = top == -INFINITY ? 0.0f : top;
    for (int w = 0; w < kWarps; ++w) {
      const float part = exp2_fast(maxima[w * kRows + row] - shift);
      sum += part * sums[w * kRows + row];
      value += part * values[(w * kRows + row) * E + column];
    }
    float* to = partials.of(blockIdx.x, row);
    if (column == 0) {
      to[0] = top;
      to[1] = sum;
    }
    to[2 + column] = value;
  }
}

// One block a query and head: out and lse from the splits' parts.
__global__ void __launch_bounds__(kJoinThreads)
    join_kernel(const AttentionParams p, const ForwardTensors<bf16> t, const Partials partials, int splits) {
  const int row = static_cast<int>(blockIdx.x) % kRows;
  const int unit = static_cast<int>(blockIdx.x) / kRows;
  const int kv_head = unit % p.kv_heads;
  const int sequence = unit / p.kv_heads;
  const int query = row / p.group;
  if (query >= p.cu_q[sequence + 1] - p.cu_q[sequence]) return;
  const int head = kv_head * p.group + row % p.group;
  const std::int64_t first = static_cast<std::int64_t>(unit) * splits;
  // The splits' largest scores, then the weights of their parts; every warp finds the total on its own.
  float* weights = reinterpret_cast<float*>(dynamic_shared());
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float top = -INFINITY, sum = 0.0f;
  for (int split = static_cast<int>(threadIdx.x); split < splits; split += kJoinThreads) {
    weights[split] = partials.of(first + split, row)[0];
  }
  __syncthreads();
  for (int split = lane; split < splits; split += 32) top = fmaxf(top, weights[split]);
  for (int step = 16; step > 0; step /= 2) top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, step));
  for (int split = lane; split < splits; split += 32) {
    sum += exp2_fast(weights[split] - top) * partials.of(first + split, row)[1];
  }
  for (int step = 16; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
  __syncthreads();
  for (int split = static_cast<int>(threadIdx.x); split < splits; split += kJoinThreads) {
    weights[split] = exp2_fast(weights[split] - top);
  }
  __syncthreads();
  const std::int64_t q_row = p.cu_q[sequence] + query;
  for (int column = static_cast<int>(threadIdx.x); column < p.head_dim; column += kJoinThreads) {
    float value = 0.0f;
#pragma unroll 8
    for (int split = 0; split < splits; ++split) {
      value += weights[split] * partials.of(first + split, row)[2 + column];
    }
    t.out[q_row * t.out_stride + head * p.head_dim + column] = __float2bfloat16(value / sum);
  }
  if (t.lse != nullptr && threadIdx.x == 0) t.lse[q_row * t.lse_stride + head] = (top + log2f(sum)) * kLn2;
}

template <int E>
void run(const AttentionParams& p, const ForwardTensors<bf16>& t, void* scratch, cudaStream_t stream) {
  const int splits = decode_splits(p);
  const Partials partials{static_cast<float*>(scratch), p.head_dim};
  const std::int64_t units = static_cast<std::int64_t>(p.sequences) * p.kv_heads;
  const auto kernel = p.softcap > 0.0f ? decode_kernel<E, true> : decode_kernel<E, false>;
  launch("attention of few queries", kernel, units * splits, kWarpsFor<E> * 32, shared_bytes<E>(), stream, p, t,
         partials, splits);
  // In eights: the compiler reads the last weights by fours, whether they are all there or not.
  const std::size_t weight_bytes = sizeof(float) * ((static_cast<std::size_t>(splits) + 7) / 8 * 8);
  launch("attention of few queries", join_kernel, units * kRows, kJoinThreads, weight_bytes, stream, p, t, partials,
         splits);
}

}  // namespace

// Two blocks a multiprocessor and not one more, which would wait for all the others; 64 keys each at least.
int decode_splits(const AttentionParams& p) {
  const int wanted = 2 * multiprocessors() / (p.sequences * p.kv_heads);
  const int most = (p.max_keys + 63) / 64;
  return std::clamp(wanted, 1, std::max(most, 1));
}

std::size_t decode_scratch_bytes(const AttentionParams& p) {
  return sizeof(float) * static_cast<std::size_t>(p.sequences) * static_cast<std::size_t>(p.kv_heads) *
         static_cast<std::size_t>(decode_splits(p)) * kRows * static_cast<std::size_t>(p.head_dim + 2);
}

void forward_decode(const AttentionParams& p, const ForwardTensors<bf16>& t, void* scratch, cudaStream_t stream) {
  if (p.head_dim <= 64) return run<64>(p, t, scratch, stream);
  if (p.head_dim <= 96) return run<96>(p, t, scratch, stream);
  if (p.head_dim <= 128) return run<128>(p, t, scratch, stream);
  run<256>(p, t, scratch, stream);
}

}  // namespace vernier::cuda
