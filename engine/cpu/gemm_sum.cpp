#include "engine/cpu/gemm_sum.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/cpu/context.h"
#include "engine/cpu/gemm_kernels.h"

namespace vernier::cpu {
namespace {

// The inner dimension is cut into equal blocks of at most this many: long enough that updating C costs little, short
// enough that some panels of B stay in the second-level cache. Where operands are read across their rows, wide and
// shallow blocks read longer stretches and gather A less often.
constexpr std::int64_t kMaxBlockK = 1024;
constexpr std::int64_t kMaxBlockKRows = 512;    // B is not transposed
constexpr std::int64_t kMaxBlockKGather = 384;  // A is transposed
constexpr std::int64_t kBlockRounding = 16;
// A packed block of B: floats, and panels.
constexpr std::int64_t kMaxPackedB = 160 * 1024;
constexpr std::int64_t kMaxPanels = 8;
// B is used in place, not packed, for at most so many rows of A.
constexpr std::int64_t kDirectRows = 64;
// A is gathered from rows of memory at least so far apart, for blocks at least so deep, so many rows at once.
constexpr std::int64_t kGatherStep = 64;
constexpr std::int64_t kGatherK = 128;
constexpr std::int64_t kGatherRows = 96;    // a multiple of every tile's rows
constexpr std::int64_t kGroupPadding = 16;  // keeps groups from falling on the same cache sets
// So few rows leave no time to pack transposed B: its rows, contiguous in k, are multiplied where they are.
constexpr std::int64_t kDotRows = 8;
constexpr std::int64_t kDotColumns = 64;  // keeps each column in the group it would be in without a cut
constexpr int kMaxParts = 8;
// For the most parts, and the fewest rows in a group.
constexpr std::int64_t kMaxPackedA = kGatherRows * kMaxBlockK + kMaxParts * kGatherRows / 4 * kGroupPadding;
constexpr std::size_t kMaxTogether = 16;

std::int64_t total_k(const GemmSum& sum) {
  std::int64_t k = 0;
  for (const GemmTerm& term : sum.terms) k += term.k;
  return k;
}

std::int64_t block_k(const GemmSum& sum) {
  const std::int64_t k = total_k(sum);
  std::int64_t most = kMaxBlockK;
  for (const GemmTerm& term : sum.terms) {
    if (!term.trans_b) most = std::min(most, kMaxBlockKRows);
    if (term.k_step >= kGatherStep) most = std::min(most, kMaxBlockKGather);
  }
  const std::int64_t blocks = (k + most - 1) / most;
  const std::int64_t even = (k + blocks - 1) / blocks;
  return std::min(k, (even + kBlockRounding - 1) / kBlockRounding * kBlockRounding);
}

std::int64_t panels_per_block(std::int64_t k, std::int64_t panel_cols) {
  return std::clamp<std::int64_t>(kMaxPackedB / (k * panel_cols), 1, kMaxPanels);
}

struct Rectangle {
  std::int64_t m0 = 0, m = 0, n0 = 0, n = 0;
};

// One block of k over one rectangle of C, cut into the parts of terms that it covers.
struct Block {
  std::array<GemmPart, kMaxParts> parts{};
  std::array<const GemmTerm*, kMaxParts> terms{};
  std::array<std::int64_t, kMaxParts> first_k{};
  int count = 0;
  std::int64_t k = 0;
};

class Multiplier {
 public:
  Multiplier(const GemmSum& sum, const Rectangle& where)
      : sum_(sum), where_(where), kernels_(gemm_kernels()), packed_b_(memory()) {}

  void run() {
    const std::int64_t step = block_k(sum_);
    std::size_t term = 0;
    std::int64_t at = 0;  // within the term
    bool first = true;
    while (term < sum_.terms.size()) {
      Block block;
      while (term < sum_.terms.size() && block.count < kMaxParts && block.k < step) {
        const GemmTerm& t = sum_.terms[term];
        const std::int64_t take = std::min(step - block.k, t.k - at);
        const auto part = static_cast<std::size_t>(block.count++);
        block.parts[part] = {t.a + where_.m0 * t.row_step + at * t.k_step, t.row_step, t.k_step, take};
        block.terms[part] = &t;
        block.first_k[part] = at;
        block.k += take;
        at += take;
        if (at == t.k) ++term, at = 0;
      }
      multiply(block, first, term == sum_.terms.size());
      first = false;
    }
  }

