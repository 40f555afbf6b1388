// Forward pass: blocks of queries against chunks of keys with a running softmax (FlashAttention, Dao et al. 2022).
#include "engine/cpu/attention_rows.h"
#include "engine/cpu/context.h"
#include "engine/cpu/ops.h"

namespace vernier::cpu {
namespace {

constexpr std::int64_t kBlockQueries = 64;
// A task's queries, times the heads that share its keys: enough to make packing the keys cheap.
constexpr std::int64_t kTaskQueries = 256;
// So few queries leave no time to pack: keys and values are read once, where they lie.
constexpr std::int64_t kFewQueries = 4;

// A chunk's packed keys and values and a block's scores stay in the second-level cache.
constexpr std::int64_t chunk_keys(std::int64_t head_dim) {
  return head_dim <= 128 ? 256 : 128;
}

class ForwardPass {
 public:
  ForwardPass(CpuContext& context, const AttentionForward& op)
      : op_(op),
        head_dim_(op.shape.head_dim),
        group_(op.shape.heads / op.shape.kv_heads),
        chunk_(chunk_keys(head_dim_)),
        stride_(chunk_ + 2 * gemm_kernels().panel_cols),
        task_queries_(std::max(kBlockQueries, kTaskQueries / group_)),
        keys_size_(padded(static_cast<std::size_t>(packed_size(head_dim_, chunk_)))),
        values_size_(padded(static_cast<std::size_t>(packed_size(chunk_, head_dim_)))),
        scores_size_(padded(static_cast<std::size_t>(kBlockQueries * stride_))),
        state_size_(padded(static_cast<std::size_t>(group_ * task_queries_))) {
    worker_size_ = keys_size_ + values_size_ + scores_size_ + 2 * state_size_;
    scratch_ = context.scratch.floats(worker_size_ * static_cast<std::size_t>(context.pool.threads()));
  }

  void run(ThreadPool& pool) {
    const std::size_t sequences = op_.cu_seqlens_q.size() - 1;
    // Pieces of queries that all sequences have, so that a task finds its place without a table.
    std::int64_t longest = 0;
    for (std::size_t s = 0; s < sequences; ++s) longest = std::max(longest, queries_of(s));
    const std::int64_t pieces = (longest + task_queries_ - 1) / task_queries_;
    const std::int64_t kv_heads = op_.shape.kv_heads;
    pool.parallel_for(static_cast<std::int64_t>(sequences) * kv_heads * pieces, [&](std::int64_t task, int worker) {
      const auto sequence = static_cast<std::size_t>(task / (kv_heads * pieces));
      const std::int64_t first = task % pieces * task_queries_;
      const std::int64_t end = std::min(queries_of(sequence), first + task_queries_);
      if (first < end) {
        run_task(sequence, task / pieces % kv_heads, {first, end},
                 scratch_ + worker_size_ * static_cast<std::size_t>(worker));
      }
    });
  }

 private:
  std::int64_t queries_of(std::size_t sequence) const {
    return op_.cu_seqlens_q[sequence + 1] - op_.cu_seqlens_q[sequence];
  }

