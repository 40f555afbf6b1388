#include "engine/core/nf4.h"
#include "engine/cuda/ops.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kValues = 8;  // of a thread: 4 bytes of codes, all of one block
static_assert(kNf4Block % kValues == 0);

struct Table {
  float values[16];
};

// out has no gaps. A thread's values lie in one block, so that it looks up one absmax.
template <typename T>
__global__ void __launch_bounds__(kThreads) dequantize_kernel(const Nf4Matrix m, const Table table, T* out) {
  __shared__ float values[16];
  if (threadIdx.x < 16) values[threadIdx.x] = table.values[threadIdx.x];
  __syncthreads();
  const std::int64_t count = m.rows * m.cols;
  const std::int64_t first = (static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x) * kValues;
  if (first >= count) return;
  const std::int64_t block = first / kNf4Block;
  const float absmax =
      __fadd_rn(__fmul_rn(m.absmax_table[m.absmax[block]], m.nested_absmax[block / kNf4NestedBlock]), m.offset);
  if (first + kValues <= count) {
    const std::uint32_t codes = *reinterpret_cast<const std::uint32_t*>(m.codes + first / 2);
    float x[kValues];
#pragma unroll
    for (int i = 0; i < kValues; ++i) {
      const int shift = i / 2 * 8 + (i % 2 == 0 ? 4 : 0);  // bytes from the lowest on, high halves first
      x[i] = values[codes >> shift & 15u] * absmax;
    }
    constexpr int V = kPerVector<T>;
#pragma unroll
    for (int v = 0; v < kValues / V; ++v) {
      float part[V];
#pragma unroll
      for (int i = 0; i < V; ++i) part[i] = x[v * V + i];
      store<V>(part, out + first + v * V);
    }
    return;
  }
  for (std::int64_t i = first; i < count; ++i) {
    const unsigned pair = m.codes[i / 2];
    out[i] = from_float<T>(values[i % 2 == 0 ? pair >> 4 : pair & 15u] * absmax);
  }
}

}  // namespace

void dequantize_nf4(cudaStream_t stream, const DequantizeNf4& op) {
  if (!op.out.contiguous() || reinterpret_cast<std::uintptr_t>(op.out.data) % 16 != 0 ||
      reinterpret_cast<std::uintptr_t>(op.matrix.codes) % 4 != 0) {
    fail(ErrorCode::kInternal, "cuda.dequantize_nf4", "out, codes: got gaps or odd addresses, expected neither.");
  }
  Table table{};
  for (std::size_t i = 0; i < kNf4Table.size(); ++i) table.values[i] = kNf4Table[i];
  const std::int64_t blocks = ceil_div(ceil_div(op.out.size(), kValues), kThreads);
  with_type(op.out.dtype, "dequantize_nf4", [&](auto t) {
    using T = typename decltype(t)::type;
    dequantize_kernel<T><<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(op.matrix, table, data_of<T>(op.out));
    check_launch("dequantize_nf4");
  });
}

}  // namespace vernier::cuda
