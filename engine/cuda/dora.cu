// What DoRA adds to a projection: the lengths of the adapted weight's rows, and outputs scaled by column.
#include "engine/cuda/column_sums.cuh"
#include "engine/cuda/map.cuh"
#include "engine/cuda/ops.h"

namespace vernier::cuda {
namespace {

constexpr int kNormRows = 8;  // rows of a block share what they read of a
constexpr int kNormThreads = 128;

template <typename T>
__global__ void __launch_bounds__(kNormThreads)
    row_norms_kernel(const T* weight, std::int64_t weight_stride, const T* a, std::int64_t a_stride, const T* b,
                     std::int64_t b_stride, int rank, float scale, std::int64_t rows, std::int64_t cols, float* norms) {
  __shared__ float shared[kNormThreads / 32];
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x) * kNormRows;
  float sums[kNormRows] = {};
  for (std::int64_t i = threadIdx.x; i < cols; i += kNormThreads) {
    float low_rank[kNormRows] = {};
    for (int r = 0; r < rank; ++r) {
      const float value = to_float(a[r * a_stride + i]);
#pragma unroll
      for (int j = 0; j < kNormRows; ++j) {
        if (first + j < rows) low_rank[j] = fmaf(to_float(b[(first + j) * b_stride + r]), value, low_rank[j]);
      }
    }
#pragma unroll
    for (int j = 0; j < kNormRows; ++j) {
      if (first + j >= rows) break;
      const float value = fmaf(scale, low_rank[j], to_float(weight[(first + j) * weight_stride + i]));
      sums[j] = fmaf(value, value, sums[j]);
    }
  }
#pragma unroll
  for (int j = 0; j < kNormRows; ++j) {
    const float sum = row_sum<kNormThreads>(sums[j], shared);
    if (threadIdx.x == 0 && first + j < rows) norms[first + j] = sqrtf(sum);
  }
}

// in: x, and with kAccumulate the old y.
template <typename T, bool kAccumulate>
struct Scale {
  const float *magnitude, *norms;
  const T* bias;
  template <int kIn, int V>
  __device__ void operator()(const float (&in)[kIn][V], float (&out)[1][V], std::int64_t, std::int64_t col) const {
#pragma unroll
    for (int i = 0; i < V; ++i) {
      float value = in[0][i] * (magnitude[col + i] / norms[col + i]);
      if (bias != nullptr) value += to_float(bias[col + i]);
      if constexpr (kAccumulate) value += in[kIn - 1][i];
      out[0][i] = value;
    }
  }
};

template <typename T>
struct ProductTerm {
  const T *dy, *x;
  std::int64_t dy_stride, x_stride;
  __device__ float operator()(std::int64_t row, std::int64_t col) const {
    return to_float(dy[row * dy_stride + col]) * to_float(x[row * x_stride + col]);
  }
};

template <typename T>
struct PlainTerm {
  const T* dy;
  std::int64_t stride;
  __device__ float operator()(std::int64_t row, std::int64_t col) const { return to_float(dy[row * stride + col]); }
};

}  // namespace

void adapted_row_norms(CudaContext& context, const AdaptedRowNorms& op) {
  const ConstTensorView& weight = op.projection.weight;
  const LoraView& lora = op.projection.lora;
  with_type(weight.dtype, "adapted_row_norms", [&](auto t) {
    using T = typename decltype(t)::type;
    row_norms_kernel<T><<<static_cast<unsigned>(ceil_div(weight.rows, kNormRows)), kNormThreads, 0, context.stream>>>(
        data_of<T>(weight), weight.stride, data_of<T>(lora.a), lora.a.stride, data_of<T>(lora.b), lora.b.stride,
        static_cast<int>(lora.a.rows), lora.scale, weight.rows, weight.cols, data_of<float>(op.norms));
    check_launch("adapted_row_norms");
  });
}

void column_scale_forward(CudaContext& context, const ColumnScaleForward& op) {
  with_type(op.y.dtype, "column_scale_forward", [&](auto t) {
    using T = typename decltype(t)::type;
    const float* magnitude = data_of<float>(op.magnitude);
    const float* norms = data_of<float>(op.norms);
    if (op.accumulate) {
      map<T, T>(context, "column_scale_forward", {op.x, op.y}, {op.y},
                Scale<T, true>{magnitude, norms, data_of<T>(op.bias)}, true);
    } else {
      map<T, T>(context, "column_scale_forward", {op.x}, {op.y}, Scale<T, false>{magnitude, norms, data_of<T>(op.bias)},
                true);
    }
  });
}

void column_scale_backward(CudaContext& context, const ColumnScaleBackward& op) {
  with_type(op.dx.dtype, "column_scale_backward", [&](auto t) {
    using T = typename decltype(t)::type;
    const float* norms = data_of<float>(op.norms);
    // Before dx, which may overwrite dy.
    if (op.dmagnitude) {
      add_column_sums(context, op.dy.rows, op.dy.cols,
                      ProductTerm<T>{data_of<T>(op.dy), data_of<T>(op.x), op.dy.stride, op.x.stride},
                      data_of<float>(op.dmagnitude), norms);
    }
    if (op.dbias) {
      add_column_sums(context, op.dy.rows, op.dy.cols, PlainTerm<T>{data_of<T>(op.dy), op.dy.stride},
                      data_of<float>(op.dbias));
    }
    map<T, T>(context, "column_scale_backward", {op.dy}, {op.dx},
              Scale<T, false>{data_of<float>(op.magnitude), norms, nullptr}, true);
  });
}

}  // namespace vernier::cuda
