// decode_bench SHAPE [DEVICE] [PROMPT] [TOKENS]: how fast text is generated, one token after the other, with random
// weights; beside it what the weights alone take to be read once, at the rate of a copy on that device.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/model/compute_dtype.h"
#include "engine/model/generate.h"
#include "engine/ops/make_backend.h"
#include "engine/train/bench_shapes.h"
#include "vernier/error.h"

namespace vernier {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Bytes a second that a copy reads and writes.
double copy_rate(Backend& backend) {
  constexpr std::int64_t kValues = std::int64_t{1} << 28;
  const auto from = backend.allocate(kValues * sizeof(float)), to = backend.allocate(kValues * sizeof(float));
  const TensorView a(static_cast<float*>(from->data()), 1, kValues), b(static_cast<float*>(to->data()), 1, kValues);
  backend.zero(a);
  double best = 0.0;
  for (int run = 0; run < 5; ++run) {
    backend.synchronize();
    const auto start = Clock::now();
    backend.copy(a, b);
    backend.synchronize();
    best = std::max(best, 2e3 * static_cast<double>(kValues * sizeof(float)) / milliseconds_since(start));
  }
  return best;
}

void run(const std::string& shape, const std::string& device, std::int64_t prompt, std::int64_t tokens) {
  const ModelConfig config = find_bench_shape(shape).config;
  const auto backend = make_backend(device);
  const DType dtype = compute_dtype("auto", *backend, "decode_bench");
  const double rate = copy_rate(*backend);
  const auto weights = ModelWeights::random(*backend, config, 1, dtype);
  Decoder decoder(*backend, config, *weights, nullptr);
  // A pass reads every matrix once, and of an embedding that is not the head one row.
  double bytes = static_cast<double>(weights->set().count());
  if (!config.tie_word_embeddings) bytes -= static_cast<double>(config.vocab_size * config.hidden_size);
  bytes *= static_cast<double>(size_of(dtype));
  GenerateOptions options;
  options.max_new_tokens = tokens;
  options.stop_at_eos = false;
  std::vector<double> took;
  for (int round = 0; round < 2; ++round) {  // the first settles what is chosen once
    took.clear();
    auto last = Clock::now();
    generate_tokens(decoder, std::vector<std::int32_t>(static_cast<std::size_t>(prompt), 7), options,
                    [&](const GeneratedToken&) {
                      took.push_back(milliseconds_since(last));
                      last = Clock::now();
                      return true;
                    });
  }
  std::sort(took.begin() + 1, took.end());
  const double median = took[took.size() / 2];
  std::printf("%s on %s, %lld tokens after %lld: %.2f ms a token, %.1f tokens/s; prompt %.1f ms\n", shape.c_str(),
              backend->name().c_str(), static_cast<long long>(tokens), static_cast<long long>(prompt), median,
              1e3 / median, took.front());
  std::printf("reading the weights once at %.0f GB/s, a copy's rate: %.2f ms, %.1f %% of it\n", rate * 1e-9,
              1e3 * bytes / rate, 1e5 * bytes / rate / median);
}

}  // namespace
}  // namespace vernier

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: decode_bench SHAPE [DEVICE] [PROMPT] [TOKENS]\n");
    return 2;
  }
  try {
    vernier::run(argv[1], argc > 2 ? argv[2] : "auto", argc > 3 ? std::atoll(argv[3]) : 128,
                 argc > 4 ? std::atoll(argv[4]) : 64);
  } catch (const vernier::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
