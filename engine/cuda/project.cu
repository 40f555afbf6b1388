// Projections with their low-rank part (Hu et al. 2021), forward and backward.
//
// The low-rank part of an output goes first and the big product is added to it in its own epilogue, so that there is no
// pass of its own over what the big product wrote. Projections whose weights and outputs lie side by side are one
// product.
#include <array>
#include <cstddef>
#include <string>

#include "engine/cuda/column_sums.cuh"
#include "engine/cuda/dropout.h"
#include "engine/cuda/low_rank.h"
#include "engine/cuda/ops.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

constexpr std::size_t kMaxProjections = kMaxLowRankPasses;
constexpr std::int64_t kDropoutBytes = std::int64_t{64} << 20;  // of x masked at a time

// Where each projection's columns begin in t, and after the last one their number.
using RankOffsets = std::array<std::int64_t, kMaxProjections + 1>;

RankOffsets rank_offsets(std::span<const Projection> projections) {
  if (projections.size() > kMaxProjections) {
    fail(ErrorCode::kInternal, "cuda.project",
         "projections: got " + std::to_string(projections.size()) + ", expected at most 8");
  }
  RankOffsets first{};
  for (std::size_t p = 0; p < projections.size(); ++p) first[p + 1] = first[p] + projections[p].lora.a.rows;
  return first;
}

// Whether b's rows lie right behind a's, with the same stride.
bool stacked(const ConstTensorView& a, const ConstTensorView& b) {
  return a.stride == b.stride && a.cols == b.cols && a.row_range(a.rows, 0).data == b.data;
}

// Whether b's columns lie right beside a's.
bool side_by_side(const ConstTensorView& a, const ConstTensorView& b) {
  return a.stride == b.stride && a.rows == b.rows && a.col_range(a.cols, 0).data == b.data;
}

// Calls body(first, weight, y) for projections or runs of them that are one product. may_join(p): whether p may be
// joined to the one before it.
template <typename View, typename MayJoin, typename Body>
void for_products(std::span<const Projection> projections, std::span<const View> y, const MayJoin& may_join,
                  const Body& body) {
  for (std::size_t p = 0; p < projections.size();) {
    ConstTensorView weight = projections[p].weight;
    View outputs = y[p];
    std::size_t next = p + 1;
    while (next < projections.size() && may_join(next) && stacked(weight, projections[next].weight) &&
           side_by_side(outputs, y[next])) {
      weight.rows += projections[next].weight.rows;
      outputs.cols += y[next].cols;
      ++next;
    }
    body(p, weight, outputs);
    p = next;
  }
}

struct StackArguments {
  const char* rows[kMaxProjections];    // of each part's first row
  std::int64_t pitch[kMaxProjections];  // bytes between rows
  int first[kMaxProjections];           // the part's first row in the result
  int count;
  char* to;
  std::int64_t words;  // of 2 bytes, of a row
};

// A block a row of the result.
__global__ void __launch_bounds__(256) stack_kernel(const StackArguments args) {
  const int row = static_cast<int>(blockIdx.x);
  int part = 0;
  while (part + 1 < args.count && row >= args.first[part + 1]) ++part;
  const char* source = args.rows[part] + (row - args.first[part]) * args.pitch[part];
  const auto* from = reinterpret_cast<const std::uint16_t*>(source);
  auto* to = reinterpret_cast<std::uint16_t*>(args.to) + row * args.words;
  for (std::int64_t i = threadIdx.x; i < args.words; i += blockDim.x) to[i] = from[i];
}

// The A matrices of all projections as one [R, I]: where they lie, if one behind the other, else a copy in `memory`.
ConstTensorView stack_a(CudaContext& context, std::span<const Projection> projections, const RankOffsets& first,
                        void* memory) {
  StackArguments args{};
  ConstTensorView all;
  bool apart = false;
  for (std::size_t p = 0; p < projections.size(); ++p) {
    const ConstTensorView& a = projections[p].lora.a;
    if (!a) continue;
    args.rows[args.count] = static_cast<const char*>(a.data);
    args.pitch[args.count] = a.stride * static_cast<std::int64_t>(size_of(a.dtype));
    args.first[args.count++] = static_cast<int>(first[p]);
    apart = apart || (all && !stacked(all, a));
    if (all) {
      all.rows += a.rows;
    } else {
      all = a;
    }
  }
  if (!apart) return all;
  args.to = static_cast<char*>(memory);
  args.words = all.cols * static_cast<std::int64_t>(size_of(all.dtype)) / 2;
  stack_kernel<<<static_cast<unsigned>(all.rows), 256, 0, context.stream>>>(args);
  check_launch("project");
  return {memory, all.dtype, all.rows, all.cols, all.cols};
}

