#include <algorithm>
#include <numeric>
#include <vector>

#include "engine/cuda/ops.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

// A block a token.
template <int V, typename T>
__global__ void __launch_bounds__(256) gather_kernel(const std::int32_t* ids, const T* table, std::int64_t table_stride,
                                                     float scale, T* out, std::int64_t out_stride, std::int64_t cols) {
  const T* from = table + ids[blockIdx.x] * table_stride;
  T* to = out + blockIdx.x * out_stride;
  for (std::int64_t i = threadIdx.x * V; i < cols; i += blockDim.x * V) {
    float values[V];
    load<V>(from + i, values);
#pragma unroll
    for (int j = 0; j < V; ++j) values[j] *= scale;
    store<V>(values, to + i);
  }
}

// order: the tokens sorted by id, those of one id in their own order; starts: where each id's run begins. A block adds
// up one id's rows, so that no two meet in a row of the table and the order of a sum is always the same.
template <typename T>
__global__ void __launch_bounds__(256)
    scatter_kernel(const std::int32_t* ids, const std::int32_t* order, const std::int32_t* starts, const T* dout,
                   std::int64_t dout_stride, float scale, float* dtable, std::int64_t dtable_stride,
                   std::int64_t cols) {
  const std::int32_t first = starts[blockIdx.x], last = starts[blockIdx.x + 1];
  float* to = dtable + ids[order[first]] * dtable_stride;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.y) * blockDim.x + threadIdx.x; i < cols;
       i += static_cast<std::int64_t>(gridDim.y) * blockDim.x) {
    float sum = to[i];
    for (std::int32_t n = first; n < last; ++n) sum = fmaf(scale, to_float(dout[order[n] * dout_stride + i]), sum);
    to[i] = sum;
  }
}

}  // namespace

void embedding_forward(CudaContext& context, const EmbeddingForward& op) {
  const std::int32_t* ids = context.ring.upload(op.ids);
  with_type(op.out.dtype, "embedding_forward", [&](auto t) {
    using T = typename decltype(t)::type;
    const auto run = [&](auto vector) {
      constexpr int V = decltype(vector)::value;
      const auto threads = static_cast<unsigned>(std::clamp<std::int64_t>(ceil_div(op.out.cols, V * 32) * 32, 32, 256));
      gather_kernel<V, T><<<static_cast<unsigned>(op.out.rows), threads, 0, context.stream>>>(
          ids, data_of<T>(op.table), op.table.stride, op.scale, data_of<T>(op.out), op.out.stride, op.out.cols);
      check_launch("embedding_forward");
    };
    if (whole_vectors({op.table, op.out})) {
      run(std::integral_constant<int, kPerVector<T>>{});
    } else {
      run(std::integral_constant<int, 1>{});
    }
  });
}

void embedding_backward(CudaContext& context, const EmbeddingBackward& op) {
  std::vector<std::int32_t>& order = context.sorted_tokens;
  std::vector<std::int32_t>& starts = context.run_starts;
  order.resize(op.ids.size());
  std::iota(order.begin(), order.end(), 0);
  const auto id_of = [&](std::int32_t n) { return op.ids[static_cast<std::size_t>(n)]; };
  std::sort(order.begin(), order.end(),
            [&](std::int32_t a, std::int32_t b) { return id_of(a) != id_of(b) ? id_of(a) < id_of(b) : a < b; });
  starts.clear();
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || id_of(order[i]) != id_of(order[i - 1])) starts.push_back(static_cast<std::int32_t>(i));
  }
  starts.push_back(static_cast<std::int32_t>(order.size()));
  const std::int32_t* ids = context.ring.upload(op.ids);
  const std::int32_t* device_order = context.ring.upload(std::span<const std::int32_t>(order));
  const std::int32_t* device_starts = context.ring.upload(std::span<const std::int32_t>(starts));
  const dim3 grid(static_cast<unsigned>(starts.size() - 1), static_cast<unsigned>(ceil_div(op.dout.cols, 256)));
  with_type(op.dout.dtype, "embedding_backward", [&](auto t) {
    using T = typename decltype(t)::type;
    scatter_kernel<T><<<grid, 256, 0, context.stream>>>(ids, device_order, device_starts, data_of<T>(op.dout),
                                                        op.dout.stride, op.scale, data_of<float>(op.dtable),
                                                        op.dtable.stride, op.dout.cols);
    check_launch("embedding_backward");
  });
}

}  // namespace vernier::cuda
