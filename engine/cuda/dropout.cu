#include <cmath>

#include "engine/cuda/dropout.h"
#include "engine/cuda/philox.cuh"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

// A thread makes the four elements of one counter.
template <bool kAdd, typename T>
__global__ void __launch_bounds__(256)
    dropout_kernel(const DropoutMask mask, const T* in, std::int64_t in_stride, T* out, std::int64_t out_stride,
                   std::int64_t rows, std::int64_t cols) {
  const std::int64_t quad = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (quad * 4 >= cols) return;
  for (std::int64_t row = blockIdx.y; row < rows; row += gridDim.y) {
    const std::uint64_t key = mask.row_keys[row];
    const PhiloxWords words =
        philox({static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32),
                static_cast<std::uint32_t>(quad), mask.stream},
               static_cast<std::uint32_t>(mask.seed), static_cast<std::uint32_t>(mask.seed >> 32));
#pragma unroll
    for (int w = 0; w < 4; ++w) {
      const std::int64_t col = quad * 4 + w;
      if (col >= cols) break;
      const float x = words.v[w] < mask.threshold ? 0.0f : mask.scale * to_float(in[row * in_stride + col]);
      T* to = out + row * out_stride + col;
      *to = from_float<T>(kAdd ? to_float(*to) + x : x);
    }
  }
}

template <bool kAdd>
void run(CudaContext& context, const DropoutMask& mask, const ConstTensorView& in, const TensorView& out) {
  const dim3 grid(static_cast<unsigned>(ceil_div(out.cols, 4 * 256)),
                  static_cast<unsigned>(std::min<std::int64_t>(out.rows, 65535)));
  with_type(out.dtype, "dropout", [&](auto t) {
    using T = typename decltype(t)::type;
    dropout_kernel<kAdd, T><<<grid, 256, 0, context.stream>>>(mask, data_of<T>(in), in.stride, data_of<T>(out),
                                                              out.stride, out.rows, out.cols);
    check_launch("dropout");
  });
}

}  // namespace

DropoutMask::DropoutMask(const Dropout& dropout, std::size_t projection, const std::uint64_t* device_row_keys)
    : seed(dropout.seed),
      stream(dropout.stream + static_cast<std::uint32_t>(projection)),
      threshold(static_cast<std::uint64_t>(std::ceil(static_cast<double>(dropout.p) * 4294967296.0))),
      scale(1.0f / (1.0f - dropout.p)),
      row_keys(device_row_keys) {}

void apply_dropout(CudaContext& context, const DropoutMask& mask, const ConstTensorView& in, const TensorView& out) {
  run<false>(context, mask, in, out);
}

void add_dropout(CudaContext& context, const DropoutMask& mask, const ConstTensorView& in, const TensorView& out) {
  run<true>(context, mask, in, out);
}

}  // namespace vernier::cuda
