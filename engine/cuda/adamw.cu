// The optimiser's operations over flat arrays.
#include <cmath>
#include <cstring>

#include "engine/cuda/ops.h"
#include "engine/cuda/vectors.cuh"

namespace vernier::cuda {
namespace {

struct AdamWArguments {
  float *weight, *m, *v;
  const float* grad;
  __nv_bfloat16* bf16_copy;  // or null
  std::int64_t count;
  float grad_scale, beta1, beta2, rest1, rest2, step_size, unbias2, keep, epsilon;
};

__global__ void __launch_bounds__(256) adamw_kernel(const AdamWArguments args) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < args.count; i += step) {
    const float g = args.grad_scale * args.grad[i];
    const float m = fmaf(args.rest1, g, args.beta1 * args.m[i]);
    const float v = fmaf(args.rest2 * g, g, args.beta2 * args.v[i]);
    const float divisor = sqrtf(v * args.unbias2) + args.epsilon;
    const float w = args.keep * args.weight[i];
    args.m[i] = m;
    args.v[i] = v;
    const float updated = w - args.step_size * m / divisor;
    args.weight[i] = updated;
    if (args.bf16_copy != nullptr) args.bf16_copy[i] = __float2bfloat16_rn(updated);
  }
}

constexpr int kNormThreads = 256;
constexpr std::int64_t kNormBlocks = 512;

__device__ double block_sum(double x) {
  __shared__ double sums[kNormThreads];
  sums[threadIdx.x] = x;
  for (int half = kNormThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < half) sums[threadIdx.x] += sums[threadIdx.x + static_cast<unsigned>(half)];
  }
  __syncthreads();
  return sums[0];
}

// The split depends on the length alone.
__global__ void __launch_bounds__(kNormThreads) squares_kernel(const float* x, std::int64_t count, double* partial) {
  double sum = 0.0;
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * kNormThreads;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kNormThreads + threadIdx.x; i < count; i += step) {
    const double value = x[i];
    sum += value * value;
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

// A row of blocks a part, so that a large one keeps the device busy too.
constexpr int kPartBlocks = 32;

__global__ void __launch_bounds__(kNormThreads)
    part_squares_kernel(const float* x, const std::int64_t* bounds, double* partial) {
  double sum = 0.0;
  const std::int64_t end = bounds[blockIdx.y + 1];
  for (std::int64_t i = bounds[blockIdx.y] + static_cast<std::int64_t>(blockIdx.x) * kNormThreads + threadIdx.x;
       i < end; i += kPartBlocks * kNormThreads) {
    const double value = x[i];
    sum += value * value;
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[blockIdx.y * kPartBlocks + blockIdx.x] = sum;
}

// A warp a part: what its blocks have found.
__global__ void __launch_bounds__(kPartBlocks) part_sums_kernel(const double* partial, double* total) {
  double sum = partial[blockIdx.x * kPartBlocks + threadIdx.x];
#pragma unroll
  for (int mask = 1; mask < kPartBlocks; mask *= 2) sum += __shfl_xor_sync(0xffffffffu, sum, mask);
  if (threadIdx.x == 0) total[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(kNormThreads) sum_kernel(const double* partial, int count, double* total) {
  double sum = 0.0;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += kNormThreads) sum += partial[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *total = sum;
}

}  // namespace

void adamw(CudaContext& context, const AdamW& op) {
  const auto step = static_cast<double>(op.step);
  const double lr = op.learning_rate;
  AdamWArguments args{};
  args.weight = op.weight.data();
  args.grad = op.grad.data();
  args.m = op.m.data();
  args.v = op.v.data();
  args.bf16_copy = reinterpret_cast<__nv_bfloat16*>(op.bf16_copy.data());
  args.count = static_cast<std::int64_t>(op.weight.size());
  args.grad_scale = op.grad_scale;
  args.beta1 = op.beta1;
  args.beta2 = op.beta2;
  args.rest1 = static_cast<float>(1.0 - static_cast<double>(op.beta1));
  args.rest2 = static_cast<float>(1.0 - static_cast<double>(op.beta2));
  args.step_size = static_cast<float>(lr / (1.0 - std::pow(double{op.beta1}, step)));
  args.unbias2 = static_cast<float>(1.0 / (1.0 - std::pow(double{op.beta2}, step)));
  args.keep = static_cast<float>(1.0 - lr * static_cast<double>(op.weight_decay));
  args.epsilon = op.epsilon;
  const std::int64_t blocks = std::min<std::int64_t>(ceil_div(args.count, 4 * 256), 65535);
  adamw_kernel<<<static_cast<unsigned>(blocks), 256, 0, context.stream>>>(args);
  check_launch("adamw");
}

double squared_norm(CudaContext& context, std::span<const float> x) {
  const auto count = static_cast<std::int64_t>(x.size());
  const std::int64_t blocks = std::min(kNormBlocks, ceil_div(count, 4 * kNormThreads));
  auto* partial = static_cast<double*>(context.scratch.get((kNormBlocks + 1) * sizeof(double)));
  squares_kernel<<<static_cast<unsigned>(blocks), kNormThreads, 0, context.stream>>>(x.data(), count, partial);
  check_launch("squared_norm");
  sum_kernel<<<1, kNormThreads, 0, context.stream>>>(partial, static_cast<int>(blocks), partial + kNormBlocks);
  check_launch("squared_norm");
  return *static_cast<const double*>(context.tell(partial + kNormBlocks, sizeof(double)));
}

void squared_norms(CudaContext& context, std::span<const float> x, std::span<const std::int64_t> bounds,
                   std::span<double> out) {
  const std::size_t parts = out.size();
  auto* partial = static_cast<double*>(context.scratch.get(parts * (kPartBlocks + 1) * sizeof(double)));
  double* total = partial + parts * kPartBlocks;
  const dim3 grid(kPartBlocks, static_cast<unsigned>(parts));
  part_squares_kernel<<<grid, kNormThreads, 0, context.stream>>>(x.data(), context.ring.upload(bounds), partial);
  part_sums_kernel<<<static_cast<unsigned>(parts), kPartBlocks, 0, context.stream>>>(partial, total);
  check_launch("squared_norms");
  std::memcpy(out.data(), context.tell(total, out.size_bytes()), out.size_bytes());
}

}  // namespace vernier::cuda
