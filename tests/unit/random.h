// Fresh random inputs whose seed is printed, so that a failure can be run again with VERNIER_TEST_SEED=seed.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <vector>

namespace vernier::test {

inline std::uint64_t seed() {
  static const std::uint64_t value = [] {
    const char* text = std::getenv("VERNIER_TEST_SEED");
    const std::uint64_t chosen = text != nullptr ? std::strtoull(text, nullptr, 10) : std::random_device{}();
    std::cout << "VERNIER_TEST_SEED=" << chosen << '\n';
    return chosen;
  }();
  return value;
}

inline std::mt19937_64& rng() {
  static std::mt19937_64 engine(seed());
  return engine;
}

inline std::vector<float> normal(std::size_t count, float scale = 1.0f) {
  std::normal_distribution<float> distribution;  // of a deviation of 0 it knows nothing
  std::vector<float> values(count);
  for (float& value : values) value = scale * distribution(rng());
  return values;
}

inline std::int64_t uniform_int(std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(rng());
}

}  // namespace vernier::test
