// Forward pass on the tensor cores (FlashAttention-2, Dao 2023): a block of threads takes a tile of one head's queries
// and runs over tiles of keys with a running softmax, the next tile being copied while it computes.
#include "engine/cuda/attention_rows.cuh"
#include "engine/cuda/attention_tile.cuh"
#include "engine/cuda/launch.cuh"

namespace vernier::cuda {
namespace {

template <int E, int kRows, int kKeys>
constexpr std::size_t shared_bytes() {
  return sizeof(bf16) * E * (kRows + 4 * kKeys);
}

template <int E, int kRows, int kKeys, int kWarps, bool kCapped>
__global__ void __launch_bounds__(kWarps * 32) forward_kernel(const AttentionParams p, const ForwardTensors<bf16> t) {
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
  bf16* k_tiles = q_tile + kRows * E;
  bf16* v_tiles = k_tiles + 2 * kKeys * E;
  const std::int64_t q_row = p.cu_q[place.sequence] + first_query;
  const std::int64_t k_row = p.cu_k[place.sequence];
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
  load_tile<E, kRows, kThreads>(q_tile, t.q + q_row * t.q_stride + place.head * p.head_dim, t.q_stride, rows,
                                p.head_dim);
  load_keys(first_block, 0);

  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp_query = first_query + warp * kM * 16;
  const auto q_part = Fragments<E>::by_rows(q_tile, warp * kM * 16);
  const auto k_part = Fragments<E>::by_columns(k_tiles, 0);
  const auto v_part = Fragments<E>::by_rows(v_tiles, 0);

  const ScoreRule<kCapped> rule(p);
  float scale = rule.scale;

  float out[kM][E / 8][4];
  clear(out);
  RunningRows running[kM];
  for (int block = first_block; block < end_block; ++block) {
    const int stage = (block - first_block) % 2;
    wait_for_copies<0>();
    __syncthreads();
    if (block + 1 < end_block) load_keys(block + 1, 1 - stage);
    const int first_key = block * kKeys;
    if (first_key >= sight.end_key(warp_query + kM * 16 - 1)) continue;

    float s[kM][kN][4];
    clear(s);
    multiply_rows<kM, kN, E / 16>(s, q_part, k_part.shifted(stage * kStage));
    const bool masked = !sight.all_seen(warp_query, kM * 16, first_key, kKeys);
#pragma unroll
    for (int m = 0; m < kM; ++m) {
      scale = cap_rows(s[m], rule);
      if (masked) mask_keys(s[m], sight, warp_query + m * 16 + lane / 4, first_key);
      float shrink[2];
      softmax_rows(s[m], scale, running[m], shrink);
      scale_rows(out[m], shrink);
    }
    std::uint32_t weights[kM][kN / 2][4];
    as_left(weights, s);
    multiply_columns(out, weights, v_part.shifted(stage * kStage), 0);
  }

#pragma unroll
  for (int m = 0; m < kM; ++m) {
    float inverse_sum[2], lse2[2];
    finish_rows(running[m], scale, inverse_sum, lse2);
    scale_rows(out[m], inverse_sum);
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = warp * kM * 16 + m * 16 + lane / 4 + half * 8;
      if (t.lse != nullptr && lane % 4 == 0 && row < rows) {
        t.lse[(q_row + row) * t.lse_stride + place.head] = lse2[half] * kLn2;
      }
    }
  }
  // A warp's queries are read by itself alone, so that it may write over them.
  __syncwarp();
  to_tile<E>(q_tile, warp * kM * 16, 0, out, 1.0f);
  __syncthreads();
  store_tile<E, kRows, kThreads>(t.out + q_row * t.out_stride + place.head * p.head_dim, t.out_stride, q_tile, rows,
                                 p.head_dim);
}

template <int E, int kRows, int kKeys, int kWarps>
void run(const AttentionParams& p, const ForwardTensors<bf16>& t, cudaStream_t stream) {
  const std::int64_t tiles = (p.max_queries + kRows - 1) / kRows;
  const auto kernel =
      p.softcap > 0.0f ? forward_kernel<E, kRows, kKeys, kWarps, true> : forward_kernel<E, kRows, kKeys, kWarps, false>;
  launch("attention", kernel, tiles * p.heads * p.sequences, kWarps * 32, shared_bytes<E, kRows, kKeys>(), stream, p,
         t);
}

}  // namespace

void forward_tiles(const AttentionParams& p, const ForwardTensors<bf16>& t, cudaStream_t stream) {
  if (p.head_dim <= 64) return run<64, 128, 64, 4>(p, t, stream);
  if (p.head_dim <= 96) return run<96, 128, 32, 4>(p, t, stream);
  if (p.head_dim <= 128) return run<128, 128, 64, 4>(p, t, stream);
  return run<256, 64, 32, 4>(p, t, stream);
}

}  // namespace vernier::cuda
