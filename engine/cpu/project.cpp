// Projections with their low-rank part (Hu et al. 2021), forward and backward.
//
// A call reads each big array as few times as it can: t of all projections is one product with the stacked A matrices,
// the low-rank part of y is joined to the weight along the inner dimension, and so is that of dx; what does not depend
// on each other is one split over the pool.
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "engine/cpu/dropout.h"
#include "engine/cpu/gemm.h"
#include "engine/cpu/gemm_sum.h"
#include "engine/cpu/ops.h"
#include "vernier/error.h"

namespace vernier::cpu {
namespace {

constexpr std::size_t kMaxProjections = 8;
constexpr std::int64_t kDropoutRows = 96;  // of x masked at a time

// Where each projection's columns begin in t, and after the last one their number.
using RankOffsets = std::array<std::int64_t, kMaxProjections + 1>;

RankOffsets rank_offsets(std::span<const Projection> projections) {
  if (projections.size() > kMaxProjections) {
    fail(ErrorCode::kInternal, "cpu.project",
         "projections: got " + std::to_string(projections.size()) + ", expected at most 8");
  }
  RankOffsets first{};
  for (std::size_t p = 0; p < projections.size(); ++p) first[p + 1] = first[p] + projections[p].lora.a.rows;
  return first;
}

// The A matrices of all projections as one [R, I]: itself where there is only one, else a copy in `stacked`.
const float* stack_a(std::span<const Projection> projections, const RankOffsets& first, std::int64_t inputs,
                     float* stacked, std::int64_t* stride) {
  const std::int64_t ranks = first[projections.size()];
  for (const Projection& projection : projections) {
    if (projection.lora.a.rows != ranks) continue;
    *stride = projection.lora.a.stride;
    return projection.lora.a.f32();
  }
  for (std::size_t p = 0; p < projections.size(); ++p) {
    const ConstTensorView& a = projections[p].lora.a;
    for (std::int64_t r = 0; r < a.rows; ++r) std::copy_n(a.f32(r), inputs, stacked + (first[p] + r) * inputs);
  }
  *stride = inputs;
  return stacked;
}

// A list of sums, each of up to a few terms, for one gemm_sums call. Fixed size, so that nothing is allocated.
class SumList {
 public:
  SumList() = default;
  SumList(const SumList&) = delete;  // the sums point into it
  SumList& operator=(const SumList&) = delete;

  // The terms added next belong to this sum.
  void begin(std::int64_t m, std::int64_t n, float beta, float* c, std::int64_t ldc, const float* bias = nullptr) {
    sums_[sum_count_] = {m, n, {}, beta, bias, c, ldc};
    first_term_[sum_count_++] = term_count_;
  }

  void term(const GemmTerm& term) {
    terms_[term_count_++] = term;
    GemmSum& sum = sums_[sum_count_ - 1];
    sum.terms = {terms_.data() + first_term_[sum_count_ - 1], sum.terms.size() + 1};
  }

  void run(ThreadPool& pool) const { gemm_sums(pool, {sums_.data(), sum_count_}); }

