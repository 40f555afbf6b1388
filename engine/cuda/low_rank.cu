#include <algorithm>

#include "engine/cuda/low_rank.h"
#include "engine/cuda/mma.cuh"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / 32;
constexpr int kRows = 32;   // of a tile
constexpr int kCols = 512;  // of a block's slab; a warp has 64 of them
constexpr int kWarpCols = kCols / kWarps;
constexpr int kRowBytes = kCols * 2;
constexpr std::int64_t kMinGroupRows = 128;  // of a block, so that its own result is worth writing

// Blocks (slab of columns) x (group of rows); each keeps its share of `outer` in registers while it walks down its
// rows.
struct Plan {
  std::int64_t padded_rank = 0;  // to a multiple of 16
  std::int64_t slabs = 0, groups = 0, group_rows = 0;
  std::size_t dot_bytes = 0, outer_bytes = 0;
};

Plan plan_of(const CudaContext& context, std::int64_t rows, std::int64_t cols, std::int64_t ranks, bool with_dot) {
  Plan plan;
  plan.padded_rank = ceil_div(ranks, 16) * 16;
  plan.slabs = ceil_div(cols, kCols);
  const std::int64_t resident = context.multiprocessors() * (plan.padded_rank == 16 ? 2 : 1);
  const std::int64_t wanted = std::max<std::int64_t>(1, resident / plan.slabs);
  plan.group_rows = std::max(kMinGroupRows, ceil_div(ceil_div(rows, wanted), kRows) * kRows);
  plan.groups = ceil_div(rows, plan.group_rows);
  const auto floats = static_cast<std::size_t>(plan.padded_rank) * sizeof(float);
  plan.outer_bytes = static_cast<std::size_t>(plan.groups * cols) * floats;
  plan.dot_bytes = with_dot ? static_cast<std::size_t>(plan.slabs * rows) * floats : 0;
  return plan;
}

struct Arguments {
  const bf16 *wide, *narrow, *factor;
  std::int64_t wide_stride, narrow_stride, factor_stride;
  std::int64_t rows, cols, group_rows;
  int ranks;
  float* dot;    // [slabs, N, padded rank]
  float* outer;  // [groups, C, padded rank]
};

// Bytes of a row of `narrow` or `factor`: 16 more than it has, so that eight rows lie in different banks.
template <int kRank>
constexpr int kNarrowBytes = kRank * 2 + 16;

template <int kRank>
constexpr int kStages = kRank == 16 || kRank == 64 ? 2 : 3;

template <int kRank>
constexpr int kStageBytes = kRows* kRowBytes + kRows* kNarrowBytes<kRank>;

template <int kRank, bool kDot>
constexpr int kSharedBytes = kStages<kRank>* kStageBytes<kRank> +
                             (kDot ? kCols * kNarrowBytes<kRank> + kWarps * kRows * kRank * 4 : 0);

// Where the 16 bytes `chunk` of a row of the wide tile lie: rows are turned against each other, so that neither eight
// rows of one chunk nor eight chunks of one row meet in a bank.
__device__ __forceinline__ std::uint32_t wide_offset(int row, int chunk) {
  return static_cast<std::uint32_t>(row * kRowBytes + ((chunk ^ (row & 7)) * 16));
}

template <int kRank>
__device__ __forceinline__ void load_narrow(std::uint32_t to, const bf16* from, std::int64_t stride, std::int64_t first,
                                            std::int64_t rows, int count, int ranks) {
  constexpr int kChunks = kRank / 8;
  for (int i = static_cast<int>(threadIdx.x); i < count * kChunks; i += kThreads) {
    const int row = i / kChunks, chunk = i % kChunks;
    const bool valid = first + row < rows && chunk * 8 < ranks;
    copy_async_16(to + static_cast<std::uint32_t>(row * kNarrowBytes<kRank> + chunk * 16),
                  valid ? from + (first + row) * stride + chunk * 8 : from, valid ? 16 : 0);
  }
}