  // All heads that share one KV head, for some queries of one sequence.
  void run_task(std::size_t sequence, std::int64_t kv_head, Range queries, float* memory) const {
    const std::int64_t q0 = op_.cu_seqlens_q[sequence];
    const std::int64_t k0 = op_.cu_seqlens_k[sequence];
    const Sight sight{queries_of(sequence), op_.cu_seqlens_k[sequence + 1] - k0, op_.shape.window, op_.shape.causal};
    float* packed_keys = memory;
    float* packed_values = packed_keys + keys_size_;
    float* scores = packed_values + values_size_;
    float* max = scores + scores_size_;
    float* sum = max + state_size_;
    const bool few = queries.end - queries.first <= kFewQueries;

    const std::int64_t end_key = sight.end_key(queries.end - 1);
    const std::int64_t first_key = sight.first_key(queries.first) / chunk_ * chunk_;
    for (std::int64_t key = first_key; key < end_key; key += chunk_) {
      const std::int64_t keys = std::min(chunk_, end_key - key);
      const float* k = op_.k.f32(k0 + key) + kv_head * head_dim_;
      const float* v = op_.v.f32(k0 + key) + kv_head * head_dim_;
      if (!few) {
        pack_block(k, op_.k.stride, true, head_dim_, keys, packed_keys);
        pack_block(v, op_.v.stride, false, keys, head_dim_, packed_values);
      }
      for (std::int64_t h = 0; h < group_; ++h) {
        const std::int64_t column = (kv_head * group_ + h) * head_dim_;
        for (std::int64_t at = queries.first; at < queries.end; at += kBlockQueries) {
          const std::int64_t end = std::min(queries.end, at + kBlockQueries);
          ScoreBlock block;
          block.sight = sight;
          block.first_query = key == first_key ? at : std::max(at, sight.first_query(key));
          block.queries = (key == first_key ? end : std::min(end, sight.end_query(key + keys - 1))) - block.first_query;
          if (block.queries <= 0) continue;
          block.first_key = key;
          block.keys = keys;
          block.softcap = op_.shape.softcap;
          block.scores = scores;
          block.stride = stride_;
          const std::int64_t state = h * task_queries_ + block.first_query - queries.first;
          const RunningSoftmax so_far{key == first_key, max + state,
                                      sum + state,      op_.out.f32(q0 + block.first_query) + column,
                                      op_.out.stride,   head_dim_};
          const float* q = op_.q.f32(q0 + block.first_query) + column;
          if (few) {
            attend_few(block, so_far, q, k, v);
          } else {
            attend(block, so_far, q, packed_keys, packed_values);
          }
        }
      }
    }
    for (std::int64_t h = 0; h < group_; ++h) {
      const std::int64_t head = kv_head * group_ + h;
      const std::int64_t row = q0 + queries.first;
      const RunningSoftmax all{false,
                               max + h * task_queries_,
                               sum + h * task_queries_,
                               op_.out.f32(row) + head * head_dim_,
                               op_.out.stride,
                               head_dim_};
      finish_softmax_rows(all, queries.end - queries.first, op_.lse ? op_.lse.f32(row) + head : nullptr,
                          op_.lse.stride);
    }
  }

  // out (+)= softmax(q k^T) v for one block.
  void attend(const ScoreBlock& block, const RunningSoftmax& so_far, const float* q, const float* packed_keys,
              const float* packed_values) const {
    BlockProduct product;
    product.a = q;
    product.row_step = op_.q.stride;
    product.panels = packed_keys;
    product.k = head_dim_;
    product.n = block.keys;
    product.alpha = op_.shape.scale;
    product.c = block.scores;
    product.ldc = block.stride;
    product.padded_c = true;
    const Range all_k{0, head_dim_};
    multiply_block(
        product, [&](std::int64_t column, std::int64_t end) { return block.seeing(column, end); },
        [&](std::int64_t, std::int64_t) { return all_k; });

    softmax_rows(block, so_far);

    product = {};
    product.a = block.scores;
    product.row_step = block.stride;
    product.panels = packed_values;
    product.k = block.keys;
    product.n = head_dim_;
    product.beta = so_far.first ? 0.0f : 1.0f;
    product.c = so_far.out;
    product.ldc = so_far.out_stride;
    const Range all_rows{0, block.queries};
    multiply_block(
        product, [&](std::int64_t, std::int64_t) { return all_rows; },
        [&](std::int64_t row, std::int64_t end) { return block.seen(row, end); });
  }

  void attend_few(const ScoreBlock& block, const RunningSoftmax& so_far, const float* q, const float* k,
                  const float* v) const {
    const GemmKernels& kernels = gemm_kernels();
    kernels.dot(block.queries, block.keys, head_dim_, q, op_.q.stride, k, op_.k.stride, op_.shape.scale, 0.0f,
                block.scores, block.stride);
    softmax_rows(block, so_far);
    for (std::int64_t i = 0; i < block.queries; ++i) {
      const Range seen = block.seen(i, i + 1);
      float* out = so_far.out + i * so_far.out_stride;
      if (so_far.first) std::fill(out, out + head_dim_, 0.0f);
      kernels.add_rows(head_dim_, seen.end - seen.first, block.scores + i * block.stride + seen.first,
                       v + seen.first * op_.v.stride, op_.v.stride, out);
    }
  }

  const AttentionForward& op_;
  const std::int64_t head_dim_;
  const std::int64_t group_;
  const std::int64_t chunk_;
  const std::int64_t stride_;  // of a row of scores; not a power of two, which would fall on few cache sets
  const std::int64_t task_queries_;
  const std::size_t keys_size_, values_size_, scores_size_, state_size_;
  std::size_t worker_size_ = 0;
  float* scratch_ = nullptr;
};

}  // namespace

void attention_forward(CpuContext& context, const AttentionForward& op) {
  ForwardPass(context, op).run(context.pool);
}

}  // namespace vernier::cpu
