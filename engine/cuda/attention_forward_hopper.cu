// Forward pass on sm_90's warpgroup products (the schedule within a warpgroup is FlashAttention-3's, Shah et al. 2024):
// a block's warpgroups take 64 queries each and share tiles of keys; while a warpgroup computes the softmax of one
// tile, the product of the last tile's weights and values is under way.
#include "engine/cuda/attention_panels.cuh"
#include "engine/cuda/attention_rows.cuh"
#include "engine/cuda/launch.cuh"

namespace vernier::cuda {
namespace {

template <int E, int kGroups, int kKeys>
constexpr std::size_t shared_bytes() {
  return sizeof(bf16) * E * (kGroups * 64 + 4 * kKeys);
}

template <int E, int kGroups, int kKeys, int kBlocks, bool kCapped>
__global__ void __launch_bounds__(kGroups * 128, kBlocks)
    forward_kernel(const AttentionParams p, const ForwardTensors<bf16> t) {
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
  bf16* k_tiles = q_tile + kRows * E;
  bf16* v_tiles = k_tiles + 2 * kKeys * E;
  const std::int64_t q_row = p.cu_q[place.sequence] + first_query;
  const std::int64_t k_row = p.cu_k[place.sequence];
  const int kv_column = place.head / p.group * p.head_dim;
  const bf16* k = t.k + k_row * t.k_stride + kv_column;
  const bf16* v = t.v + k_row * t.v_stride + kv_column;
  const auto stage_of = [&](bf16* tiles, int block) { return tiles + (block - first_block) % 2 * kKeys * E; };
  const auto load_keys = [&](int block) {
    load_panels<E, kKeys, kThreads>(stage_of(k_tiles, block), k + static_cast<std::int64_t>(block) * kKeys * t.k_stride,
                                    t.k_stride, sight.keys - block * kKeys, p.head_dim);
  };
  const auto load_values = [&](int block) {
    load_panels<E, kKeys, kThreads>(stage_of(v_tiles, block), v + static_cast<std::int64_t>(block) * kKeys * t.v_stride,
                                    t.v_stride, sight.keys - block * kKeys, p.head_dim);
  };
  const auto wait_for_tiles = [&] {
    wait_for_copies<0>();
    publish_shared();
    __syncthreads();
  };
  load_panels<E, kRows, kThreads>(q_tile, t.q + q_row * t.q_stride + place.head * p.head_dim, t.q_stride, rows,
                                  p.head_dim);
  load_keys(first_block);
  commit_copies();

  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int group_row = static_cast<int>(threadIdx.x) / 128 * 64;
  const int warp_row = static_cast<int>(threadIdx.x) / 32 * 16;
  const int warp_query = first_query + warp_row;
  const ScoreRule<kCapped> rule(p);
  float scale = rule.scale;

  float s[kN][4], out[E / 8][4], shrink[2];
  std::uint32_t weights[kN / 2][4];
  RunningRows running;
  const auto softmax = [&](int block) {
    scale = cap_rows(s, rule);
    if (!sight.all_seen(warp_query, 16, block * kKeys, kKeys)) {
      mask_keys(s, sight, warp_query + lane / 4, block * kKeys);
    }
    softmax_rows(s, scale, running, shrink);
  };

  clear(out);
  wait_for_tiles();
  if (first_block + 1 < end_block) load_keys(first_block + 1);
  load_values(first_block);
  commit_copies();
  fence_products();
  multiply_rows<E, kRows>(s, q_tile, group_row, k_tiles);
  commit_products();
  wait_for_products<0>();
  pin(s);
  softmax(first_block);
  as_left(weights, s);

  for (int block = first_block + 1; block < end_block; ++block) {
    wait_for_tiles();
    if (block + 1 < end_block) load_keys(block + 1);
    load_values(block);
    commit_copies();
    fence_products();
    multiply_rows<E, kRows>(s, q_tile, group_row, stage_of(k_tiles, block));
    commit_products();
    multiply_columns(out, weights, stage_of(v_tiles, block - 1));
    commit_products();
    wait_for_products<1>();
    pin(s);
    softmax(block);
    wait_for_products<0>();
    pin(out);
    scale_rows(out, shrink);
    pin(out);
    as_left(weights, s);
  }
  wait_for_tiles();
  fence_products();
  multiply_columns(out, weights, stage_of(v_tiles, end_block - 1));
  commit_products();
  wait_for_products<0>();
  pin(out);

  float inverse_sum[2], lse2[2];
  finish_rows(running, scale, inverse_sum, lse2);
  scale_rows(out, inverse_sum);
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = warp_row + lane / 4 + half * 8;
    if (t.lse != nullptr && lane % 4 == 0 && row < rows) {
      t.lse[(q_row + row) * t.lse_stride + place.head] = lse2[half] * kLn2;
    }
  }
  // A warpgroup's queries are read by itself alone, but by all of its warps.
  __syncthreads();
  to_panels<kRows>(q_tile, warp_row, out, 1.0f);
  __syncthreads();
  store_panels<E, kRows, kThreads>(t.out + q_row * t.out_stride + place.head * p.head_dim, t.out_stride, q_tile, rows,
                                   p.head_dim);
}

template <int E, int kGroups, int kKeys, int kBlocks>
void run(const AttentionParams& p, const ForwardTensors<bf16>& t, cudaStream_t stream) {
  const std::int64_t tiles = (p.max_queries + kGroups * 64 - 1) / (kGroups * 64);
  const auto kernel =
      p.softcap > 0.0f ? forward_kernel<E, kGroups, kKeys, 1, true> : forward_kernel<E, kGroups, kKeys, kBlocks, false>;
  launch("attention", kernel, tiles * p.heads * p.sequences, kGroups * 128, shared_bytes<E, kGroups, kKeys>(), stream,
         p, t);
}

}  // namespace

void forward_hopper(const AttentionParams& p, const ForwardTensors<bf16>& t, cudaStream_t stream) {
  if (p.head_dim <= 64) return run<64, 1, 64, 4>(p, t, stream);
  run<128, 2, 128, 1>(p, t, stream);
}

}  // namespace vernier::cuda