template <int kRank>
__device__ __forceinline__ void load_tile(const Arguments& args, std::uint32_t to, std::int64_t first_row,
                                          std::int64_t last_row, std::int64_t first_col) {
  constexpr int kChunks = kCols / 8;
#pragma unroll
  for (int i = 0; i < kRows * kChunks / kThreads; ++i) {
    const int at = i * kThreads + static_cast<int>(threadIdx.x);
    const int row = at / kChunks, chunk = at % kChunks;
    const std::int64_t col = first_col + chunk * 8;
    const bool valid = first_row + row < last_row && col < args.cols;
    copy_async_16(to + wide_offset(row, chunk),
                  valid ? args.wide + (first_row + row) * args.wide_stride + col : args.wide, valid ? 16 : 0);
  }
  load_narrow<kRank>(to + kRows * kRowBytes, args.narrow, args.narrow_stride, first_row, last_row, kRows, args.ranks);
}

// This warp's part of dot: the tile's rows times the factor over the warp's columns.
template <int kRank>
__device__ __forceinline__ void dot_tile(std::uint32_t tile, std::uint32_t factor, int warp, int lane, float* parts) {
  float sums[2][kRank / 8][4] = {};
#pragma unroll
  for (int k = 0; k < kWarpCols / 16; ++k) {
    std::uint32_t a[2][4];
#pragma unroll
    for (int m = 0; m < 2; ++m) {
      load_matrices(a[m], tile + wide_offset(m * 16 + lane % 16, warp * (kWarpCols / 8) + k * 2 + lane / 16));
    }
#pragma unroll
    for (int n = 0; n < kRank / 16; ++n) {
      std::uint32_t b[4];
      const int row = warp * kWarpCols + k * 16 + lane % 16;
      load_matrices_transposed(
          b, factor + static_cast<std::uint32_t>(row * kNarrowBytes<kRank> + (n * 2 + lane / 16) * 16));
#pragma unroll
      for (int m = 0; m < 2; ++m) {
        multiply(sums[m][2 * n], a[m], b[0], b[1]);
        multiply(sums[m][2 * n + 1], a[m], b[2], b[3]);
      }
    }
  }
  float* mine = parts + warp * kRows * kRank;
#pragma unroll
  for (int m = 0; m < 2; ++m) {
#pragma unroll
    for (int n = 0; n < kRank / 8; ++n) {
      float* at = mine + (m * 16 + lane / 4) * kRank + n * 8 + lane % 4 * 2;
      *reinterpret_cast<float2*>(at) = {sums[m][n][0], sums[m][n][1]};
      *reinterpret_cast<float2*>(at + 8 * kRank) = {sums[m][n][2], sums[m][n][3]};
    }
  }
}

// outer += the warp's columns of the tile, transposed, times the narrow rows.
template <int kRank>
__device__ __forceinline__ void outer_tile(std::uint32_t tile, int warp, int lane,
                                           float (&outer)[kWarpCols / 16][kRank / 8][4]) {
  const std::uint32_t narrow = tile + kRows * kRowBytes;
#pragma unroll
  for (int k = 0; k < kRows / 16; ++k) {
    std::uint32_t b[kRank / 16][4];
#pragma unroll
    for (int n = 0; n < kRank / 16; ++n) {
      load_matrices_transposed(b[n], narrow + static_cast<std::uint32_t>((k * 16 + lane % 16) * kNarrowBytes<kRank> +
                                                                         (n * 2 + lane / 16) * 16));
    }
#pragma unroll
    for (int m = 0; m < kWarpCols / 16; ++m) {
      std::uint32_t a[4];
      const int row = k * 16 + lane % 8 + lane / 16 * 8;
      load_matrices_transposed(a, tile + wide_offset(row, warp * (kWarpCols / 8) + m * 2 + lane / 8 % 2));
#pragma unroll
      for (int n = 0; n < kRank / 16; ++n) {
        multiply(outer[m][2 * n], a, b[n][0], b[n][1]);
        multiply(outer[m][2 * n + 1], a, b[n][2], b[n][3]);
      }
    }
  }
}

