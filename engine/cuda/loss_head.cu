// Head product, softmax statistics and gradients, a chunk of rows at a time.
#include <algorithm>
#include <cstring>

#include "engine/cuda/loss_rows.h"
#include "engine/cuda/map.cuh"
#include "engine/cuda/ops.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

constexpr std::int64_t kMaxLogitBytes = std::int64_t{512} << 20;
constexpr std::int64_t kMinRows = 128;

// Rows enough for the product with the head to fill the device, in a buffer of bounded size; equal chunks, so that none
// is left with few rows.
std::int64_t rows_per_chunk(const CudaContext& context, std::int64_t rows, std::int64_t width, std::int64_t stride) {
  const std::int64_t filling = context.multiprocessors() * (std::int64_t{128} * 256) / width;
  const std::int64_t fitting = kMaxLogitBytes / (stride * static_cast<std::int64_t>(sizeof(float)));
  const std::int64_t most = std::max(kMinRows, std::min(filling, fitting) / kMinRows * kMinRows);
  const std::int64_t chunks = ceil_div(rows, most);
  const std::int64_t even = ceil_div(rows, chunks);
  return std::min(most, ceil_div(even, kMinRows) * kMinRows);
}

// A block a row, either way; words: of a row.
template <bool kGather, typename Word>
__global__ void __launch_bounds__(128) rows_kernel(const std::int32_t* rows, const char* from, std::int64_t from_pitch,
                                                   char* to, std::int64_t to_pitch, std::int64_t words) {
  const std::int64_t in = kGather ? rows[blockIdx.x] : static_cast<std::int64_t>(blockIdx.x);
  const std::int64_t out = kGather ? static_cast<std::int64_t>(blockIdx.x) : rows[blockIdx.x];
  const auto* source = reinterpret_cast<const Word*>(from + in * from_pitch);
  auto* target = reinterpret_cast<Word*>(to + out * to_pitch);
  for (std::int64_t i = threadIdx.x; i < words; i += blockDim.x) target[i] = source[i];
}

// Zeroes the rows that are not in the increasing list `rows`.
__global__ void __launch_bounds__(128)
    clear_kernel(const std::int32_t* rows, std::int32_t count, char* to, std::int64_t pitch, std::int64_t words) {
  const auto row = static_cast<std::int32_t>(blockIdx.x);
  std::int32_t low = 0, high = count;
  while (low < high) {
    const std::int32_t middle = (low + high) / 2;
    if (rows[middle] < row) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low < count && rows[low] == row) return;
  auto* target = reinterpret_cast<std::uint16_t*>(to + row * pitch);
  for (std::int64_t i = threadIdx.x; i < words; i += blockDim.x) target[i] = 0;
}

std::int64_t pitch_of(const ConstTensorView& v) {
  return v.stride * static_cast<std::int64_t>(size_of(v.dtype));
}

std::int64_t words_of(const ConstTensorView& v) {
  return v.cols * static_cast<std::int64_t>(size_of(v.dtype)) / 2;
}

// rows[i] of `from` to row i of `to`, or with kGather false the other way.
template <bool kGather>
void move_rows(CudaContext& context, const std::int32_t* rows, const ConstTensorView& from, const TensorView& to) {
  const auto run = [&](auto word) {
    using Word = decltype(word);
    const std::int64_t bytes = from.cols * static_cast<std::int64_t>(size_of(from.dtype));
    rows_kernel<kGather, Word><<<static_cast<unsigned>(kGather ? to.rows : from.rows), 128, 0, context.stream>>>(
        rows, static_cast<const char*>(from.data), pitch_of(from), static_cast<char*>(to.data), pitch_of(to),
        bytes / static_cast<std::int64_t>(sizeof(Word)));
  };
  whole_vectors({from, to}) ? run(uint4{}) : run(std::uint16_t{});
  check_launch("loss_head");
}