std::size_t bytes_of(std::int64_t rows, std::int64_t cols, DType dtype) {
  return static_cast<std::size_t>(rows * cols) * size_of(dtype);
}

std::int64_t dropout_rows(const ConstTensorView& x) {
  const auto row = static_cast<std::int64_t>(bytes_of(1, x.cols, x.dtype));
  return std::min(x.rows, std::max<std::int64_t>(128, kDropoutBytes / row));
}

// t_p = dropout_p(x) a_p^T.
void project_dropped(CudaContext& context, const ProjectForward& op, const RankOffsets& first) {
  const std::int64_t chunk = dropout_rows(op.x);
  void* memory = context.scratch.get(bytes_of(chunk, op.x.cols, op.x.dtype));
  const std::uint64_t* keys = context.ring.upload(op.dropout.row_keys);
  for (std::size_t p = 0; p < op.projections.size(); ++p) {
    const ConstTensorView& a = op.projections[p].lora.a;
    if (!a) continue;
    for (std::int64_t row = 0; row < op.x.rows; row += chunk) {
      const std::int64_t rows = std::min(chunk, op.x.rows - row);
      const TensorView masked(memory, op.x.dtype, rows, op.x.cols, op.x.cols);
      apply_dropout(context, DropoutMask(op.dropout, p, keys + row), op.x.row_range(row, rows), masked);
      context.gemms.run(times_transposed(masked, a, op.t.row_range(row, rows).col_range(first[p], a.rows)));
    }
  }
}

template <typename T>
struct ColumnTerm {
  const T* values;
  std::int64_t stride;
  __device__ float operator()(std::int64_t row, std::int64_t col) const { return to_float(values[row * stride + col]); }
};

}  // namespace

void project_forward(CudaContext& context, const ProjectForward& op) {
  const RankOffsets first = rank_offsets(op.projections);
  const std::int64_t ranks = first[op.projections.size()];
  if (ranks > 0 && !op.t_is_known) {
    if (op.dropout.p > 0.0f) {
      project_dropped(context, op, first);
    } else {
      void* memory = context.scratch.get(bytes_of(ranks, op.x.cols, op.x.dtype));
      context.gemms.run(times_transposed(op.x, stack_a(context, op.projections, first, memory), op.t));
    }
  }
  for (std::size_t p = 0; p < op.projections.size(); ++p) {
    const LoraView& lora = op.projections[p].lora;
    if (!lora.a) continue;
    Gemm product = times_transposed(op.t.col_range(first[p], lora.a.rows), lora.b, op.y[p]);
    product.alpha = lora.scale;
    product.beta = op.accumulate ? 1.0f : 0.0f;
    product.addend = op.addend;
    product.bias = op.projections[p].bias.data;
    context.gemms.run(product);
  }
  const auto has_lora = [&](std::size_t p) { return static_cast<bool>(op.projections[p].lora.a); };
  const auto may_join = [&](std::size_t p) {
    return has_lora(p) == has_lora(p - 1) && (has_lora(p) || (!op.projections[p].bias && !op.projections[p - 1].bias));
  };
  for_products(op.projections, op.y, may_join, [&](std::size_t p, const ConstTensorView& weight, const TensorView& y) {
    Gemm product = times_transposed(op.x, weight, y);
    product.beta = op.accumulate || has_lora(p) ? 1.0f : 0.0f;
    if (!has_lora(p)) {
      product.addend = op.addend;
      product.bias = op.projections[p].bias.data;
    }
    context.gemms.run(product);
  });
}

