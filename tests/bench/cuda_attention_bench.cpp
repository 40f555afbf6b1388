// Times attention on the first CUDA device, on random inputs: medians, with the rate of what must be computed (causal
// scores only, five products backward for the forward's two) or, for decoding, the bandwidth of reading the cache once.
// Where cuDNN is found its forward pass is timed on the same memory, after ours and before ours again, with how far the
// two are apart and how long its plan took.
#include <cuda_runtime_api.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/cuda/attention.h"
#include "engine/cuda/cudnn_attention.h"

namespace {

using namespace vernier;
using namespace vernier::cuda;

void expect_success(cudaError_t status) {
  if (status != cudaSuccess) throw std::runtime_error(cudaGetErrorString(status));
}

struct Free {
  void operator()(void* memory) const { cudaFree(memory); }
};
using Memory = std::unique_ptr<void, Free>;

Memory allocate(std::int64_t bytes) {
  void* memory = nullptr;
  expect_success(cudaMalloc(&memory, static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1))));
  return Memory(memory);
}

// bf16 numbers: normal, and a block of a million of them again and again.
Memory random_numbers(std::int64_t count) {
  static const std::vector<std::uint16_t> block = [] {
    std::mt19937 rng(1);
    std::normal_distribution<float> normal;
    std::vector<std::uint16_t> values(1 << 20);
    for (auto& value : values) value = f32_to_bf16(normal(rng));
    return values;
  }();
  Memory memory = allocate(count * 2);
  for (std::int64_t at = 0; at < count; at += static_cast<std::int64_t>(block.size())) {
    const std::int64_t part = std::min<std::int64_t>(count - at, static_cast<std::int64_t>(block.size()));
    expect_success(cudaMemcpy(static_cast<char*>(memory.get()) + at * 2, block.data(),
                              static_cast<std::size_t>(part) * 2, cudaMemcpyHostToDevice));
  }
  return memory;
}

Memory integers(const std::vector<std::int32_t>& values) {
  Memory memory = allocate(static_cast<std::int64_t>(values.size() * sizeof(std::int32_t)));
  expect_success(cudaMemcpy(memory.get(), values.data(), values.size() * sizeof(std::int32_t), cudaMemcpyHostToDevice));
  return memory;
}

double median_ms(const std::function<void()>& work) {
  cudaEvent_t begin = nullptr, end = nullptr;
  expect_success(cudaEventCreate(&begin));
  expect_success(cudaEventCreate(&end));
  std::vector<float> times;
  for (int i = -3; i < 21; ++i) {
    expect_success(cudaEventRecord(begin));
    work();
    expect_success(cudaEventRecord(end));
    expect_success(cudaEventSynchronize(end));
    float ms = 0.0f;
    expect_success(cudaEventElapsedTime(&ms, begin, end));
    if (i >= 0) times.push_back(ms);
  }
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

ConstDeviceRows columns(const Memory& memory, std::int64_t first, std::int64_t stride) {
  return {static_cast<const char*>(memory.get()) + first * 2, stride};
}

DeviceRows columns_of(Memory& memory, std::int64_t first, std::int64_t stride) {
  return {static_cast<char*>(memory.get()) + first * 2, stride};
}

AttentionShape shape_of(std::int64_t heads, std::int64_t kv_heads, std::int64_t head_dim) {
  AttentionShape shape;
  shape.heads = heads;
  shape.kv_heads = kv_heads;
  shape.head_dim = head_dim;
  shape.scale = 1.0f / std::sqrt(static_cast<float>(head_dim));
  return shape;
}

std::vector<float> from_bf16(const Memory& memory, std::int64_t count) {
  std::vector<std::uint16_t> raw(static_cast<std::size_t>(count));
  expect_success(cudaMemcpy(raw.data(), memory.get(), raw.size() * 2, cudaMemcpyDeviceToHost));
  std::vector<float> values(raw.size());
  std::transform(raw.begin(), raw.end(), values.begin(), bf16_to_f32);
  return values;
}

double apart(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0.0, size = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (static_cast<double>(a[i]) - b[i]) * (static_cast<double>(a[i]) - b[i]);
    size += static_cast<double>(b[i]) * b[i];
  }
  return std::sqrt(difference / size);
}

