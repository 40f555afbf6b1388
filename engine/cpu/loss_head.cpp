// Head product, softmax statistics and gradients, a chunk of rows at a time.
#include <algorithm>

#include "engine/cpu/gemm.h"
#include "engine/cpu/loss_rows.h"
#include "engine/cpu/ops.h"

namespace vernier::cpu {
namespace {

// Logits of a chunk: rows enough to make packing the head cheap, in a buffer of this many floats where that allows it.
constexpr std::int64_t kMaxLogits = 16 << 20;
constexpr std::int64_t kMinRows = 64;
constexpr std::int64_t kMaxRows = 512;

// Equal chunks, so that none is left with few rows.
std::int64_t rows_per_chunk(std::int64_t rows, std::int64_t vocabulary) {
  const std::int64_t most = std::clamp(kMaxLogits / vocabulary, kMinRows, kMaxRows);
  const std::int64_t chunks = (rows + most - 1) / most;
  return (rows + chunks - 1) / chunks;
}

bool without_gaps(std::span<const std::int32_t> rows) {
  return rows.back() - rows.front() + 1 == static_cast<std::int64_t>(rows.size());
}

// The hidden states of `rows`: where they lie, or gathered into `memory`.
ConstTensorView gather(ThreadPool& pool, const ConstTensorView& hidden, std::span<const std::int32_t> rows,
                       float* memory) {
  const auto count = static_cast<std::int64_t>(rows.size());
  if (without_gaps(rows)) return hidden.row_range(rows.front(), count);
  pool.parallel_for(count, [&](std::int64_t i, int) {
    const float* from = hidden.f32(rows[static_cast<std::size_t>(i)]);
    std::copy_n(from, hidden.cols, memory + i * hidden.cols);
  });
  return {memory, count, hidden.cols};
}

// logits [rows, V] = scale * x weight^T.
void head_product(ThreadPool& pool, const ConstTensorView& x, const ConstTensorView& weight, float scale, float* logits,
                  std::int64_t stride) {
  Gemm g;
  g.m = x.rows;
  g.n = weight.rows;
  g.k = x.cols;
  g.trans_b = true;
  g.alpha = scale;
  g.a = x.f32();
  g.lda = x.stride;
  g.b = weight.f32();
  g.ldb = weight.stride;
  g.c = logits;
  g.ldc = stride;
  gemm(pool, g);
}

// Zeroes the rows of dhidden that are not in `rows`.
void clear_other_rows(const TensorView& dhidden, std::span<const std::int32_t> rows) {
  std::size_t next = 0;
  for (std::int64_t row = 0; row < dhidden.rows; ++row) {
    if (next < rows.size() && rows[next] == row) {
      ++next;
    } else {
      std::fill_n(dhidden.f32(row), dhidden.cols, 0.0f);
    }
  }
}

template <typename T>
std::span<T> part(std::span<T> all, std::size_t first, std::size_t count) {
  return all.empty() ? all : all.subspan(first, count);
}

class LossPass {
 public:
  LossPass(CpuContext& context, const LossHead& op)
      : pool_(context.pool), op_(op), vocabulary_(op.weight.rows), width_(op.hidden.cols) {
    const auto rows = static_cast<std::int64_t>(op.rows.size());
    chunk_ = static_cast<std::size_t>(rows_per_chunk(rows, vocabulary_));
    stride_ = (vocabulary_ + 15) / 16 * 16;
    const std::size_t hidden_size = padded(chunk_ * static_cast<std::size_t>(width_));
    logits_ = context.scratch.floats(chunk_ * static_cast<std::size_t>(stride_) + 2 * hidden_size);
    hidden_ = logits_ + chunk_ * static_cast<std::size_t>(stride_);
    dhidden_ = hidden_ + hidden_size;
  }

  void run() {
    for (std::size_t first = 0; first < op_.rows.size(); first += chunk_) {
      run_chunk(first, std::min(chunk_, op_.rows.size() - first));
    }
  }

