#include "engine/cuda/column_sums.cuh"
#include "engine/cuda/ops.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

constexpr int kWarpsPerBlock = 8;  // of narrow groups, one a warp

template <typename T>
struct NormArguments {
  const T *x, *weight, *dy;
  T *y, *dx;
  float* inv_rms;
  std::int64_t x_stride, dy_stride, y_stride, inv_stride;
  std::int64_t rows, groups, width;
  float eps, weight_offset;
  bool accumulate;
};

// Which row and group the calling threads work on; false where there is none left.
template <int kThreads, typename T>
__device__ __forceinline__ bool locate(const NormArguments<T>& args, std::int64_t& row, std::int64_t& group) {
  std::int64_t index = blockIdx.x;
  if constexpr (kThreads == 32) index = index * kWarpsPerBlock + threadIdx.x / 32;
  row = index / args.groups;
  group = index - row * args.groups;
  return row < args.rows;
}

// kThreads threads a group, V elements at a time. With kKeep no thread has more than two of these, which stay in
// registers; else the second look at x finds it in the first-level cache.
template <int kThreads, int V, bool kKeep, typename T>
__global__ void __launch_bounds__(kThreads == 32 ? 256 : kThreads) forward_kernel(const NormArguments<T> args) {
  __shared__ float sums[kThreads / 32];
  std::int64_t row, group;
  if (!locate<kThreads>(args, row, group)) return;
  const T* x = args.x + row * args.x_stride + group * args.width;
  T* y = args.y + row * args.y_stride + group * args.width;
  const int lane = static_cast<int>(threadIdx.x) % kThreads;

  float sum = 0.0f;
  float kept[kKeep ? 2 : 1][V] = {};
  const auto square = [&](std::int64_t i, float(&values)[V]) {
    load<V>(x + i, values);
#pragma unroll
    for (int j = 0; j < V; ++j) sum = fmaf(values[j], values[j], sum);
  };
  if constexpr (kKeep) {
#pragma unroll
    for (int k = 0; k < 2; ++k) {
      const std::int64_t i = (lane + k * kThreads) * V;
      if (i < args.width) square(i, kept[k]);
    }
  } else {
    for (std::int64_t i = lane * V; i < args.width; i += kThreads * V) square(i, kept[0]);
  }
  sum = row_sum<kThreads>(sum, sums);
  const float inv = 1.0f / sqrtf(sum / static_cast<float>(args.width) + args.eps);
  if (lane == 0) args.inv_rms[row * args.inv_stride + group] = inv;

  const auto scale = [&](std::int64_t i, const float(&values)[V]) {
    float weight[V], out[V];
    load<V>(args.weight + i, weight);
    if (args.accumulate) load<V>(y + i, out);
#pragma unroll
    for (int j = 0; j < V; ++j) {
      const float value = values[j] * inv * (args.weight_offset + weight[j]);
      out[j] = args.accumulate ? out[j] + value : value;
    }
    store<V>(out, y + i);
  };
  if constexpr (kKeep) {
#pragma unroll
    for (int k = 0; k < 2; ++k) {
      const std::int64_t i = (lane + k * kThreads) * V;
      if (i < args.width) scale(i, kept[k]);
    }
  } else {
    for (std::int64_t i = lane * V; i < args.width; i += kThreads * V) {
      load<V>(x + i, kept[0]);
      scale(i, kept[0]);
    }
  }
}

// With g = (offset + weight) dy: dx = inv_rms g - x inv_rms^3 mean(g x).
template <int kThreads, int V, typename T>
__global__ void __launch_bounds__(kThreads == 32 ? 256 : kThreads) backward_kernel(const NormArguments<T> args) {
  __shared__ float sums[kThreads / 32];
  std::int64_t row, group;
  if (!locate<kThreads>(args, row, group)) return;
  const T* x = args.x + row * args.x_stride + group * args.width;
  const T* dy = args.dy + row * args.dy_stride + group * args.width;
  T* dx = args.dx + row * args.y_stride + group * args.width;
  const int lane = static_cast<int>(threadIdx.x) % kThreads;

  float sum = 0.0f;
  for (std::int64_t i = lane * V; i < args.width; i += kThreads * V) {
    float values[V], weight[V], gradient[V];
    load<V>(x + i, values);
    load<V>(args.weight + i, weight);
    load<V>(dy + i, gradient);
#pragma unroll
    for (int j = 0; j < V; ++j) sum = fmaf(values[j] * (args.weight_offset + weight[j]), gradient[j], sum);
  }
  sum = row_sum<kThreads>(sum, sums);
  const float inv = args.inv_rms[row * args.inv_stride + group];
  const float back = inv * inv * inv * (sum / static_cast<float>(args.width));

  for (std::int64_t i = lane * V; i < args.width; i += kThreads * V) {
    float values[V], weight[V], gradient[V], out[V];
    load<V>(x + i, values);
    load<V>(args.weight + i, weight);
    load<V>(dy + i, gradient);
    if (args.accumulate) load<V>(dx + i, out);
#pragma unroll
    for (int j = 0; j < V; ++j) {
      const float value = fmaf(-values[j], back, gradient[j] * (args.weight_offset + weight[j]) * inv);
      out[j] = args.accumulate ? out[j] + value : value;
    }
    store<V>(out, dx + i);
  }
}

