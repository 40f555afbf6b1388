#include "engine/cuda/cudnn_attention.h"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

#include "engine/cuda/errors.h"
#include "engine/cuda/memory.h"
#include "vernier/error.h"

namespace vernier::cuda {
namespace {

// Where it was measured to be faster, 1.04 to 1.27 times, with these heads: long rows, and enough of them to fill the
// chip.
constexpr std::array<std::int64_t, 2> kFasterHeadDims = {96, 128};
constexpr std::int64_t kShortestMean = 512;
constexpr std::int64_t kFewestQueries = 131072;  // of all heads
// A run whose sizes do not repeat would wait for plans: from here on new ones are not made.
constexpr std::size_t kMostPlans = 24;
constexpr std::size_t kMostWorkspace = std::size_t{1} << 20;

enum Id : std::int64_t {
  kQ = 1,
  kK,
  kV,
  kOut,
  kLse,
  kQStarts,
  kKStarts,
  kVStarts,
  kOutStarts,
  kLseStarts,
  kQueries,
  kKeys,
  kScale,
  kHidden,
  kHiddenLater,
};

std::int64_t power_of_two(std::int64_t count) {
  std::int64_t power = 1;
  while (power < count) power *= 2;
  return power;
}

// Whether cuDNN's kernels compute what the batch asks for.
bool computable(const AttentionBatch& batch, const AttentionRows& rows) {
  const AttentionShape& shape = batch.shape;
  const std::int64_t widest = std::max({rows.q.stride, rows.k.stride, rows.v.stride, rows.out.stride, rows.lse.stride});
  return has_hopper_forward(batch) && shape.causal && shape.window == 0 && shape.softcap == 0.0f &&
         batch.cu_seqlens_q == batch.cu_seqlens_k && batch.max_queries == batch.max_keys && batch.sequences > 0 &&
         batch.queries > 0 && batch.max_queries > 0 && rows.lse.data != nullptr &&
         batch.queries <= std::numeric_limits<std::int32_t>::max() / std::max<std::int64_t>(widest, 1) &&
         is_aligned(rows.q) && is_aligned(rows.k) && is_aligned(rows.v) && is_aligned(rows.out);
}

// And worth a plan: where keys lie in a cache, not beside their queries, somebody waits for an answer to one prompt.
bool faster(const AttentionBatch& batch, const AttentionRows& rows) {
  const double mean = static_cast<double>(batch.queries) / static_cast<double>(batch.sequences);
  return std::find(kFasterHeadDims.begin(), kFasterHeadDims.end(), batch.shape.head_dim) != kFasterHeadDims.end() &&
         rows.q.stride == rows.k.stride && mean >= kShortestMean && batch.queries * batch.shape.heads >= kFewestQueries;
}

}  // namespace

// Lengths and starts in a scratch block; the workspace lies behind them.
struct CudnnAttention::BoundsLayout {
  std::size_t lengths = 0;
  std::array<std::size_t, PackedBounds::kMatrices> starts{};
  std::size_t end = 0;