 private:
  void run_chunk(std::size_t first, std::size_t count) {
    const std::span<const std::int32_t> rows = op_.rows.subspan(first, count);
    const ConstTensorView x = gather(pool_, op_.hidden, rows, hidden_);
    head_product(pool_, x, op_.weight, op_.logit_scale, logits_, stride_);

    const bool gradient = op_.dhidden || op_.dweight;
    LossRows out;
    out.loss = part(op_.out.loss, first, count);
    out.log_sum_exp = part(op_.out.log_sum_exp, first, count);
    out.entropy = part(op_.out.entropy, first, count);
    out.argmax = part(op_.out.argmax, first, count);
    out.rank = part(op_.out.rank, first, count);
    out.logits = part(op_.out.logits, first, count);
    pool_.parallel_for(static_cast<std::int64_t>(count), [&](std::int64_t i, int) {
      const auto at = static_cast<std::size_t>(i);
      const std::int32_t target = op_.targets[first + at];
      float* logits = logits_ + i * stride_;
      const LogitStatistics s = logit_statistics(logits, vocabulary_, target, op_.softcap);
      if (!out.loss.empty()) out.loss[at] = static_cast<float>(s.log_sum_exp - static_cast<double>(s.target));
      if (!out.log_sum_exp.empty()) out.log_sum_exp[at] = static_cast<float>(s.log_sum_exp);
      if (!out.entropy.empty()) out.entropy[at] = static_cast<float>(s.entropy);
      if (!out.argmax.empty()) out.argmax[at] = s.argmax;
      if (!out.rank.empty()) out.rank[at] = s.rank;
      if (!out.logits.empty()) out.logits[at] = s.summary;
      if (gradient) {
        const float factor = op_.row_weights[first + at] * op_.logit_scale;
        logit_gradient(logits, vocabulary_, target, op_.softcap, s, factor);
      }
    });

    // dhidden last: it may take the place of x.
    if (op_.dweight) add_weight_gradient(x);
    if (op_.dhidden) hidden_gradient(rows);
  }

  // dweight += gradient^T x.
  void add_weight_gradient(const ConstTensorView& x) {
    Gemm g;
    g.m = vocabulary_;
    g.n = width_;
    g.k = x.rows;
    g.trans_a = true;
    g.beta = 1.0f;
    g.a = logits_;
    g.lda = stride_;
    g.b = x.f32();
    g.ldb = x.stride;
    g.c = op_.dweight.f32();
    g.ldc = op_.dweight.stride;
    gemm(pool_, g);
  }

  // dhidden[rows] = gradient weight.
  void hidden_gradient(std::span<const std::int32_t> rows) {
    const bool in_place = without_gaps(rows);
    Gemm g;
    g.m = static_cast<std::int64_t>(rows.size());
    g.n = width_;
    g.k = vocabulary_;
    g.a = logits_;
    g.lda = stride_;
    g.b = op_.weight.f32();
    g.ldb = op_.weight.stride;
    g.c = in_place ? op_.dhidden.f32(rows.front()) : dhidden_;
    g.ldc = in_place ? op_.dhidden.stride : width_;
    gemm(pool_, g);
    if (in_place) return;
    pool_.parallel_for(g.m, [&](std::int64_t i, int) {
      std::copy_n(dhidden_ + i * width_, width_, op_.dhidden.f32(rows[static_cast<std::size_t>(i)]));
    });
  }

  ThreadPool& pool_;
  const LossHead& op_;
  const std::int64_t vocabulary_, width_;
  std::size_t chunk_ = 0;
  std::int64_t stride_ = 0;
  float* logits_ = nullptr;
  float* hidden_ = nullptr;
  float* dhidden_ = nullptr;
};

}  // namespace

void loss_head(CpuContext& context, const LossHead& op) {
  if (!op.rows.empty()) LossPass(context, op).run();
  if (op.dhidden) clear_other_rows(op.dhidden, op.rows);
}

void logits_forward(CpuContext& context, const LogitsForward& op) {
  // In the chunks of the loss, which gives the same bits.
  const auto rows = static_cast<std::int64_t>(op.rows.size());
  const std::int64_t chunk = rows_per_chunk(rows, op.weight.rows);
  float* memory = context.scratch.floats(static_cast<std::size_t>(chunk * op.hidden.cols));
  for (std::int64_t first = 0; first < rows; first += chunk) {
    const std::int64_t count = std::min(chunk, rows - first);
    const std::span<const std::int32_t> some =
        op.rows.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
    const TensorView logits = op.logits.row_range(first, count);
    head_product(context.pool, gather(context.pool, op.hidden, some, memory), op.weight, op.logit_scale, logits.f32(),
                 logits.stride);
    if (op.softcap == 0.0f) continue;
    context.pool.parallel_for(count, [&](std::int64_t i, int) { cap_logits(logits.f32(i), logits.cols, op.softcap); });
  }
}

}  // namespace vernier::cpu