 private:
  // Fixed size and one a thread, so that it is allocated once.
  static float* memory() {
    thread_local Scratch scratch;
    return scratch.floats(kMaxPackedB + kMaxPackedA);
  }

  void multiply(const Block& block, bool first, bool last) {
    // A block of few rows is done before B would be packed.
    const GemmTerm& t = *block.terms[0];
    direct_ = block.count == 1 && !t.trans_b && where_.m <= kDirectRows;
    GemmTile tile;
    tile.parts = parts_.data();
    tile.part_count = block.count;
    tile.alpha = sum_.terms.size() == 1 ? t.scale : 1.0f;
    tile.beta = first ? sum_.beta : 1.0f;
    tile.ldc = sum_.ldc;
    tile.bias = last && sum_.bias != nullptr ? sum_.bias + where_.n0 : nullptr;
    const std::int64_t whole = where_.n / kernels_.panel_cols * kernels_.panel_cols;
    const std::int64_t in_place = where_.n % kernels_.lanes == 0 ? where_.n : whole;
    pack_b(block, direct_ ? in_place : 0);
    if (whole > 0) columns(block, tile, 0, whole);
    if (whole < where_.n) columns(block, tile, whole, where_.n);
  }

  // From column n0 of the rectangle, the first of a panel.
  void pack_b(const Block& block, std::int64_t n0) {
    if (n0 == where_.n) return;
    std::int64_t row = 0;
    for (int p = 0; p < block.count; ++p) {
      const auto part = static_cast<std::size_t>(p);
      const GemmTerm& t = *block.terms[part];
      const std::int64_t k0 = block.first_k[part];
      const std::int64_t j = where_.n0 + n0;
      kernels_.pack_b(t.trans_b ? t.b + j * t.ldb + k0 : t.b + k0 * t.ldb + j, t.ldb, t.trans_b, block.parts[part].k,
                      where_.n - n0, sum_.terms.size() == 1 ? 1.0f : t.scale, packed_b_ + n0 * block.k,
                      block.k * kernels_.panel_cols, row);
      row += block.parts[part].k;
    }
  }

  // Columns [n0, n1) of the rectangle: whole panels, or the last, narrower one.
  void columns(const Block& block, GemmTile tile, std::int64_t n0, std::int64_t n1) {
    const std::int64_t panel = kernels_.panel_cols;
    const std::int64_t vectors = std::min(panel, n1 - n0 + kernels_.lanes - 1) / kernels_.lanes;
    const std::int64_t rows = kernels_.tile_rows[vectors];
    const float* bias = tile.bias;
    const bool in_place = direct_ && (n1 - n0) % kernels_.lanes == 0;
    const float* b = in_place ? block.terms[0]->b + block.first_k[0] * block.terms[0]->ldb + where_.n0 : packed_b_;
    tile.b_step = in_place ? block.terms[0]->ldb : vectors * kernels_.lanes;
    for (std::int64_t m0 = 0; m0 < where_.m; m0 += rows) {
      tile.rows = std::min(rows, where_.m - m0);
      place_a(block, m0, vectors, n1 - n0 > panel);
      for (std::int64_t j = n0; j < n1; j += panel) {
        fetch_ahead(block, m0 + rows, (j - n0) / panel, rows, (n1 - n0 + panel - 1) / panel);
        tile.fetch_b = in_place && m0 == 0 && block.k >= kGatherK;
        tile.cols = std::min(panel, n1 - j);
        tile.b = b + (in_place ? j : j * block.k);
        if (bias != nullptr) tile.bias = bias + j;
        tile.c = sum_.c + (where_.m0 + m0) * sum_.ldc + where_.n0 + j;
        kernels_.tile(tile);
      }
    }
  }