// The hidden states of some rows, gathered into `memory`.
ConstTensorView gather(CudaContext& context, const ConstTensorView& hidden, std::int64_t count,
                       const std::int32_t* device_rows, void* memory) {
  const TensorView to(memory, hidden.dtype, count, hidden.cols, hidden.cols);
  move_rows<true>(context, device_rows, hidden, to);
  return to;
}

// logits [rows, V] = scale * x weight^T, float32.
void head_product(CudaContext& context, const ConstTensorView& x, const ConstTensorView& weight, float scale,
                  const TensorView& logits) {
  Gemm product = times_transposed(x, weight, logits);
  product.alpha = scale;
  context.gemms.run(product);
}

class LossPass {
 public:
  LossPass(CudaContext& context, const LossHead& op)
      : context_(context),
        op_(op),
        count_(static_cast<std::int64_t>(op.rows.size())),
        vocabulary_(op.weight.rows),
        stride_(ceil_div(op.weight.rows, 64) * 64),
        chunk_(rows_per_chunk(context, count_, op.hidden.cols, stride_)),
        gradient_(op.dhidden || op.dweight),
        in_place_(count_ == op.hidden.rows) {
    const std::size_t hidden_bytes = static_cast<std::size_t>(chunk_ * op.hidden.cols) * size_of(op.hidden.dtype);
    const std::size_t logits = layout_.add<float>(chunk_ * stride_);
    const std::size_t gathered = layout_.add_bytes(hidden_bytes);
    const std::size_t dgathered = layout_.add_bytes(op.dhidden ? hidden_bytes : 0);
    const std::size_t results = layout_.add<float>(kArrays * count_);
    layout_.place(context.scratch);
    logits_ = layout_.at<float>(logits);
    gathered_ = layout_.at<char>(gathered);
    dgathered_ = layout_.at<char>(dgathered);
    results_ = layout_.at<float>(results);
    rows_ = context.ring.upload(op.rows);
    targets_ = context.ring.upload(op.targets);
    if (gradient_) weights_ = context.ring.upload(op.row_weights);
  }

  void run() {
    for (std::int64_t first = 0; first < count_; first += chunk_) run_chunk(first, std::min(chunk_, count_ - first));
  }

  void fetch_results() {
    const LossRows& out = op_.out;
    if (out.loss.empty() && out.log_sum_exp.empty() && out.entropy.empty() && out.argmax.empty() && out.rank.empty() &&
        out.logits.empty()) {
      return;
    }
    if (context_.recording()) {
      const auto tell = [&](int array, auto to) {
        if (to.empty()) return;
        context_.ring.recorded->output(to.data(), results_ + array * count_, to.size_bytes(), context_.stream);
      };
      tell(0, out.loss), tell(1, out.log_sum_exp), tell(2, out.entropy), tell(3, out.argmax), tell(4, out.rank);
      tell(kSummaries, out.logits);
      return;
    }
    const auto* told =
        static_cast<const float*>(context_.tell(results_, static_cast<std::size_t>(kArrays * count_) * sizeof(float)));
    const auto fetch = [&](int array, auto to) {
      if (!to.empty()) std::memcpy(static_cast<void*>(to.data()), told + array * count_, to.size_bytes());
    };
    fetch(0, out.loss);
    fetch(1, out.log_sum_exp);
    fetch(2, out.entropy);
    fetch(3, out.argmax);
    fetch(4, out.rank);
    fetch(kSummaries, out.logits);
  }

 private:
  // Of 4 bytes a row; behind five of them the rows' summaries.
  static constexpr int kSummaries = 5;
  static constexpr std::int64_t kArrays = kSummaries + sizeof(LogitSummary) / sizeof(float);

