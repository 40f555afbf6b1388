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
  std::int64_t groups = 0, group_rows = 0;
  std::size_t dot_bytes = 0, outer_bytes = 0;
};

Plan plan_of(const CudaContext& context, const LowRankSize& size) {
  Plan plan;
  const std::int64_t resident = context.multiprocessors() * (size.padded_rank == 16 ? 2 : 1);
  const std::int64_t most = std::clamp<std::int64_t>(size.rows / kMinGroupRows, 1, 64);
  double best = 0.0;
  for (std::int64_t groups = 1; groups <= most; ++groups) {
    const std::int64_t rows = ceil_div(ceil_div(size.rows, groups), kRows) * kRows;
    const std::int64_t waves = ceil_div(size.slabs * ceil_div(size.rows, rows), resident);
    // What the blocks of one processor read, and write and read again.
    const double cost = static_cast<double>(waves * (rows * kRowBytes + kCols * size.padded_rank * 8));
    if (groups > 1 && cost >= best) continue;
    best = cost;
    plan.group_rows = rows;
  }
  plan.groups = ceil_div(size.rows, plan.group_rows);
  const auto floats = static_cast<std::size_t>(size.padded_rank) * sizeof(float);
  plan.outer_bytes = static_cast<std::size_t>(plan.groups * size.cols) * floats;
  plan.dot_bytes = size.with_dot ? static_cast<std::size_t>(size.slabs * size.rows) * floats : 0;
  return plan;
}

// One pass as the kernel sees it.
struct Task {
  const bf16 *wide, *narrow, *factor;
  std::int64_t wide_stride, narrow_stride, factor_stride;
  std::int64_t cols;
  int ranks;
  int first_slab;  // of this pass among all passes'
  float* dot;      // [slabs, N, padded rank]
  float* outer;    // [groups, C, padded rank]
};

struct Arguments {
  Task tasks[kMaxLowRankPasses];
  int count;
  std::int64_t rows, group_rows;
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
__device__ __forceinline__ void load_tile(const Task& task, std::uint32_t to, std::int64_t first_row,
                                          std::int64_t last_row, std::int64_t first_col) {
  constexpr int kChunks = kCols / 8;
#pragma unroll
  for (int i = 0; i < kRows * kChunks / kThreads; ++i) {
    const int at = i * kThreads + static_cast<int>(threadIdx.x);
    const int row = at / kChunks, chunk = at % kChunks;
    const std::int64_t col = first_col + chunk * 8;
    const bool valid = first_row + row < last_row && col < task.cols;
    copy_async_16(to + wide_offset(row, chunk),
                  valid ? task.wide + (first_row + row) * task.wide_stride + col : task.wide, valid ? 16 : 0);
  }
  load_narrow<kRank>(to + kRows * kRowBytes, task.narrow, task.narrow_stride, first_row, last_row, kRows, task.ranks);
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
  int which = 0;
  while (which + 1 < args.count && static_cast<int>(blockIdx.x) >= args.tasks[which + 1].first_slab) ++which;
  const Task& task = args.tasks[which];
  const std::int64_t slab = static_cast<int>(blockIdx.x) - task.first_slab;
  const std::int64_t first_col = slab * kCols;
  const std::int64_t first_row = blockIdx.y * args.group_rows;
  const std::int64_t last_row = min(args.rows, first_row + args.group_rows);
  const int tiles = static_cast<int>((last_row - first_row + kRows - 1) / kRows);

  if constexpr (kDot)
    load_narrow<kRank>(factor, task.factor, task.factor_stride, first_col, task.cols, kCols, task.ranks);
#pragma unroll
  for (int s = 0; s < kDepth - 1; ++s) {
    if (s < tiles) load_tile<kRank>(task, stages + s * kStageBytes<kRank>, first_row + s * kRows, last_row, first_col);
    commit_copies();
  }

  float outer[kWarpCols / 16][kRank / 8][4] = {};
  for (int i = 0; i < tiles; ++i) {
    wait_for_copies<kDepth - 2>();
    __syncthreads();
    const int next = i + kDepth - 1;
    if (next < tiles) {
      load_tile<kRank>(task, stages + next % kDepth * kStageBytes<kRank>, first_row + next * kRows, last_row,
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
        if (row < last_row) task.dot[(slab * args.rows + row) * kRank + at % kRank] = sum;
      }
    }
  }

#pragma unroll
  for (int m = 0; m < kWarpCols / 16; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const std::int64_t col = first_col + warp * kWarpCols + m * 16 + half * 8 + lane / 4;
      if (col >= task.cols) continue;
      float* to = task.outer + (blockIdx.y * task.cols + col) * kRank + lane % 4 * 2;
#pragma unroll
      for (int n = 0; n < kRank / 8; ++n) {
        *reinterpret_cast<float2*>(to + n * 8) = {outer[m][n][2 * half], outer[m][n][2 * half + 1]};
      }
    }
  }
}