  // Spreads the next tiles' rows of A over the `tiles` tiles of these rows.
  void fetch_ahead(const Block& block, std::int64_t m0, std::int64_t tile, std::int64_t rows, std::int64_t tiles) {
    const std::int64_t first = std::min(m0 + rows * tile / tiles, where_.m);
    const std::int64_t end = std::min(m0 + rows * (tile + 1) / tiles, where_.m);
    for (int p = 0; p < block.count; ++p) {
      const auto part = static_cast<std::size_t>(p);
      const GemmPart& from = block.parts[part];
      if (from.k_step != 1) continue;
      parts_[part].ahead = from.a + first * from.row_step;
      parts_[part].ahead_rows = end - first;
    }
  }

  // Points parts_ at rows m0 onwards of A. Where A lies across memory, so that each k is on a page of its own, and is
  // used again, the rows of several tiles are gathered first.
  void place_a(const Block& block, std::int64_t m0, std::int64_t vectors, bool used_again) {
    const std::int64_t rows = kernels_.tile_rows[vectors];
    float* gathered = packed_b_ + kMaxPackedB;
    for (int p = 0; p < block.count; ++p) {
      const auto part = static_cast<std::size_t>(p);
      const GemmPart& from = block.parts[part];
      GemmPart& to = parts_[part];
      to = from;
      if (used_again && from.row_step == 1 && from.k_step >= kGatherStep && block.k >= kGatherK) {
        const std::int64_t group_stride = rows * from.k + kGroupPadding;
        if (m0 % kGatherRows == 0) {
          kernels_.pack_a(from.a + m0, from.k_step, from.k, std::min(kGatherRows, where_.m - m0), vectors, gathered,
                          group_stride);
        }
        to.a = gathered + m0 % kGatherRows / rows * group_stride;
        to.k_step = rows;
        gathered += kGatherRows / rows * group_stride;
      } else {
        to.a += m0 * from.row_step;
      }
    }
  }