  void run_chunk(std::int64_t first, std::int64_t count) {
    const ConstTensorView x =
        in_place_ ? op_.hidden.row_range(first, count) : gather(context_, op_.hidden, count, rows_ + first, gathered_);
    head_product(context_, x, op_.weight, op_.logit_scale, {logits_, DType::kF32, count, vocabulary_, stride_});

    DeviceLossRows out;
    out.loss = results_ + first;
    out.log_sum_exp = results_ + count_ + first;
    out.entropy = results_ + 2 * count_ + first;
    out.argmax = reinterpret_cast<std::int32_t*>(results_ + 3 * count_ + first);
    out.rank = reinterpret_cast<std::int32_t*>(results_ + 4 * count_ + first);
    if (!op_.out.logits.empty()) out.logits = reinterpret_cast<LogitSummary*>(results_ + kSummaries * count_) + first;
    const bool bf16 = op_.hidden.dtype == DType::kBF16;
    loss_rows(context_, {logits_, count, vocabulary_, stride_, op_.softcap}, targets_ + first,
              gradient_ ? weights_ + first : nullptr, op_.logit_scale, bf16, out);
    if (!gradient_) return;

    const ConstTensorView gradient(bf16 ? logits_ + stride_ / 2 : logits_, op_.hidden.dtype, count, vocabulary_,
                                   bf16 ? 2 * stride_ : stride_);
    // dhidden last: it may take the place of x.
    if (op_.dweight) {
      Gemm product = transposed_times(gradient, x, op_.dweight);
      product.beta = 1.0f;
      context_.gemms.run(product);
    }
    if (op_.dhidden) hidden_gradient(gradient, first);
  }

  // dhidden[rows] = gradient weight.
  void hidden_gradient(const ConstTensorView& gradient, std::int64_t first) {
    const TensorView& dhidden = op_.dhidden;
    const TensorView to = in_place_ ? dhidden.row_range(first, gradient.rows)
                                    : TensorView(dgathered_, dhidden.dtype, gradient.rows, dhidden.cols, dhidden.cols);
    context_.gemms.run(times(gradient, op_.weight, to));
    if (!in_place_) move_rows<false>(context_, rows_ + first, to, dhidden);
  }

  CudaContext& context_;
  const LossHead& op_;
  const std::int64_t count_, vocabulary_, stride_, chunk_;
  const bool gradient_;
  const bool in_place_;  // all rows are there, else they are gathered, whatever their gaps: a recording serves any rows
  ScratchLayout layout_;
  float* logits_ = nullptr;
  char *gathered_ = nullptr, *dgathered_ = nullptr;
  float* results_ = nullptr;
  const std::int32_t *rows_ = nullptr, *targets_ = nullptr;
  const float* weights_ = nullptr;
};

void clear_other_rows(CudaContext& context, const TensorView& dhidden, std::span<const std::int32_t> rows) {
  if (static_cast<std::int64_t>(rows.size()) == dhidden.rows) return;
  clear_kernel<<<static_cast<unsigned>(dhidden.rows), 128, 0, context.stream>>>(
      context.ring.upload(rows), static_cast<std::int32_t>(rows.size()), static_cast<char*>(dhidden.data),
      pitch_of(dhidden), words_of(dhidden));
  check_launch("loss_head");
}

}  // namespace

void loss_head(CudaContext& context, const LossHead& op) {
  if (op.rows.empty()) {
    if (op.dhidden) clear_other_rows(context, op.dhidden, op.rows);
    return;
  }
  LossPass pass(context, op);
  pass.run();
  if (op.dhidden) clear_other_rows(context, op.dhidden, op.rows);
  pass.fetch_results();
}