template <int kRank, bool kDot>
__global__ void __launch_bounds__(kThreads, kRank == 16 ? 2 : 1) low_rank_kernel(const Arguments args) {
  constexpr int kDepth = kStages<kRank>;
  char* memory = dynamic_shared();
  const std::uint32_t stages = shared_address(memory);
  const std::uint32_t factor = stages + kDepth * kStageBytes<kRank>;
  auto* parts = reinterpret_cast<float*>(memory + kDepth * kStageBytes<kRank> + kCols * kNarrowBytes<kRank>);
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const std::int64_t first_col = static_cast<std::int64_t>(blockIdx.x) * kCols;
  const std::int64_t first_row = blockIdx.y * args.group_rows;
  const std::int64_t last_row = min(args.rows, first_row + args.group_rows);
  const int tiles = static_cast<int>((last_row - first_row + kRows - 1) / kRows);

  if constexpr (kDot)
    load_narrow<kRank>(factor, args.factor, args.factor_stride, first_col, args.cols, kCols, args.ranks);
#pragma unroll
  for (int s = 0; s < kDepth - 1; ++s) {
    if (s < tiles) load_tile<kRank>(args, stages + s * kStageBytes<kRank>, first_row + s * kRows, last_row, first_col);
    commit_copies();
  }

  float outer[kWarpCols / 16][kRank / 8][4] = {};
  for (int i = 0; i < tiles; ++i) {
    wait_for_copies<kDepth - 2>();
    __syncthreads();
    const int next = i + kDepth - 1;
    if (next < tiles) {
      load_tile<kRank>(args, stages + next % kDepth * kStageBytes<kRank>, first_row + next * kRows, last_row,
                       first_col);
    }
    commit_copies();
    const std::uint32_t tile = stages + i % kDepth * kStageBytes<kRank>;
    if constexpr (kDot) dot_tile<kRank>(tile, factor, warp, lane, parts);
    outer_tile<kRank>(tile, warp, lane, outer);
    if constexpr (kDot) {
      __syncthreads();
      for (int at = static_cast<int>(threadIdx.x); at < kRows * kRank; at += kThreads) {
        const std::int64_t row = first_row + i * kRows + at / kRank;
        float sum = 0.0f;
#pragma unroll
        for (int w = 0; w < kWarps; ++w) sum += parts[w * kRows * kRank + at];
        if (row < last_row) args.dot[(blockIdx.x * args.rows + row) * kRank + at % kRank] = sum;
      }
    }
  }

#pragma unroll
  for (int m = 0; m < kWarpCols / 16; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const std::int64_t col = first_col + warp * kWarpCols + m * 16 + half * 8 + lane / 4;
      if (col >= args.cols) continue;
      float* to = args.outer + (blockIdx.y * args.cols + col) * kRank + lane % 4 * 2;
#pragma unroll
      for (int n = 0; n < kRank / 8; ++n) {
        *reinterpret_cast<float2*>(to + n * 8) = {outer[m][n][2 * half], outer[m][n][2 * half + 1]};
      }
    }
  }
}

// dot = scale * the sum of the slabs' parts.
__global__ void __launch_bounds__(256) finish_dot(const float* parts, std::int64_t slabs, std::int64_t rows, int padded,
                                                  int ranks, float scale, bf16* dot, std::int64_t stride) {
  const std::int64_t at = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const std::int64_t row = at / padded;
  const int rank = static_cast<int>(at - row * padded);
  if (row >= rows || rank >= ranks) return;
  float sum = 0.0f;
  for (std::int64_t s = 0; s < slabs; ++s) sum += parts[s * rows * padded + at];
  dot[row * stride + rank] = __float2bfloat16_rn(scale * sum);
}

// to[c, r] or to[r, c] += scale * the sum of the groups' parts.
template <bool kTransposed>
__global__ void __launch_bounds__(256)
    finish_outer(const float* parts, std::int64_t groups, std::int64_t cols, int padded, int first, int ranks,
                 float scale, float* to, std::int64_t stride) {
  const std::int64_t at = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (at >= cols * ranks) return;
  const std::int64_t col = kTransposed ? at % cols : at / ranks;
  const std::int64_t rank = kTransposed ? at / cols : at % ranks;
  float sum = 0.0f;
  for (std::int64_t g = 0; g < groups; ++g) sum += parts[(g * cols + col) * padded + first + rank];
  to[kTransposed ? rank * stride + col : col * stride + rank] += scale * sum;
}

template <int kRank, bool kDot>
void launch_kernel(CudaContext& context, const Plan& plan, const Arguments& args) {
  constexpr int kShared = kSharedBytes<kRank, kDot>;
  check(cudaFuncSetAttribute(low_rank_kernel<kRank, kDot>, cudaFuncAttributeMaxDynamicSharedMemorySize, kShared),
        "low_rank");
  const dim3 grid(static_cast<unsigned>(plan.slabs), static_cast<unsigned>(plan.groups));
  low_rank_kernel<kRank, kDot><<<grid, kThreads, kShared, context.stream>>>(args);
  check_launch("low_rank");
}

