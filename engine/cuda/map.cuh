// Elementwise kernels: out_j(r, c) = f(in_0(r, c), in_1(r, c), ..., c).
#pragma once

#include "engine/cuda/context.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {

template <typename In, typename Out, int kIn, int kOut>
struct MapArguments {
  const In* in[kIn];
  Out* out[kOut];
  std::int64_t in_stride[kIn];
  std::int64_t out_stride[kOut];
  std::int64_t rows, cols;
};

inline constexpr int kMapThreads = 256;
// Rows of a thread, all loaded before the first is stored; an output may be an input. Fewer where a row takes many
// registers.
template <int kIn, int kOut>
inline constexpr int kMapRows = kIn + kOut > 4 ? 2 : 4;

template <int V, typename In, typename Out, int kIn, int kOut, typename F>
__global__ void __launch_bounds__(kMapThreads) map_kernel(const MapArguments<In, Out, kIn, kOut> args, const F f) {
  const std::int64_t col = (static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x) * V;
  if (col >= args.cols) return;
  constexpr int kRows = kMapRows<kIn, kOut>;
  const std::int64_t step = static_cast<std::int64_t>(gridDim.y) * blockDim.y * kRows;
  for (std::int64_t first = (static_cast<std::int64_t>(blockIdx.y) * blockDim.y + threadIdx.y) * kRows;
       first < args.rows; first += step) {
    float in[kRows][kIn][V];
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
      if (first + r >= args.rows) break;
#pragma unroll
      for (int i = 0; i < kIn; ++i) load<V>(args.in[i] + (first + r) * args.in_stride[i] + col, in[r][i]);
    }
#pragma unroll
    for (int r = 0; r < kRows; ++r) {
      if (first + r >= args.rows) break;
      float out[kOut][V];
      f(in[r], out, first + r, col);
#pragma unroll
      for (int o = 0; o < kOut; ++o) store<V>(out[o], args.out[o] + (first + r) * args.out_stride[o] + col);
    }
  }
}

// A matrix without gaps is one row, so that narrow ones run as fast as wide ones. Only for f that ignores r and c.
template <typename In, typename Out, int kIn, int kOut>
void flatten(MapArguments<In, Out, kIn, kOut>& args) {
  for (const std::int64_t stride : args.in_stride) {
    if (stride != args.cols && args.rows > 1) return;
  }
  for (const std::int64_t stride : args.out_stride) {
    if (stride != args.cols && args.rows > 1) return;
  }
  // As rows of a length that keeps the vectors whole and the threads busy.
  constexpr std::int64_t kRow = 2048;
  const std::int64_t size = args.rows * args.cols;
  if (args.cols >= kRow || size % kRow != 0) return;
  args.rows = size / kRow;
  args.cols = kRow;
  for (std::int64_t& stride : args.in_stride) stride = kRow;
  for (std::int64_t& stride : args.out_stride) stride = kRow;
}

template <int V, typename In, typename Out, int kIn, int kOut, typename F>
void launch_map(CudaContext& context, const char* name, const MapArguments<In, Out, kIn, kOut>& args, const F& f) {
  const std::int64_t vectors = ceil_div(args.cols, V);
  // Narrow matrices: several rows beside each other in a block.
  int wide = 32;
  while (wide < kMapThreads && wide < vectors) wide *= 2;
  const dim3 threads(static_cast<unsigned>(wide), static_cast<unsigned>(kMapThreads / wide));
  const std::int64_t down = std::min<std::int64_t>(ceil_div(args.rows, kMapRows<kIn, kOut> * threads.y), 65535);
  const dim3 blocks(static_cast<unsigned>(ceil_div(vectors, wide)), static_cast<unsigned>(down));
  map_kernel<V><<<blocks, threads, 0, context.stream>>>(args, f);
  check_launch(name);
}

// f(const float (&in)[kIn][V], float (&out)[kOut][V], row, first column).
template <typename In, typename Out, int kIn, int kOut, typename F>
void map(CudaContext& context, const char* name, const ConstTensorView (&in)[kIn], const TensorView (&out)[kOut],
         const F& f, bool by_position = false) {
  MapArguments<In, Out, kIn, kOut> args{};
  constexpr int kVector = kPerVector<In> < kPerVector<Out> ? kPerVector<In> : kPerVector<Out>;
  bool vectors = true;
  for (int i = 0; i < kIn; ++i) {
    args.in[i] = data_of<In>(in[i]);
    args.in_stride[i] = in[i].stride;
    vectors = vectors && whole_vectors({in[i]});
  }
  for (int o = 0; o < kOut; ++o) {
    args.out[o] = data_of<Out>(out[o]);
    args.out_stride[o] = out[o].stride;
    vectors = vectors && whole_vectors({out[o]});
  }
  args.rows = out[0].rows;
  args.cols = out[0].cols;
  if (!by_position) flatten(args);
  if (vectors) {
    launch_map<kVector>(context, name, args, f);
  } else {
    launch_map<1>(context, name, args, f);
  }
}

}  // namespace vernier::cuda
