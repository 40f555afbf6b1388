// How fast a tokenizer turns text into ids.
//   tokenizer_bench MODEL_DIR TEXT_FILE [threads]
// The text is cut into lines, as a data set is into rows; threads share one tokenizer.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "vernier/tokenizer.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: tokenizer_bench MODEL_DIR TEXT_FILE [threads]\n");
    return 2;
  }
  const auto tokenizer = vernier::Tokenizer::load(argv[1]);
  std::ifstream in(argv[2], std::ios::binary);
  std::stringstream buffer;
  buffer << in.rdbuf();
  const std::string text = buffer.str();
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  const int threads = argc > 3 ? std::max(1, std::atoi(argv[3])) : 1;
  double best = 1e30;
  std::atomic<std::size_t> tokens = 0;
  for (int round = 0; round < 3; ++round) {
    tokens = 0;
    std::atomic<std::size_t> next = 0;
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t) {
      workers.emplace_back([&] {
        constexpr std::size_t kLines = 64;
        for (std::size_t i = next.fetch_add(kLines); i < lines.size(); i = next.fetch_add(kLines)) {
          std::size_t count = 0;
          for (std::size_t j = i; j < std::min(lines.size(), i + kLines); ++j) {
            count += tokenizer->encode(lines[j], false).size();
          }
          tokens += count;
        }
      });
    }
    for (std::thread& worker : workers) worker.join();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::printf("%d threads: %.1f MB, %zu tokens, %.2f MB/s, best of 3\n", threads,
              static_cast<double>(text.size()) * 1e-6, tokens.load(), static_cast<double>(text.size()) * 1e-6 / best);
  return 0;
}