namespace {

class BackwardPass {
 public:
  BackwardPass(CudaContext& context, const ProjectBackward& op)
      : context_(context),
        op_(op),
        first_(rank_offsets(op.projections)),
        ranks_(first_[op.projections.size()]),
        dropped_(op.dropout.p > 0.0f && ranks_ > 0),
        chunk_(dropped_ ? dropout_rows(op.x) : 0) {
    const DType dtype = op.x.dtype;
    const std::int64_t inputs = op.x.cols;
    const std::size_t dt = layout_.add_bytes(bytes_of(op.x.rows, ranks_, dtype));
    const std::size_t a = layout_.add_bytes(bytes_of(ranks_, inputs, dtype));
    const std::size_t da = layout_.add<float>(ranks_ * inputs);
    LowRankSize of_dy, of_x;
    if (ranks_ > 0 && dtype == DType::kBF16) {
      of_x.add(op.x.rows, inputs, ranks_, false);
      for (std::size_t p = 0; p < op.projections.size(); ++p) {
        const std::int64_t rank = op.projections[p].lora.a.rows;
        if (rank > 0) of_dy.add(op.x.rows, op.dy[p].cols, rank, true);
      }
    }
    const std::size_t passes = std::max(low_rank_scratch_bytes(context, of_dy), low_rank_scratch_bytes(context, of_x));
    const std::size_t pass = layout_.add_bytes(passes);
    const std::size_t masked = layout_.add_bytes(bytes_of(chunk_, inputs, dtype));
    const std::size_t product = layout_.add_bytes(bytes_of(chunk_, inputs, dtype));
    layout_.place(context.scratch);
    dt_ = {layout_.at<void>(dt), dtype, op.x.rows, ranks_, ranks_};
    stacked_a_ = layout_.at<void>(a);
    da_ = {layout_.at<float>(da), ranks_, inputs};
    pass_scratch_ = layout_.at<void>(pass);
    masked_ = {layout_.at<void>(masked), dtype, chunk_, inputs, inputs};
    product_ = {layout_.at<void>(product), dtype, chunk_, inputs, inputs};
  }

  void run() {
    if (ranks_ > 0) low_rank_gradients();
    if (op_.dx) input_gradient();
    if (dropped_) through_dropout();
    for (std::size_t p = 0; p < op_.projections.size(); ++p) {
      if (op_.grads[p].dweight) add_product(transposed_times(op_.dy[p], op_.x, op_.grads[p].dweight));
    }
    for (std::size_t p = 0; p < op_.projections.size(); ++p) {  // last: this takes the scratch memory anew
      if (op_.grads[p].dbias) add_bias_gradient(op_.dy[p], op_.grads[p].dbias);
    }
  }

 private:
  TensorView dt_of(std::size_t p) const { return dt_.col_range(first_[p], op_.projections[p].lora.a.rows); }

  void add_product(Gemm product) {
    product.beta = 1.0f;
    context_.gemms.run(product);
  }

  // dt, db and, without dropout, da: one look at each dy and one at x where the ranks allow it.
  void low_rank_gradients() {
    std::array<LowRankPass, kMaxProjections> list;
    std::size_t count = 0;
    bool fit = true, any_da = false;
    for (std::size_t p = 0; p < op_.projections.size(); ++p) {
      const LoraView& lora = op_.projections[p].lora;
      if (!lora.a) continue;
      LowRankPass& pass = list[count++];
      pass.wide = op_.dy[p];
      pass.narrow = op_.t.col_range(first_[p], lora.a.rows);
      pass.factor = lora.b;
      pass.scale = lora.scale;
      pass.dot = dt_of(p);
      if (op_.grads[p].db) pass.add_outer({op_.grads[p].db, 0, lora.scale, false});
      fit = fit && low_rank_fits(context_, pass);
      any_da = any_da || op_.grads[p].da;
    }
    const std::span<const LowRankPass> passes(list.data(), count);
    if (fit) {
      run_low_rank(context_, passes, pass_scratch_);
    } else {
      for (const LowRankPass& pass : passes) run_products(pass);
    }
    if (any_da && !dropped_) factor_gradients();
  }

  // The same through cuBLASLt.
  void run_products(const LowRankPass& pass) {
    Gemm product = times(pass.wide, pass.factor, pass.dot);
    product.alpha = pass.scale;
    context_.gemms.run(product);
    if (pass.outer_count == 0) return;
    product = transposed_times(pass.wide, pass.narrow, pass.outer[0].to);
    product.alpha = pass.scale;
    add_product(product);
  }

  // da of all projections.
  void factor_gradients() {
    LowRankPass pass;
    pass.wide = op_.x;
    pass.narrow = dt_;
    if (low_rank_fits(context_, pass)) {
      for (std::size_t p = 0; p < op_.projections.size(); ++p) {
        if (const TensorView& da = op_.grads[p].da) pass.add_outer({da, first_[p], 1.0f, true});
      }
      run_low_rank(context_, std::span(&pass, 1), pass_scratch_);
      return;
    }
    context_.gemms.run(transposed_times(dt_, op_.x, da_));
    for (std::size_t p = 0; p < op_.projections.size(); ++p) {
      const TensorView& da = op_.grads[p].da;
      if (da) add(context_, da_.row_range(first_[p], da.rows), da);
    }
  }