namespace {

// Calls take(logits, first row) for one chunk of rows after the other, in the chunks of the loss, which gives the same
// bits; it queues its work.
template <typename Take>
void each_chunk(CudaContext& context, const LogitsForward& op, const Take& take) {
  const auto rows = static_cast<std::int64_t>(op.rows.size());
  const std::int64_t vocabulary = op.weight.rows, stride = ceil_div(vocabulary, 64) * 64;
  const std::int64_t chunk = rows_per_chunk(context, rows, op.hidden.cols, stride);
  ScratchLayout layout;
  const std::size_t logits_at = layout.add<float>(chunk * stride);
  const std::size_t gathered_at =
      layout.add_bytes(static_cast<std::size_t>(chunk * op.hidden.cols) * size_of(op.hidden.dtype));
  layout.place(context.scratch);
  auto* logits = layout.at<float>(logits_at);
  const std::int32_t* device_rows = context.ring.upload(op.rows);
  for (std::int64_t first = 0; first < rows; first += chunk) {
    const std::int64_t count = std::min(chunk, rows - first);
    const ConstTensorView x = gather(context, op.hidden, count, device_rows + first, layout.at<char>(gathered_at));
    head_product(context, x, op.weight, op.logit_scale, {logits, DType::kF32, count, vocabulary, stride});
    if (op.softcap > 0.0f) cap_logits(context, {logits, count, vocabulary, stride, op.softcap});
    take(TensorView(logits, DType::kF32, count, vocabulary, stride), first);
  }
}

void copy_rows(CudaContext& context, const TensorView& from, const TensorView& to) {
  check(cudaMemcpy2DAsync(to.data, static_cast<std::size_t>(to.stride) * sizeof(float), from.data,
                          static_cast<std::size_t>(from.stride) * sizeof(float),
                          static_cast<std::size_t>(from.cols) * sizeof(float), static_cast<std::size_t>(from.rows),
                          cudaMemcpyDefault, context.stream),
        "logits");
}

struct AsItIs {
  template <int V>
  __device__ void operator()(const float (&in)[1][V], float (&out)[1][V], std::int64_t, std::int64_t) const {
#pragma unroll
    for (int i = 0; i < V; ++i) out[0][i] = in[0][i];
  }
};

}  // namespace

void logits_forward(CudaContext& context, const LogitsForward& op) {
  each_chunk(context, op, [&](const TensorView& logits, std::int64_t first) {
    copy_rows(context, logits, op.logits.row_range(first, logits.rows));
    context.synchronize();
  });
}

std::unique_ptr<Fetch> begin_logits(CudaContext& context, const LogitsForward& op) {
  const DType dtype = op.logits.dtype;
  const std::size_t bytes = static_cast<std::size_t>(op.logits.size()) * size_of(dtype);
  if (!context.staging.reserve(bytes)) return nullptr;
  const TensorView staged(context.staging.data(), dtype, op.logits.rows, op.logits.cols, op.logits.cols);
  auto fetch = std::make_unique<CudaFetch>(context.device(), context.stream);
  context.staging.wait_for_copy(context.stream);
  each_chunk(context, op, [&](const TensorView& logits, std::int64_t first) {
    const TensorView to = staged.row_range(first, logits.rows);
    if (dtype == DType::kF32) return copy_rows(context, logits, to);
    map<float, __half>(context, "logits", {ConstTensorView(logits)}, {to}, AsItIs());
  });
  fetch->made();
  context.staging.send(*fetch, op.logits.data, bytes);
  return fetch;
}

std::size_t staging_bytes(const WorkShape& shape) {
  return static_cast<std::size_t>(shape.captured_rows * shape.vocab) * size_of(shape.dtype);
}

std::size_t loss_head_scratch_bytes(const CudaContext& context, const WorkShape& shape) {
  if (shape.tokens == 0 || shape.vocab == 0) return 0;
  const std::int64_t stride = ceil_div(shape.vocab, 64) * 64;
  const std::int64_t chunk = rows_per_chunk(context, shape.tokens, shape.hidden, stride);
  const std::int64_t unit = static_cast<std::int64_t>(size_of(shape.dtype));
  return static_cast<std::size_t>(4 * chunk * stride + 2 * chunk * shape.hidden * unit + 10 * 4 * shape.tokens) +
         4 * 256;
}

}  // namespace vernier::cuda