// Runs body(threads of a group, vector width, whether no thread has more than two vectors), each as a constant.
template <int V, bool kKeep, typename Body>
void with_threads(std::int64_t vectors, const Body& body) {
  using Vector = std::integral_constant<int, V>;
  if (vectors <= 64) {
    body(std::integral_constant<int, 32>{}, Vector{}, std::bool_constant<kKeep>{});
  } else if (vectors <= 256) {
    body(std::integral_constant<int, 128>{}, Vector{}, std::bool_constant<kKeep>{});
  } else if (vectors <= 512) {
    body(std::integral_constant<int, 256>{}, Vector{}, std::bool_constant<kKeep>{});
  } else {
    body(std::integral_constant<int, 256>{}, Vector{}, std::false_type{});
  }
}

template <typename T, typename Body>
void with_shape(bool vectors, std::int64_t width, const Body& body) {
  if (vectors) {
    with_threads<kPerVector<T>, true>(width / kPerVector<T>, body);
  } else {
    with_threads<1, false>(width, body);
  }
}

unsigned blocks_for(int threads, std::int64_t count) {
  return static_cast<unsigned>(threads == 32 ? ceil_div(count, kWarpsPerBlock) : count);
}

// Whether groups begin at whole vectors.
bool groups_are_whole(const ConstTensorView& weight, std::initializer_list<ConstTensorView> views) {
  return whole_vectors({weight}) && whole_vectors(views);
}

// sum over rows and groups of dy x inv_rms, a group's row counting as a row.
template <typename T>
struct WeightTerm {
  NormArguments<T> args;
  __device__ float operator()(std::int64_t index, std::int64_t col) const {
    const std::int64_t row = index / args.groups, group = index - row * args.groups;
    const std::int64_t at = group * args.width + col;
    return to_float(args.dy[row * args.dy_stride + at]) * to_float(args.x[row * args.x_stride + at]) *
           args.inv_rms[row * args.inv_stride + group];
  }
};

}  // namespace

void rms_norm_forward(CudaContext& context, const RmsNormForward& op) {
  with_type(op.x.dtype, "rms_norm_forward", [&](auto t) {
    using T = typename decltype(t)::type;
    NormArguments<T> args{};
    args.x = data_of<T>(op.x);
    args.weight = data_of<T>(op.weight);
    args.y = data_of<T>(op.y);
    args.inv_rms = data_of<float>(op.inv_rms);
    args.x_stride = op.x.stride;
    args.y_stride = op.y.stride;
    args.inv_stride = op.inv_rms.stride;
    args.rows = op.x.rows;
    args.groups = op.groups;
    args.width = op.x.cols / op.groups;
    args.eps = op.eps;
    args.weight_offset = op.weight_offset;
    args.accumulate = op.accumulate;
    with_shape<T>(groups_are_whole(op.weight, {op.x, op.y}), args.width, [&](auto threads, auto vector, auto keep) {
      constexpr int kThreads = decltype(threads)::value;
      forward_kernel<kThreads, decltype(vector)::value, decltype(keep)::value, T>
          <<<blocks_for(kThreads, args.rows * args.groups), kThreads == 32 ? 256 : kThreads, 0, context.stream>>>(args);
      check_launch("rms_norm_forward");
    });
  });
}

void rms_norm_backward(CudaContext& context, const RmsNormBackward& op) {
  with_type(op.x.dtype, "rms_norm_backward", [&](auto t) {
    using T = typename decltype(t)::type;
    NormArguments<T> args{};
    args.x = data_of<T>(op.x);
    args.weight = data_of<T>(op.weight);
    args.dy = data_of<T>(op.dy);
    args.dx = data_of<T>(op.dx);
    args.inv_rms = const_cast<float*>(data_of<float>(op.inv_rms));  // only read
    args.x_stride = op.x.stride;
    args.dy_stride = op.dy.stride;
    args.y_stride = op.dx.stride;
    args.inv_stride = op.inv_rms.stride;
    args.rows = op.x.rows;
    args.groups = op.groups;
    args.width = op.x.cols / op.groups;
    args.weight_offset = op.weight_offset;
    args.accumulate = op.accumulate;
    if (op.dweight) {  // before dx, which may overwrite dy
      add_column_sums(context, args.rows * args.groups, args.width, WeightTerm<T>{args}, data_of<float>(op.dweight));
    }
    with_shape<T>(groups_are_whole(op.weight, {op.x, op.dy, op.dx}), args.width, [&](auto threads, auto vector, auto) {
      constexpr int kThreads = decltype(threads)::value;
      backward_kernel<kThreads, decltype(vector)::value, T>
          <<<blocks_for(kThreads, args.rows * args.groups), kThreads == 32 ? 256 : kThreads, 0, context.stream>>>(args);
      check_launch("rms_norm_backward");
    });
  });
}

}  // namespace vernier::cuda