 private:
  // dx; dA together; dB and dweight of each projection.
  static constexpr std::size_t kMaxSums = 2 + 2 * kMaxProjections;
  std::array<GemmSum, kMaxSums> sums_;
  std::array<std::size_t, kMaxSums> first_term_;
  std::size_t sum_count_ = 0;
  std::array<GemmTerm, 2 * kMaxProjections + kMaxSums> terms_;
  std::size_t term_count_ = 0;
};

// scale * A B with A [m, k] row-major.
GemmTerm times(const float* a, std::int64_t lda, const ConstTensorView& b, bool trans_b, float scale = 1.0f) {
  return {a, lda, 1, b.f32(), b.stride, trans_b, trans_b ? b.cols : b.rows, scale};
}

// scale * A^T B with A [k, m] row-major.
GemmTerm transposed_times(const float* a, std::int64_t lda, const ConstTensorView& b, float scale = 1.0f) {
  return {a, 1, lda, b.f32(), b.stride, false, b.rows, scale};
}

// t_p = dropout_p(x) a_p^T, in blocks of rows.
void project_dropped(CpuContext& context, const ProjectForward& op, const RankOffsets& first, float* masked) {
  const std::int64_t blocks = (op.x.rows + kDropoutRows - 1) / kDropoutRows;
  const auto projections = static_cast<std::int64_t>(op.projections.size());
  context.pool.parallel_for(blocks * projections, [&](std::int64_t task, int worker) {
    const auto p = static_cast<std::size_t>(task % projections);
    const ConstTensorView& a = op.projections[p].lora.a;
    if (!a) return;
    const std::int64_t row = task / projections * kDropoutRows;
    const std::int64_t rows = std::min(kDropoutRows, op.x.rows - row);
    const DropoutMask mask(op.dropout, p);
    float* block = masked + worker * kDropoutRows * op.x.cols;
    for (std::int64_t i = 0; i < rows; ++i) {
      apply_dropout(mask, op.dropout.row_keys[static_cast<std::size_t>(row + i)], op.x.cols, op.x.f32(row + i),
                    block + i * op.x.cols);
    }
    const GemmTerm term = times(block, op.x.cols, a, true);
    gemm_sum({rows, a.rows, {&term, 1}, 0.0f, nullptr, op.t.f32(row) + first[p], op.t.stride});
  });
}

// dx += dropout_p'(dt_p a_p), and masked = dropout_p(x) for the product with dt_p.
void backward_dropped(CpuContext& context, const ProjectBackward& op, std::size_t p, const float* dt,
                      std::int64_t ranks, float* masked, float* products) {
  const ConstTensorView& a = op.projections[p].lora.a;
  const DropoutMask mask(op.dropout, p);
  const std::int64_t cols = op.x.cols;
  context.pool.parallel_for((op.x.rows + kDropoutRows - 1) / kDropoutRows, [&](std::int64_t task, int worker) {
    const std::int64_t row = task * kDropoutRows;
    const std::int64_t rows = std::min(kDropoutRows, op.x.rows - row);
    float* product = products + worker * kDropoutRows * cols;
    if (op.dx) {
      const GemmTerm term = times(dt + row * ranks, ranks, a, false);
      gemm_sum({rows, cols, {&term, 1}, 0.0f, nullptr, product, cols});
    }
    for (std::int64_t i = 0; i < rows; ++i) {
      const std::uint64_t key = op.dropout.row_keys[static_cast<std::size_t>(row + i)];
      if (op.dx) add_dropout(mask, key, cols, product + i * cols, op.dx.f32(row + i));
      if (op.grads[p].da) apply_dropout(mask, key, cols, op.x.f32(row + i), masked + (row + i) * cols);
    }
  });
}

// to += from, both [rows, cols].
void add_rows(const float* from, const TensorView& to) {
  for (std::int64_t r = 0; r < to.rows; ++r) {
    float* row = to.f32(r);
    for (std::int64_t c = 0; c < to.cols; ++c) row[c] += from[r * to.cols + c];
  }
}

// to [rows, cols] += from^T.
void add_transposed(const float* from, const TensorView& to) {
  for (std::int64_t r = 0; r < to.rows; ++r) {
    float* row = to.f32(r);
    for (std::int64_t c = 0; c < to.cols; ++c) row[c] += from[c * to.rows + r];
  }
}

// dbias += the column sums of dy, row after row.
void add_column_sums(ThreadPool& pool, const ConstTensorView& dy, const TensorView& dbias) {
  constexpr std::int64_t kColumns = 64;
  pool.parallel_for((dy.cols + kColumns - 1) / kColumns, [&](std::int64_t task, int) {
    const std::int64_t column = task * kColumns;
    const std::int64_t columns = std::min(kColumns, dy.cols - column);
    std::array<float, kColumns> sums{};
    for (std::int64_t r = 0; r < dy.rows; ++r) {
      const float* row = dy.f32(r) + column;
      for (std::int64_t c = 0; c < columns; ++c) sums[static_cast<std::size_t>(c)] += row[c];
    }
    for (std::int64_t c = 0; c < columns; ++c) dbias.f32()[column + c] += sums[static_cast<std::size_t>(c)];
  });
}

}  // namespace

void project_forward(CpuContext& context, const ProjectForward& op) {
  const RankOffsets first = rank_offsets(op.projections);
  const std::int64_t ranks = first[op.projections.size()];
  const std::int64_t inputs = op.x.cols;
  if (ranks > 0) {
    if (op.dropout.p > 0.0f) {
      const auto rows = static_cast<std::size_t>(context.pool.threads() * kDropoutRows);
      project_dropped(context, op, first, context.scratch.floats(rows * static_cast<std::size_t>(inputs)));
    } else {
      std::int64_t stride = 0;
      const float* a = stack_a(op.projections, first, inputs,
                               context.scratch.floats(static_cast<std::size_t>(ranks * inputs)), &stride);
      SumList list;
      list.begin(op.x.rows, ranks, 0.0f, op.t.f32(), op.t.stride);
      list.term(times(op.x.f32(), op.x.stride, {a, DType::kF32, ranks, inputs, stride}, true));
      list.run(context.pool);
    }
  }
  SumList list;
  for (std::size_t p = 0; p < op.projections.size(); ++p) {
    const Projection& projection = op.projections[p];
    const TensorView& y = op.y[p];
    list.begin(y.rows, y.cols, op.accumulate ? 1.0f : 0.0f, y.f32(), y.stride,
               projection.bias ? projection.bias.f32() : nullptr);
    list.term(times(op.x.f32(), op.x.stride, projection.weight, true));
    if (projection.lora.a) {
      list.term(times(op.t.f32() + first[p], op.t.stride, projection.lora.b, true, projection.lora.scale));
    }
  }
  list.run(context.pool);
}

void project_backward(CpuContext& context, const ProjectBackward& op) {
  const RankOffsets first = rank_offsets(op.projections);
  const std::size_t count = op.projections.size();
  const std::int64_t ranks = first[count];
  const std::int64_t rows = op.x.rows;
  const std::int64_t inputs = op.x.cols;
  const bool dropped = op.dropout.p > 0.0f && ranks > 0;
  bool any_da = false;
  std::int64_t outputs = 0;  // sum of R_p O_p
  for (std::size_t p = 0; p < count; ++p) {
    any_da = any_da || op.grads[p].da;
    outputs += op.projections[p].lora.b.size();
  }

  // dt [N, R], da of all [R, I], db_p^T [R_p, O_p] side by side; with dropout masked x [N, I] and a block a worker.
  const auto size = [](std::int64_t floats) { return padded(static_cast<std::size_t>(floats)); };
  const std::int64_t block = kDropoutRows * inputs;
  float* dt = context.scratch.floats(size(rows * ranks) + size(ranks * inputs) + size(outputs) +
                                     (dropped ? size(rows * inputs) + size(block * context.pool.threads()) : 0));
  float* da = dt + size(rows * ranks);
  float* db = da + size(ranks * inputs);
  float* masked = db + size(outputs);
  float* products = masked + size(rows * inputs);

  if (ranks > 0) {
    SumList list;
    for (std::size_t p = 0; p < count; ++p) {
      const LoraView& lora = op.projections[p].lora;
      if (!lora.a) continue;
      list.begin(rows, lora.a.rows, 0.0f, dt + first[p], ranks);
      list.term(times(op.dy[p].f32(), op.dy[p].stride, lora.b, false, lora.scale));
    }
    list.run(context.pool);
  }

  // The big products come last in the list: the pool takes them first, and small ones fill the gaps at the end.
  SumList list;
  if (any_da && !dropped) {
    list.begin(ranks, inputs, 0.0f, da, inputs);
    list.term(transposed_times(dt, ranks, op.x));
  }
  float* db_p = db;
  for (std::size_t p = 0; p < count; ++p) {
    if (op.grads[p].db) {
      // As db^T = scale t^T dy: dy is then read along its rows, and vectors run along the longer side.
      const LoraView& lora = op.projections[p].lora;
      list.begin(lora.a.rows, op.dy[p].cols, 0.0f, db_p, op.dy[p].cols);
      list.term(transposed_times(op.t.f32() + first[p], op.t.stride, op.dy[p], lora.scale));
    }
    db_p += op.projections[p].lora.b.size();
  }
  for (std::size_t p = 0; p < count; ++p) {
    const TensorView& dweight = op.grads[p].dweight;
    if (!dweight) continue;
    list.begin(dweight.rows, dweight.cols, 1.0f, dweight.f32(), dweight.stride);
    list.term(transposed_times(op.dy[p].f32(), op.dy[p].stride, op.x));
  }
  if (op.dx) {
    list.begin(rows, inputs, op.accumulate_dx ? 1.0f : 0.0f, op.dx.f32(), op.dx.stride);
    for (std::size_t p = 0; p < count; ++p) {
      const Projection& projection = op.projections[p];
      list.term(times(op.dy[p].f32(), op.dy[p].stride, projection.weight, false));
      if (projection.lora.a && !dropped) list.term(times(dt + first[p], ranks, projection.lora.a, false));
    }
  }
  list.run(context.pool);

  db_p = db;
  for (std::size_t p = 0; p < count; ++p) {
    const LoraView& lora = op.projections[p].lora;
    if (lora.a && dropped && (op.dx || op.grads[p].da)) {
      backward_dropped(context, op, p, dt + first[p], ranks, masked, products);
      if (op.grads[p].da) {
        SumList product;
        product.begin(lora.a.rows, inputs, 1.0f, op.grads[p].da.f32(), op.grads[p].da.stride);
        product.term(transposed_times(dt + first[p], ranks, {masked, rows, inputs}));
        product.run(context.pool);
      }
    } else if (op.grads[p].da) {
      add_rows(da + first[p] * inputs, op.grads[p].da);
    }
    if (op.grads[p].db) add_transposed(db_p, op.grads[p].db);
    db_p += lora.b.size();
    if (op.grads[p].dbias) add_column_sums(context.pool, op.dy[p], op.grads[p].dbias);
  }
}

}  // namespace vernier::cpu