  const GemmSum& sum_;
  const Rectangle where_;
  const GemmKernels& kernels_;
  float* packed_b_;
  bool direct_ = false;
  std::array<GemmPart, kMaxParts> parts_;
};

// By shape alone: the ways differ in the order of summation.
bool by_dots(const GemmSum& sum) {
  if (sum.m > kDotRows) return false;
  for (const GemmTerm& term : sum.terms) {
    if (!term.trans_b || term.k_step != 1) return false;
  }
  return true;
}

void run_dots(const GemmSum& sum, const Rectangle& where) {
  float* c = sum.c + where.n0;
  float beta = sum.beta;
  for (const GemmTerm& t : sum.terms) {
    gemm_kernels().dot(where.m, where.n, t.k, t.a, t.row_step, t.b + where.n0 * t.ldb, t.ldb, t.scale, beta, c,
                       sum.ldc);
    beta = 1.0f;
  }
  if (sum.bias == nullptr) return;
  for (std::int64_t i = 0; i < where.m; ++i) {
    for (std::int64_t j = 0; j < where.n; ++j) c[i * sum.ldc + j] += sum.bias[where.n0 + j];
  }
}

// Cuts a sum's C into a grid of rectangles.
struct Grid {
  std::int64_t rows = 0, cols = 0;     // of a rectangle
  std::int64_t across = 0, tasks = 0;  // rectangles side by side, and in all
};

Grid make_grid(const GemmSum& sum, std::int64_t rows, std::int64_t cols) {
  Grid grid{rows, cols, (sum.n + cols - 1) / cols, 0};
  grid.tasks = grid.across * ((sum.m + rows - 1) / rows);
  return grid;
}

// The split of one of `sums` sums that should take least time, by a rough count of cycles for each k: multiplying,
// packing B and reading A once a rectangle, and waiting for the last rectangle.
Grid choose_grid(const GemmSum& sum, int threads, std::size_t sums) {
  if (by_dots(sum)) {
    const std::int64_t pieces = threads == 1 ? 1 : 4 * threads;
    return make_grid(sum, sum.m, (sum.n / pieces / kDotColumns + 1) * kDotColumns);
  }
  constexpr std::int64_t kRowRounding = 48;  // a multiple of every tile's rows
  const std::int64_t panel = gemm_kernels().panel_cols;
  const std::int64_t most_panels = std::min((sum.n + panel - 1) / panel, panels_per_block(block_k(sum), panel));
  if (threads == 1) return make_grid(sum, sum.m, most_panels * panel);
  Grid best;
  double least = 0.0;
  for (std::int64_t panels = most_panels; panels >= 1; --panels) {
    for (std::int64_t cuts = 1; cuts == 1 || sum.m / cuts >= kRowRounding; cuts *= 2) {
      const std::int64_t even = (sum.m + cuts - 1) / cuts;
      const std::int64_t rows = cuts == 1 ? sum.m : (even + kRowRounding - 1) / kRowRounding * kRowRounding;
      const Grid grid = make_grid(sum, rows, panels * panel);
      const auto height = static_cast<double>(rows);
      const auto width = static_cast<double>(std::min(grid.cols, sum.n));
      const double one = height * width / 32.0 + 0.5 * width + 0.2 * height;
      const double time =
          std::max(one, one * (static_cast<double>(grid.tasks) / threads + 0.5 / static_cast<double>(sums)));
      if (best.tasks == 0 || time < least) best = grid, least = time;
    }
  }
  return best;
}

void run(const GemmSum& sum, const Grid& grid, std::int64_t task) {
  Rectangle where;
  where.m0 = task / grid.across * grid.rows;
  where.n0 = task % grid.across * grid.cols;
  where.m = std::min(grid.rows, sum.m - where.m0);
  where.n = std::min(grid.cols, sum.n - where.n0);
  if (by_dots(sum)) return run_dots(sum, where);
  Multiplier(sum, where).run();
}

// Without terms: C = beta * C + bias.
void scale(const GemmSum& sum) {
  for (std::int64_t i = 0; i < sum.m; ++i) {
    float* row = sum.c + i * sum.ldc;
    for (std::int64_t j = 0; j < sum.n; ++j) {
      const float old = sum.beta == 0.0f ? 0.0f : sum.beta * row[j];
      row[j] = sum.bias == nullptr ? old : old + sum.bias[j];
    }
  }
}

}  // namespace

void gemm_sum(const GemmSum& sum) {
  if (sum.m == 0 || sum.n == 0) return;
  if (total_k(sum) == 0) return scale(sum);
  const Grid grid = choose_grid(sum, 1, 1);
  for (std::int64_t task = 0; task < grid.tasks; ++task) run(sum, grid, task);
}

void gemm_sums(ThreadPool& pool, std::span<const GemmSum> sums) {
  std::int64_t work = 0;
  for (const GemmSum& sum : sums) work += sum.m * sum.n * total_k(sum);
  if (work < kMinParallel || pool.threads() == 1) {
    for (const GemmSum& sum : sums) gemm_sum(sum);
    return;
  }
  while (!sums.empty()) {
    const std::size_t count = std::min(sums.size(), kMaxTogether);
    std::array<Grid, kMaxTogether> grids;
    std::array<std::int64_t, kMaxTogether + 1> first{};
    for (std::size_t i = 0; i < count; ++i) {
      const GemmSum& sum = sums[i];
      if (sum.m > 0 && sum.n > 0 && total_k(sum) > 0) {
        grids[i] = choose_grid(sum, pool.threads(), count);
      } else {
        scale(sum);
      }
      first[i + 1] = first[i] + grids[i].tasks;
    }
    pool.parallel_for(first[count], [&](std::int64_t task, int) {
      std::size_t i = 0;
      while (task >= first[i + 1]) ++i;
      run(sums[i], grids[i], task - first[i]);
    });
    sums = sums.subspan(count);
  }
}

}  // namespace vernier::cpu
