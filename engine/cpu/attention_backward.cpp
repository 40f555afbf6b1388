// Backward pass: the weights are computed again from q, k and the kept log-sum-exp (FlashAttention-2, Dao 2023).
#include "engine/cpu/attention_rows.h"
#include "engine/cpu/context.h"
#include "engine/cpu/ops.h"

namespace vernier::cpu {
namespace {

constexpr std::int64_t kBlockQueries = 128;

// Three packed forms of a chunk's keys and values, and two blocks of scores, about fit the second-level cache.
constexpr std::int64_t chunk_keys(std::int64_t head_dim) {
  return head_dim <= 64 ? 256 : head_dim <= 128 ? 128 : 64;
}

// One task takes all heads that share a KV head in one sequence, so that nobody else writes its gradients.
class BackwardPass {
 public:
  BackwardPass(CpuContext& context, const AttentionBackward& op)
      : op_(op),
        head_dim_(op.shape.head_dim),
        group_(op.shape.heads / op.shape.kv_heads),
        chunk_(chunk_keys(head_dim_)),
        stride_(chunk_ + 2 * gemm_kernels().panel_cols),
        transposed_size_(padded(static_cast<std::size_t>(packed_size(head_dim_, chunk_)))),
        keys_size_(padded(static_cast<std::size_t>(packed_size(chunk_, head_dim_)))),
        queries_size_(padded(static_cast<std::size_t>(packed_size(kBlockQueries, head_dim_)))),
        scores_size_(padded(static_cast<std::size_t>(kBlockQueries * stride_))) {
    worker_size_ = 2 * transposed_size_ + keys_size_ + 2 * queries_size_ + 2 * scores_size_;
    scratch_ = context.scratch.floats(worker_size_ * static_cast<std::size_t>(context.pool.threads()));
  }

  void run(ThreadPool& pool) {
    const auto sequences = static_cast<std::int64_t>(op_.cu_seqlens.size()) - 1;
    const std::int64_t kv_heads = op_.shape.kv_heads;
    pool.parallel_for(sequences * kv_heads, [&](std::int64_t task, int worker) {
      run_task(static_cast<std::size_t>(task / kv_heads), task % kv_heads,
               scratch_ + worker_size_ * static_cast<std::size_t>(worker));
    });
  }

 private:
  static void clear(const TensorView& rows, std::int64_t column, std::int64_t columns) {
    for (std::int64_t r = 0; r < rows.rows; ++r) std::fill_n(rows.f32(r) + column, columns, 0.0f);
  }

  void run_task(std::size_t sequence, std::int64_t kv_head, float* memory) const {
    const std::int64_t start = op_.cu_seqlens[sequence];
    const std::int64_t length = op_.cu_seqlens[sequence + 1] - start;
    const std::int64_t kv_column = kv_head * head_dim_;
    clear(op_.dk.row_range(start, length), kv_column, head_dim_);
    clear(op_.dv.row_range(start, length), kv_column, head_dim_);
    clear(op_.dq.row_range(start, length), kv_column * group_, head_dim_ * group_);

    const Sight sight{length, length, op_.shape.window, op_.shape.causal};
    float* keys_t = memory;
    float* values_t = keys_t + transposed_size_;
    float* keys = values_t + transposed_size_;
    float* queries = keys + keys_size_;
    float* out_grads = queries + queries_size_;
    float* scores = out_grads + queries_size_;
    float* weight_grads = scores + scores_size_;

    for (std::int64_t key = 0; key < length; key += chunk_) {
      const std::int64_t count = std::min(chunk_, length - key);
      const float* k = op_.k.f32(start + key) + kv_column;
      const float* v = op_.v.f32(start + key) + kv_column;
      pack_block(k, op_.k.stride, true, head_dim_, count, keys_t);
      pack_block(v, op_.v.stride, true, head_dim_, count, values_t);
      pack_block(k, op_.k.stride, false, count, head_dim_, keys);
      const Range seeing{sight.first_query(key), sight.end_query(key + count - 1)};
      for (std::int64_t h = 0; h < group_; ++h) {
        const std::int64_t head = kv_head * group_ + h;
        const std::int64_t column = head * head_dim_;
        for (std::int64_t at = seeing.first; at < seeing.end; at += kBlockQueries) {
          const std::int64_t row = start + at;
          ScoreBlock block;
          block.sight = sight;
          block.first_query = at;
          block.queries = std::min(kBlockQueries, seeing.end - at);
          block.first_key = key;
          block.keys = count;
          block.softcap = op_.shape.softcap;
          block.scores = scores;
          block.stride = stride_;
          SoftmaxGradient gradient;
          gradient.lse = op_.lse.f32(row) + head;
          gradient.lse_step = op_.lse.stride;
          gradient.out = op_.out.f32(row) + column;
          gradient.out_stride = op_.out.stride;
          gradient.dout = op_.dout.f32(row) + column;
          gradient.dout_stride = op_.dout.stride;
          gradient.head_dim = head_dim_;
          gradient.scale = op_.shape.scale;
          gradient.weight_grads = weight_grads;
          const float* q = op_.q.f32(row) + column;

          pack_block(q, op_.q.stride, false, block.queries, head_dim_, queries);
          pack_block(gradient.dout, op_.dout.stride, false, block.queries, head_dim_, out_grads);
          against_keys(block, q, op_.q.stride, keys_t, op_.shape.scale, scores);
          against_keys(block, gradient.dout, op_.dout.stride, values_t, 1.0f, weight_grads);
          softmax_gradient_rows(block, gradient);
          over_queries(block, scores, out_grads, op_.dv.f32(start + key) + kv_column, op_.dv.stride);
          over_queries(block, weight_grads, queries, op_.dk.f32(start + key) + kv_column, op_.dk.stride);
          over_keys(block, weight_grads, keys, op_.dq.f32(row) + column, op_.dq.stride);
        }
      }
    }
  }

