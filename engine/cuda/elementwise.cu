// zero, copy, add.
#include "engine/cuda/map.cuh"
#include "engine/cuda/ops.h"

namespace vernier::cuda {
namespace {

struct Same {
  template <int V>
  __device__ void operator()(const float (&in)[1][V], float (&out)[1][V], std::int64_t, std::int64_t) const {
#pragma unroll
    for (int i = 0; i < V; ++i) out[0][i] = in[0][i];
  }
};

struct Sum {
  template <int V>
  __device__ void operator()(const float (&in)[2][V], float (&out)[1][V], std::int64_t, std::int64_t) const {
#pragma unroll
    for (int i = 0; i < V; ++i) out[0][i] = in[0][i] + in[1][i];
  }
};

}  // namespace

void zero(CudaContext& context, const TensorView& x) {
  const std::size_t unit = size_of(x.dtype);
  if (x.contiguous()) {
    check(cudaMemsetAsync(x.data, 0, static_cast<std::size_t>(x.size()) * unit, context.stream), "zero");
    return;
  }
  check(cudaMemset2DAsync(x.data, static_cast<std::size_t>(x.stride) * unit, 0, static_cast<std::size_t>(x.cols) * unit,
                          static_cast<std::size_t>(x.rows), context.stream),
        "zero");
}

void copy(CudaContext& context, const ConstTensorView& from, const TensorView& to) {
  if (from.contiguous() && to.contiguous()) {
    check(cudaMemcpyAsync(to.data, from.data, static_cast<std::size_t>(to.size()) * size_of(to.dtype),
                          cudaMemcpyDeviceToDevice, context.stream),
          "copy");
    return;
  }
  with_type(to.dtype, "copy", [&](auto t) {
    using T = typename decltype(t)::type;
    map<T, T>(context, "copy", {from}, {to}, Same{});
  });
}

void add(CudaContext& context, const ConstTensorView& x, const TensorView& y) {
  with_type(y.dtype, "add", [&](auto t) {
    using T = typename decltype(t)::type;
    map<T, T>(context, "add", {x, y}, {y}, Sum{});
  });
}

}  // namespace vernier::cuda