template <int kRank>
void launch_kernel(CudaContext& context, const Plan& plan, const Arguments& args) {
  if (args.factor != nullptr) {
    launch_kernel<kRank, true>(context, plan, args);
  } else {
    launch_kernel<kRank, false>(context, plan, args);
  }
}

Plan plan_of(const CudaContext& context, const LowRankPass& pass) {
  return plan_of(context, pass.wide.rows, pass.wide.cols, pass.narrow.cols, static_cast<bool>(pass.factor));
}

template <bool kTransposed>
void add_parts(CudaContext& context, const LowRankPass& pass, const void* scratch, std::int64_t first,
               std::int64_t ranks, float scale, const TensorView& to) {
  const Plan plan = plan_of(context, pass);
  const std::int64_t cols = pass.wide.cols;
  finish_outer<kTransposed><<<static_cast<unsigned>(ceil_div(cols * ranks, 256)), 256, 0, context.stream>>>(
      static_cast<const float*>(scratch), plan.groups, cols, static_cast<int>(plan.padded_rank),
      static_cast<int>(first), static_cast<int>(ranks), scale, data_of<float>(to), to.stride);
  check_launch("low_rank");
}

}  // namespace

bool low_rank_fits(const CudaContext& context, const LowRankPass& pass) {
  const std::int64_t padded = ceil_div(pass.narrow.cols, 16) * 16;
  const int shared = padded == 16   ? kSharedBytes<16, true>
                     : padded == 32 ? kSharedBytes<32, true>
                     : padded == 48 ? kSharedBytes<48, true>
                                    : kSharedBytes<64, true>;
  return shared <= context.shared_bytes_per_block() && pass.wide.dtype == DType::kBF16 &&
         pass.wide.rows >= kMinGroupRows && pass.narrow.cols % 8 == 0 && pass.narrow.cols <= 64 &&
         whole_vectors({pass.wide, pass.narrow, pass.factor});
}

std::size_t low_rank_scratch_bytes(const CudaContext& context, std::int64_t rows, std::int64_t cols, std::int64_t ranks,
                                   bool with_dot) {
  const Plan plan = plan_of(context, rows, cols, ranks, with_dot);
  return plan.outer_bytes + plan.dot_bytes;
}

void run_low_rank(CudaContext& context, const LowRankPass& pass, void* scratch) {
  const Plan plan = plan_of(context, pass);
  Arguments args{};
  args.wide = data_of<bf16>(pass.wide);
  args.narrow = data_of<bf16>(pass.narrow);
  args.factor = data_of<bf16>(pass.factor);
  args.wide_stride = pass.wide.stride;
  args.narrow_stride = pass.narrow.stride;
  args.factor_stride = pass.factor.stride;
  args.rows = pass.wide.rows;
  args.cols = pass.wide.cols;
  args.group_rows = plan.group_rows;
  args.ranks = static_cast<int>(pass.narrow.cols);
  args.outer = static_cast<float*>(scratch);
  args.dot = reinterpret_cast<float*>(static_cast<char*>(scratch) + plan.outer_bytes);
  if (plan.padded_rank == 16) {
    launch_kernel<16>(context, plan, args);
  } else if (plan.padded_rank == 32) {
    launch_kernel<32>(context, plan, args);
  } else if (plan.padded_rank == 48) {
    launch_kernel<48>(context, plan, args);
  } else {
    launch_kernel<64>(context, plan, args);
  }
  if (!pass.factor) return;
  const std::int64_t values = args.rows * plan.padded_rank;
  finish_dot<<<static_cast<unsigned>(ceil_div(values, 256)), 256, 0, context.stream>>>(
      args.dot, plan.slabs, args.rows, static_cast<int>(plan.padded_rank), args.ranks, pass.scale,
      data_of<bf16>(pass.dot), pass.dot.stride);
  check_launch("low_rank");
}

void add_outer(CudaContext& context, const LowRankPass& pass, const void* scratch, std::int64_t first, float scale,
               const TensorView& to) {
  add_parts<false>(context, pass, scratch, first, to.cols, scale, to);
}

void add_outer_transposed(CudaContext& context, const LowRankPass& pass, const void* scratch, std::int64_t first,
                          float scale, const TensorView& to) {
  add_parts<true>(context, pass, scratch, first, to.rows, scale, to);
}

}  // namespace vernier::cuda