// Beside own(), which is our forward pass of the same.
void cudnn(const AttentionBatch& batch, const AttentionRows& rows, Memory& out, const std::function<void()>& own) {
  CudnnAttention attention(nullptr, CudnnAttention::Choice::kAlways);
  const auto begin = std::chrono::steady_clock::now();
  const auto* plan = attention.plan_of(batch, rows);
  const std::chrono::duration<double> planned = std::chrono::steady_clock::now() - begin;
  if (plan == nullptr) {
    std::printf("    %s\n", attention.trouble().c_str());
    return;
  }
  const Memory scratch = allocate(static_cast<std::int64_t>(attention.scratch_bytes(*plan)));
  const std::int64_t count = batch.queries * batch.shape.heads * batch.shape.head_dim;
  const auto fused = [&] { attention.forward(*plan, batch, rows, scratch.get()); };
  fused();
  const std::vector<float> theirs = from_bf16(out, count);
  own();
  const std::vector<float> ours = from_bf16(out, count);
  const double before = median_ms(own), ms = median_ms(fused), after = median_ms(own);
  const double mine = (before + after) / 2;
  CudnnAttention faster(nullptr);
  std::printf("    cuDNN: forward %7.3f ms beside %.3f, %.2f x as fast as ours; %.1e apart, planned in %.2f s%s\n", ms,
              mine, mine / ms, apart(theirs, ours), planned.count(),
              faster.plan_of(batch, rows) != nullptr ? "; what runs" : "");
}

void train(const char* name, const AttentionShape& shape, std::int64_t sequences, std::int64_t length) {
  const std::int64_t tokens = sequences * length;
  const std::int64_t width = shape.heads * shape.head_dim, kv_width = shape.kv_heads * shape.head_dim;
  const std::int64_t joint = width + 2 * kv_width;
  Memory qkv = random_numbers(tokens * joint), dout = random_numbers(tokens * width);
  Memory out = allocate(tokens * width * 2), gradients = allocate(tokens * joint * 2);
  Memory lse = allocate(tokens * shape.heads * 4);
  std::vector<std::int32_t> starts;
  for (std::int64_t s = 0; s <= sequences; ++s) starts.push_back(static_cast<std::int32_t>(s * length));
  const Memory cu_seqlens = integers(starts);
  AttentionBatch batch;
  batch.shape = shape;
  batch.cu_seqlens_q = batch.cu_seqlens_k = static_cast<const std::int32_t*>(cu_seqlens.get());
  batch.sequences = sequences;
  batch.queries = tokens;
  batch.max_queries = batch.max_keys = length;
  const Memory scratch = allocate(static_cast<std::int64_t>(
      std::max(attention_forward_scratch_bytes(batch), attention_backward_scratch_bytes(batch))));

  const ConstDeviceRows q = columns(qkv, 0, joint), k = columns(qkv, width, joint);
  const ConstDeviceRows v = columns(qkv, width + kv_width, joint);
  const AttentionRows rows{q, k, v, columns_of(out, 0, width), {lse.get(), shape.heads}};
  const auto own = [&] { attention_forward(batch, q, k, v, rows.out, rows.lse, scratch.get(), nullptr); };
  const double forward = median_ms(own);
  const AttentionGradients to{columns_of(gradients, 0, joint), columns_of(gradients, width, joint),
                              columns_of(gradients, width + kv_width, joint)};
  const double backward = median_ms([&] {
    attention_backward(batch, columns(dout, 0, width), q, k, v, columns(out, 0, width), {lse.get(), shape.heads}, to,
                       scratch.get(), nullptr);
  });
  const double flop = 2.0 * static_cast<double>(tokens * length * width);
  std::printf("%-34s forward %7.3f ms %6.1f TFLOP/s   backward %7.3f ms %6.1f TFLOP/s\n", name, forward,
              flop / forward / 1e9, backward, 2.5 * flop / backward / 1e9);
  if (find_cudnn() != nullptr) cudnn(batch, rows, out, own);
}