// What becomes of the blocks' parts: `to` = or += scale * their sum.
struct Finish {
  const float* parts;
  std::int64_t blocks, step;  // parts of an element, and floats between two of them
  std::int64_t items;         // rows of dot, columns of outer
  int padded, first, ranks;
  float scale;
  bool is_dot, transposed;
  void* to;
  std::int64_t stride;
  std::int64_t first_thread;  // among all that finish
};

struct FinishArguments {
  Finish finishes[2 * kMaxLowRankPasses];
  int count;
  std::int64_t threads;
};

__global__ void __launch_bounds__(256) finish_kernel(const FinishArguments args) {
  const std::int64_t thread = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (thread >= args.threads) return;
  int which = 0;
  while (which + 1 < args.count && thread >= args.finishes[which + 1].first_thread) ++which;
  const Finish& f = args.finishes[which];
  const std::int64_t at = thread - f.first_thread;
  const std::int64_t item = f.transposed ? at % f.items : at / f.ranks;
  const std::int64_t rank = f.transposed ? at / f.items : at % f.ranks;
  const float* part = f.parts + item * f.padded + f.first + rank;
  float sum = 0.0f;
#pragma unroll 4
  for (std::int64_t b = 0; b < f.blocks; ++b) sum += part[b * f.step];
  sum *= f.scale;
  if (f.is_dot) {
    static_cast<bf16*>(f.to)[item * f.stride + rank] = __float2bfloat16_rn(sum);
  } else {
    static_cast<float*>(f.to)[f.transposed ? rank * f.stride + item : item * f.stride + rank] += sum;
  }
}

template <int kRank, bool kDot>
void launch_kernel(CudaContext& context, const dim3& grid, const Arguments& args) {
  constexpr int kShared = kSharedBytes<kRank, kDot>;
  check(cudaFuncSetAttribute(low_rank_kernel<kRank, kDot>, cudaFuncAttributeMaxDynamicSharedMemorySize, kShared),
        "low_rank");
  low_rank_kernel<kRank, kDot><<<grid, kThreads, kShared, context.stream>>>(args);
  check_launch("low_rank");
}

template <int kRank>
void launch_kernel(CudaContext& context, const dim3& grid, const Arguments& args) {
  if (args.tasks[0].factor != nullptr) {
    launch_kernel<kRank, true>(context, grid, args);
  } else {
    launch_kernel<kRank, false>(context, grid, args);
  }
}

void run_finishes(CudaContext& context, FinishArguments& args) {
  if (args.count == 0) return;
  finish_kernel<<<static_cast<unsigned>(ceil_div(args.threads, 256)), 256, 0, context.stream>>>(args);
  check_launch("low_rank");
  args.count = 0;
  args.threads = 0;
}