  // c [queries, keys] = alpha * a [queries, head_dim] packed^T, where queries see keys.
  void against_keys(const ScoreBlock& block, const float* a, std::int64_t lda, const float* packed, float alpha,
                    float* c) const {
    BlockProduct product;
    product.a = a;
    product.row_step = lda;
    product.panels = packed;
    product.k = head_dim_;
    product.n = block.keys;
    product.alpha = alpha;
    product.c = c;
    product.ldc = block.stride;
    product.padded_c = true;
    const Range all{0, head_dim_};
    multiply_block(
        product, [&](std::int64_t column, std::int64_t end) { return block.seeing(column, end); },
        [&](std::int64_t, std::int64_t) { return all; });
  }

  // c [keys, head_dim] += a^T [keys, queries] packed.
  void over_queries(const ScoreBlock& block, const float* a, const float* packed, float* c, std::int64_t ldc) const {
    BlockProduct product;
    product.a = a;
    product.row_step = 1;
    product.k_step = block.stride;
    product.panels = packed;
    product.k = block.queries;
    product.n = head_dim_;
    product.beta = 1.0f;
    product.c = c;
    product.ldc = ldc;
    const Range all{0, block.keys};
    multiply_block(
        product, [&](std::int64_t, std::int64_t) { return all; },
        [&](std::int64_t key, std::int64_t end) { return block.seeing(key, end); });
  }

  // c [queries, head_dim] += a [queries, keys] packed.
  void over_keys(const ScoreBlock& block, const float* a, const float* packed, float* c, std::int64_t ldc) const {
    BlockProduct product;
    product.a = a;
    product.row_step = block.stride;
    product.panels = packed;
    product.k = block.keys;
    product.n = head_dim_;
    product.beta = 1.0f;
    product.c = c;
    product.ldc = ldc;
    const Range all{0, block.queries};
    multiply_block(
        product, [&](std::int64_t, std::int64_t) { return all; },
        [&](std::int64_t query, std::int64_t end) { return block.seen(query, end); });
  }

  const AttentionBackward& op_;
  const std::int64_t head_dim_;
  const std::int64_t group_;
  const std::int64_t chunk_;
  const std::int64_t stride_;  // of a row of scores; not a power of two, which would fall on few cache sets
  const std::size_t transposed_size_, keys_size_, queries_size_, scores_size_;
  std::size_t worker_size_ = 0;
  float* scratch_ = nullptr;
};

}  // namespace

void attention_backward(CpuContext& context, const AttentionBackward& op) {
  BackwardPass(context, op).run(context.pool);
}

}  // namespace vernier::cpu