void decode(const AttentionShape& shape, std::int64_t keys) {
  const std::int64_t width = shape.heads * shape.head_dim, kv_width = shape.kv_heads * shape.head_dim;
  // As many caches as no second-level cache holds, one after the other.
  const std::int64_t cache = 2 * keys * kv_width;
  const std::int64_t caches = std::max<std::int64_t>(2, 200'000'000 / cache);
  const Memory kv = random_numbers(cache * caches), q = random_numbers(width);
  Memory out = allocate(width * 2);
  const Memory cu_q = integers({0, 1}), cu_k = integers({0, static_cast<std::int32_t>(keys)});
  AttentionBatch batch;
  batch.shape = shape;
  batch.cu_seqlens_q = static_cast<const std::int32_t*>(cu_q.get());
  batch.cu_seqlens_k = static_cast<const std::int32_t*>(cu_k.get());
  batch.sequences = batch.queries = batch.max_queries = 1;
  batch.max_keys = keys;
  const Memory scratch = allocate(static_cast<std::int64_t>(attention_forward_scratch_bytes(batch)));
  constexpr int kCalls = 32;
  std::int64_t turn = 0;
  const double ms = median_ms([&] {
                      for (int i = 0; i < kCalls; ++i) {
                        const std::int64_t first = turn++ % caches * cache;
                        attention_forward(batch, columns(q, 0, width), columns(kv, first, kv_width),
                                          columns(kv, first + cache / 2, kv_width), columns_of(out, 0, width), {},
                                          scratch.get(), nullptr);
                      }
                    }) /
                    kCalls;
  std::printf("1 query, %lld KV heads of %lld, %6lld keys: %.4f ms, %.0f GB/s\n",
              static_cast<long long>(shape.kv_heads), static_cast<long long>(shape.head_dim),
              static_cast<long long>(keys), ms, static_cast<double>(cache) * 2 / ms / 1e6);
}

}  // namespace

int main() {
  cudaDeviceProp device{};
  expect_success(cudaGetDeviceProperties(&device, 0));
  std::string which;
  find_cudnn(&which);
  std::printf("%s; %s\n", device.name, which.c_str());
  train("Llama-3.2-1B, 4 x 2048", shape_of(32, 8, 64), 4, 2048);
  train("Llama-3.1-8B, 4 x 2048", shape_of(32, 8, 128), 4, 2048);
  train("Llama-3.1-8B, 3 x 2048", shape_of(32, 8, 128), 3, 2048);
  train("Llama-3.1-8B, 5 x 1100", shape_of(32, 8, 128), 5, 1100);
  train("Llama-3.1-8B, 8 x 1024", shape_of(32, 8, 128), 8, 1024);
  train("Llama-3.1-8B, 16 x 512", shape_of(32, 8, 128), 16, 512);
  train("Llama-3.1-8B, 1 x 1024", shape_of(32, 8, 128), 1, 1024);
  train("Llama-3.1-8B, 1 x 2048", shape_of(32, 8, 128), 1, 2048);
  train("Llama-3.1-8B, 1 x 8192", shape_of(32, 8, 128), 1, 8192);
  train("Llama-3.1-8B, 1 x 32768", shape_of(32, 8, 128), 1, 32768);
  train("Llama-3.2-1B, 1 x 8192", shape_of(32, 8, 64), 1, 8192);
  train("Llama-3.2-1B, 1 x 32768", shape_of(32, 8, 64), 1, 32768);
  train("Qwen3-0.6B, 4 x 2048", shape_of(16, 8, 128), 4, 2048);
  train("Phi-3-mini, 4 x 2048", shape_of(32, 32, 96), 4, 2048);
  AttentionShape gemma = shape_of(8, 4, 256);
  gemma.softcap = 50.0f;
  train("Gemma-2-2B, 4 x 2048", gemma, 4, 2048);
  train("llama-110m, 4 x 256", shape_of(12, 12, 64), 4, 256);
  for (const std::int64_t keys : {512, 2048, 8192, 65536}) decode(shape_of(32, 8, 128), keys);
  decode(shape_of(32, 8, 64), 8192);
  return 0;
}
