#include "engine/cuda/ops.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

template <typename T>
struct RopeArguments {
  T *q, *k;
  const float* table;
  const std::int32_t* positions;
  std::int64_t q_stride, k_stride, table_stride;
  std::int64_t rows;
  int q_heads, heads;  // of q, of q and k together
  int head_dim, half;
  float sign;
};

// A block of threads turns (x1, x2) -> (x1 cos - x2 sin, x2 cos + x1 sin), V pairs a thread, heads of q and of k.
template <int V, typename T>
__global__ void __launch_bounds__(256) rope_kernel(const RopeArguments<T> args) {
  const int steps = args.half / V;  // threads of a head
  const int per_row = steps * args.heads;
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * blockDim.y + threadIdx.y;
  if (row >= args.rows) return;
  const float* cos = args.table + args.positions[row] * args.table_stride;
  for (int at = static_cast<int>(threadIdx.x); at < per_row; at += static_cast<int>(blockDim.x)) {
    const int head = at / steps, i = (at - head * steps) * V;
    T* x = head < args.q_heads
               ? args.q + row * args.q_stride + static_cast<std::int64_t>(head) * args.head_dim
               : args.k + row * args.k_stride + static_cast<std::int64_t>(head - args.q_heads) * args.head_dim;
    float x1[V], x2[V], c[V], s[V], y1[V], y2[V];
    load<V>(x + i, x1);
    load<V>(x + args.half + i, x2);
#pragma unroll
    for (int j = 0; j < V; ++j) {
      c[j] = __ldg(cos + i + j);
      s[j] = args.sign * __ldg(cos + args.half + i + j);
    }
#pragma unroll
    for (int j = 0; j < V; ++j) {
      y1[j] = fmaf(-x2[j], s[j], x1[j] * c[j]);
      y2[j] = fmaf(x1[j], s[j], x2[j] * c[j]);
    }
    store<V>(y1, x + i);
    store<V>(y2, x + args.half + i);
  }
}

template <int V, typename T>
void launch_rope(CudaContext& context, const RopeArguments<T>& args) {
  const std::int64_t per_row = static_cast<std::int64_t>(args.half / V) * args.heads;
  unsigned wide = 32;
  while (wide < 256 && wide < per_row) wide *= 2;
  const dim3 threads(wide, 256 / wide);
  rope_kernel<V, T><<<static_cast<unsigned>(ceil_div(args.rows, threads.y)), threads, 0, context.stream>>>(args);
  check_launch("rope");
}

}  // namespace

void rope(CudaContext& context, const Rope& op) {
  with_type(op.q.dtype, "rope", [&](auto t) {
    using T = typename decltype(t)::type;
    RopeArguments<T> args{};
    args.q = data_of<T>(op.q);
    args.k = data_of<T>(op.k);
    args.table = data_of<float>(op.table);
    args.positions = context.ring.upload(op.position_ids);
    args.q_stride = op.q.stride;
    args.k_stride = op.k.stride;
    args.table_stride = op.table.stride;
    args.rows = op.q.rows;
    args.head_dim = static_cast<int>(op.head_dim);
    args.q_heads = static_cast<int>(op.q.cols / op.head_dim);
    args.heads = args.q_heads + static_cast<int>(op.k.cols / op.head_dim);
    args.half = static_cast<int>(op.rotary_dim / 2);
    args.sign = op.inverse ? -1.0f : 1.0f;
    const int vector = kPerVector<T>;
    if (whole_vectors({op.q, op.k}) && args.head_dim % vector == 0 && args.half % vector == 0) {
      launch_rope<kPerVector<T>>(context, args);
    } else {
      launch_rope<1>(context, args);
    }
  });
}

}  // namespace vernier::cuda
