// dk and dv on the tensor cores (FlashAttention-2, Dao 2023): a block of threads takes a tile of one KV head's keys and
// runs over tiles of the queries of every head that shares it, so that nobody else adds to its gradients. The scores
// are computed transposed, keys as rows: then weights leave one product in the registers where the next wants them.
#include "engine/cuda/attention_rows.cuh"
#include "engine/cuda/attention_tile.cuh"
#include "engine/cuda/launch.cuh"

namespace vernier::cuda {
namespace {

template <int E, int kKeys, int kQueries>
constexpr std::size_t shared_bytes() {
  return sizeof(bf16) * E * (2 * kKeys + 4 * kQueries) + sizeof(RowStats) * 2 * kQueries;
}

// kParts warps share the same keys, each with E / kParts columns of dk and dv: as much as registers hold.
template <int E, int kKeys, int kQueries, int kWarps, int kParts, bool kCapped>
__global__ void __launch_bounds__(kWarps * 32) dkv_kernel(const AttentionParams p, const BackwardTensors<bf16> t) {
  constexpr int kThreads = kWarps * 32;
  constexpr int kM = kKeys * kParts / (kWarps * 16);
  constexpr int kN = kQueries / 8;
  constexpr int kColumns = E / kParts;
  constexpr std::uint32_t kStage = kQueries * E * sizeof(bf16);

  const Place place = place_of(p, p.kv_heads);
  const Sight sight = sight_of(p, place.sequence);
  const int first_key = place.tile * kKeys;
  if (first_key >= sight.keys) return;
  const int rows = min(kKeys, sight.keys - first_key);
  const int first_block = sight.first_query(first_key) / kQueries;
  const int blocks = (sight.end_query(first_key + rows - 1) + kQueries - 1) / kQueries - first_block;

  bf16* k_tile = reinterpret_cast<bf16*>(dynamic_shared());
  bf16* v_tile = k_tile + kKeys * E;
  bf16* q_tiles = v_tile + kKeys * E;
  bf16* dout_tiles = q_tiles + 2 * kQueries * E;
  auto* stats = reinterpret_cast<RowStats*>(dout_tiles + 2 * kQueries * E);
  const std::int64_t q_row = p.cu_q[place.sequence];
  const std::int64_t k_row = p.cu_k[place.sequence] + first_key;
  const int kv_column = place.head * p.head_dim;
  // Step i is block i % blocks of queries of the group's head i / blocks.
  const auto load_queries = [&](int step, int stage) {
    const int head = place.head * p.group + step / blocks;
    const int first = (first_block + step % blocks) * kQueries;
    const int count = sight.queries - first;
    const std::int64_t row = q_row + first;
    load_tile<E, kQueries, kThreads>(q_tiles + stage * kQueries * E, t.q + row * t.q_stride + head * p.head_dim,
                                     t.q_stride, count, p.head_dim);
    load_tile<E, kQueries, kThreads>(dout_tiles + stage * kQueries * E,
                                     t.dout + row * t.dout_stride + head * p.head_dim, t.dout_stride, count,
                                     p.head_dim);
    const int i = static_cast<int>(threadIdx.x);
    if (i < kQueries) {
      const RowStats* from = t.stats + head * p.queries;
      copy_async_8(shared_address(stats + stage * kQueries + i), i < count ? from + row + i : from, i < count ? 8 : 0);
    }
    commit_copies();
  };
  load_tile<E, kKeys, kThreads>(k_tile, t.k + k_row * t.k_stride + kv_column, t.k_stride, rows, p.head_dim);
  load_tile<E, kKeys, kThreads>(v_tile, t.v + k_row * t.v_stride + kv_column, t.v_stride, rows, p.head_dim);
  load_queries(0, 0);

  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp_row = warp / kParts * kM * 16;
  const int warp_key = first_key + warp_row;
  const int column = warp % kParts * kColumns;
  const auto k_part = Fragments<E>::by_rows(k_tile, warp_row);
  const auto v_part = Fragments<E>::by_rows(v_tile, warp_row);
  const auto q_part = Fragments<E>::by_columns(q_tiles, 0);
  const auto q_rows_part = Fragments<E>::by_rows(q_tiles, 0);
  const auto dout_part = Fragments<E>::by_columns(dout_tiles, 0);
  const auto dout_rows_part = Fragments<E>::by_rows(dout_tiles, 0);

  const ScoreRule<kCapped> rule(p);

  float dk[kM][kColumns / 8][4], dv[kM][kColumns / 8][4];
  clear(dk);
  clear(dv);
  const int steps = blocks * p.group;
  for (int step = 0; step < steps; ++step) {
    const int stage = step % 2;
    wait_for_copies<0>();
    __syncthreads();
    if (step + 1 < steps) load_queries(step + 1, 1 - stage);
    const int first_query = (first_block + step % blocks) * kQueries;
    if (sight.first_query(warp_key) >= first_query + kQueries) continue;

    // Queries beyond the last are zero: they add nothing, whatever their weights.
    float s[kM][kN][4], ds[kM][kN][4];
    clear(s);
    multiply_rows<kM, kN, E / 16>(s, k_part, q_part.shifted(stage * kStage));
    clear(ds);
    multiply_rows<kM, kN, E / 16>(ds, v_part, dout_part.shifted(stage * kStage));
    const bool masked = !sight.all_seen(first_query, kQueries, warp_key, kM * 16);
    const RowStats* lane_stats = stats + stage * kQueries + lane % 4 * 2;
    const auto column_stats = [&](int n, int c) { return lane_stats[n * 8 + c % 2]; };
    std::uint32_t left[kM][kN / 2][4];
#pragma unroll
    for (int m = 0; m < kM; ++m) {
      if (masked) mask_queries(s[m], sight, warp_key + m * 16 + lane / 4, first_query);
      to_weights(s[m], rule, column_stats);
      to_score_gradients(s[m], ds[m], rule, column_stats);
      if constexpr (kCapped) {
#pragma unroll
        for (int n = 0; n < kN; ++n) {
#pragma unroll
          for (int c = 0; c < 4; ++c) s[m][n][c] = weight_of(s[m][n][c], rule, column_stats(n, c).lse2);
        }
      }
    }
    as_left(left, s);
    multiply_columns(dv, left, dout_rows_part.shifted(stage * kStage), column / 16);
    as_left(left, ds);
    multiply_columns(dk, left, q_rows_part.shifted(stage * kStage), column / 16);
  }

  __syncthreads();
  to_tile<E>(k_tile, warp_row, column, dk, p.scale);
  to_tile<E>(v_tile, warp_row, column, dv, 1.0f);
  __syncthreads();
  store_tile<E, kKeys, kThreads>(t.dk + k_row * t.dk_stride + kv_column, t.dk_stride, k_tile, rows, p.head_dim);
  store_tile<E, kKeys, kThreads>(t.dv + k_row * t.dv_stride + kv_column, t.dv_stride, v_tile, rows, p.head_dim);
}

template <int E, int kKeys, int kQueries, int kWarps, int kParts>
void run(const AttentionParams& p, const BackwardTensors<bf16>& t, cudaStream_t stream) {
  const std::int64_t tiles = (p.max_queries + kKeys - 1) / kKeys;
  const auto kernel = p.softcap > 0.0f ? dkv_kernel<E, kKeys, kQueries, kWarps, kParts, true>
                                       : dkv_kernel<E, kKeys, kQueries, kWarps, kParts, false>;
  launch("attention's dk and dv", kernel, tiles * p.kv_heads * p.sequences, kWarps * 32,
         shared_bytes<E, kKeys, kQueries>(), stream, p, t);
}

}  // namespace

void backward_tiles_dkv(const AttentionParams& p, const BackwardTensors<bf16>& t, cudaStream_t stream) {
  if (p.head_dim <= 64) return run<64, 128, 32, 4, 1>(p, t, stream);
  if (p.head_dim <= 96) return run<96, 64, 64, 4, 1>(p, t, stream);
  if (p.head_dim <= 128) return run<128, 64, 64, 4, 1>(p, t, stream);
  return run<256, 64, 16, 8, 2>(p, t, stream);
}

}  // namespace vernier::cuda