  void input_gradient() {
    bool begun = op_.accumulate_dx;
    if (ranks_ > 0 && !dropped_) {
      Gemm product = times(dt_, stack_a(context_, op_.projections, first_, stacked_a_), op_.dx);
      product.beta = begun ? 1.0f : 0.0f;
      context_.gemms.run(product);
      begun = true;
    }
    for_products(
        op_.projections, op_.dy, [](std::size_t) { return true; },
        [&](std::size_t, const ConstTensorView& weight, const ConstTensorView& dy) {
          Gemm product = times(dy, weight, op_.dx);
          product.beta = begun ? 1.0f : 0.0f;
          context_.gemms.run(product);
          begun = true;
        });
  }

  // da_p += dt_p^T dropout_p(x), dx += dropout_p'(dt_p a_p).
  void through_dropout() {
    const std::uint64_t* keys = context_.ring.upload(op_.dropout.row_keys);
    for (std::size_t p = 0; p < op_.projections.size(); ++p) {
      const ConstTensorView& a = op_.projections[p].lora.a;
      const TensorView& da = op_.grads[p].da;
      if (!a) continue;
      for (std::int64_t row = 0; row < op_.x.rows; row += chunk_) {
        const std::int64_t rows = std::min(chunk_, op_.x.rows - row);
        const DropoutMask mask(op_.dropout, p, keys + row);
        const TensorView dt = dt_of(p).row_range(row, rows);
        if (da) {
          const TensorView masked = masked_.row_range(0, rows);
          apply_dropout(context_, mask, op_.x.row_range(row, rows), masked);
          add_product(transposed_times(dt, masked, da));
        }
        if (op_.dx) {
          const TensorView product = product_.row_range(0, rows);
          context_.gemms.run(times(dt, a, product));
          add_dropout(context_, mask, product, op_.dx.row_range(row, rows));
        }
      }
    }
  }

  void add_bias_gradient(const ConstTensorView& dy, const TensorView& dbias) {
    with_type(dy.dtype, "project_backward", [&](auto t) {
      using T = typename decltype(t)::type;
      add_column_sums(context_, dy.rows, dy.cols, ColumnTerm<T>{data_of<T>(dy), dy.stride}, data_of<float>(dbias));
    });
  }

  CudaContext& context_;
  const ProjectBackward& op_;
  const RankOffsets first_;
  const std::int64_t ranks_;
  const bool dropped_;
  const std::int64_t chunk_;
  ScratchLayout layout_;
  TensorView dt_, da_, masked_, product_;
  void *stacked_a_ = nullptr, *pass_scratch_ = nullptr;
};

}  // namespace

void project_backward(CudaContext& context, const ProjectBackward& op) {
  BackwardPass(context, op).run();
}

std::size_t project_scratch_bytes(const CudaContext& context, const WorkShape& shape) {
  if (shape.rank == 0 || shape.tokens == 0) return 0;
  // `projections` that share an input and have up to so many outputs each: q, k, v; o; gate, up; down.
  const auto group = [&](std::int64_t projections, std::int64_t inputs, std::int64_t outputs) {
    const std::int64_t ranks = projections * shape.rank;
    LowRankSize of_dy, of_x;
    if (shape.dtype == DType::kBF16) {
      of_x.add(shape.tokens, inputs, ranks, false);
      for (std::int64_t p = 0; p < projections; ++p) of_dy.add(shape.tokens, outputs, shape.rank, true);
    }
    const std::size_t passes = std::max(low_rank_scratch_bytes(context, of_dy), low_rank_scratch_bytes(context, of_x));
    return bytes_of(shape.tokens, ranks, shape.dtype) + bytes_of(ranks, inputs, shape.dtype) +
           bytes_of(ranks, inputs, DType::kF32) + passes + 4 * 256;
  };
  const std::int64_t attended = shape.heads * shape.head_dim;
  return std::max({group(3, shape.hidden, attended), group(1, attended, shape.hidden),
                   group(2, shape.hidden, shape.intermediate), group(1, shape.intermediate, shape.hidden)});
}

}  // namespace vernier::cuda