void add_finish(CudaContext& context, FinishArguments& args, Finish finish) {
  if (static_cast<std::size_t>(args.count) == std::size(args.finishes)) run_finishes(context, args);
  finish.first_thread = args.threads;
  args.threads += finish.items * finish.ranks;
  args.finishes[args.count++] = finish;
}

}  // namespace

void LowRankSize::add(std::int64_t rows_in, std::int64_t cols_in, std::int64_t ranks, bool dot) {
  rows = rows_in;
  cols += cols_in;
  slabs += ceil_div(cols_in, kCols);
  padded_rank = std::max(padded_rank, ceil_div(ranks, 16) * 16);
  with_dot = with_dot || dot;
}

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

std::size_t low_rank_scratch_bytes(const CudaContext& context, const LowRankSize& size) {
  if (size.slabs == 0 || size.rows == 0) return 0;
  const Plan plan = plan_of(context, size);
  return plan.outer_bytes + plan.dot_bytes;
}

void run_low_rank(CudaContext& context, std::span<const LowRankPass> passes, void* scratch) {
  LowRankSize size;
  for (const LowRankPass& pass : passes) {
    size.add(pass.wide.rows, pass.wide.cols, pass.narrow.cols, static_cast<bool>(pass.factor));
  }
  const Plan plan = plan_of(context, size);
  Arguments args{};
  args.rows = size.rows;
  args.group_rows = plan.group_rows;
  auto* outer = static_cast<float*>(scratch);
  auto* dot = reinterpret_cast<float*>(static_cast<char*>(scratch) + plan.outer_bytes);
  int slabs = 0;
  for (const LowRankPass& pass : passes) {
    Task& task = args.tasks[args.count++];
    task.wide = data_of<bf16>(pass.wide);
    task.narrow = data_of<bf16>(pass.narrow);
    task.factor = data_of<bf16>(pass.factor);
    task.wide_stride = pass.wide.stride;
    task.narrow_stride = pass.narrow.stride;
    task.factor_stride = pass.factor.stride;
    task.cols = pass.wide.cols;
    task.ranks = static_cast<int>(pass.narrow.cols);
    task.first_slab = slabs;
    task.outer = outer;
    task.dot = dot;
    const auto own_slabs = static_cast<int>(ceil_div(task.cols, kCols));
    slabs += own_slabs;
    outer += plan.groups * task.cols * size.padded_rank;
    if (pass.factor) dot += own_slabs * size.rows * size.padded_rank;
  }
  const dim3 grid(static_cast<unsigned>(slabs), static_cast<unsigned>(plan.groups));
  if (size.padded_rank == 16) {
    launch_kernel<16>(context, grid, args);
  } else if (size.padded_rank == 32) {
    launch_kernel<32>(context, grid, args);
  } else if (size.padded_rank == 48) {
    launch_kernel<48>(context, grid, args);
  } else {
    launch_kernel<64>(context, grid, args);
  }

  FinishArguments finishes{};
  const auto padded = static_cast<int>(size.padded_rank);
  for (std::size_t p = 0; p < passes.size(); ++p) {
    const LowRankPass& pass = passes[p];
    const Task& task = args.tasks[p];
    if (pass.factor) {
      add_finish(context, finishes,
                 {task.dot, ceil_div(task.cols, kCols), size.rows * size.padded_rank, size.rows, padded, 0, task.ranks,
                  pass.scale, true, false, pass.dot.data, pass.dot.stride, 0});
    }
    for (std::size_t i = 0; i < pass.outer_count; ++i) {
      const LowRankOuter& place = pass.outer[i];
      const auto ranks = static_cast<int>(place.transposed ? place.to.rows : place.to.cols);
      add_finish(
          context, finishes,
          {task.outer, plan.groups, task.cols * size.padded_rank, task.cols, padded, static_cast<int>(place.first),
           ranks, place.scale, false, place.transposed, place.to.data, place.to.stride, 0});
    }
  }
  run_finishes(context, finishes);
}

}  // namespace vernier::cuda