  explicit BoundsLayout(std::int64_t sequences) {
    ScratchLayout layout;
    lengths = layout.add<std::int32_t>(sequences);
    for (std::size_t& start : starts) start = layout.add<std::int32_t>(sequences + 1);
    end = layout.add<std::int32_t>(0);
  }
};

struct CudnnAttention::Plan {
  std::int64_t sequences;
  BoundsLayout bounds;
  CudnnPlan plan;
};

struct CudnnAttention::Made {
  std::unique_ptr<Plan> plan;  // null: cuDNN has none
  std::string trouble;         // then
};

CudnnAttention::CudnnAttention(cudaStream_t stream, Choice choice) : stream_(stream), choice_(choice) {}

CudnnAttention::~CudnnAttention() {
  plans_.clear();
  if (handle_ != nullptr) find_cudnn()->destroy(handle_);
}

// Softmax of the scaled scores, written out in the operations that the fused kernels are found by: what is hidden
// because a sequence has ended, then because it comes later, then maximum, exponential, sum and their quotient.
std::unique_ptr<CudnnAttention::Plan> CudnnAttention::make_plan(const Key& key) {
  std::string which;
  const Cudnn* library = find_cudnn(&which);
  if (library == nullptr) throw std::runtime_error(which);
  if (handle_ == nullptr) check_cudnn(*library, library->create(&handle_), "cudnnCreate");
  check_cudnn(*library, library->set_stream(handle_, stream_), "cudnnSetStream");
  using Sizes = CudnnGraph::Sizes;
  using Tensor = CudnnGraph::Tensor;
  const std::int64_t B = key.sequences, S = key.longest, E = key.head_dim;
  CudnnGraph graph(*library);
  const auto packed = [&](Id id, Id starts, CudnnData type, const Sizes& sizes, std::int64_t stride,
                          bool transposed = false) {
    const Tensor offsets = graph.tensor(starts, kCudnnInt32, {B + 1, 1, 1, 1}, {1, 1, 1, 1});
    const std::int64_t width = type == kCudnnFloat ? 1 : E;
    const Sizes strides = transposed ? Sizes{S * stride, width, 1, stride} : Sizes{S * stride, width, stride, 1};
    return graph.tensor(id, type, sizes, strides, offsets);
  };
  const Tensor q = packed(kQ, kQStarts, kCudnnBFloat16, {B, key.heads, S, E}, key.q_stride);
  const Tensor k = packed(kK, kKStarts, kCudnnBFloat16, {B, key.kv_heads, E, S}, key.k_stride, true);
  const Tensor v = packed(kV, kVStarts, kCudnnBFloat16, {B, key.kv_heads, S, E}, key.v_stride);
  const Tensor out = packed(kOut, kOutStarts, kCudnnBFloat16, {B, key.heads, S, E}, key.out_stride);
  const Tensor queries = graph.tensor(kQueries, kCudnnInt32, {B, 1, 1, 1}, {1, 1, 1, 1});
  const Tensor keys = graph.tensor(kKeys, kCudnnInt32, {B, 1, 1, 1}, {1, 1, 1, 1});

  const Tensor products = graph.matmul(q, k, queries, keys, {});
  const Tensor scores = graph.pointwise(kCudnnMul, kCudnnFloat, kCudnnFloat, products, graph.scalar(kScale));

  const Tensor row = graph.index(kCudnnInt32, scores, 2);
  const Tensor column = graph.index(kCudnnInt32, scores, 3);
  const Tensor is_query = graph.pointwise(kCudnnLess, kCudnnBoolean, kCudnnBoolean, row, queries);
  const Tensor is_key = graph.pointwise(kCudnnLess, kCudnnBoolean, kCudnnBoolean, column, keys);
  const Tensor is_there = graph.pointwise(kCudnnAnd, kCudnnBoolean, kCudnnBoolean, is_query, is_key);
  const Tensor present =
      graph.pointwise(kCudnnSelect, kCudnnFloat, kCudnnFloat, scores, graph.scalar(kHidden), is_there);

  const Tensor query = graph.index(kCudnnFloat, present, 2);
  const Tensor position = graph.index(kCudnnFloat, present, 3);
  const Tensor is_seen = graph.pointwise(kCudnnGreaterOrEqual, kCudnnBoolean, kCudnnBoolean, query, position);
  const Tensor seen =
      graph.pointwise(kCudnnSelect, kCudnnFloat, kCudnnFloat, present, graph.scalar(kHiddenLater), is_seen);

  const Tensor top = graph.reduce(kCudnnReduceMax, seen);
  const Tensor below = graph.pointwise(kCudnnSub, kCudnnFloat, kCudnnFloat, seen, top);
  const Tensor powers = graph.pointwise(kCudnnExp, kCudnnFloat, kCudnnFloat, below);
  const Tensor sum = graph.reduce(kCudnnReduceAdd, powers);
  const Tensor log = graph.pointwise(kCudnnLog, kCudnnFloat, kCudnnFloat, sum);
  const Tensor lse = packed(kLse, kLseStarts, kCudnnFloat, {B, key.heads, S, 1}, key.lse_stride);
  graph.pointwise(kCudnnAdd, kCudnnFloat, kCudnnFloat, top, log, {}, lse);
  const Tensor weights = graph.pointwise(kCudnnDiv, kCudnnFloat, kCudnnBFloat16, powers, sum);
  graph.matmul(weights, v, queries, {}, keys, out);

  return std::unique_ptr<Plan>(new Plan{B, BoundsLayout(B), graph.plan(handle_, kMostWorkspace)});
}

const CudnnAttention::Plan* CudnnAttention::plan_of(const AttentionBatch& batch, const AttentionRows& rows) {
  trouble_.clear();
  if (choice_ == Choice::kNever || !computable(batch, rows) || (choice_ == Choice::kFaster && !faster(batch, rows))) {
    trouble_ = "cuDNN: the batch is not for it";
    return nullptr;
  }
  const Key key{.sequences = power_of_two(batch.sequences),
                .longest = std::max<std::int64_t>(128, power_of_two(batch.max_queries)),
                .heads = batch.shape.heads,
                .kv_heads = batch.shape.kv_heads,
                .head_dim = batch.shape.head_dim,
                .q_stride = rows.q.stride,
                .k_stride = rows.k.stride,
                .v_stride = rows.v.stride,
                .out_stride = rows.out.stride,
                .lse_stride = rows.lse.stride};
  auto found = plans_.find(key);
  if (found == plans_.end()) {
    if (plans_.size() == kMostPlans) {
      trouble_ = "cuDNN: the sizes do not repeat";
      return nullptr;
    }
    Made made;
    try {
      made.plan = make_plan(key);
    } catch (const std::runtime_error& refused) {
      made.trouble = refused.what();
    }
    found = plans_.emplace(key, std::move(made)).first;
  }
  const Plan* plan = found->second.plan.get();
  trouble_ = found->second.trouble;
  if (plan == nullptr || choice_ == Choice::kAlways) return plan;
  return scratch_bytes(*plan) <= attention_backward_scratch_bytes(batch) ? plan : nullptr;
}

std::size_t CudnnAttention::scratch_bytes(const Plan& plan) const {
  return plan.bounds.end + plan.plan.workspace_bytes();
}

void CudnnAttention::forward(const Plan& plan, const AttentionBatch& batch, const AttentionRows& rows, void* scratch) {
  char* base = static_cast<char*>(scratch);
  const auto at = [&](std::size_t offset) { return reinterpret_cast<std::int32_t*>(base + offset); };
  PackedBounds bounds;
  bounds.lengths = at(plan.bounds.lengths);
  const std::array<std::int64_t, PackedBounds::kMatrices> strides = {rows.q.stride, rows.k.stride, rows.v.stride,
                                                                     rows.out.stride, rows.lse.stride};
  for (std::size_t m = 0; m < strides.size(); ++m) {
    bounds.starts[m] = at(plan.bounds.starts[m]);
    bounds.strides[m] = static_cast<std::int32_t>(strides[m]);
  }
  write_bounds(batch.cu_seqlens_q, batch.sequences, plan.sequences, bounds, stream_);

  float scale = batch.shape.scale, hidden = -std::numeric_limits<float>::infinity();
  const std::pair<std::int64_t, void*> memory[] = {{kQ, const_cast<void*>(rows.q.data)},
                                                   {kK, const_cast<void*>(rows.k.data)},
                                                   {kV, const_cast<void*>(rows.v.data)},
                                                   {kOut, rows.out.data},
                                                   {kLse, rows.lse.data},
                                                   {kQStarts, bounds.starts[0]},
                                                   {kKStarts, bounds.starts[1]},
                                                   {kVStarts, bounds.starts[2]},
                                                   {kOutStarts, bounds.starts[3]},
                                                   {kLseStarts, bounds.starts[4]},
                                                   {kQueries, bounds.lengths},
                                                   {kKeys, bounds.lengths},
                                                   {kScale, &scale},
                                                   {kHidden, &hidden},
                                                   {kHiddenLater, &hidden}};
  try {
    plan.plan.run(handle_, memory, base + plan.bounds.end);
  } catch (const CudnnRefusal& refusal) {
    check(cudaGetLastError(), "cuDNN's attention");  // a lost device says so itself
    fail(ErrorCode::kInternal, "cuda",
         std::string(refusal.what()) + ", expected success. Set " + kCudnnVariable + "=0 to do without cuDNN.");
  }
}

}  // namespace vernier::cuda
