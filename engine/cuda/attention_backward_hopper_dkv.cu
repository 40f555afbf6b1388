// dk and dv on sm_90's warpgroup products: as attention_backward_dkv.cu, with products under way while weights are
// computed.
#include "engine/cuda/attention_panels.cuh"
#include "engine/cuda/attention_rows.cuh"
#include "engine/cuda/launch.cuh"

namespace vernier::cuda {
namespace {

template <int E, int kGroups, int kQueries>
constexpr std::size_t shared_bytes() {
  return sizeof(bf16) * (E * (2 * kGroups * 64 + 4 * kQueries)) + sizeof(RowStats) * 2 * kQueries;
}

template <int E, int kGroups, int kQueries, int kBlocks, bool kCapped>
__global__ void __launch_bounds__(kGroups * 128, kBlocks)
    dkv_kernel(const AttentionParams p, const BackwardTensors<bf16> t) {
  constexpr int kThreads = kGroups * 128;
  constexpr int kRows = kGroups * 64;
  constexpr int kN = kQueries / 8;

  const Place place = place_of(p, p.kv_heads);
  const Sight sight = sight_of(p, place.sequence);
  const int first_key = place.tile * kRows;
  if (first_key >= sight.keys) return;
  const int rows = min(kRows, sight.keys - first_key);
  const int first_block = sight.first_query(first_key) / kQueries;
  const int end_block = (sight.end_query(first_key + rows - 1) + kQueries - 1) / kQueries;

  bf16* k_tile = reinterpret_cast<bf16*>(dynamic_shared());
  bf16* v_tile = k_tile + kRows * E;
  bf16* q_tiles = v_tile + kRows * E;
  bf16* dout_tiles = q_tiles + 2 * kQueries * E;
  auto* stats = reinterpret_cast<RowStats*>(dout_tiles + 2 * kQueries * E);
  const std::int64_t q_row = p.cu_q[place.sequence];
  const std::int64_t k_row = p.cu_k[place.sequence] + first_key;
  const int kv_column = place.head * p.head_dim;
  // A step is a block of queries of one of the group's heads, blocks of a head first.
  int next_head = place.head * p.group, next_query = first_block * kQueries;
  const auto load_queries = [&](int step) {
    const int head = next_head, first = next_query;
    next_query += kQueries;
    if (next_query == end_block * kQueries) {
      next_query = first_block * kQueries;
      ++next_head;
    }
    const int count = sight.queries - first;
    const int stage = step % 2;
    const std::int64_t row = q_row + first;
    load_panels<E, kQueries, kThreads>(q_tiles + stage * kQueries * E, t.q + row * t.q_stride + head * p.head_dim,
                                       t.q_stride, count, p.head_dim);
    load_panels<E, kQueries, kThreads>(dout_tiles + stage * kQueries * E,
                                       t.dout + row * t.dout_stride + head * p.head_dim, t.dout_stride, count,
                                       p.head_dim);
    const int i = static_cast<int>(threadIdx.x);
    if (i < kQueries) {
      const RowStats* from = t.stats + head * p.queries;
      copy_async_8(shared_address(stats + stage * kQueries + i), i < count ? from + row + i : from, i < count ? 8 : 0);
    }
    commit_copies();
  };
  load_panels<E, kRows, kThreads>(k_tile, t.k + k_row * t.k_stride + kv_column, t.k_stride, rows, p.head_dim);
  load_panels<E, kRows, kThreads>(v_tile, t.v + k_row * t.v_stride + kv_column, t.v_stride, rows, p.head_dim);
  load_queries(0);

  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int group_row = static_cast<int>(threadIdx.x) / 128 * 64;
  const int warp_row = static_cast<int>(threadIdx.x) / 32 * 16;
  const int lane_key = first_key + warp_row + lane / 4;
  const ScoreRule<kCapped> rule(p);

  float s[kN][4], ds[kN][4], dk[E / 8][4], dv[E / 8][4];
  std::uint32_t weights[kN / 2][4], left[kN / 2][4];
  const int steps = (end_block - first_block) * p.group;
  int first_query = first_block * kQueries;
  clear(dk);
  clear(dv);
  for (int step = 0; step < steps; ++step) {
    const bf16* q_tile = q_tiles + step % 2 * kQueries * E;
    const bf16* dout_tile = dout_tiles + step % 2 * kQueries * E;
    const RowStats* lane_stats = stats + step % 2 * kQueries + lane % 4 * 2;
    const auto column_stats = [&](int n, int c) { return lane_stats[n * 8 + c % 2]; };
    wait_for_copies<0>();
    publish_shared();
    __syncthreads();
    if (step + 1 < steps) load_queries(step + 1);
    fence_products();
    multiply_rows<E, kRows>(s, k_tile, group_row, q_tile);
    commit_products();
    multiply_rows<E, kRows>(ds, v_tile, group_row, dout_tile);
    commit_products();

    wait_for_products<1>();
    pin(s);
    if (!sight.all_seen(first_query, kQueries, first_key + warp_row, 16)) {
      mask_queries(s, sight, lane_key, first_query);
    }
    first_query += kQueries;
    if (first_query == end_block * kQueries) first_query = first_block * kQueries;
    to_weights(s, rule, column_stats);
    if constexpr (kCapped) {
      float rounded[kN][4];
#pragma unroll
      for (int n = 0; n < kN; ++n) {
#pragma unroll
        for (int c = 0; c < 4; ++c) rounded[n][c] = weight_of(s[n][c], rule, column_stats(n, c).lse2);
      }
      as_left(weights, rounded);
    } else {
      as_left(weights, s);
    }
    fence_products();
    multiply_columns(dv, weights, dout_tile);
    commit_products();
    wait_for_products<1>();
    pin(ds);
    to_score_gradients(s, ds, rule, column_stats);
    as_left(left, ds);
    fence_products();
    multiply_columns(dk, left, q_tile);
    commit_products();
    wait_for_products<0>();
    pin(dk);
    pin(dv);
  }

  __syncthreads();
  to_panels<kRows>(k_tile, warp_row, dk, p.scale);
  to_panels<kRows>(v_tile, warp_row, dv, 1.0f);
  __syncthreads();
  store_panels<E, kRows, kThreads>(t.dk + k_row * t.dk_stride + kv_column, t.dk_stride, k_tile, rows, p.head_dim);
  store_panels<E, kRows, kThreads>(t.dv + k_row * t.dv_stride + kv_column, t.dv_stride, v_tile, rows, p.head_dim);
}

template <int E, int kGroups, int kQueries, int kBlocks>
void run(const AttentionParams& p, const BackwardTensors<bf16>& t, cudaStream_t stream) {
  const std::int64_t tiles = (p.max_queries + kGroups * 64 - 1) / (kGroups * 64);
  const auto kernel =
      p.softcap > 0.0f ? dkv_kernel<E, kGroups, kQueries, 1, true> : dkv_kernel<E, kGroups, kQueries, kBlocks, false>;
  launch("attention's dk and dv", kernel, tiles * p.kv_heads * p.sequences, kGroups * 128,
         shared_bytes<E, kGroups, kQueries>(), stream, p, t);
}

}  // namespace

void backward_hopper_dkv(const AttentionParams& p, const BackwardTensors<bf16>& t, cudaStream_t stream) {
  if (p.head_dim <= 64) return run<64, 1, 64, 3>(p, t, stream);
  run<128, 1, 64, 2>(p, t, stream);
}

}  // namespace vernier::cuda
