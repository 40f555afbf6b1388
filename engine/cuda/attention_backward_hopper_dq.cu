// dq on sm_90's warpgroup products: as attention_backward_dq.cu, with products under way while weights are computed.
#include "engine/cuda/attention_panels.cuh"
#include "engine/cuda/attention_rows.cuh"
#include "engine/cuda/launch.cuh"

namespace vernier::cuda {
namespace {

template <int E, int kGroups, int kKeys>
constexpr std::size_t shared_bytes() {
  return sizeof(bf16) * E * (2 * kGroups * 64 + 4 * kKeys);
}

template <int E, int kGroups, int kKeys, int kBlocks, bool kCapped>
__global__ void __launch_bounds__(kGroups * 128, kBlocks)
    dq_kernel(const AttentionParams p, const BackwardTensors<bf16> t) {
  constexpr int kThreads = kGroups * 128;
  constexpr int kRows = kGroups * 64;
  constexpr int kN = kKeys / 8;

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
  const int kv_column = place.head / p.group * p.head_dim;
  const bf16* k = t.k + k_row * t.k_stride + kv_column;
  const bf16* v = t.v + k_row * t.v_stride + kv_column;
  const auto keys_of = [&](int block) { return k_tiles + (block - first_block) % 2 * kKeys * E; };
  const auto values_of = [&](int block) { return v_tiles + (block - first_block) % 2 * kKeys * E; };
  const auto load_keys = [&](int block) {
    const std::int64_t key = static_cast<std::int64_t>(block) * kKeys;
    const int count = sight.keys - block * kKeys;
    load_panels<E, kKeys, kThreads>(keys_of(block), k + key * t.k_stride, t.k_stride, count, p.head_dim);
    load_panels<E, kKeys, kThreads>(values_of(block), v + key * t.v_stride, t.v_stride, count, p.head_dim);
    commit_copies();
  };
  load_panels<E, kRows, kThreads>(q_tile, t.q + q_row * t.q_stride + column, t.q_stride, rows, p.head_dim);
  load_panels<E, kRows, kThreads>(dout_tile, t.dout + q_row * t.dout_stride + column, t.dout_stride, rows, p.head_dim);
  load_keys(first_block);

  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int group_row = static_cast<int>(threadIdx.x) / 128 * 64;
  const int warp_row = static_cast<int>(threadIdx.x) / 32 * 16;
  const int lane_query = first_query + warp_row + lane / 4;
  RowStats stats[2];
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = warp_row + lane / 4 + half * 8;
    stats[half] = row < rows ? t.stats[place.head * p.queries + q_row + row] : RowStats{INFINITY, 0.0f};
  }
  const auto row_stats = [&](int, int c) { return stats[c / 2]; };
  const ScoreRule<kCapped> rule(p);

  float s[kN][4], ds[kN][4], dq[E / 8][4];
  std::uint32_t left[kN / 2][4];
  clear(dq);
  for (int block = first_block; block < end_block; ++block) {
    wait_for_copies<0>();
    publish_shared();
    __syncthreads();
    if (block + 1 < end_block) load_keys(block + 1);
    fence_products();
    multiply_rows<E, kRows>(s, q_tile, group_row, keys_of(block));
    commit_products();
    multiply_rows<E, kRows>(ds, dout_tile, group_row, values_of(block));
    commit_products();

    wait_for_products<1>();
    pin(s);
    const int first_key = block * kKeys;
    if (!sight.all_seen(first_query + warp_row, 16, first_key, kKeys)) mask_keys(s, sight, lane_query, first_key);
    to_weights(s, rule, row_stats);
    wait_for_products<0>();
    pin(ds);
    to_score_gradients(s, ds, rule, row_stats);
    as_left(left, ds);
    fence_products();
    multiply_columns(dq, left, keys_of(block));
    commit_products();
    wait_for_products<0>();
    pin(dq);
  }

  __syncthreads();
  to_panels<kRows>(q_tile, warp_row, dq, p.scale);
  __syncthreads();
  store_panels<E, kRows, kThreads>(t.dq + q_row * t.dq_stride + column, t.dq_stride, q_tile, rows, p.head_dim);
}

template <int E, int kGroups, int kKeys, int kBlocks>
void run(const AttentionParams& p, const BackwardTensors<bf16>& t, cudaStream_t stream) {
  const std::int64_t tiles = (p.max_queries + kGroups * 64 - 1) / (kGroups * 64);
  const auto kernel =
      p.softcap > 0.0f ? dq_kernel<E, kGroups, kKeys, 1, true> : dq_kernel<E, kGroups, kKeys, kBlocks, false>;
  launch("attention's dq", kernel, tiles * p.heads * p.sequences, kGroups * 128, shared_bytes<E, kGroups, kKeys>(),
         stream, p, t);
}

}  // namespace

void backward_hopper_dq(const AttentionParams& p, const BackwardTensors<bf16>& t, cudaStream_t stream) {
  if (p.head_dim <= 64) return run<64, 2, 64, 2>(p, t, stream);
  run<128, 1, 64, 2>(p, t, stream);
}

}  // namespace vernier::cuda
