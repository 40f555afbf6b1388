// dq on the tensor cores (FlashAttention-2, Dao 2023): a block of threads takes a tile of one head's queries and runs
// over tiles of keys. The weights are computed again from q, k and the log-sum-exp, here and in attention_backward_dkv:
// two of seven products more than with atomic sums into dq, but nothing between blocks and the same bits every time.
#include <cmath>

#include "engine/cuda/attention_rows.cuh"
#include "engine/cuda/attention_tile.cuh"
#include "engine/cuda/launch.cuh"

namespace vernier::cuda {
namespace {

template <int E, int kRows, int kKeys>
constexpr std::size_t shared_bytes() {
  return sizeof(bf16) * E * (2 * kRows + 4 * kKeys);
}

template <int E, int kRows, int kKeys, int kWarps, bool kCapped>
__global__ void __launch_bounds__(kWarps * 32) dq_kernel(const AttentionParams p, const BackwardTensors<bf16> t) {
  constexpr int kThreads = kWarps * 32;
  constexpr int kM = kRows / (kWarps * 16);
  constexpr int kN = kKeys / 8;
  constexpr std::uint32_t kStage = kKeys * E * sizeof(bf16);

  const Place place = place_of(p, p.heads);
  const Sight sight = sight_of(p, place.sequence);
  const int first_query = ((p.max_queries - 1) / kRows - place.tile) * kRows;
  if (first_query >= sight.queries) return;
  const int rows = min(kRows, sight.queries - first_query);
  const int first_block = sight.first_key(first_query) / kKeys;
  const int end_block = (sight.end_key(first_query + rows - 1) + kKeys - 1) / kKeys;

  bf16* q_tile = reinterpret_cast<bf16*>(dynamic_shared());
  bf16* dout_tile = q_tile + kRows * E;
  bf16* k_tiles = dout_tile + kRows * E;
  bf16* v_tiles = k_tiles + 2 * kKeys * E;
  const std::int64_t q_row = p.cu_q[place.sequence] + first_query;
  const std::int64_t k_row = p.cu_k[place.sequence];
  const int column = place.head * p.head_dim;
  const int kv_head = place.head / p.group;
  const bf16* k = t.k + k_row * t.k_stride + kv_head * p.head_dim;
  const bf16* v = t.v + k_row * t.v_stride + kv_head * p.head_dim;
  const auto load_keys = [&](int block, int stage) {
    const std::int64_t key = static_cast<std::int64_t>(block) * kKeys;
    const int count = sight.keys - block * kKeys;
    load_tile<E, kKeys, kThreads>(k_tiles + stage * kKeys * E, k + key * t.k_stride, t.k_stride, count, p.head_dim);
    load_tile<E, kKeys, kThreads>(v_tiles + stage * kKeys * E, v + key * t.v_stride, t.v_stride, count, p.head_dim);
    commit_copies();
  };
  load_tile<E, kRows, kThreads>(q_tile, t.q + q_row * t.q_stride + column, t.q_stride, rows, p.head_dim);
  load_tile<E, kRows, kThreads>(dout_tile, t.dout + q_row * t.dout_stride + column, t.dout_stride, rows, p.head_dim);
  load_keys(first_block, 0);

  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp_query = first_query + warp * kM * 16;
  const auto q_part = Fragments<E>::by_rows(q_tile, warp * kM * 16);
  const auto dout_part = Fragments<E>::by_rows(dout_tile, warp * kM * 16);
  const auto k_part = Fragments<E>::by_columns(k_tiles, 0);
  const auto k_rows_part = Fragments<E>::by_rows(k_tiles, 0);
  const auto v_part = Fragments<E>::by_columns(v_tiles, 0);

  RowStats stats[kM][2];
#pragma unroll
  for (int m = 0; m < kM; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = warp * kM * 16 + m * 16 + lane / 4 + half * 8;
      stats[m][half] = row < rows ? t.stats[place.head * p.queries + q_row + row] : RowStats{INFINITY, 0.0f};
    }
  }
  const ScoreRule<kCapped> rule(p);

  float dq[kM][E / 8][4];
  clear(dq);
  for (int block = first_block; block < end_block; ++block) {
    const int stage = (block - first_block) % 2;
    wait_for_copies<0>();
    __syncthreads();
    if (block + 1 < end_block) load_keys(block + 1, 1 - stage);
    const int first_key = block * kKeys;
    if (first_key >= sight.end_key(warp_query + kM * 16 - 1)) continue;

    float s[kM][kN][4], ds[kM][kN][4];
    clear(s);
    multiply_rows<kM, kN, E / 16>(s, q_part, k_part.shifted(stage * kStage));
    clear(ds);
    multiply_rows<kM, kN, E / 16>(ds, dout_part, v_part.shifted(stage * kStage));
    const bool masked = !sight.all_seen(warp_query, kM * 16, first_key, kKeys);
#pragma unroll
    for (int m = 0; m < kM; ++m) {
      const auto row_stats = [&](int, int c) { return stats[m][c / 2]; };
      if (masked) mask_keys(s[m], sight, warp_query + m * 16 + lane / 4, first_key);
      to_weights(s[m], rule, row_stats);
      to_score_gradients(s[m], ds[m], rule, row_stats);
    }
    std::uint32_t left[kM][kN / 2][4];
    as_left(left, ds);
    multiply_columns(dq, left, k_rows_part.shifted(stage * kStage), 0);
  }

  __syncwarp();
  to_tile<E>(q_tile, warp * kM * 16, 0, dq, p.scale);
  __syncthreads();
  store_tile<E, kRows, kThreads>(t.dq + q_row * t.dq_stride + column, t.dq_stride, q_tile, rows, p.head_dim);
}

template <int E, int kRows, int kKeys, int kWarps>
void run(const AttentionParams& p, const BackwardTensors<bf16>& t, cudaStream_t stream) {
  const std::int64_t tiles = (p.max_queries + kRows - 1) / kRows;
  const auto kernel =
      p.softcap > 0.0f ? dq_kernel<E, kRows, kKeys, kWarps, true> : dq_kernel<E, kRows, kKeys, kWarps, false>;
  launch("attention's dq", kernel, tiles * p.heads * p.sequences, kWarps * 32, shared_bytes<E, kRows, kKeys>(), stream,
         p, t);
}

}  // namespace

void backward_tiles_dq(const AttentionParams& p, const BackwardTensors<bf16>& t, cudaStream_t stream) {
  if (p.head_dim <= 64) return run<64, 128, 32, 4>(p, t, stream);
  if (p.head_dim <= 96) return run<96, 128, 32, 4>(p, t, stream);
  if (p.head_dim <= 128) return run<128, 128, 32, 4>(p, t, stream);
  return run<256, 64, 16, 4>(p, t, stream);
}

}  // namespace vernier::cuda
